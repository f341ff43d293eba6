package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/npy"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// evaluate runs `longwing evaluate` and returns its exit status and outputs.
func evaluate(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = execute(t.Context(), newRoot(), append([]string{"evaluate"}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

// evaluateFiles writes four pictures of three classes, three of them right.
func evaluateFiles(t *testing.T) (logits, labels, trainLabels string) {
	t.Helper()
	dir := t.TempDir()
	logits, labels, trainLabels = filepath.Join(dir, "x.npy"), filepath.Join(dir, "y.csv"), filepath.Join(dir, "train.csv")
	if err := npy.Write(logits, []int{4, 3}, []float32{2, 0, 0, 0, 1, 0, 0, 3, 0, 0, 0, 1}); err != nil {
		t.Fatal(err)
	}
	writeTextFile(t, labels, "id,class\na,0\nb,1\nc,2\nd,2\n")
	var rows strings.Builder
	for i := range 101 {
		fmt.Fprintf(&rows, "p%d,0\n", i)
	}
	writeTextFile(t, trainLabels, "id,class\n"+rows.String()+"q,1\nr,2\n")
	return logits, labels, trainLabels
}

func writeTextFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestEvaluateLogitsOfAnyOrigin(t *testing.T) {
	logits, labels, trainLabels := evaluateFiles(t)
	status, stdout, stderr := evaluate(t, "--predictions", logits, "--labels", labels, "--train-labels", trainLabels, "--json")
	if status != statusDone {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var got struct {
		N         int
		Accuracy  float64
		NLL       float64
		F170      float64
		Many, Few float64
		Medium    *float64
		Intervals map[string][2]float64
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	// By hand: hits 0, 1, 3; F1 of the classes 1, 2/3, 2/3; class 0 alone is a many-shot class.
	if got.N != 4 || got.Accuracy != 0.75 || math.Abs(got.F170-1.0/3) > 1e-12 || got.Many != 1 ||
		math.Abs(got.Few-2.0/3) > 1e-12 || got.Medium != nil {
		t.Errorf("got %+v", got)
	}
	for _, name := range []string{"accuracy", "nll", "f170", "macro_precision", "macro_recall", "macro_f1", "balanced_accuracy", "many", "few"} {
		ends, ok := got.Intervals[name]
		if !ok || ends[0] > ends[1] {
			t.Errorf("interval of %s: %v, present %t", name, ends, ok)
		}
	}
	_, again, _ := evaluate(t, "--predictions", logits, "--labels", labels, "--train-labels", trainLabels, "--json")
	if again != stdout {
		t.Errorf("a second time: %s, first %s", again, stdout)
	}
}

func TestEvaluateMore(t *testing.T) {
	logits, labels, trainLabels := evaluateFiles(t)
	args := []string{"--predictions", logits, "--labels", labels, "--train-labels", trainLabels}
	status, stdout, stderr := evaluate(t, append(args, "--top", "1,2,5", "--confused", "3", "--json")...)
	if status != statusDone {
		t.Fatalf("status %d: %s", status, stderr)
	}
	var got struct {
		Accuracy  float64
		TopK      map[string]float64
		Confused  []map[string]int
		Intervals map[string][2]float64
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatalf("%v in %s", err, stdout)
	}
	// The third picture, of class 2, is taken for class 1 and has its own class last.
	if len(got.TopK) != 2 || got.TopK["top1"] != 0.75 || got.TopK["top2"] != 0.75 {
		t.Errorf("topk is %v", got.TopK)
	}
	want := map[string]int{"label": 2, "predicted": 1, "pictures": 1, "of": 2}
	if len(got.Confused) != 1 || !maps.Equal(got.Confused[0], want) {
		t.Errorf("confused are %v, want %v", got.Confused, want)
	}
	for _, name := range []string{"top1", "top2", "top5", "weighted_f1", "calibration_error"} {
		if _, ok := got.Intervals[name]; !ok {
			t.Errorf("%s has no interval", name)
		}
	}
	_, stdout, _ = evaluate(t, append(args, "--confused", "1")...)
	if words := strings.Join(strings.Fields(stdout), " "); !strings.Contains(words, "class 2 taken for 1 1 of 2 pictures") {
		t.Errorf("output lacks the confused pair:\n%s", stdout)
	}

	// 101, 1 and 1 training pictures: class 0 loses log 101 = 4.6 against the others, and with it the first picture.
	_, stdout, _ = evaluate(t, append(args, "--adjust", "1", "--json")...)
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || got.Accuracy != 0.5 {
		t.Errorf("adjusted accuracy %g, %v; want 0.5", got.Accuracy, err)
	}
}

func TestEvaluateRun(t *testing.T) {
	r, err := run.Create(filepath.Join(t.TempDir(), "run"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.WriteRecipe(nil); err != nil {
		t.Fatal(err)
	}
	status, _, stderr := evaluate(t, r.Dir())
	if status != statusFailed || !strings.Contains(stderr, "no predictions yet") {
		t.Errorf("without predictions: status %d, %s", status, stderr)
	}
	err = r.WritePredictions("valid", &run.Predictions{
		IDs: []string{"a", "b"}, Rows: []int{0, 1}, Labels: []int32{0, 1}, Logits: []float32{1, 0, 1, 0}, NumClasses: 2,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.WriteClasses(run.Classes{Names: []string{"x", "y"}, TrainingCounts: []int{500, 50}}); err != nil {
		t.Fatal(err)
	}
	status, _, stderr = evaluate(t, r.Dir())
	if status != statusFailed || !strings.Contains(stderr, "only of valid") {
		t.Errorf("split test: status %d, %s", status, stderr)
	}
	status, stdout, stderr := evaluate(t, r.Dir(), "--split", "valid")
	if status != statusDone {
		t.Fatalf("status %d: %s", status, stderr)
	}
	words := strings.Join(strings.Fields(stdout), " ")
	for _, want := range []string{"pictures 2", "accuracy 0.5000", "many 1.0000", "medium 0.0000"} {
		if !strings.Contains(words, want) {
			t.Errorf("output lacks %q:\n%s", want, stdout)
		}
	}
}

func TestEvaluateRefuses(t *testing.T) {
	logits, labels, trainLabels := evaluateFiles(t)
	short := filepath.Join(t.TempDir(), "short.csv")
	writeTextFile(t, short, "id,class\na,0\n")
	beyond := filepath.Join(t.TempDir(), "beyond.csv")
	writeTextFile(t, beyond, "id,class\na,0\nb,1\nc,2\nd,3\n")
	cube := filepath.Join(t.TempDir(), "cube.npy")
	if err := npy.Write(cube, []int{1, 1, 1}, []float32{0}); err != nil {
		t.Fatal(err)
	}
	notANumber := filepath.Join(t.TempDir(), "nan.npy")
	if err := npy.Write(notANumber, []int{1, 2}, []float32{0, float32(math.NaN())}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"logit", []string{"--predictions", notANumber, "--labels", short}, statusFailed, notANumber + ": evaluating predictions: row 0: class 1: logit is NaN"},
		{"empty flag", []string{"--predictions", logits, "--labels", labels, "--train-labels", ""}, statusUsage, "--train-labels is empty"},
		{"nothing", nil, statusUsage, "--predictions"},
		{"both", []string{"run", "--predictions", logits}, statusUsage, "either"},
		{"two runs", []string{"a", "b"}, statusUsage, "accepts at most 1"},
		{"no labels", []string{"--predictions", logits}, statusUsage, "needs --labels"},
		{"split", []string{"--predictions", logits, "--labels", labels, "--split", "test"}, statusUsage, "--split"},
		{"resamples", []string{"--predictions", logits, "--labels", labels, "--resamples", "-1"}, statusUsage, "--resamples is -1"},
		{"top", []string{"--predictions", logits, "--labels", labels, "--top", "0"}, statusUsage, "--top is 0"},
		{"confused", []string{"--predictions", logits, "--labels", labels, "--confused", "-1"}, statusUsage, "--confused is -1"},
		{"adjust", []string{"--predictions", logits, "--labels", labels, "--adjust", "-1"}, statusUsage, "--adjust is -1"},
		{"adjust without counts", []string{"--predictions", logits, "--labels", labels, "--adjust", "1"}, statusFailed, "give --train-labels"},
		{"unknown flag", []string{"--views", "flips"}, statusUsage, "--views"},
		{"no such run", []string{filepath.Join(t.TempDir(), "none")}, statusFailed, "none"},
		{"no such file", []string{"--predictions", "none.npy", "--labels", labels}, statusFailed, "none.npy"},
		{"not npy", []string{"--predictions", labels, "--labels", labels}, statusFailed, "not a .npy file"},
		{"shape", []string{"--predictions", cube, "--labels", labels}, statusFailed, "[1 1 1]"},
		{"rows", []string{"--predictions", logits, "--labels", short}, statusFailed, "4 rows but " + short + " has 1 labels"},
		{"class out of range", []string{"--predictions", logits, "--labels", beyond}, statusFailed, beyond + ": row 3: label 3, but " + logits + " has 3 classes"},
		{"training labels missing", []string{"--predictions", logits, "--labels", labels, "--train-labels", trainLabels + "x"}, statusFailed, "train.csvx"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, stdout, stderr := evaluate(t, c.args...)
			if status != c.status || !strings.Contains(stderr, c.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
				t.Errorf("status %d, stderr %q, stdout %q; want %d and a line with %q", status, stderr, stdout, c.status, c.want)
			}
		})
	}
}
