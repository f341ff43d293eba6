package loss_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/classweight"
	"github.com/longwing-ml/longwing/toolkit/loss"
)

var longTail = []int{4875, 120, 4}

// eachLoss runs a test for each loss at its defaults, on the classes of longTail.
func eachLoss(t *testing.T, test func(t *testing.T, p program)) {
	for _, name := range loss.Names() {
		t.Run(string(name), func(t *testing.T) {
			test(t, compile(t, newLoss(t, loss.Config{Name: name}, longTail, nil), dtypes.Float32))
		})
	}
}

func TestExtremeLogitsStayFinite(t *testing.T) {
	inf := math.Inf(1)
	rows := [][]float64{
		{math.MaxFloat32, -math.MaxFloat32, 0},
		{-math.MaxFloat32, math.MaxFloat32, math.MaxFloat32},
		{inf, 0, -inf},
		{inf, inf, inf},
		{-inf, -inf, -inf},
		{1e20, 1e20, -1e20},
		{1e4, -1e4, 1e4},
		{1e-45, -1e-45, 0},
		{90, 0, -90},
	}
	eachLoss(t, func(t *testing.T, p program) {
		for _, row := range rows {
			for label := range int32(3) {
				b := batch{logits: slices.Concat(row, []float64{1, 2, 3}), labels: []int32{label, 1}, examples: []float64{1, 1}}
				mean, gradient := p.run(t, b)
				noNaN(t, fmt.Sprintf("logits %g, class %d: mean and gradient", row, label), append(gradient, mean)...)
			}
		}
	})
}

// Where one class is far ahead, −log softmax is the distance to it.
func TestExtremeCrossEntropy(t *testing.T) {
	p := compile(t, newLoss(t, loss.Config{}, longTail, nil), dtypes.Float32)
	for _, c := range []struct {
		logits   []float64
		label    int32
		want     float64
		gradient []float64
	}{
		{[]float64{1e4, 0, -1e4}, 0, 0, []float64{0, 0, 0}},
		{[]float64{1e4, 0, -1e4}, 1, 1e4, []float64{1, -1, 0}},
		{[]float64{1e4, 0, -1e4}, 2, 2e4, []float64{1, 0, -1}},
		{[]float64{1e18, 0, 0}, 2, 1e18, []float64{1, 0, -1}},
		{[]float64{1e8, 1e8, 1e8}, 2, math.Log(3), []float64{1. / 3, 1. / 3, -2. / 3}},
	} {
		mean, gradient := p.run(t, batch{logits: c.logits, labels: []int32{c.label}, examples: []float64{1}})
		what := fmt.Sprintf("logits %g, class %d", c.logits, c.label)
		compare(t, what, []float64{mean}, []float64{c.want}, 1e-6)
		compare(t, what+": gradient", gradient, c.gradient, 1e-6)
	}
}

func TestDivergedNetworkIsNoticed(t *testing.T) {
	eachLoss(t, func(t *testing.T, p program) {
		mean, _ := p.run(t, batch{logits: []float64{math.NaN(), 0, 0}, labels: []int32{1}, examples: []float64{1}})
		if !math.IsNaN(mean) {
			t.Errorf("a NaN among the logits gives the loss %g", mean)
		}
	})
}

func TestFillingCountsNothing(t *testing.T) {
	eachLoss(t, func(t *testing.T, p program) {
		real := batch{logits: []float64{1, -2, 0.5, 2, 0, 1}, labels: []int32{2, 1}, examples: []float64{1, 1}}
		want, wantGradient := p.run(t, real)
		nan, inf := math.NaN(), math.Inf(1)
		for _, c := range []struct {
			name   string
			logits []float64
			label  int32
		}{
			{"plain", []float64{3, 2, 1}, 0},
			{"not numbers", []float64{nan, nan, nan}, 2},
			{"infinite", []float64{inf, -inf, inf}, 0},
			{"no class", []float64{0, 0, 0}, -1},
		} {
			filled := batch{logits: slices.Concat(real.logits, c.logits), labels: append(slices.Clone(real.labels), c.label), examples: []float64{1, 1, 0}}
			mean, gradient := p.run(t, filled)
			compare(t, c.name+": mean", []float64{mean}, []float64{want}, 1e-6)
			compare(t, c.name+": gradient", gradient, append(slices.Clone(wantGradient), 0, 0, 0), 1e-6)

			filled.examples = []float64{0, 0, 0}
			mean, gradient = p.run(t, filled)
			compare(t, c.name+", only filling: mean and gradient", append(gradient, mean), make([]float64, 10), 0)
		}
	})
}

func TestHalfPrecisionIsComputedInFloat32(t *testing.T) {
	l := newLoss(t, loss.Config{}, longTail, nil)
	exec, err := NewExec(xlatest.Open(t), func(logits, targets, examples *Node) []*Node {
		half := ConvertDType(logits, dtypes.BFloat16)
		mean := l.Mean(half, targets, examples)
		return []*Node{mean, Gradient(mean, half)[0], ConvertDType(Gradient(mean, half)[0], dtypes.Float32)}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	b := batch{logits: []float64{1, -2, 0.5}, labels: []int32{2}, examples: []float64{1}} // exact in bfloat16
	want, gradient := compile(t, l, dtypes.Float32).run(t, b)
	results, err := exec.Call(b.args(dtypes.Float32)...)
	if err != nil {
		t.Fatal(err)
	}
	if got := results[0].DType(); got != dtypes.Float32 {
		t.Errorf("the mean is %s", got)
	}
	if got := results[1].DType(); got != dtypes.BFloat16 {
		t.Errorf("the gradient is %s", got)
	}
	compare(t, "mean", flat(t, results[0]), []float64{want}, 0)
	compare(t, "gradient", flat(t, results[2]), gradient, 1./256)
}

// A class without training pictures must act as if its column were not there.
func TestAbsentClassIsLeftOut(t *testing.T) {
	for _, c := range []struct {
		config  loss.Config
		weights bool
	}{
		{config: loss.Config{Name: loss.ClassBalancedFocal}},
		{config: loss.Config{Name: loss.LDAM}},
		{config: loss.Config{Name: loss.LDAM, Scale: 9999}},
		{config: loss.Config{Name: loss.BalancedSoftmax, Smoothing: 0.1}},
		{config: loss.Config{Name: loss.BalancedSoftmax, Smoothing: 0.1, Convention: loss.Keras}, weights: true},
		{config: loss.Config{Name: loss.LogitAdjusted, Tau: 2}, weights: true},
	} {
		t.Run(fmt.Sprintf("%+v", c.config), func(t *testing.T) {
			var weights, fewerWeights []float64
			if c.weights {
				weights, fewerWeights = []float64{0.5, 7, 1, 3}, []float64{0.5, 1, 3}
			}
			fewer := compile(t, newLoss(t, c.config, []int{4875, 120, 4}, fewerWeights), dtypes.Float32)
			c.config.Absent = classweight.AbsentZero
			all := compile(t, newLoss(t, c.config, []int{4875, 0, 120, 4}, weights), dtypes.Float32)

			want, wantGradient := fewer.run(t, batch{logits: []float64{1, -2, 0.5, 2, 0, 1}, labels: []int32{2, 1}, examples: []float64{1, 1}})
			for _, absent := range []float64{0, 50, math.Inf(1), math.Inf(-1)} {
				b := batch{logits: []float64{1, absent, -2, 0.5, 2, absent, 0, 1}, labels: []int32{3, 2}, examples: []float64{1, 1}}
				mean, gradient := all.run(t, b)
				compare(t, "mean", []float64{mean}, []float64{want}, 1e-5)
				compare(t, "gradient", gradient, slices.Concat(slices.Insert(slices.Clone(wantGradient[:3]), 1, 0), slices.Insert(slices.Clone(wantGradient[3:]), 1, 0)), 1e-5)
			}
			onlyAbsent := batch{logits: []float64{1, 5, -2, 0.5}, labels: []int32{1}, examples: []float64{1}}
			mean, gradient := all.run(t, onlyAbsent)
			compare(t, "a picture of the absent class", append(gradient, mean), make([]float64, 5), 0)

			half := batch{logits: []float64{1, 5, -2, 0.5}, soft: []float64{0.5, 0.5, 0, 0}, examples: []float64{1}}
			mean, gradient = all.run(t, half)
			noNaN(t, "a picture half of the absent class", append(gradient, mean)...)
			if mean > 1e6 {
				t.Errorf("a picture half of the absent class has the loss %g", mean)
			}
		})
	}
}

// F1 of the study's fixtures, which sure predictions reach.
func TestSoftF1OfSurePredictionsIsF1(t *testing.T) {
	repeat := func(class int32, n int) []int32 { return slices.Repeat([]int32{class}, n) }
	for _, c := range []struct {
		name            string
		labels, predict []int32
		classes         int
		f1              float64
	}{
		{"two predicted of six", slices.Concat(repeat(0, 10), repeat(1, 8), repeat(2, 3), []int32{3, 4, 5}),
			slices.Concat(repeat(0, 10), repeat(1, 14)), 6, (1 + 0.727273) / 6},
		{"ten classes once", []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, []int32{0, 0, 1, 2, 4, 5, 6, 7, 7, 8}, 10, (2*0.666667 + 3) / 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := batch{labels: c.labels, logits: make([]float64, len(c.labels)*c.classes), examples: slices.Repeat([]float64{1}, len(c.labels))}
			for i, class := range c.predict {
				b.logits[i*c.classes+int(class)] = 100
			}
			l := newLoss(t, loss.Config{Name: loss.SoftF1}, make([]int, c.classes), nil)
			mean, _ := compile(t, l, dtypes.Float32).run(t, b)
			compare(t, "1 − F1", []float64{mean}, []float64{1 - c.f1}, 1e-6)
		})
	}
}

func TestHits(t *testing.T) {
	b := batch{
		logits:   []float64{3, 1, 0, 0, 1, 1, 0, 1, 2, 5, 0, 0},
		labels:   []int32{0, 2, 2, 0}, // right; a tie that the lower class wins; right; filling
		examples: []float64{1, 1, 0.5, 0},
		soft:     []float64{0.6, 0.4, 0, 0, 0.3, 0.7, 0, 0, 1, 1, 0, 0},
	}
	for _, soft := range []bool{false, true} {
		if !soft {
			b.soft = nil
		}
		hits, err := CallOnce(xlatest.Open(t), loss.Hits, b.args(dtypes.Float32)...)
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "hits", flat(t, hits), []float64{2}, 0)
	}
}
