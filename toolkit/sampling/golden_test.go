package sampling_test

import (
	"math"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// TestLikeImbalancedLearn compares class sizes and the number of different rows with testdata/golden.py.
func TestLikeImbalancedLearn(t *testing.T) {
	for _, g := range golden(t).Cases {
		t.Run(g.Name, func(t *testing.T) {
			p := populate(t, g.Counts...)
			same := func(name string, plan sampling.Plan, want resampled) {
				t.Helper()
				for epoch := range 3 {
					s := describe(t, p.split, plan.Rows(epoch))
					if !slices.Equal(s.PerClass, want.PerClass) || s.Distinct != want.Distinct {
						t.Errorf("%s, epoch %d: %v, %d distinct; imbalanced-learn %v, %d distinct", name, epoch, s.PerClass, s.Distinct, want.PerClass, want.Distinct)
					}
				}
			}
			same("over", must(sampling.Over(p.split, 57))(t), g.Over)
			same("under", sampling.Under(p.split, 57), g.Under)
			same("under-over", must(sampling.UnderOver(p.split, g.Threshold, false, 57))(t), g.UnderOver)
			same("under-over to threshold", must(sampling.UnderOver(p.split, g.Threshold, true, 57))(t), g.UnderOverToThreshold)
		})
	}
}

// TestRepeatFactors holds the number of showings of each row between the whole numbers around NumPy's factor.
func TestRepeatFactors(t *testing.T) {
	for _, g := range golden(t).Cases {
		p := populate(t, g.Counts...)
		plan := must(sampling.RepeatFactor(p.split, g.RepeatThreshold, 57))(t)
		for epoch := range 3 {
			times := make([]int, len(p.labels))
			for _, row := range plan.Rows(epoch) {
				times[row]++
			}
			for row, n := range times {
				if factor := g.RepeatFactors[p.labels[row]]; p.inside[row] && (float64(n) < math.Floor(factor) || float64(n) > math.Ceil(factor)) {
					t.Errorf("%s: row %d of class %d is shown %d times, its factor is %v", g.Name, row, p.labels[row], n, factor)
				}
			}
		}
	}
}
