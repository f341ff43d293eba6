package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/xlatest"
)

const headRecipe = `model: densenet_mini
size: 32
split: {test: 0.2, valid: 0.25}
stages:
  - {freeze_below: head, epochs: 1, batch: 8, optimizer: {name: adam, lr: 0.01}}
`

func TestTrainRefuses(t *testing.T) {
	xlatest.Open(t) // before its place is hidden
	t.Setenv("LONGWING_CACHE", t.TempDir())
	recipe := func(changes ...string) string {
		return write(t, filepath.Join(t.TempDir(), "recipe.yaml"), strings.NewReplacer(changes...).Replace(headRecipe))
	}
	good, folder := recipe(), pictureFolder(t, 10)
	kit := func(train, test string) string {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "train.csv"), train)
		write(t, filepath.Join(dir, "test.csv"), test)
		write(t, filepath.Join(dir, "class_codes.csv"), "class,taxa_name\n0,ant\n1,bee\n")
		return dir
	}
	emptyClass := pictureFolder(t, 10)
	if err := os.Mkdir(filepath.Join(emptyClass, "wasp"), 0o755); err != nil {
		t.Fatal(err)
	}
	notUTF8 := pictureFolder(t, 10)
	write(t, filepath.Join(notUTF8, "ant", "\xff.png"), "x")
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 64, 64)), nil); err != nil {
		t.Fatal(err)
	}
	truncated := pictureFolder(t, 10)
	write(t, filepath.Join(truncated, "bee", "cut.jpg"), photo.String()[:photo.Len()/2])
	brokenRun := filepath.Join(t.TempDir(), "run")
	write(t, filepath.Join(brokenRun, "recipe.yaml"), "")

	train := func(recipe, data string) []string {
		return []string{"train", "--recipe", recipe, "--data", data, "--out"}
	}
	for _, c := range []struct {
		name   string
		args   []string // the run directory follows
		status int
		want   []string
	}{
		{"missing folder", train(good, "nowhere"), statusFailed, []string{"no folder nowhere"}},
		{"empty class", train(good, emptyClass), statusFailed, []string{emptyClass, `"wasp" holds no pictures`}},
		{"duplicate id", train(good, kit("id,class\na,0\na,1\n", "id,class\nb,0\n")), statusFailed, []string{"train.csv: row 1 (line 3)", `"a"`}},
		{"test row of the training set", train(good, kit("id,class\na,0\n", "id,class\na,0\n")), statusFailed, []string{"test.csv: row 0", "train.csv"}},
		{"wrong header", train(good, kit("id,label\na,0\n", "id,class\nb,0\n")), statusFailed, []string{"train.csv: line 1", "id,label"}},
		{"class out of range", train(good, kit("id,class\na,0\nc,2\n", "id,class\nb,0\n")), statusFailed, []string{"train.csv: row 1", "class 2"}},
		{"name not UTF-8", train(good, notUTF8), statusFailed, []string{`"\xff.png" is not UTF-8`}},
		{"truncated JPEG", train(good, truncated), statusFailed, []string{"row 20 (bee/cut.jpg)", "broken JPEG"}},
		{"missing recipe", train("none.yaml", folder), statusFailed, []string{"none.yaml"}},
		{"unknown recipe key", train(recipe("size", "sice"), folder), statusFailed, []string{"recipe.yaml: [2:1]", `"sice"`}},
		{"freezes everything", train(recipe("freeze_below: head", "freeze_below: logits"), folder), statusFailed, []string{"recipe.yaml: stage 1: key freeze_below", "freezes everything"}},
		{"batch larger than the split", train(recipe("batch: 8", "batch: 99"), folder), statusFailed, []string{"stage 1: key batch: 99", "12 pictures"}},
		{"no recipe given", []string{"train", "--data", folder, "--out"}, statusUsage, []string{`"recipe"`}},
		{"empty flag", train("", folder), statusUsage, []string{"--recipe"}},
		{"workers", append([]string{"train", "--workers", "-1"}, train(good, folder)[1:]...), statusUsage, []string{"--workers is -1"}},
		{"resume nothing", []string{"resume"}, statusFailed, []string{"opening run"}},
		{"resume two", []string{"resume", "a"}, statusUsage, []string{"accepts 1 arg"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "run")
			refused(t, append(c.args, out), c.status, c.want...)
			if _, err := os.Lstat(out); err == nil {
				t.Error("a run directory was left")
			}
		})
	}
	t.Run("resume without a recipe", func(t *testing.T) {
		refused(t, []string{"resume", brokenRun}, statusFailed, brokenRun, "is empty")
	})
	t.Run("folder of something else", func(t *testing.T) {
		refused(t, append(train(good, folder), folder), statusFailed, folder, "it holds ant and is not a run")
	})
}

// refused checks the exit status, and that the last line says what is wanted and nothing is on standard output.
func refused(t *testing.T, args []string, status int, want ...string) {
	t.Helper()
	got, stdout, stderr := longwing(args...)
	lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n") // progress may come before
	last := lines[len(lines)-1]
	if got != status || stdout != "" || strings.Count(stderr, "longwing: ") != 1 {
		t.Errorf("exit status %d, stdout %q, stderr %q; want %d and one message", got, stdout, stderr, status)
	}
	for _, text := range append(want, "longwing: ") {
		if !strings.Contains(last, text) {
			t.Errorf("message %q does not say %q", last, text)
		}
	}
}

func TestInterruptedTrainingFails(t *testing.T) {
	t.Setenv("LONGWING_CACHE", t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out := filepath.Join(t.TempDir(), "run")
	var stdout, stderr bytes.Buffer
	status := execute(ctx, newRoot(), []string{
		"train", "--recipe", write(t, filepath.Join(t.TempDir(), "r.yaml"), headRecipe), "--data", pictureFolder(t, 10), "--out", out,
	}, &stdout, &stderr)
	if status != statusFailed || !strings.Contains(stderr.String(), "longwing: interrupted: ") || stdout.Len() > 0 {
		t.Errorf("exit status %d, output %q, message %q", status, stdout.String(), stderr.String())
	}
}

// TestTrain goes the whole way: train, resume what is finished, evaluate, look at the weights.
func TestTrain(t *testing.T) {
	xlatest.Open(t)
	dir := t.TempDir()
	out := filepath.Join(dir, "run")
	store := filepath.Join(dir, "stores")
	recipe := write(t, filepath.Join(dir, "recipe.yaml"), headRecipe)
	type result struct {
		BestEpoch   int `json:"best_epoch"`
		Valid, Test struct {
			N        int
			Accuracy float64
		}
	}
	var trained, resumed result
	read := func(r *result, args ...string) {
		t.Helper()
		if err := json.Unmarshal([]byte(mustRun(t, args...)), r); err != nil {
			t.Fatalf("standard output is not one JSON value: %v", err)
		}
	}
	read(&trained, "train", "--recipe", recipe, "--data", pictureFolder(t, 10), "--out", out, "--store-dir", store, "--json")
	if trained.BestEpoch != 1 || trained.Valid.N != 4 || trained.Test.N != 4 {
		t.Errorf("got %+v", trained)
	}
	read(&resumed, "resume", out, "--store-dir", store, "--json")
	if resumed != trained {
		t.Errorf("resumed %+v, trained %+v", resumed, trained)
	}
	if text := mustRun(t, "evaluate", out); !strings.Contains(text, "accuracy") {
		t.Errorf("evaluate printed %q", text)
	}
	if text := mustRun(t, "weights", "inspect", out); !strings.Contains(text, "densenet_mini as in torchvision") || !strings.Contains(text, "2 classes") {
		t.Errorf("inspect printed %q", text)
	}
}
