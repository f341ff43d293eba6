package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/internal/checkout"
)

func runPip() error { return exec.Command("python3", "-m", "pip", "--version").Run() }

// outcome is what a process of its own got from Open.
type outcome struct {
	Info   *Info
	Answer float32 // 2·21, by the backend
	Error  string
	NoPlug bool // the error wraps ErrNoPlugin
}

// askEnv makes the test program call Open, print an outcome, and end. A process has one backend, and go-xla reads its
// search path when it starts, so each case needs a process.
const askEnv = "LONGWING_TEST_ASK"

func TestMain(m *testing.M) {
	if os.Getenv(askEnv) == "" {
		os.Exit(m.Run())
	}
	var got outcome
	xla, info, err := Open()
	if err != nil {
		got.Error, got.NoPlug = err.Error(), errors.Is(err, ErrNoPlugin)
	} else {
		got.Info = info
		double := graph.MustNewExec(xla, func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 2) })
		got.Answer = double.MustCall1(float32(21)).Value().(float32)
		if again, _, err := Open(); err != nil || again != xla {
			got.Error = "a second Open gave another backend"
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(got); err != nil {
		os.Exit(1)
	}
}

// ask runs Open in a process with these variables set, and no others that matter.
func ask(t *testing.T, environment ...string) outcome {
	t.Helper()
	command := exec.Command(os.Args[0])
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch name {
		case "GOMLX_BACKEND", "PJRT_PLUGIN_LIBRARY_PATH", checkout.CacheEnv, checkout.HomeEnv:
		default:
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, append([]string{askEnv + "=1"}, environment...)...)
	var complaints strings.Builder
	command.Stderr = &complaints
	raw, err := command.Output()
	if err != nil {
		t.Fatalf("Open in a process of its own: %v\n%s", err, complaints.String())
	}
	if complaints.Len() > 0 {
		t.Errorf("Open wrote to standard error: %s", complaints.String())
	}
	var got outcome
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatalf("%v in %q", err, raw)
	}
	return got
}

// realPlugin returns the pinned plugin that `longwing setup` put into the checkout's cache.
func realPlugin(t *testing.T) string {
	t.Helper()
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	found := findFetched(filepath.Join(root, ".cache"), Options{})
	if found == nil {
		t.Skip("no plugin in .cache: run `make setup`")
	}
	return found.Path
}

func TestOpen(t *testing.T) {
	plugin := realPlugin(t)
	cache := filepath.Join(t.TempDir(), "nvidia cuda, and a space")
	installed := t.TempDir()
	empty := t.TempDir()
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		filepath.Join(cache, "xla"):                          filepath.Dir(filepath.Dir(plugin)),
		filepath.Join(installed, "pjrt_c_api_cpu_plugin.so"): plugin,
	} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	nowhere := "PJRT_PLUGIN_LIBRARY_PATH=" + empty
	inCache := "LONGWING_CACHE=" + cache
	fetched := filepath.Join(cache, "xla", filepath.Base(filepath.Dir(plugin)), filepath.Base(plugin))
	for _, test := range []struct {
		name             string
		environment      []string
		source, platform string
		path             string
	}{
		{"fetched", []string{nowhere, inCache}, SourceFetched, "cpu", fetched},
		{"installed wins", []string{"PJRT_PLUGIN_LIBRARY_PATH=" + installed, inCache}, SourceInstalled, "cpu", filepath.Join(installed, "pjrt_c_api_cpu_plugin.so")},
		{"named path wins", []string{"GOMLX_BACKEND=xla:" + plugin, "PJRT_PLUGIN_LIBRARY_PATH=" + installed, inCache}, SourceEnv, "cpu", plugin},
		{"named cpu", []string{"GOMLX_BACKEND=xla:cpu", nowhere, inCache}, SourceEnv, "cpu", fetched},
		{"named xla with an option", []string{"GOMLX_BACKEND=xla:,tf32=false", nowhere, inCache}, SourceEnv, "cpu", fetched},
		{"named empty", []string{"GOMLX_BACKEND=", nowhere, inCache}, SourceFetched, "cpu", fetched},
		{"named go", []string{"GOMLX_BACKEND=go", nowhere, "LONGWING_CACHE=" + empty}, SourceEnv, "go", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, test.environment...)
			if got.Error != "" {
				t.Fatal(got.Error)
			}
			if got.Answer != 42 {
				t.Errorf("2·21 = %v", got.Answer)
			}
			if got.Info.Source != test.source || got.Info.Platform != test.platform || got.Info.Path != test.path || len(got.Info.Devices) == 0 {
				t.Errorf("got %+v, want source %q, platform %q, path %s, and devices", got.Info, test.source, test.platform, test.path)
			}
			if test.path != "" && got.Info.Version == "" {
				t.Error("the PJRT version is missing")
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	empty := t.TempDir()
	broken := filepath.Join(t.TempDir(), "pjrt_c_api_cpu_plugin.so")
	if err := os.WriteFile(broken, []byte("this is no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	nowhere, noCache := "PJRT_PLUGIN_LIBRARY_PATH="+empty, "LONGWING_CACHE="+empty
	named := func(value string) []string { return []string{"GOMLX_BACKEND=" + value, nowhere, noCache} }
	for _, test := range []struct {
		name        string
		environment []string
		want        string
		noPlugin    bool
	}{
		{"nothing anywhere", []string{nowhere, noCache}, "run `longwing setup`", true},
		{"named cpu is nowhere", named("xla:cpu"), "run `longwing setup`", true},
		{"named cuda is nowhere", named("xla:cuda"), "run `longwing setup --cuda`", true},
		{"named file is missing", named("xla:/nowhere/plugin.so"), "there is no file /nowhere/plugin.so", false},
		{"named file is a folder", named("xla:" + empty), "is not a file", false},
		{"named file is no library", named("xla:" + broken), "opening GOMLX_BACKEND=xla:" + broken, false},
		{"relative path", named("xla:./plugin.so"), "must be absolute", false},
		{"unknown backend", named("tpu"), `unknown backend "tpu"`, false},
		{"broken plugin installed", []string{"PJRT_PLUGIN_LIBRARY_PATH=" + filepath.Dir(broken), noCache}, "opening the installed plugin " + broken + ": it can't be loaded", false},
		{"home is no checkout", []string{nowhere, "LONGWING_HOME=" + empty}, "not inside a longwing source tree", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ask(t, test.environment...)
			if got.NoPlug != test.noPlugin {
				t.Errorf("wraps ErrNoPlugin: %v, want %v", got.NoPlug, test.noPlugin)
			}
			checkError(t, asError(got.Error), test.want)
		})
	}
	t.Run("unknown option", func(t *testing.T) {
		got := ask(t, "GOMLX_BACKEND=xla:"+realPlugin(t)+",nonsense=1")
		checkError(t, asError(got.Error), "nonsense")
	})
}

func asError(text string) error {
	if text == "" {
		return nil
	}
	return errors.New(text)
}

func TestSetupCUDAWithoutGPU(t *testing.T) {
	if _, err := os.Stat("/dev/nvidia0"); err == nil {
		t.Skip("there is a GPU here")
	}
	_, err := Setup(t.Context(), Options{CacheDir: t.TempDir(), CUDA: true})
	checkError(t, err, "no NVIDIA GPU found")
}

func TestSetup(t *testing.T) {
	plugin := realPlugin(t)
	t.Setenv("GOMLX_BACKEND", "")
	info, err := Setup(t.Context(), Options{CacheDir: filepath.Dir(filepath.Dir(filepath.Dir(plugin)))})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(info.String(), "on "+info.Platform) || len(info.Devices) == 0 {
		t.Errorf("got %v", info)
	}
}

func ExampleOpen() {
	xla, info, err := Open()
	if err != nil {
		fmt.Println(err) // says what is missing; `longwing setup` fetches it
		return
	}
	double := graph.MustNewExec(xla, func(x *graph.Node) *graph.Node { return graph.MulScalar(x, 2) })
	fmt.Println(len(info.Devices) > 0, double.MustCall1(float32(21)).Value())
	// Output: true 42
}
