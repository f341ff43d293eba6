package sampling_test

import (
	"math"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// checkChiSquare compares counts with equal expectation. The statistic of a right sampler exceeds its bound, from
// SciPy, with probability 0.001; seeds are fixed, so a test that has passed keeps passing. The statistic is divided by
// variance, that of a count relative to its expectation: 1 for draws with replacement.
func checkChiSquare(t *testing.T, what string, degrees int, counts []float64, variance float64) {
	t.Helper()
	bound, ok := golden(t).ChiSquare[degrees]
	if !ok {
		t.Fatalf("testdata/golden.json has no bound for %d degrees of freedom", degrees)
	}
	mean, chiSquare := 0.0, 0.0
	for _, n := range counts {
		mean += n / float64(len(counts))
	}
	for _, n := range counts {
		chiSquare += (n - mean) * (n - mean) / mean / variance
	}
	if !(chiSquare <= bound) {
		t.Errorf("%s: chi-square %.1f of %d degrees of freedom, want at most %.1f: %v", what, chiSquare, degrees, bound, counts)
	}
}

// TestShuffleIsUniform counts where each of 5 rows lands.
func TestShuffleIsUniform(t *testing.T) {
	const n, epochs = 5, 24000
	plan := sampling.Shuffle([]int{0, 1, 2, 3, 4}, 1)
	seen := make([]float64, n*n)
	for epoch := range epochs {
		for position, row := range plan.Rows(epoch) {
			seen[row*n+position]++
		}
	}
	checkChiSquare(t, "positions", (n-1)*(n-1), seen, 1)
}

// TestOverDrawsWithReplacement counts the draws beyond the first showing: uniform over rows, and with repeats.
func TestOverDrawsWithReplacement(t *testing.T) {
	p := populate(t, 520, 20)
	plan := must(sampling.Over(p.split, 1))(t)
	draws := make([]float64, 20)
	index := map[int]int{}
	for epoch := range 20 {
		for _, row := range plan.Rows(epoch) {
			if p.labels[row] != 1 {
				continue
			}
			if _, ok := index[row]; !ok {
				index[row] = len(index)
			}
			draws[index[row]]++
		}
	}
	total := 0.0
	for i := range draws {
		draws[i] -= 20 // every row once an epoch
		total += draws[i]
	}
	if total != 20*500 {
		t.Fatalf("%v draws, want %d", total, 20*500)
	}
	checkChiSquare(t, "draws", 19, draws, 1)
}

// TestCutIsUniform counts over seeds which rows of a class remain in the first epoch. Without replacement a count of n
// draws with probability q has variance n·q·(1−q)·m/(m−1), m rows.
func TestCutIsUniform(t *testing.T) {
	const rows, keep, seeds = 50, 10, 4000
	p := populate(t, rows, keep)
	clusters := make([]int32, len(p.labels))
	for row := range clusters {
		clusters[row] = sampling.NoCluster
		if p.inside[row] {
			clusters[row] = 0 // one cluster: nothing but a cut
		}
	}
	for name, plan := range map[string]func(seed uint64) sampling.Plan{
		"under":      func(seed uint64) sampling.Plan { return sampling.Under(p.split, seed) },
		"under-over": func(seed uint64) sampling.Plan { return must(sampling.UnderOver(p.split, 9, false, seed))(t) },
		"clusters":   func(seed uint64) sampling.Plan { return must(sampling.Clusters(p.split, 9, clusters, seed))(t) },
		"third epoch": func(seed uint64) sampling.Plan {
			return later{sampling.Under(p.split, seed), 3}
		},
	} {
		index, times := map[int]int{}, make([]float64, rows)
		for seed := range uint64(seeds) {
			for _, row := range plan(seed).Rows(0) {
				if p.labels[row] != 0 {
					continue
				}
				if _, ok := index[row]; !ok {
					index[row] = len(index)
				}
				times[index[row]]++
			}
		}
		checkChiSquare(t, name, rows-1, times, (1-float64(keep)/rows)*rows/(rows-1))
	}
}

// later starts a plan at a later epoch.
type later struct {
	sampling.Plan
	epochs int
}

func (l later) Rows(epoch int) []int { return l.Plan.Rows(epoch + l.epochs) }

// TestRepeatFactorFractions counts how often each row is shown: whole repeats always, the fraction p at random, so the
// count of extra showings is binomial with variance p·(1−p) an epoch.
func TestRepeatFactorFractions(t *testing.T) {
	p := populate(t, 950, 50)
	const epochs = 400
	plan := must(sampling.RepeatFactor(p.split, 0.31, 1))(t) // r = √(0.31/0.05) = 2.48998
	factor := math.Sqrt(0.31 / 0.05)
	fraction := factor - 2
	var extra []float64
	times := make([]int, len(p.labels))
	for epoch := range epochs {
		for _, row := range plan.Rows(epoch) {
			times[row]++
		}
	}
	mean := 0.0
	for row, n := range times {
		switch {
		case !p.inside[row]:
		case p.labels[row] == 0 && n != epochs:
			t.Fatalf("row %d of the large class is shown %d times in %d epochs", row, n, epochs)
		case p.labels[row] == 1:
			extra = append(extra, float64(n-2*epochs))
			mean += extra[len(extra)-1] / 50 / epochs
		}
	}
	checkChiSquare(t, "extra showings", 49, extra, 1-fraction)
	// 20,000 trials: 3.29 standard deviations at 0.001, two-sided.
	if deviation := math.Sqrt(fraction * (1 - fraction) / 50 / epochs); math.Abs(mean-fraction) > 3.29*deviation {
		t.Errorf("the fraction is rounded up with probability %.4f, want %.4f ± %.4f", mean, fraction, 3.29*deviation)
	}
}

// TestClassAwareOrderIsUniform counts at which turn of an epoch each of 5 classes comes first.
func TestClassAwareOrderIsUniform(t *testing.T) {
	p := populate(t, 6, 6, 6, 6, 6)
	plan := must(sampling.ClassAware(p.split, 2, 6, 1))(t) // one round an epoch
	seen := make([]float64, 25)
	for epoch := range 5000 {
		rows := plan.Rows(epoch)
		for turn := range 5 {
			seen[5*int(p.labels[rows[6*turn]])+turn]++
		}
	}
	checkChiSquare(t, "turns", 16, seen, 1)
}
