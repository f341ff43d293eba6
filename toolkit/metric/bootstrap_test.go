package metric_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/metric"
)

// rightOrWrong makes logits of n pictures of two classes with the given number of right predictions.
func rightOrWrong(n, right int) (logits []float32, labels []int32) {
	for i := range n {
		label := int32(i % 2)
		labels = append(labels, label)
		guess := label
		if i >= right {
			guess = 1 - label
		}
		pair := [2]float32{}
		pair[guess] = 1
		logits = append(logits, pair[:]...)
	}
	return logits, labels
}

// The bootstrap distribution of an accuracy is binomial: its 2.5 and 97.5 percentiles are about p ± 1.96 √(p(1-p)/n).
func TestIntervalOfAccuracyIsBinomial(t *testing.T) {
	const n, right = 2000, 1600
	logits, labels := rightOrWrong(n, right)
	report, err := metric.EvaluateWith(logits, labels, 2, metric.Options{Resamples: 4000, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	half := 1.959964 * math.Sqrt(0.8*0.2/n) // 0.01753
	got := report.Intervals["accuracy"]
	// A percentile of 4000 resamples has a standard error of about 0.0004.
	if math.Abs(got.Low-(0.8-half)) > 0.002 || math.Abs(got.High-(0.8+half)) > 0.002 {
		t.Errorf("interval [%.4f, %.4f], the binomial gives [%.4f, %.4f]", got.Low, got.High, 0.8-half, 0.8+half)
	}
}

// Intervals of both are random: an end found from 2000 resamples has a standard error of about 0.06 standard deviations of
// the score.
func TestIntervalsOfScikitLearn(t *testing.T) {
	var g struct {
		Classes        int
		Eighths        []float32
		Labels         []int32
		TrainingCounts []int `json:"training_counts"`
		Intervals      map[string][3]float64
	}
	readJSON(t, "testdata/golden_intervals.json", &g)
	report, err := metric.EvaluateWith(eighths(g.Eighths), g.Labels, g.Classes,
		metric.Options{TrainingCounts: g.TrainingCounts, Resamples: 4000, Seed: 1, TopK: []int{3}})
	if err != nil {
		t.Fatal(err)
	}
	if scores := report.Scores(); len(scores) != len(g.Intervals) || len(report.Intervals) != len(g.Intervals) {
		t.Errorf("%d scores with %d intervals, scikit-learn's list has %d", len(scores), len(report.Intervals), len(g.Intervals))
	}
	for name, want := range g.Intervals {
		got, ok := report.Intervals[name]
		if tolerance := 0.3 * want[2]; !ok || math.Abs(got.Low-want[0]) > tolerance || math.Abs(got.High-want[1]) > tolerance {
			t.Errorf("%s: %v, scikit-learn says [%g, %g] ± %g", name, got, want[0], want[1], tolerance)
		}
	}
}

// On a long tail a plain resample misses many classes: drawing within classes keeps the intervals around their scores.
func TestIntervalsOfALongTailHoldTheirScores(t *testing.T) {
	const classes = 200
	rng := rand.New(rand.NewPCG(1, 2))
	var logits []float32
	var labels []int32
	counts := make([]int, classes)
	for class := range classes {
		counts[class] = 400/(class+1) + 1
		for range counts[class] {
			row := make([]float32, classes)
			for c := range row {
				row[c] = float32(rng.NormFloat64())
			}
			row[class] += 4
			logits, labels = append(logits, row...), append(labels, int32(class))
		}
	}
	report, err := metric.EvaluateWith(logits, labels, classes, metric.Options{TrainingCounts: counts, Resamples: 300})
	if err != nil {
		t.Fatal(err)
	}
	for _, score := range report.Scores() {
		interval, ok := report.Intervals[score.Name]
		if !ok || score.Value < interval.Low || score.Value > interval.High {
			t.Errorf("%s = %.4f lies outside its interval %v", score.Name, score.Value, interval)
		}
	}
}

func TestBootstrapDependsOnSeedOnly(t *testing.T) {
	logits, labels := rightOrWrong(300, 200)
	intervals := func(seed uint64) string {
		report, err := metric.EvaluateWith(logits, labels, 2, metric.Options{Resamples: 50, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(report.Intervals)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	many := intervals(1)
	old := runtime.GOMAXPROCS(1)
	one := intervals(1)
	runtime.GOMAXPROCS(old)
	if one != many {
		t.Errorf("one processor gives %s, %d give %s", one, old, many)
	}
	if other := intervals(2); other == many {
		t.Error("another seed gives the same intervals")
	}
}

func TestIntervalJSON(t *testing.T) {
	for _, want := range []metric.Interval{{0.25, 0.5}, {1, math.Inf(1)}} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got metric.Interval
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("%v written as %s reads as %v, %v", want, text, got, err)
		}
	}
}

// The size of the study's test set.
func BenchmarkBootstrap(b *testing.B) {
	logits, labels := rightOrWrong(14588, 12000)
	for b.Loop() {
		if _, err := metric.EvaluateWith(logits, labels, 2, metric.Options{Resamples: 1000}); err != nil {
			b.Fatal(err)
		}
	}
}
