package metric_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/metric"
)

// golden is one case of testdata/golden.json, made by golden.py with scikit-learn.
type golden struct {
	Name                  string
	Classes               int
	Eighths               []float32
	Labels                []int32
	Count                 []int
	Precision, Recall, F1 []float64
	Scores                map[string]float64
	Confusion             [][3]int  // true class, predicted class, pictures
	TopK                  []float64 // k from 1 up
	Adjusted              *struct {
		Counts    []int
		Tau, NLL  float64
		Predicted []int32
	}
}

func (g golden) logits() []float32 { return eighths(g.Eighths) }

func eighths(numerators []float32) []float32 {
	logits := make([]float32, len(numerators))
	for i, e := range numerators {
		logits[i] = e / 8
	}
	return logits
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	var cases []golden
	readJSON(t, "testdata/golden.json", &cases)
	return cases
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func near(got, want float64) bool { return math.Abs(got-want) <= 1e-12*max(1, math.Abs(want)) }

func TestScikitLearn(t *testing.T) {
	for _, g := range readGolden(t) {
		t.Run(g.Name, func(t *testing.T) {
			report, err := metric.Evaluate(g.logits(), g.Labels, g.Classes)
			if err != nil {
				t.Fatal(err)
			}
			scores := report.Scores()
			if len(scores) != len(g.Scores) {
				t.Errorf("got %d scores %v, scikit-learn's list has %d", len(scores), scores, len(g.Scores))
			}
			for _, s := range scores {
				if want, ok := g.Scores[s.Name]; !ok || !near(s.Value, want) {
					t.Errorf("%s = %.15g, scikit-learn says %.15g", s.Name, s.Value, want)
				}
			}
			tally, err := metric.PerClass(g.Labels, metric.Argmax(g.logits(), g.Classes), g.Classes)
			if err != nil {
				t.Fatal(err)
			}
			for c := range g.Classes {
				if tally.Count[c] != g.Count[c] || !near(tally.Precision(c), g.Precision[c]) ||
					!near(tally.Recall(c), g.Recall[c]) || !near(tally.F1(c), g.F1[c]) {
					t.Errorf("class %d: count %d precision %g recall %g F1 %g, scikit-learn says %d %g %g %g", c,
						tally.Count[c], tally.Precision(c), tally.Recall(c), tally.F1(c),
						g.Count[c], g.Precision[c], g.Recall[c], g.F1[c])
				}
			}
		})
	}
}

func TestTopKOfScikitLearn(t *testing.T) {
	for _, g := range readGolden(t) {
		t.Run(g.Name, func(t *testing.T) {
			opt := metric.Options{}
			for k := range g.Classes + 1 {
				opt.TopK = append(opt.TopK, k+1) // also beyond the number of classes
			}
			report, err := metric.EvaluateWith(g.logits(), g.Labels, g.Classes, opt)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]float64{}
			for _, s := range report.Scores() {
				got[s.Name] = s.Value
			}
			for i, want := range append(g.TopK, 1) {
				if name := fmt.Sprintf("top%d", i+1); !near(got[name], want) {
					t.Errorf("%s = %.15g, scikit-learn says %.15g", name, got[name], want)
				}
			}
		})
	}
}

func TestConfusionOfScikitLearn(t *testing.T) {
	for _, g := range readGolden(t) {
		t.Run(g.Name, func(t *testing.T) {
			a, err := metric.NewAccumulator(g.Classes)
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Add(g.logits(), g.Labels); err != nil {
				t.Fatal(err)
			}
			pairs := a.Confusion().Pairs()
			if len(pairs) != len(g.Confusion) {
				t.Fatalf("%d pairs, scikit-learn's matrix has %d", len(pairs), len(g.Confusion))
			}
			for i, want := range g.Confusion {
				p := pairs[i]
				if got := [3]int{int(p.Label), int(p.Predicted), p.Pictures}; got != want || p.Of != g.Count[p.Label] {
					t.Errorf("got %+v, scikit-learn's matrix has %v of %d", p, want, g.Count[p.Label])
				}
			}
		})
	}
}

func TestAdjustedLogitsArePosteriorsOverPriors(t *testing.T) {
	for _, g := range readGolden(t) {
		if g.Adjusted == nil {
			continue
		}
		t.Run(g.Name, func(t *testing.T) {
			logits, err := metric.AdjustLogits(g.logits(), g.Classes, g.Adjusted.Counts, g.Adjusted.Tau, "")
			if err != nil {
				t.Fatal(err)
			}
			if got := metric.Argmax(logits, g.Classes); !slices.Equal(got, g.Adjusted.Predicted) {
				t.Errorf("predicted %v, NumPy has %v", got, g.Adjusted.Predicted)
			}
			report, err := metric.Evaluate(logits, g.Labels, g.Classes)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(report.NLL-g.Adjusted.NLL) > 1e-6 { // adjusted logits are float32
				t.Errorf("nll %.9g, scikit-learn says %.9g", report.NLL, g.Adjusted.NLL)
			}
		})
	}
}

func TestBatchesGiveTheSameReport(t *testing.T) {
	for _, g := range readGolden(t) {
		logits := g.logits()
		whole, err := metric.NewAccumulator(g.Classes)
		if err != nil {
			t.Fatal(err)
		}
		parts, _ := metric.NewAccumulator(g.Classes)
		if err := whole.Add(logits, g.Labels); err != nil {
			t.Fatal(err)
		}
		for row := 0; row < len(g.Labels); row += 7 {
			end := min(row+7, len(g.Labels))
			if err := parts.Add(logits[row*g.Classes:end*g.Classes], g.Labels[row:end]); err != nil {
				t.Fatal(err)
			}
		}
		opt := metric.Options{TrainingCounts: g.Count, Resamples: 20}
		want, err := whole.Report(opt)
		if err != nil {
			t.Fatal(err)
		}
		got, err := parts.Report(opt)
		if err != nil {
			t.Fatal(err)
		}
		wantText, _ := json.Marshal(want)
		gotText, _ := json.Marshal(got)
		if string(gotText) != string(wantText) {
			t.Errorf("%s: batches of 7 give\n%s, one batch gives\n%s", g.Name, gotText, wantText)
		}
	}
}
