package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/studydata"
)

// decodeJSON reads the one JSON value of standard output, which must have no other keys than value's.
func decodeJSON(t *testing.T, stdout string, value any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(value); err != nil {
		t.Fatal(err)
	}
	if decoder.More() {
		t.Error("more than one JSON value on standard output")
	}
}

type planJSON struct {
	Rows     []int
	PerClass []int `json:"per_class"`
}

// tail is a table of 60, 20, 6 and 3 rows of four classes, named r0, r1, …; and the clusters of its rows.
func tail(t *testing.T) (labels, clusters string) {
	t.Helper()
	dir := t.TempDir()
	table, byID := "id,class\n", "id,cluster\n"
	row := 0
	for class, count := range []int{60, 20, 6, 3} {
		for range count {
			table += fmt.Sprintf("r%d,%d\n", row, class)
			byID += fmt.Sprintf("r%d,%d\n", row, row%4)
			row++
		}
	}
	return write(t, filepath.Join(dir, "labels.csv"), table), write(t, filepath.Join(dir, "clusters.csv"), byID)
}

func TestPlanJSON(t *testing.T) {
	labels, clusters := tail(t)
	for name, test := range map[string]struct {
		args     string
		perClass []int // nil where chance has a say
	}{
		"shuffle":             {"--sampler shuffle", []int{60, 20, 6, 3}},
		"over":                {"--sampler over", []int{60, 60, 60, 60}},
		"under":               {"--sampler under", []int{3, 3, 3, 3}},
		"under-over":          {"--sampler under-over --threshold 10", []int{20, 20, 20, 20}},
		"cut to threshold":    {"--sampler under-over --threshold 10 --to-threshold", []int{10, 10, 10, 10}},
		"clusters":            {"--sampler clusters --threshold 10 --clusters " + clusters, []int{20, 20, 20, 20}},
		"sqrt":                {"--sampler sqrt", []int{42, 24, 13, 10}}, // 89·√c/Σ√c is 42.04, 24.27, 13.29, 9.40
		"first of progress":   {"--sampler progressive --epoch 0", []int{60, 20, 6, 3}},
		"last of progress":    {"--sampler progressive --epochs 5 --epoch 4", []int{23, 22, 22, 22}},
		"default repeats":     {"--sampler repeat-factor", []int{60, 20, 6, 3}}, // no class is below a share of 0.001
		"repeats":             {"--sampler repeat-factor --threshold 0.5", nil},
		"class-balanced":      {"--sampler class-balanced", nil},
		"class-aware":         {"--sampler class-aware --classes-per-batch 3 --per-class 4", []int{24, 24, 24, 24}},
		"more classes":        {"--sampler shuffle --classes 6", []int{60, 20, 6, 3, 0, 0}},
		"a later epoch, seed": {"--sampler over --epoch 2147483647 --seed 18446744073709551615", []int{60, 60, 60, 60}},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"data", "plan", "--labels", labels}, strings.Fields(test.args)...)
			var plan planJSON
			decodeJSON(t, mustRun(t, append(args, "--json")...), &plan)
			if test.perClass != nil && !slices.Equal(plan.PerClass, test.perClass) {
				t.Errorf("%v of the classes, want %v", plan.PerClass, test.perClass)
			}
			shown := 0
			for _, n := range plan.PerClass {
				shown += n
			}
			if shown != len(plan.Rows) || slices.Min(plan.Rows) < 0 || slices.Max(plan.Rows) > 88 {
				t.Errorf("%d rows from %d to %d, %d by class", len(plan.Rows), slices.Min(plan.Rows), slices.Max(plan.Rows), shown)
			}
			text := mustRun(t, args...)
			for _, want := range []string{strings.Fields(test.args)[1] + ": ", fmt.Sprintf("%d pictures", shown), "distinct", "at most", "labels.csv", "class  rows  shown"} {
				if !strings.Contains(text, want) {
					t.Errorf("the text does not say %q:\n%s", want, text)
				}
			}
		})
	}
}

// TestPlanOfTheStudy: the study's recipe, and that training rows are all it takes.
func TestPlanOfTheStudy(t *testing.T) {
	labels := studydata.Path(t, "train.csv")
	var plan planJSON
	decodeJSON(t, mustRun(t, "data", "plan", "--labels", labels, "--sampler", "under-over", "--threshold", "350", "--seed", "57", "--json"), &plan)
	if len(plan.Rows) != 141856 || len(plan.PerClass) != 403 || slices.Min(plan.PerClass) != 352 || slices.Max(plan.PerClass) != 352 {
		t.Errorf("%d rows, %v of the classes; want 141856, 352 of each", len(plan.Rows), plan.PerClass)
	}
	rows := mustRun(t, "data", "split", "--labels", labels, "--seed", "57", "--json")
	split := write(t, filepath.Join(t.TempDir(), "split.json"), rows)
	var sides struct{ Train, Test []int }
	decodeJSON(t, rows, &sides)
	decodeJSON(t, mustRun(t, "data", "plan", "--labels", labels, "--rows", split, "--sampler", "under-over", "--threshold", "350", "--json"), &plan)
	if len(plan.Rows) != 144274 || slices.Min(plan.PerClass) != 358 || slices.Max(plan.PerClass) != 358 {
		t.Errorf("%d rows of the training part, want 144274, 358 of each class", len(plan.Rows))
	}
	for _, row := range plan.Rows {
		if _, isTest := slices.BinarySearch(sides.Test, row); isTest {
			t.Fatalf("row %d is a test row", row)
		}
	}
}

func TestPlanErrors(t *testing.T) {
	labels, clusters := tail(t)
	dir := t.TempDir()
	train := write(t, filepath.Join(dir, "split.json"), `{"train":[0,70,5],"test":[1]}`)
	for name, test := range map[string]struct {
		args   string
		status int
		says   []string
	}{
		"no sampler":         {"", statusUsage, []string{"sampler"}},
		"unknown sampler":    {"--sampler overr", statusUsage, []string{`"overr"`, "under-over"}},
		"no threshold":       {"--sampler under-over", statusUsage, []string{"threshold: is missing"}},
		"threshold zero":     {"--sampler under-over --threshold 0", statusUsage, []string{"--threshold 0"}},
		"threshold 3.5":      {"--sampler under-over --threshold 3.5", statusUsage, []string{"3.5"}},
		"threshold NaN":      {"--sampler repeat-factor --threshold NaN", statusUsage, []string{"NaN"}},
		"stray threshold":    {"--sampler over --threshold 3", statusUsage, []string{"over: option threshold"}},
		"stray epochs":       {"--sampler over --epochs 3", statusUsage, []string{"over: option epochs"}},
		"no clusters":        {"--sampler clusters --threshold 9", statusUsage, []string{"--clusters FILE.csv", "row,cluster"}},
		"stray clusters":     {"--sampler over --clusters " + clusters, statusUsage, []string{"over: option clusters"}},
		"epoch":              {"--sampler over --epoch -1", statusUsage, []string{"--epoch -1"}},
		"late epoch":         {"--sampler over --epoch 2147483648", statusUsage, []string{"--epoch 2147483648"}},
		"classes":            {"--sampler over --classes -1", statusUsage, []string{"--classes -1"}},
		"few classes":        {"--sampler over --classes 3", statusFailed, []string{labels, "row 86: class 3"}},
		"nothing to cut":     {"--sampler under-over --threshold 60", statusFailed, []string{labels, "no class has more"}},
		"missing clusters":   {"--sampler clusters --threshold 9 --clusters nowhere.csv", statusFailed, []string{"nowhere.csv"}},
		"foreign clusters":   {"--sampler clusters --threshold 9 --clusters " + labels, statusFailed, []string{labels, "header"}},
		"clusters elsewhere": {"--sampler clusters --threshold 1 --rows " + train + " --clusters " + clusters, statusFailed, []string{"row 1 has cluster 1", "not in the split"}},
		"missing rows":       {"--sampler over --rows nowhere.json", statusFailed, []string{"nowhere.json"}},
		"no JSON":            {"--sampler over --rows " + labels, statusFailed, []string{labels, "data split --json"}},
		"no training rows":   {"--sampler over --rows " + write(t, filepath.Join(dir, "a"), `{"rows":[1]}`), statusFailed, []string{`"train"`}},
		"row beyond":         {"--sampler over --rows " + write(t, filepath.Join(dir, "b"), `{"train":[89]}`), statusFailed, []string{"b: row 89"}},
		"row below":          {"--sampler over --rows " + write(t, filepath.Join(dir, "c"), `{"train":[-1]}`), statusFailed, []string{"c: row -1"}},
		"row in two parts":   {"--sampler over --rows " + write(t, filepath.Join(dir, "e"), `{"train":[3,1],"test":[1,0]}`), statusFailed, []string{"e: row 1", `"train"`, `"test"`}},
		"row also in valid":  {"--sampler over --rows " + write(t, filepath.Join(dir, "f"), `{"train":[3,1],"test":[],"valid":[3]}`), statusFailed, []string{"f: row 3", `"valid"`}},
		"stray epochs zero":  {"--sampler over --epochs 0", statusUsage, []string{"over: option epochs"}},
		"stray per-class 0":  {"--sampler over --per-class 0", statusUsage, []string{"over: option per-class"}},
		"no epochs":          {"--sampler progressive --epochs 0", statusUsage, []string{"epochs"}},
		"empty rows":         {"--sampler over --rows=", statusUsage, []string{"--rows is empty"}},
		"empty clusters":     {"--sampler over --clusters=", statusUsage, []string{"--clusters is empty"}},
		"usage before files": {"--sampler over --clusters nowhere.csv", statusUsage, []string{"over: option clusters"}},
		"row twice":          {"--sampler over --rows " + write(t, filepath.Join(dir, "d"), `{"train":[1,1]}`), statusFailed, []string{"d: row 1 is twice"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := longwing(append([]string{"data", "plan", "--labels", labels}, strings.Fields(test.args)...)...)
			if status != test.status || stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit status %d, printed %q and %q; want %d and one line on standard error", status, stdout, stderr, test.status)
			}
			for _, text := range test.says {
				if !strings.Contains(stderr, text) {
					t.Errorf("message %q does not say %q", stderr, text)
				}
			}
		})
	}
}
