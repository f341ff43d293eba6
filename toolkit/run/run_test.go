package run_test

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/run"
)

func Example() {
	dir, err := os.MkdirTemp("", "longwing")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()

	r, err := run.Create(filepath.Join(dir, "garden"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := r.Append(run.Record{Step: 120, Epoch: 1, Phase: run.Valid, Loss: 0.7, Accuracy: 0.8}); err != nil {
		fmt.Println(err)
		return
	}
	records, err := r.Records()
	fmt.Println(len(records), records[0].Accuracy, err)
	// Output: 1 0.8 <nil>
}

func create(t *testing.T) *run.Run {
	t.Helper()
	r, err := run.Create(filepath.Join(t.TempDir(), "a run"))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func mentions(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one that says %q", parts)
		return
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error is longer than a line: %q", err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func TestCreateAndOpen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "first")
	_, err := run.Open(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening nothing: %v", err)
	}
	r, err := run.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = run.Open(dir)
	mentions(t, err, dir, "recipe.yaml")
	for _, left := range []string{"data.json", ".recipe.yaml.tmp-123", "lock"} {
		if err := os.WriteFile(filepath.Join(dir, left), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := run.Create(dir); err != nil {
		t.Errorf("creating again what an interrupted process left: %v", err)
	}
	if err := r.WriteRecipe([]byte("model: densenet_mini\n")); err != nil {
		t.Fatal(err)
	}
	if !run.Exists(dir) {
		t.Error("a directory with a recipe is not a run")
	}
	if _, err := run.Open(dir); err != nil {
		t.Error(err)
	}
	_, err = run.Create(dir)
	mentions(t, err, "already holds a run")
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("%v does not wrap fs.ErrExist", err)
	}
}

func TestCreateRefusesOtherFolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "thesis.tex"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := run.Create(dir)
	mentions(t, err, dir, "thesis.tex")
	_, err = run.Create(filepath.Join(dir, "thesis.tex"))
	mentions(t, err, "thesis.tex")
	_, err = run.Open(filepath.Join(dir, "thesis.tex"))
	mentions(t, err, "is a file")
}

func TestRecordsRoundTrip(t *testing.T) {
	r := create(t)
	if records, err := r.Records(); records != nil || err != nil {
		t.Errorf("before the first: %v, %v", records, err)
	}
	want := run.Record{
		Step: 3, Epoch: 1, Stage: "head", Phase: run.Train, Loss: 1.0 / 3, Accuracy: 0.1, NLL: 1e-300, F170: 0.5,
		LR: 0.001, ImagesPerSecond: 123.25, Seconds: 60,
	}
	if err := r.Append(want); err != nil {
		t.Fatal(err)
	}
	diverged := run.Record{Step: 6, Epoch: 2, Phase: run.Train, Loss: math.NaN(), NLL: math.Inf(1)}
	if err := r.Append(diverged); err != nil {
		t.Fatal(err)
	}
	got, err := r.Records()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0] != want {
		t.Errorf("got %+v, want %+v first", got, want)
	}
	if !math.IsNaN(got[1].Loss) || !math.IsNaN(got[1].NLL) || got[1].F170 != 0 {
		t.Errorf("diverged record reads as %+v", got[1])
	}
	text, err := os.ReadFile(r.MetricsPath())
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	const format = `{"step":3,"epoch":1,"stage":"head","phase":"train","loss":0.3333333333333333,"accuracy":0.1,"nll":1e-300,"f170":0.5,"lr":0.001,"img_per_s":123.25,"seconds":60}`
	if first != format {
		t.Errorf("line is\n%s, the documented format is\n%s", first, format)
	}
}

// A kill may leave any beginning of the last line.
func TestTornLastLine(t *testing.T) {
	r := create(t)
	for step := range 3 {
		if err := r.Append(run.Record{Step: step, Phase: run.Train}); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(r.MetricsPath())
	if err != nil {
		t.Fatal(err)
	}
	lineStart := strings.LastIndex(strings.TrimSuffix(string(whole), "\n"), "\n") + 1
	for cut := lineStart; cut < len(whole); cut++ {
		if err := os.WriteFile(r.MetricsPath(), whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		records, err := r.Records()
		if err != nil || len(records) != 2 {
			t.Fatalf("cut at byte %d: %d records, %v; want 2", cut, len(records), err)
		}
		if err := r.Append(run.Record{Step: 2, Phase: run.Train}); err != nil {
			t.Fatal(err)
		}
		if again, _ := os.ReadFile(r.MetricsPath()); string(again) != string(whole) {
			t.Fatalf("cut at byte %d, appended: %q, want %q", cut, again, whole)
		}
	}
}

func TestTornLineLongerThanABlock(t *testing.T) {
	r := create(t)
	if err := r.Append(run.Record{Step: 1, Phase: run.Train}); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(r.MetricsPath(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(strings.Repeat("\x00", 10_000)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := r.Append(run.Record{Step: 2, Phase: run.Train}); err != nil {
		t.Fatal(err)
	}
	if records, err := r.Records(); err != nil || len(records) != 2 {
		t.Errorf("%d records, %v; want 2", len(records), err)
	}
}

func TestBadLineElsewhere(t *testing.T) {
	good := `{"step":1,"phase":"train"}` + "\n"
	for _, bad := range []string{"{", "null", "", `{"step":"one","phase":"train"}`, `{"step":1}`, `[]`} {
		r := create(t)
		if err := os.WriteFile(r.MetricsPath(), []byte(good+bad+"\n"+good), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := r.Records()
		mentions(t, err, "metrics.jsonl", "line 2")
	}
}

func TestTruncateRecords(t *testing.T) {
	r := create(t)
	if err := r.TruncateRecords(99, 0); err != nil {
		t.Errorf("of no records: %v", err)
	}
	lines := []string{
		`{"step":10,"phase":"train","loss":0.50,"note":"kept as it is"}`, `{"step":10,"phase":"valid"}`,
		`{"step":20,"phase":"train"}`, `{"step":20,"pha`,
	}
	if err := os.WriteFile(r.MetricsPath(), []byte(strings.Join(lines, "\n")), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.TruncateRecords(99, 10); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(r.MetricsPath())
	if err != nil {
		t.Fatal(err)
	}
	if want := lines[0] + "\n" + lines[1] + "\n"; string(got) != want {
		t.Errorf("kept %q, want %q", got, want)
	}
}

func TestEnvironment(t *testing.T) {
	r := create(t)
	_, err := r.ReadEnvironment()
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before it is written: %v", err)
	}
	want := run.CurrentEnvironment()
	want.Devices = []string{"cpu:0"}
	if err := r.WriteEnvironment(want); err != nil {
		t.Fatal(err)
	}
	got, err := r.ReadEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !strings.HasPrefix(got.Go, "go") || got.Cores < 1 || got.Started.IsZero() {
		t.Errorf("environment is incomplete: %+v", got)
	}
	text, err := os.ReadFile(filepath.Join(r.Dir(), "environment.json"))
	if err != nil {
		t.Fatal(err)
	}
	if host, err := os.Hostname(); err == nil && len(host) > 3 && strings.Contains(string(text), host) {
		t.Errorf("environment names the host %s: %s", host, text)
	}
}

func TestClasses(t *testing.T) {
	r := create(t)
	want := run.Classes{Names: []string{"Les Hespéries fauves <Ochlodes, Thymelicus>", `a "b"`}, TrainingCounts: []int{4, 4875}}
	if err := r.WriteClasses(want); err != nil {
		t.Fatal(err)
	}
	got, err := r.ReadClasses()
	if err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	mentions(t, r.WriteClasses(run.Classes{Names: []string{"x"}}), "1 names but 0")

	path := filepath.Join(r.Dir(), "classes.csv")
	for content, want := range map[string]string{
		"":                               "empty",
		"class,name\n":                   "fields",
		"class,name,test\n":              `column 3 is "test"`,
		"class,name,train\n1,x,4\n":      `line 2: class is "1", need 0`,
		"class,name,train\n0,x,-4\n":     `line 2: train is "-4"`,
		"class,name,train\n0,\"x\ny,4\n": "quote",
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := r.ReadClasses()
		mentions(t, err, "classes.csv", want)
	}
}
