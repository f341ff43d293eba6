package sampling_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// million is a table of 1,000,000 rows in random order, of 10,000 classes of 651 rows down to 1: an exponential tail,
// the same as testdata/time_imblearn.py's.
func million(b *testing.B) (rows []int, labels []int32, clusterOf []int32) {
	b.Helper()
	const n, classes = 1_000_000, 10_000
	for class := range int32(classes) {
		for range int(650 * math.Pow(650, -float64(class)/(classes-1))) {
			labels = append(labels, class)
		}
	}
	for class := int32(0); len(labels) < n; class++ { // what rounding down left over
		labels = append(labels, class)
	}
	labels = labels[:n]
	rng := rand.New(rand.NewPCG(1, 1))
	rng.Shuffle(n, func(i, j int) { labels[i], labels[j] = labels[j], labels[i] })
	rows, clusterOf = make([]int, n), make([]int32, n)
	for row := range rows {
		rows[row], clusterOf[row] = row, int32(rng.IntN(15))
	}
	return rows, labels, clusterOf
}

// BenchmarkPlan builds each plan, its split included, and asks for an epoch, in two figures.
func BenchmarkPlan(b *testing.B) {
	rows, labels, clusterOf := million(b)
	newSplit := func() *sampling.Split {
		split, err := sampling.NewSplit(rows, labels, 10_000)
		if err != nil {
			b.Fatal(err)
		}
		return split
	}
	split := newSplit()
	b.Run("split", func(b *testing.B) {
		for b.Loop() {
			newSplit()
		}
	})
	options := map[string]sampling.Options{
		"under-over": {Threshold: 350}, "clusters": {Threshold: 350, ClusterOf: clusterOf}, "progressive": {Epochs: 90},
		"repeat-factor": {Threshold: 0.0005}, "class-aware": {ClassesPerBatch: 64, PerClass: 4},
	}
	for _, name := range sampling.Names() {
		o := options[name]
		o.Seed = 57
		var plan sampling.Plan
		b.Run(name+"/build", func(b *testing.B) {
			for b.Loop() {
				plan = must(sampling.New(name, newSplit(), o))(b)
			}
		})
		b.Run(name+"/epoch", func(b *testing.B) {
			n := 0
			for b.Loop() {
				n = len(plan.Rows(1))
			}
			b.ReportMetric(float64(n), "rows")
		})
	}
	b.Run("describe", func(b *testing.B) {
		rows := sampling.Under(split, 57).Rows(0)
		for b.Loop() {
			describe(b, split, rows)
		}
	})
}
