package nn_test

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models/nn"
)

// formula gives the values that testdata/golden.py computes with.
func formula(scale, offset float64, dims ...int) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(offset + scale*math.Sin(0.7*float64(i)+0.3))
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// storeOf holds parameters by path.
func storeOf(parameters map[string]*tensors.Tensor) *model.Store {
	store := model.NewStore()
	for path, value := range parameters {
		store.VariableWithValue(path, value)
	}
	return store
}

type golden struct {
	Shape  []int     `json:"shape"`
	Values []float64 `json:"values"`
}

func readGolden(t *testing.T) map[string]golden {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]golden
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (want golden) check(t *testing.T, name string, got *tensors.Tensor) {
	t.Helper()
	if !slices.Equal(got.Shape().Dimensions, want.Shape) {
		t.Errorf("%s: shape %v, NumPy has %v", name, got.Shape().Dimensions, want.Shape)
		return
	}
	for i, value := range tensors.MustCopyFlatData[float32](got) {
		if math.Abs(float64(value)-want.Values[i]) > 2e-5 {
			t.Errorf("%s: value %d is %g, NumPy has %g", name, i, value, want.Values[i])
			return
		}
	}
}

func TestLayersEqualNumPy(t *testing.T) {
	backend := xlatest.Open(t)
	want := readGolden(t)
	x := formula(1, 0, 2, 7, 6, 3)
	kernel := func(dims ...int) map[string]*tensors.Tensor {
		return map[string]*tensors.Tensor{"/kernel": formula(1, 0, dims...)}
	}
	withBias := func(parameters map[string]*tensors.Tensor) map[string]*tensors.Tensor {
		parameters["/bias"] = formula(1, 0, 4)
		return parameters
	}
	for name, c := range map[string]struct {
		parameters map[string]*tensors.Tensor
		layer      func(b *nn.Builder, x *Node) *Node
	}{
		"conv 3x3 stride 2 padding 1": {kernel(3, 3, 3, 4), func(b *nn.Builder, x *Node) *Node {
			return nn.Conv2D(b, x, nn.Conv{Filters: 4, Kernel: 3, Stride: 2, Padding: nn.Same(1)})
		}},
		"conv 1x1": {kernel(1, 1, 3, 5), func(b *nn.Builder, x *Node) *Node {
			return nn.Conv2D(b, x, nn.Conv{Filters: 5, Kernel: 1})
		}},
		"conv 1x1 stride 2": {kernel(1, 1, 3, 5), func(b *nn.Builder, x *Node) *Node {
			return nn.Conv2D(b, x, nn.Conv{Filters: 5, Kernel: 1, Stride: 2})
		}},
		"conv 3x3 asymmetric padding, bias": {withBias(kernel(3, 3, 3, 4)), func(b *nn.Builder, x *Node) *Node {
			return nn.Conv2D(b, x, nn.Conv{Filters: 4, Kernel: 3, Stride: 2, Padding: nn.Padding{Bottom: 1, Right: 1}, Bias: true})
		}},
		"conv 1x3": {kernel(1, 3, 3, 4), func(b *nn.Builder, x *Node) *Node {
			return nn.Conv2D(b, x, nn.Conv{Filters: 4, Kernel: 1, Width: 3, Padding: nn.Padding{Left: 1, Right: 1}})
		}},
		"conv 3x3 stride 2 same": {kernel(3, 3, 3, 4), func(b *nn.Builder, x *Node) *Node {
			return nn.Conv2D(b, x, nn.Conv{Filters: 4, Kernel: 3, Stride: 2, Padding: nn.SameAs(x, 3, 2)})
		}},
		"max pool 3 stride 2 same": {nil, func(_ *nn.Builder, x *Node) *Node {
			return nn.MaxPool2D(AddScalar(x, -5), 3, 2, nn.SameAs(x, 3, 2))
		}},
		"max pool 3 stride 2 padding 1": {nil, func(_ *nn.Builder, x *Node) *Node {
			return nn.MaxPool2D(AddScalar(x, -5), 3, 2, nn.Same(1))
		}},
		"average pool 2": {nil, func(_ *nn.Builder, x *Node) *Node { return nn.AveragePool2D(x, 2, 2, nn.Padding{}) }},
		"average pool 3 padding 1": {nil, func(_ *nn.Builder, x *Node) *Node {
			return nn.AveragePool2D(x, 3, 1, nn.Same(1))
		}},
		"adaptive average pool to fewer": {nil, func(_ *nn.Builder, x *Node) *Node { return nn.AdaptiveAveragePool2D(x, 3, 4) }},
		"adaptive average pool to more":  {nil, func(_ *nn.Builder, x *Node) *Node { return nn.AdaptiveAveragePool2D(x, 8, 9) }},
		"global average pool":            {nil, func(_ *nn.Builder, x *Node) *Node { return nn.GlobalAveragePool(x) }},
		"dense": {withBias(kernel(3, 4)), func(b *nn.Builder, x *Node) *Node {
			return nn.Dense(b, nn.GlobalAveragePool(x), 4)
		}},
		"dense of rank 4": {withBias(kernel(3, 4)), func(b *nn.Builder, x *Node) *Node { return nn.Dense(b, x, 4) }},
		"batch norm inference, Keras without scale": {batchNormParameters(), func(b *nn.Builder, x *Node) *Node {
			return nn.BatchNorm(b, x, kerasWithoutScale)
		}},
		"batch norm inference": {batchNormParameters(), func(b *nn.Builder, x *Node) *Node {
			return nn.BatchNorm(b, x, nn.TorchBN)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			store := storeOf(c.parameters)
			exec := model.MustNewExec1(backend, store, func(_ *model.Scope, x *Node) *Node {
				return c.layer(nn.NewBuilder(store, nn.Options{}), x)
			})
			got, err := exec.Call(x)
			if err != nil {
				t.Fatal(err)
			}
			want[name].check(t, name, got)
		})
	}
}

func batchNormParameters() map[string]*tensors.Tensor {
	return map[string]*tensors.Tensor{
		"/scale": formula(0.5, 1, 3), "/offset": formula(1, 0, 3), "/mean": formula(0.2, 0, 3), "/variance": formula(0.4, 1, 3),
	}
}

var kerasWithoutScale = nn.BN{Epsilon: nn.KerasBN.Epsilon, Momentum: nn.KerasBN.Momentum, NoScale: true}

func TestBatchNormTrainingEqualsNumPy(t *testing.T) {
	backend := xlatest.Open(t)
	want := readGolden(t)
	for name, c := range map[string]nn.BN{
		"batch norm train":                      nn.TorchBN,
		"batch norm train, Keras without scale": kerasWithoutScale,
	} {
		store := storeOf(batchNormParameters())
		exec := model.MustNewExec1(backend, store, func(_ *model.Scope, x *Node) *Node {
			return nn.BatchNorm(nn.NewBuilder(store, nn.Options{Training: true}), x, c)
		})
		got, err := exec.Call(formula(1, 0, 2, 7, 6, 3))
		if err != nil {
			t.Fatal(err)
		}
		want[name].check(t, name, got)
		want[name+", running mean"].check(t, name+", running mean", store.GetVariable("/mean").MustValue())
		want[name+", running variance"].check(t, name+", running variance", store.GetVariable("/variance").MustValue())
	}
}

// TestBatchNormModes checks what each mode learns and updates in a training graph, and that a frozen part keeps its
// statistics in any mode.
func TestBatchNormModes(t *testing.T) {
	backend := xlatest.Open(t)
	for name, c := range map[string]struct {
		mode              nn.BNMode
		frozen            bool
		learns, statistic bool
	}{
		"train":                  {mode: nn.BNTrain, learns: true, statistic: true},
		"frozen statistics":      {mode: nn.BNFrozenStatistics, learns: true},
		"frozen":                 {mode: nn.BNFrozen},
		"train in a frozen part": {mode: nn.BNTrain, frozen: true},
	} {
		t.Run(name, func(t *testing.T) {
			store := storeOf(batchNormParameters())
			before := tensors.MustCopyFlatData[float32](store.GetVariable("/mean").MustValue())
			exec := model.MustNewExec1(backend, store, func(_ *model.Scope, x *Node) *Node {
				b := nn.NewBuilder(store, nn.Options{Training: true, BN: c.mode})
				if c.frozen {
					b = b.Frozen()
				}
				return nn.BatchNorm(b, x, nn.TorchBN)
			})
			if _, err := exec.Call(formula(1, 0, 2, 7, 6, 3)); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{"/scale", "/offset"} {
				if got := store.GetVariable(path).Trainable; got != c.learns {
					t.Errorf("%s trainable: %v, want %v", path, got, c.learns)
				}
			}
			if store.GetVariable("/mean").Trainable {
				t.Error("a running statistic is trainable")
			}
			after := tensors.MustCopyFlatData[float32](store.GetVariable("/mean").MustValue())
			if moved := !slices.Equal(before, after); moved != c.statistic {
				t.Errorf("running mean moved: %v, want %v", moved, c.statistic)
			}
		})
	}
}

// TestGradientsEqualDifferences compares the gradient by input and kernel of a chain of layers with central differences.
func TestGradientsEqualDifferences(t *testing.T) {
	backend := xlatest.Open(t)
	parameters := map[string]*tensors.Tensor{"/conv/kernel": formula(0.3, 0, 1, 1, 3, 4), "/down/kernel": formula(0.3, 0, 3, 3, 4, 2)}
	for path, value := range batchNormParameters() {
		parameters["/bn"+path] = value
	}
	store := storeOf(parameters)
	loss := func(x *Node) *Node {
		b := nn.NewBuilder(store, nn.Options{Training: true, BN: nn.BNFrozenStatistics})
		y := nn.Conv2D(b.In("conv"), nn.BatchNorm(b.In("bn"), x, nn.TorchBN), nn.Conv{Filters: 4, Kernel: 1})
		y = nn.AveragePool2D(nn.Conv2D(b.In("down"), Tanh(y), nn.Conv{Filters: 2, Kernel: 3, Padding: nn.Same(1)}), 2, 2, nn.Padding{})
		return ReduceAllSum(Square(y))
	}
	value := model.MustNewExec1(backend, store, func(_ *model.Scope, x *Node) *Node { return loss(x) })
	gradient := model.MustNewExec(backend, store, func(_ *model.Scope, x *Node) []*Node {
		l := loss(x)
		return Gradient(l, x, store.GetVariable("/conv/kernel").NodeValue(x))
	})
	x := tensors.MustCopyFlatData[float32](formula(1, 0, 1, 4, 4, 3))
	at := func() float64 {
		y, err := value.Call(tensors.FromFlatDataAndDimensions(slices.Clone(x), 1, 4, 4, 3))
		if err != nil {
			t.Fatal(err)
		}
		return float64(tensors.ToScalar[float32](y))
	}
	gradients, err := gradient.Call(tensors.FromFlatDataAndDimensions(slices.Clone(x), 1, 4, 4, 3))
	if err != nil {
		t.Fatal(err)
	}
	byInput := tensors.MustCopyFlatData[float32](gradients[0])
	const h = 1e-2
	for _, i := range []int{0, 7, 20, 47} {
		was := x[i]
		x[i] = was + h
		up := at()
		x[i] = was - h
		down := at()
		x[i] = was
		if slope := (up - down) / (2 * h); math.Abs(slope-float64(byInput[i])) > 1e-2*(1+math.Abs(slope)) {
			t.Errorf("gradient by input %d is %g, differences give %g", i, byInput[i], slope)
		}
	}
	byKernel := tensors.MustCopyFlatData[float32](gradients[1])
	kernel := tensors.MustCopyFlatData[float32](store.GetVariable("/conv/kernel").MustValue())
	set := func() {
		value := tensors.FromFlatDataAndDimensions(slices.Clone(kernel), 1, 1, 3, 4)
		if err := store.GetVariable("/conv/kernel").SetValue(value); err != nil {
			t.Fatal(err)
		}
	}
	for _, i := range []int{0, 5, 11} {
		was := kernel[i]
		kernel[i] = was + h
		set()
		up := at()
		kernel[i] = was - h
		set()
		down := at()
		kernel[i] = was
		if slope := (up - down) / (2 * h); math.Abs(slope-float64(byKernel[i])) > 1e-2*(1+math.Abs(slope)) {
			t.Errorf("gradient by kernel %d is %g, differences give %g", i, byKernel[i], slope)
		}
	}
}
