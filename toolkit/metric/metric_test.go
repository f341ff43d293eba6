package metric_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/metric"
)

func Example() {
	logits := []float32{
		2, 0, 0,
		0, 1, 0,
		0, 3, 0,
		0, 0, 1,
	}
	labels := []int32{0, 1, 2, 2}
	report, err := metric.Evaluate(logits, labels, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("accuracy %.3f  F170 %.3f  nll %.3f\n", report.Accuracy, report.F170, report.NLL)
	// Output: accuracy 0.750  F170 0.333  nll 1.109
}

// Fixtures printed by the study's notebook keras_model.
func TestStudyFixtures(t *testing.T) {
	repeat := func(class int32, n int) []int32 { return slices.Repeat([]int32{class}, n) }
	cases := []struct {
		name            string
		labels, predict []int32
		classes         int
		f1              []float64
		f170            float64
	}{
		{
			"two predicted of six",
			slices.Concat(repeat(0, 10), repeat(1, 8), repeat(2, 3), []int32{3, 4, 5}),
			slices.Concat(repeat(0, 10), repeat(1, 14)),
			6, []float64{1, 0.727273, 0, 0, 0, 0}, 1.0 / 3,
		},
		{
			"ten classes once",
			[]int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
			[]int32{0, 0, 1, 2, 4, 5, 6, 7, 7, 8},
			10, []float64{.6667, 0, 0, 0, 1, 1, 1, .6667, 0, 0}, 0.3,
		},
		{
			"classes never seen count neither above nor below",
			[]int32{0, 1}, []int32{0, 1},
			403, []float64{1, 1, 0}, 1,
		},
		{
			"a class that is only predicted is seen",
			repeat(0, 10), slices.Concat(repeat(0, 7), repeat(1, 3)),
			2, []float64{14.0 / 17, 0}, 0.5,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tally, err := metric.PerClass(c.labels, c.predict, c.classes)
			if err != nil {
				t.Fatal(err)
			}
			for class, want := range c.f1 {
				if got := tally.F1(class); math.Abs(got-want) > 5e-5 {
					t.Errorf("F1 of class %d = %.6f, want %.6f", class, got, want)
				}
			}
			if got := tally.F170(); !near(got, c.f170) {
				t.Errorf("F170 = %.6f, want %.6f", got, c.f170)
			}
		})
	}
}

func TestThresholdIsStrict(t *testing.T) {
	// Ten of class 0, ten predicted as 0, seven of them right: F1 = 14/20.
	labels := append(slices.Repeat([]int32{0}, 10), 1, 1, 1)
	predicted := append(append(slices.Repeat([]int32{0}, 7), 1, 1, 1), 0, 0, 0)
	tally, err := metric.PerClass(labels, predicted, 2)
	if err != nil {
		t.Fatal(err)
	}
	if tally.F1(0) != 0.7 {
		t.Fatalf("F1 = %v, want exactly 0.7", tally.F1(0))
	}
	if got := tally.F170(); got != 0 {
		t.Errorf("F170 = %v, want 0: 0.7 is not above 0.7", got)
	}
	if got := tally.F1Share(math.Nextafter(0.7, 0)); got != 0.5 {
		t.Errorf("share above the number just below 0.7 = %v, want 0.5", got)
	}
}

// "Always class 202" on the study's test table: accuracy 0.083562, F1 0.154235, F170 0.
func TestConstantBaseline(t *testing.T) {
	const path = "../../../shared/data/test.csv"
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("the study's test table is not beside the checkout: %v", err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var labels []int32
	for _, row := range rows[1:] {
		class, err := strconv.Atoi(row[1])
		if err != nil {
			t.Fatal(err)
		}
		labels = append(labels, int32(class))
	}
	tally, err := metric.PerClass(labels, slices.Repeat([]int32{202}, len(labels)), 403)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"accuracy", tally.Accuracy(), 0.083562},
		{"F1 of class 202", tally.F1(202), 0.154235},
		{"F170", tally.F170(), 0},
		{"classes seen", float64(tally.NumSeen()), 403},
	} {
		if math.Abs(c.got-c.want) > 5e-7 {
			t.Errorf("%s = %.6f, want %.6f", c.name, c.got, c.want)
		}
	}
}

func TestExtremeLogits(t *testing.T) {
	inf := float32(math.Inf(-1))
	const largest = math.MaxFloat32
	cases := []struct {
		name   string
		logits []float32
		label  int32
		nll    float64
	}{
		{"largest float, right", []float32{largest, -largest}, 0, 0},
		{"largest float, wrong", []float32{largest, -largest}, 1, 2 * largest},
		{"equal and huge", []float32{largest, largest}, 1, math.Ln2},
		{"equal and hugely negative", []float32{-largest, -largest}, 1, math.Ln2},
		{"tiny probability", []float32{0, -800}, 1, 800}, // exp(-800) underflows
		{"impossible class beside the label", []float32{inf, 1}, 1, 0},
		{"label held impossible", []float32{inf, 1}, 0, math.Inf(1)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			report, err := metric.Evaluate(c.logits, []int32{c.label}, 2)
			if err != nil {
				t.Fatal(err)
			}
			if report.NLL != c.nll && !near(report.NLL, c.nll) {
				t.Errorf("nll = %v, want %v", report.NLL, c.nll)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	cases := []struct {
		name    string
		logits  []float32
		labels  []int32
		classes int
		want    string
	}{
		{"NaN", []float32{0, 1, 0, nan}, []int32{0, 0}, 2, "row 1: class 1: logit is NaN"},
		{"only NaN", []float32{nan, nan}, []int32{0}, 2, "row 0: class 0: logit is NaN"},
		{"infinite", []float32{0, inf}, []int32{0}, 2, "row 0: class 1: logit is +Inf"},
		{"nothing possible", []float32{-inf, -inf}, []int32{0}, 2, "row 0: every logit is -Inf"},
		{"label too large", []float32{0, 1}, []int32{2}, 2, "row 0: label 2 is not a class number in [0, 2)"},
		{"label negative", []float32{0, 1}, []int32{-1}, 2, "row 0: label -1 is not"},
		{"lengths", []float32{0, 1, 2}, []int32{0}, 2, "3 logits for 1 labels and 2 classes, need 2"},
		{"nothing", nil, nil, 2, "no pictures"},
		{"no classes", nil, nil, 0, "0 classes"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := metric.Evaluate(c.logits, c.labels, c.classes)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one that says %q", err, c.want)
			}
		})
	}
	for want, opt := range map[string]metric.Options{
		"training counts of 1 classes for logits of 2": {TrainingCounts: []int{1}},
		"top-0 accuracy": {TopK: []int{1, 0}},
	} {
		if _, err := metric.EvaluateWith([]float32{0, 1}, []int32{0}, 2, opt); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one that says %q", err, want)
		}
	}
	for _, c := range []struct {
		labels, predicted []int32
		want              string
	}{
		{[]int32{0}, []int32{0, 1}, "1 labels but 2 predictions"},
		{[]int32{0, 3}, []int32{0, 1}, "row 1: label 3"},
		{[]int32{0, 1}, []int32{0, -1}, "row 1: prediction -1"},
	} {
		if _, err := metric.PerClass(c.labels, c.predicted, 2); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("PerClass: got error %v, want one that says %q", err, c.want)
		}
	}
}

func TestRefusedBatchLeavesNoTrace(t *testing.T) {
	a, err := metric.NewAccumulator(2)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Add([]float32{1, 0, float32(math.NaN()), 0}, []int32{0, 1}); err == nil {
		t.Fatal("NaN was taken")
	}
	if a.N() != 0 || a.Tally().N() != 0 || a.NLL() != 0 {
		t.Errorf("after a refused batch: %d pictures, tally of %d, nll %v", a.N(), a.Tally().N(), a.NLL())
	}
	if err := a.Add([]float32{1, 0}, []int32{0}); err != nil {
		t.Fatal(err)
	}
	err = a.Add([]float32{1, 0, float32(math.NaN()), 0}, []int32{0, 1})
	if err == nil || !strings.Contains(err.Error(), "row 2:") {
		t.Errorf("got %v, want the row counted from the first batch: row 2", err)
	}
}

func TestShots(t *testing.T) {
	// Training counts at the edges of the groups: 101 many; 100 and 20 medium; 19 and 0 few.
	counts := []int{101, 100, 20, 19, 0}
	labels := []int32{0, 0, 1, 2, 2, 3, 4}
	predict := []int32{0, 1, 1, 2, 0, 3, 0}
	tally, err := metric.PerClass(labels, predict, 5)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		group    metric.Shot
		accuracy float64
		pictures int
	}{{metric.Many, 0.5, 2}, {metric.Medium, 2.0 / 3, 3}, {metric.Few, 0.5, 2}} {
		if accuracy, pictures := tally.ShotAccuracy(c.group, counts); !near(accuracy, c.accuracy) || pictures != c.pictures {
			t.Errorf("group %d: %v of %d pictures, want %v of %d", c.group, accuracy, pictures, c.accuracy, c.pictures)
		}
	}
}

func TestJSONHasNoNaN(t *testing.T) {
	inf := float32(math.Inf(-1))
	report, err := metric.EvaluateWith([]float32{inf, 1}, []int32{0}, 2, metric.Options{TrainingCounts: []int{500, 500}, Resamples: 10})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"nll", "few", "medium"} {
		if value, present := got[key]; !present || value != nil {
			t.Errorf("%s is %v, want null", key, value)
		}
	}
	if got["many"] != 0.0 || got["n"] != 1.0 {
		t.Errorf("many %v, n %v; want 0, 1", got["many"], got["n"])
	}
	intervals := got["intervals"].(map[string]any)
	if _, present := intervals["few"]; present {
		t.Error("there is an interval of a score that doesn't exist: few")
	}
	if ends := intervals["accuracy"].([]any); len(ends) != 2 {
		t.Errorf("interval of accuracy is %v, want two numbers", ends)
	}
}
