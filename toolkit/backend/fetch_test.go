package backend

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

const fakePlugin = "not really a plugin"

// member is a file in a test wheel.
type member struct{ name, content string }

// testWheel makes a small wheel that pip takes for one, and the pin that fits it.
func testWheel(t *testing.T, members ...member) (pin, []byte) {
	t.Helper()
	var wheel bytes.Buffer
	w := zip.NewWriter(&wheel)
	members = append(members,
		member{"tiny_plugin-1.2.3.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny-plugin\nVersion: 1.2.3\n"},
		member{"tiny_plugin-1.2.3.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n"},
		member{"tiny_plugin-1.2.3.dist-info/licenses/LICENSE", "free"},
		member{"tiny_plugin-1.2.3.dist-info/RECORD", ""})
	for _, m := range members {
		file, err := w.Create(m.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(m.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return pin{
		goos: runtime.GOOS, goarch: runtime.GOARCH, name: "tiny-plugin", version: "1.2.3",
		file: "tiny_plugin-1.2.3-py3-none-any.whl", sha256: sum(wheel.Bytes()),
		member: "tiny_plugin/libfake_cpu.so", size: int64(len(fakePlugin)), memberSHA256: sum([]byte(fakePlugin)),
	}, wheel.Bytes()
}

func sum(content []byte) string {
	hash := sha256.Sum256(content)
	return hex.EncodeToString(hash[:])
}

func goodWheel(t *testing.T) (pin, []byte) {
	return testWheel(t, member{"tiny_plugin/libfake_cpu.so", fakePlugin})
}

// serveIndex answers like a Python package index that has one wheel, and makes it the one pip asks.
func serveIndex(t *testing.T, file string, wheel func(http.ResponseWriter)) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/simple/tiny-plugin/", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<!doctype html><a href="/files/%s">%s</a>`, file, file)
	})
	mux.HandleFunc("/files/"+file, func(w http.ResponseWriter, _ *http.Request) { wheel(w) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	usePip(t, server.URL+"/simple/")
}

// usePip points pip at an index and away from the user's configuration.
func usePip(t *testing.T, index string) {
	t.Helper()
	for name, value := range map[string]string{
		"PIP_CONFIG_FILE": os.DevNull, "PIP_INDEX_URL": index, "PIP_EXTRA_INDEX_URL": "", "PIP_FIND_LINKS": "",
		"PIP_RETRIES": "0", "PIP_DEFAULT_TIMEOUT": "20", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
	} {
		t.Setenv(name, value)
	}
}

func TestFetchDownloadsWithPip(t *testing.T) {
	needPip(t)
	p, wheel := goodWheel(t)
	serveIndex(t, p.file, func(w http.ResponseWriter) { _, _ = w.Write(wheel) })
	cache := filepath.Join(t.TempDir(), "a cache", "inside")
	var said []string
	opt := Options{CacheDir: cache, pins: []pin{p}, Log: func(line string) { said = append(said, line) }}
	if err := fetch(t.Context(), cache, opt); err != nil {
		t.Fatal(err)
	}
	checkUnpacked(t, p, cache)
	if len(said) != 2 || !strings.Contains(said[0], "tiny-plugin 1.2.3") {
		t.Errorf("said %q, want a line for the download and a line for unpacking", said)
	}
	if found := findFetched(cache, opt); found == nil || found.Package != "tiny-plugin 1.2.3" {
		t.Errorf("after fetching, found %+v", found)
	}
}

// checkUnpacked makes sure that the plugin and its licence are in the cache, and nothing is left over.
func checkUnpacked(t *testing.T, p pin, cache string) {
	t.Helper()
	if got, err := os.ReadFile(p.path(cache)); err != nil || string(got) != fakePlugin {
		t.Errorf("plugin: got %q, %v, want %q", got, err, fakePlugin)
	}
	if _, err := os.Stat(filepath.Join(p.dir(cache), "LICENSE")); err != nil {
		t.Errorf("the licence is missing: %v", err)
	}
	checkEntries(t, filepath.Join(cache, "xla"), filepath.Base(p.dir(cache)))
}

// checkEntries makes sure that a folder has these entries and no others.
func checkEntries(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range entries {
		got = append(got, entry.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%s has %q, want %q", folder, got, want)
	}
}

func TestFetchRefuses(t *testing.T) {
	needPip(t)
	good, wheel := goodWheel(t)
	for _, test := range []struct {
		name  string
		serve func(http.ResponseWriter)
		want  string
	}{
		{"another file", func(w http.ResponseWriter) { _, other := testWheel(t, member{"x", "y"}); _, _ = w.Write(other) }, "pinned is " + good.sha256},
		{"truncated", func(w http.ResponseWriter) { _, _ = w.Write(wheel[:len(wheel)/2]) }, "fetching tiny-plugin 1.2.3: pip: "},
		{"missing", func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, "404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			serveIndex(t, good.file, test.serve)
			cache := t.TempDir()
			err := fetch(t.Context(), cache, Options{pins: []pin{good}})
			checkError(t, err, test.want)
			checkEntries(t, filepath.Join(cache, "xla"))
		})
	}
}

func TestFetchWithoutNetworkSaysWhatToDo(t *testing.T) {
	needPip(t)
	p, wheel := goodWheel(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	usePip(t, closed.URL+"/simple/")
	cache := t.TempDir()
	err := fetch(t.Context(), cache, Options{pins: []pin{p}})
	checkError(t, err, "without a network, get "+p.file+" elsewhere and put it into "+cache)

	if err := os.WriteFile(filepath.Join(cache, p.file), wheel, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := fetch(t.Context(), cache, Options{pins: []pin{p}}); err != nil {
		t.Fatalf("after doing what the message says: %v", err)
	}
	checkUnpacked(t, p, cache)
}

func TestFetchWithoutPip(t *testing.T) {
	p, _ := goodWheel(t)
	cache := t.TempDir()
	err := fetch(t.Context(), cache, Options{pins: []pin{p}, Python: "python-that-is-not-there"})
	checkError(t, err, "there is no python-that-is-not-there")

	noPip := filepath.Join(t.TempDir(), "python3")
	if err := os.WriteFile(noPip, []byte("#!/bin/sh\necho \"$0: No module named pip\" >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	err = fetch(t.Context(), cache, Options{pins: []pin{p}, Python: noPip})
	checkError(t, err, "has no pip")
}

func TestFetchFromFile(t *testing.T) {
	p, wheel := goodWheel(t)
	file := filepath.Join(t.TempDir(), "my.whl")
	if err := os.WriteFile(file, wheel, 0o644); err != nil {
		t.Fatal(err)
	}
	cache := t.TempDir()
	opt := Options{pins: []pin{p}, Wheel: file}
	for range 2 { // the second time it replaces a whole plugin
		if err := fetch(t.Context(), cache, opt); err != nil {
			t.Fatal(err)
		}
		checkUnpacked(t, p, cache)
	}
	if err := os.WriteFile(p.path(cache), []byte("damaged"), 0o644); err != nil {
		t.Fatal(err)
	}
	if found := findFetched(cache, opt); found != nil {
		t.Errorf("a damaged plugin was found: %+v", found)
	}
	if err := fetch(t.Context(), cache, opt); err != nil {
		t.Fatal(err)
	}
	checkUnpacked(t, p, cache)

	err := fetch(t.Context(), cache, Options{pins: []pin{p}, Wheel: filepath.Join(cache, "nothing.whl")})
	checkError(t, err, "nothing.whl")
}

func TestDamageIsRepaired(t *testing.T) {
	p, wheel := goodWheel(t)
	cache := t.TempDir()
	file := filepath.Join(cache, p.file)
	if err := os.WriteFile(file, wheel, 0o644); err != nil {
		t.Fatal(err)
	}
	opt := Options{pins: []pin{p}}
	if err := fetch(t.Context(), cache, opt); err != nil {
		t.Fatal(err)
	}
	damaged := strings.ToUpper(fakePlugin) // of the right size
	if err := os.WriteFile(p.path(cache), []byte(damaged), 0o644); err != nil {
		t.Fatal(err)
	}
	found := findFetched(cache, opt)
	if found == nil {
		t.Fatal("not found")
	}
	if err := checkFetched(t.Context(), found, cache, opt); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(p.path(cache)); err != nil || string(got) != fakePlugin {
		t.Errorf("after the check the plugin is %q, %v", got, err)
	}
}

func TestLeftoversGo(t *testing.T) {
	p, wheel := goodWheel(t)
	cache := t.TempDir()
	old, fresh := filepath.Join(cache, "xla", ".download-1"), filepath.Join(cache, "xla", ".download-2")
	for _, folder := range []string{old, fresh} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-25 * time.Hour)
	if err := os.Chtimes(old, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "my.whl")
	if err := os.WriteFile(file, wheel, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := fetch(t.Context(), cache, Options{pins: []pin{p}, Wheel: file}); err != nil {
		t.Fatal(err)
	}
	checkEntries(t, filepath.Join(cache, "xla"), ".download-2", filepath.Base(p.dir(cache)))
}

func TestFetchWhereNothingCanBeWritten(t *testing.T) {
	p, _ := goodWheel(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	checkError(t, fetch(t.Context(), filepath.Join(file, "cache"), Options{pins: []pin{p}}), "making the cache folder")
}

func TestWantsCPU(t *testing.T) {
	for config, want := range map[string]bool{"": true, "xla": true, "xla:cpu": true, "xla:cpu,tf32=false": true, "hlo:": true,
		"xla:cuda": false, "xla:/a/b.so": false, "go": false} {
		if got := wantsCPU(config); got != want {
			t.Errorf("GOMLX_BACKEND=%s: got %v, want %v", config, got, want)
		}
	}
}

func TestUnpackRefuses(t *testing.T) {
	for _, test := range []struct {
		name    string
		members []member
		want    string
	}{
		{"path traversal", []member{{"../../evil", "x"}, {"tiny_plugin/libfake_cpu.so", fakePlugin}}, `"../../evil" points outside`},
		{"absolute path", []member{{"/etc/evil", "x"}, {"tiny_plugin/libfake_cpu.so", fakePlugin}}, `"/etc/evil" points outside`},
		{"no plugin", []member{{"tiny_plugin/other.so", fakePlugin}}, "no member tiny_plugin/libfake_cpu.so"},
		{"larger plugin", []member{{"tiny_plugin/libfake_cpu.so", fakePlugin + "!"}}, "larger than"},
		{"another plugin", []member{{"tiny_plugin/libfake_cpu.so", "x"}}, "pinned is"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, wheel := testWheel(t, test.members...)
			file := filepath.Join(t.TempDir(), p.file)
			if err := os.WriteFile(file, wheel, 0o644); err != nil {
				t.Fatal(err)
			}
			cache := t.TempDir()
			checkError(t, fetch(t.Context(), cache, Options{pins: []pin{p}, Wheel: file}), test.want)
			checkEntries(t, filepath.Join(cache, "xla"))
			checkEntries(t, cache, "xla")
		})
	}
}

func TestFetchOnOtherPlatform(t *testing.T) {
	err := fetch(t.Context(), t.TempDir(), Options{pins: []pin{}})
	checkError(t, err, "no XLA plugin is pinned for "+runtime.GOOS+"/"+runtime.GOARCH)
}

// checkError makes sure that there is an error of one line with these words.
func checkError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", want)
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error is\n\t%v\nwant one line with\n\t%s", err, want)
	}
}

func needPip(t *testing.T) {
	t.Helper()
	if err := runPip(); err != nil {
		t.Skipf("python3 with pip is not here: %v", err)
	}
}
