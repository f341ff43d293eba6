package finetune_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/seed"
	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
	"github.com/longwing-ml/longwing/toolkit/finetune"
	"github.com/longwing-ml/longwing/toolkit/optim"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// pictures makes a folder of noisy pictures, 32×32, one colour a class.
func pictures(t testing.TB, classes, each int) *data.Pictures {
	dir := t.TempDir()
	for class := range classes {
		folder := filepath.Join(dir, fmt.Sprintf("class%d", class))
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range each {
			rng := seed.New(1, uint64(class), uint64(i))
			img := image.NewNRGBA(image.Rect(0, 0, 32, 32))
			for p := range 32 * 32 {
				c := color.NRGBA{uint8(rng.IntN(200)), uint8(rng.IntN(200)), uint8(rng.IntN(200)), 255}
				switch class {
				case 0:
					c.R += 55
				case 1:
					c.G += 55
				}
				img.SetNRGBA(p%32, p/32, c)
			}
			f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%02d.png", i)))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return open(t, dir)
}

func open(t testing.TB, dir string) *data.Pictures {
	p, err := data.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// smallRecipe trains the head, then also block 4, on pictures of 32×32.
func smallRecipe(t testing.TB, changes ...string) *finetune.Recipe {
	text := `model: densenet_mini
size: 32
dropout: 0.3
seed: 7
split: {test: 0.2, valid: 0.25}
augment: {horizontal_flip: true, shift: 0.1}
stages:
  - {freeze_below: head, epochs: 1, batch: 8, optimizer: {name: adam, lr: 0.01}}
  - {freeze_below: block4, epochs: 3, batch: 8, optimizer: {name: sgd, lr: 0.05, momentum: 0.9}, schedule: {name: cosine}}
`
	text = strings.NewReplacer(changes...).Replace(text)
	recipe, err := finetune.ParseRecipe([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return recipe
}

// headOnly makes smallRecipe's second stage train the head too, whose graphs compile faster.
var headOnly = []string{"freeze_below: block4, epochs: 3", "freeze_below: head, epochs: 1"}

// metrics is the log without the figures that depend on the clock.
func metrics(t testing.TB, r *run.Run) []run.Record {
	records, err := r.Records()
	if err != nil {
		t.Fatal(err)
	}
	for i := range records {
		records[i].Seconds, records[i].ImagesPerSecond = 0, 0
		records[i].InputSeconds, records[i].TransferSeconds, records[i].ComputeSeconds = 0, 0, 0
		for _, v := range []*float64{&records[i].NLL, &records[i].F170, &records[i].LR} {
			if math.IsNaN(*v) {
				*v = -1 // so that records can be compared
			}
		}
	}
	return records
}

const killedRun = "LONGWING_TEST_KILLED_RUN" // "pictures|store folder|run folder" for the process that is killed

// TestMain is also the processes that TestKilledRunContinues and TestCutShort start.
func TestMain(m *testing.M) {
	if order, ok := os.LookupEnv(childOrder); ok {
		runChild(order)
	}
	if where, ok := os.LookupEnv(killedRun); ok {
		dirs := strings.Split(where, "|")
		t := &testing.T{}
		_, err := finetune.Train(context.Background(), smallRecipe(t), open(t, dirs[0]), dirs[2], finetune.Options{StoreDir: dirs[1]})
		fmt.Println("the run was not killed:", err)
		os.Exit(3)
	}
	os.Exit(m.Run())
}

// TestKilledRunContinues trains once in one go and once with a kill -9 in the middle: metrics, predictions and the best
// checkpoint must be the same to the bit. It also checks what training left unchanged.
func TestKilledRunContinues(t *testing.T) {
	xlatest.Open(t)
	set := pictures(t, 3, 20)
	dir := t.TempDir()
	options := finetune.Options{StoreDir: filepath.Join(dir, "stores")}
	whole, err := finetune.Train(context.Background(), smallRecipe(t), set, filepath.Join(dir, "whole"), options)
	if err != nil {
		t.Fatal(err)
	}

	killed := filepath.Join(dir, "killed")
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), killedRun+"="+strings.Join([]string{set.Path, options.StoreDir, killed}, "|"))
	var said bytes.Buffer
	child.Stdout, child.Stderr = &said, &said
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(5 * time.Minute)
	for {
		if _, err := os.Stat(filepath.Join(killed, "checkpoints", "epoch-00002.safetensors")); err == nil {
			break
		}
		if time.Now().After(deadline) {
			_ = child.Process.Kill()
			t.Fatalf("the run made no checkpoint in five minutes: %s", said.String())
		}
		time.Sleep(2 * time.Millisecond)
	}
	if err := child.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); child.ProcessState.ExitCode() != -1 {
		t.Fatalf("the run ended before it was killed: %v: %s", err, said.String())
	}

	unfinished := filepath.Join(killed, "checkpoints", ".epoch-00003.safetensors.tmp-1")
	if err := os.WriteFile(unfinished, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	continued, err := finetune.Train(context.Background(), smallRecipe(t), set, killed, options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(unfinished); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a kill left of a checkpoint is still there: %v", err)
	}
	a, b := metrics(t, whole.Run), metrics(t, continued.Run)
	if !slices.Equal(a, b) {
		t.Errorf("metrics differ:\n%+v\n%+v", a, b)
	}
	for _, name := range []string{"checkpoints/best.safetensors", "predictions/test.npy", "predictions/valid.csv"} {
		if !bytes.Equal(read(t, filepath.Join(dir, "whole", name)), read(t, filepath.Join(killed, name))) {
			t.Errorf("%s differs", name)
		}
	}
	if got, want := len(a), 2*4+1; got != want {
		t.Errorf("%d records of 4 epochs and a test, want %d", got, want)
	}
	t.Run("frozen parts", func(t *testing.T) { checkFrozen(t, filepath.Join(dir, "whole", "checkpoints")) })
	t.Run("third call only reads", func(t *testing.T) {
		again, err := finetune.Train(context.Background(), smallRecipe(t), set, killed, options)
		if err != nil {
			t.Fatal(err)
		}
		if again.Test.Accuracy != whole.Test.Accuracy || again.BestEpoch != whole.BestEpoch {
			t.Errorf("got %+v, want %+v", again.Test, whole.Test)
		}
		if !slices.Equal(metrics(t, again.Run), a) {
			t.Error("the log grew")
		}
	})
	t.Run("resume reads recipe and pictures", func(t *testing.T) {
		recipe, found, err := finetune.Resume(killed)
		if err != nil {
			t.Fatal(err)
		}
		if found.Train.Fingerprint() != set.Train.Fingerprint() || recipe.Epochs() != 4 {
			t.Errorf("got %d epochs of %s", recipe.Epochs(), found.Path)
		}
	})
	t.Run("another recipe is refused", func(t *testing.T) {
		_, err := finetune.Train(context.Background(), smallRecipe(t, "0.05", "0.06"), set, killed, options)
		wantError(t, err, "was made by another recipe: line", "lr: 0.05", "lr: 0.06")
	})
	t.Run("other pictures are refused", func(t *testing.T) {
		_, err := finetune.Train(context.Background(), smallRecipe(t), pictures(t, 3, 19), killed, options)
		wantError(t, err, "was trained on other pictures")
	})
	t.Run("a longer recipe branches off", func(t *testing.T) {
		longer := smallRecipe(t, "freeze_below: block4, epochs: 3", "freeze_below: block4, epochs: 4")
		branched, err := finetune.Train(context.Background(), longer, set, killed, finetune.Options{StoreDir: options.StoreDir, Force: true})
		if err != nil {
			t.Fatal(err)
		}
		got := metrics(t, branched.Run)
		if branched.Run.Dir() != killed+"-2" || len(got) != 2*5+1 || !slices.Equal(got[:8], a[:8]) || got[8].Step != 25 {
			t.Errorf("in %s: %+v", branched.Run.Dir(), got)
		}
		if !slices.Equal(metrics(t, continued.Run), a) {
			t.Error("the run it branched off from changed")
		}
		_, err = finetune.Train(context.Background(), longer, pictures(t, 2, 20), killed, finetune.Options{StoreDir: options.StoreDir, Force: true})
		wantError(t, err, "tells other classes apart")
	})
	t.Run("same pictures elsewhere, then one exchanged", func(t *testing.T) {
		copied := t.TempDir()
		if err := os.CopyFS(copied, os.DirFS(set.Path)); err != nil {
			t.Fatal(err)
		}
		if _, err := finetune.Train(context.Background(), smallRecipe(t), open(t, copied), killed, options); err != nil {
			t.Fatal(err)
		}
		other := read(t, filepath.Join(copied, "class1", "00.png"))
		if err := os.WriteFile(filepath.Join(copied, "class0", "00.png"), other, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := finetune.Train(context.Background(), smallRecipe(t), open(t, copied), killed, options)
		wantError(t, err, "was trained on other pictures")
	})
	t.Run("killed before the last line", func(t *testing.T) {
		lines := bytes.SplitAfter(read(t, whole.Run.MetricsPath()), []byte("\n"))
		if err := os.WriteFile(continued.Run.MetricsPath(), bytes.Join(lines[:2*4], nil), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := finetune.Train(context.Background(), smallRecipe(t), set, killed, options); err != nil {
			t.Fatal(err)
		}
		if got := metrics(t, continued.Run); !slices.Equal(got, a) {
			t.Errorf("metrics differ:\n%+v\n%+v", got, a)
		}
	})
	t.Run("missing best checkpoint", func(t *testing.T) {
		damaged := filepath.Join(t.TempDir(), "run")
		if err := os.CopyFS(damaged, os.DirFS(killed)); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"best", "epoch-00004"} {
			if err := os.Remove(filepath.Join(damaged, "checkpoints", name+".safetensors")); err != nil {
				t.Fatal(err)
			}
		}
		_, err := finetune.Train(context.Background(), smallRecipe(t), set, damaged, options)
		wantError(t, err, "best checkpoint: ", damaged, "start again in another directory")
	})
	t.Run("damaged newest checkpoint", func(t *testing.T) { checkDamaged(t, set, killed, options, whole) })
	t.Run("weights of a run", func(t *testing.T) { checkWeights(t, filepath.Join(dir, "whole"), options) })
}

func read(t testing.TB, path string) []byte {
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("was accepted")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("got error %q, want one line with %q", err, part)
		}
	}
}

// checkFrozen compares the parameters after epochs 3 and 4, which both belong to the stage that trains from block 4 on.
func checkFrozen(t *testing.T, checkpoints string) {
	before := parameters(t, filepath.Join(checkpoints, "epoch-00003.safetensors"))
	after := parameters(t, filepath.Join(checkpoints, "epoch-00004.safetensors"))
	counted := map[bool]int{}
	for name, values := range after {
		if strings.HasPrefix(name, optim.Scope+"/") {
			continue
		}
		trained := strings.HasPrefix(name, "/block4/") || strings.HasPrefix(name, "/features/") || strings.HasPrefix(name, "/head/")
		if moved := !slices.Equal(values, before[name]); moved != trained {
			t.Errorf("%s moved: %v, want %v", name, moved, trained)
		}
		counted[trained]++
	}
	if counted[true] == 0 || counted[false] == 0 {
		t.Errorf("compared %v parameters", counted)
	}
}

func parameters(t *testing.T, path string) map[string][]float32 {
	content, _, err := safetensors.ReadAll(path)
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]float32)
	for _, tensor := range content {
		out[tensor.Name] = tensor.Data
	}
	return out
}

// listener remembers what was said.
type listener struct {
	finetune.Observer
	said []string
}

func newListener() *listener { return &listener{Observer: finetune.Console(&bytes.Buffer{})} }

func (l *listener) Say(text string) { l.said = append(l.said, text) }

func (l *listener) want(t *testing.T, text string) {
	t.Helper()
	if !slices.ContainsFunc(l.said, func(line string) bool { return strings.Contains(line, text) }) {
		t.Errorf("nothing was said of %q: %q", text, l.said)
	}
}

// checkDamaged flips a bit of the newest checkpoint of a finished run: the one before it is used, and the last epoch comes
// out the same.
func checkDamaged(t *testing.T, set *data.Pictures, dir string, options finetune.Options, whole *finetune.Result) {
	newest := filepath.Join(dir, "checkpoints", "epoch-00004.safetensors")
	content := read(t, newest)
	content[len(content)-1] ^= 1
	if err := os.WriteFile(newest, content, 0o644); err != nil {
		t.Fatal(err)
	}
	ear := newListener()
	options.Observer = ear
	again, err := finetune.Train(context.Background(), smallRecipe(t), set, dir, options)
	if err != nil {
		t.Fatal(err)
	}
	ear.want(t, "epoch-00004.safetensors: damaged")
	got, want := metrics(t, again.Run), metrics(t, whole.Run)
	if !slices.Equal(got[:8], want[:8]) {
		t.Errorf("metrics differ:\n%+v\n%+v", got, want)
	}
}

// TestDivergence checks that a run whose loss is not finite stops with a hint and leaves the last good checkpoint.
func TestDivergence(t *testing.T) {
	xlatest.Open(t)
	dir := t.TempDir()
	recipe := smallRecipe(t, append([]string{"lr: 0.05", "lr: 3e38"}, headOnly...)...)
	_, err := finetune.Train(context.Background(), recipe, pictures(t, 3, 20), filepath.Join(dir, "run"), finetune.Options{StoreDir: dir})
	wantError(t, err, "step ", "e+38 on rows [", "nothing was saved after epoch 1", "optimizer.lr")
	for name, want := range map[string]bool{"epoch-00001": true, "epoch-00002": false} {
		_, err := os.Stat(filepath.Join(dir, "run", "checkpoints", name+".safetensors"))
		if got := err == nil; got != want {
			t.Errorf("checkpoint %s exists: %v, want %v", name, got, want)
		}
	}

	// In the last step of an epoch only the validation shows it.
	recipe = smallRecipe(t, "epochs: 1, batch: 8, optimizer: {name: adam, lr: 0.01}", "epochs: 1, batch: 36, optimizer: {name: sgd, lr: 3e38}")
	_, err = finetune.Train(context.Background(), recipe, pictures(t, 3, 20), filepath.Join(dir, "last"), finetune.Options{StoreDir: dir})
	wantError(t, err, "epoch 1, validating", "nothing was saved after epoch 0", "optimizer.lr")
}

func TestBadRuns(t *testing.T) {
	set := pictures(t, 2, 10)
	for name, c := range map[string]struct {
		changes []string
		want    string
	}{
		"batch larger than the split": {[]string{"batch: 8", "batch: 13"}, "stage 1: key batch: 13 is larger than the 12 pictures of an epoch"},
		"no test part":                {[]string{"test: 0.2, ", ""}, "key split.test must be above 0"},
		"test part too small":         {[]string{"test: 0.2", "test: 0.01"}, "key split.test: holding out a part of "},
		"validation part too small":   {[]string{"valid: 0.25", "valid: 0.01"}, "key split.valid: holding out a part of "},
		"weights of an empty folder":  {[]string{"seed: 7", "seed: 7\nweights: " + t.TempDir()}, "is a folder, but no run with a best checkpoint"},
		"weights that are nowhere":    {[]string{"seed: 7", "seed: 7\nweights: /no/such/run"}, "key weights: there is no file or run /no/such/run, and no weights are named"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "run")
			_, err := finetune.Train(context.Background(), smallRecipe(t, c.changes...), set, dir, finetune.Options{StoreDir: t.TempDir()})
			wantError(t, err, c.want)
			if _, err := os.Stat(dir); err == nil {
				t.Error("a run directory was left")
			}
		})
	}
}

func TestClassTooSmallIsNamed(t *testing.T) {
	set := pictures(t, 2, 10)
	few := filepath.Join(set.Path, "few")
	if err := os.Mkdir(few, 0o755); err != nil {
		t.Fatal(err)
	}
	picture := read(t, set.Train.Path(0))
	for i, want := range []string{"key split.test", "key split.valid"} { // with one picture, with two
		if err := os.WriteFile(filepath.Join(few, fmt.Sprintf("%d.png", i)), picture, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := finetune.Train(context.Background(), smallRecipe(t), open(t, set.Path), filepath.Join(t.TempDir(), "run"), finetune.Options{})
		wantError(t, err, want, `class "few" is too small`)
	}
}

func TestStoppedRunSaysHowToGoOn(t *testing.T) {
	xlatest.Open(t)
	dir := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	recipe := smallRecipe(t, headOnly...)
	_, err := finetune.Train(ctx, recipe, pictures(t, 3, 20), filepath.Join(dir, "run"),
		finetune.Options{StoreDir: dir, Observer: &stopper{Observer: finetune.Console(&bytes.Buffer{}), stop: stop, at: "epoch 2 of"}})
	wantError(t, err, "stopped after step 2 of epoch 2; the same command goes on from there")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v does not wrap context.Canceled", err)
	}
}

// stopper stops a run after two steps of an epoch.
type stopper struct {
	finetune.Observer
	stop func()
	at   string // what begins so
}

func (s *stopper) Progress(what string, done, _ int, _ string) {
	if strings.HasPrefix(what, s.at) && done == 2 {
		s.stop()
	}
}
