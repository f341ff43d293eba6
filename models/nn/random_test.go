package nn_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models/nn"
)

// uniform returns n numbers for each of the seeds low, low+1, …
func uniform(t *testing.T, low uint32, batch, n int) []float32 {
	backend := xlatest.Open(t)
	seeds := make([]uint32, 2*batch)
	for i := range batch {
		seeds[2*i] = low + uint32(i)
	}
	exec := MustNewExec1(backend, func(seeds *Node) *Node { return nn.Uniform(seeds, nn.StreamAugment, n) })
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(seeds, batch, 2))
	if err != nil {
		t.Fatal(err)
	}
	return tensors.MustCopyFlatData[float32](out)
}

// TestUniform puts 200,000 numbers of consecutive seeds into 100 bins: chi-square with 99 degrees of freedom stays below
// 148.2 with probability 0.999. Neighbouring numbers must not be correlated: |r| < 4.4/√n with probability 0.99999.
func TestUniform(t *testing.T) {
	const batch, n, bins = 2000, 100, 100
	values := uniform(t, 1, batch, n)
	var count [bins]float64
	for _, v := range values {
		if v < 0 || v >= 1 {
			t.Fatalf("%g is outside [0, 1)", v)
		}
		count[int(v*bins)]++
	}
	chiSquare := 0.0
	for _, c := range count {
		chiSquare += math.Pow(c-batch*n/bins, 2) / (batch * n / bins)
	}
	if chiSquare > 148.2 {
		t.Errorf("chi-square %.1f of 99 degrees of freedom, want below 148.2", chiSquare)
	}
	for name, distance := range map[string]int{"indices": 1, "seeds": n} {
		r := 0.0
		for i := range len(values) - distance {
			r += (float64(values[i]) - 0.5) * (float64(values[i+distance]) - 0.5) * 12
		}
		if r /= float64(len(values)); math.Abs(r) > 4.4/math.Sqrt(batch*n) {
			t.Errorf("correlation of neighbouring %s is %.4f", name, r)
		}
	}
}

func TestUniformDependsOnTheSeedOnly(t *testing.T) {
	alone, among := uniform(t, 5, 1, 7), uniform(t, 3, 4, 7)
	if !slices.Equal(alone, among[2*7:3*7]) {
		t.Error("seed 5 gives other numbers at place 2 of a batch than alone")
	}
}

func TestDropout(t *testing.T) {
	backend := xlatest.Open(t)
	const batch, features, rate = 50, 400, 0.8
	store := model.NewStore()
	exec := MustNewExec1(backend, func(seeds *Node) *Node {
		b := nn.NewBuilder(store, nn.Options{Training: true, RandomSeeds: seeds})
		return nn.Dropout(b, Ones(seeds.Graph(), shapes.Make(dtypes.Float32, batch, 4, features/4)), rate, 0)
	})
	seeds := make([]uint32, 2*batch)
	for i := range seeds {
		seeds[i] = uint32(i)
	}
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(seeds, batch, 2))
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	for _, v := range tensors.MustCopyFlatData[float32](out) {
		switch {
		case v == 0:
		case math.Abs(float64(v)-1/(1-rate)) < 1e-5:
			kept++
		default:
			t.Fatalf("dropout made %g of 1, want 0 or %g", v, 1/(1-rate))
		}
	}
	// A binomial count strays more than 4.4 standard deviations once in 100,000 draws.
	mean, std := batch*features*(1-rate), math.Sqrt(batch*features*rate*(1-rate))
	if math.Abs(float64(kept)-mean) > 4.4*std {
		t.Errorf("%d values kept, want %.0f ± %.0f", kept, mean, 4.4*std)
	}
}
