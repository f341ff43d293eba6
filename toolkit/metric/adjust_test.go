package metric_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/classweight"
	"github.com/longwing-ml/longwing/toolkit/metric"
)

func TestAdjustLogits(t *testing.T) {
	inf := float32(math.Inf(1))
	const largest = math.MaxFloat32
	third, twoThirds := float32(math.Log(3)), float32(-math.Log(2./3))
	for _, c := range []struct {
		name   string
		logits []float32
		counts []int
		tau    float64
		want   []float32
	}{
		{"τ 0", []float32{1, -2, 3, 4}, []int{2, 1}, 0, []float32{1, -2, 3, 4}},
		{"two rows", []float32{0, 0, 0, 0}, []int{2, 1}, 1, []float32{twoThirds, third, twoThirds, third}},
		{"absent class", []float32{0, 9, 0}, []int{2, 0, 1}, 1, []float32{twoThirds, -inf, third}},
		{"absent class, τ 0", []float32{0, 9}, []int{2, 0}, 0, []float32{0, -inf}},
		{"largest", []float32{largest, -largest}, []int{1, 1}, 1e4, []float32{largest, -largest}},
		{"impossible class", []float32{0, -inf}, []int{1, 1}, 1, []float32{float32(math.Ln2), -inf}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := slices.Clone(c.logits)
			got, err := metric.AdjustLogits(c.logits, len(c.counts), c.counts, c.tau, classweight.AbsentZero)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("got %v, %v; want %v", got, err, c.want)
			}
			if !slices.Equal(c.logits, before) {
				t.Errorf("logits became %v", c.logits)
			}
		})
	}
	diverged, err := metric.AdjustLogits([]float32{float32(math.NaN()), inf}, 2, []int{1, 0}, 1, classweight.AbsentZero)
	if err != nil || !math.IsNaN(float64(diverged[0])) || !math.IsNaN(float64(diverged[1])) {
		t.Errorf("logits NaN and +Inf, the second of an absent class: got %v, %v", diverged, err)
	}
}

func TestAdjustLogitsRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		logits []float32
		counts []int
		tau    float64
		absent classweight.Absent
		want   string
	}{
		{"counts", []float32{0, 0}, []int{1}, 1, "", "training counts of 1 classes for logits of 2 classes"},
		{"rows", []float32{0, 0, 0}, []int{1, 1}, 1, "", "3 logits are no whole rows of 2 classes"},
		{"negative count", []float32{0, 0}, []int{1, -1}, 1, "", "class 1 has -1 training pictures"},
		{"absent class", []float32{0, 0}, []int{1, 0}, 1, classweight.AbsentError, "class 1 has no training pictures: set absent to zero"},
		{"no pictures", []float32{0, 0}, []int{0, 0}, 1, classweight.AbsentZero, "no class has training pictures"},
		{"absent", []float32{0, 0}, []int{1, 1}, 1, "one", `absent is "one"`},
		{"τ", []float32{0, 0}, []int{1, 1}, math.NaN(), "", "τ is NaN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := metric.AdjustLogits(c.logits, 2, c.counts, c.tau, c.absent)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want one that says %q", err, c.want)
			}
		})
	}
	if _, err := metric.AdjustLogits(nil, 0, nil, 1, ""); err == nil {
		t.Error("0 classes were taken")
	}
}
