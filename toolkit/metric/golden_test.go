package metric_test

import (
	"encoding/json"
	"math"
	"os"
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
}

func (g golden) logits() []float32 {
	logits := make([]float32, len(g.Eighths))
	for i, e := range g.Eighths {
		logits[i] = e / 8
	}
	return logits
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []golden
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
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
