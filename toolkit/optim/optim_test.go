package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

func read(t *testing.T, name string, content any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err == nil {
		err = json.Unmarshal(text, content)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// problem is that of testdata/problem.py, with a constant beside it that must not move.
func problem() *model.Store {
	store := model.NewStore()
	store.VariableWithValue("/w", tensors.FromValue([][]float32{{3, -2}, {0.5, 4}}))
	store.VariableWithValue("/v", tensors.FromValue([]float32{2, -1}))
	store.VariableWithValue("/constant", tensors.FromScalar(float32(1))).SetTrainable(false)
	return store
}

func lossOf(store *model.Store, g *Graph) *Node {
	half := func(path string, curvature *Node) *Node {
		distance := Sub(store.GetVariable(path).NodeValue(g), store.GetVariable("/constant").NodeValue(g))
		return MulScalar(ReduceAllSum(Mul(curvature, Square(distance))), 0.5)
	}
	return Add(half("/w", Const(g, [][]float32{{1, 10}, {0.1, 2}})), half("/v", Const(g, []float32{3, 0.5})))
}

func values(store *model.Store, paths ...string) []float32 {
	var all []float32
	for _, path := range paths {
		all = append(all, tensors.MustCopyFlatData[float32](store.GetVariable(path).MustValue())...)
	}
	return all
}

const steps = 7

func rate(step int) float32 { return float32(0.05 / (1 + float64(step)/3)) }

func compare(t *testing.T, step int, got []float32, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(float64(got[i])-want[i]) <= 1e-5*max(0.1, math.Abs(want[i]))) {
			t.Errorf("step %d: parameter %d is %g, want %g", step+1, i, got[i], want[i])
		}
	}
}

// TestStepsEqualTorchAndKeras makes seven steps of each optimizer, as the scripts in testdata do.
func TestStepsEqualTorchAndKeras(t *testing.T) {
	backend := xlatest.Open(t)
	for file, configs := range map[string]map[string]optim.Config{
		"torch.json": {
			"sgd":                  {Name: optim.SGD},
			"momentum":             {Name: optim.SGD, Momentum: 0.9, WeightDecay: 0.1},
			"nesterov":             {Name: optim.SGD, Momentum: 0.9, Nesterov: true, WeightDecay: 0.1},
			"clipped":              {Name: optim.SGD, Momentum: 0.9, ClipNorm: 2},
			"adam":                 {Name: optim.Adam, WeightDecay: 0.1},
			"adam, other settings": {Name: optim.Adam, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3},
			"adamw":                {Name: optim.AdamW, WeightDecay: 0.1},
			"rmsprop":              {Name: optim.RMSprop, WeightDecay: 0.1},
			"rmsprop, centered":    {Name: optim.RMSprop, Rho: 0.9, Momentum: 0.8, Centered: true, Epsilon: 1e-2},
			"rmsprop, momentum":    {Name: optim.RMSprop, Momentum: 0.8, Epsilon: 1},
			"accumulated":          {Name: optim.Adam, Accumulate: 3},
			"accumulated, clipped": {Name: optim.SGD, Momentum: 0.9, ClipNorm: 2, Accumulate: 3},
		},
		"keras.json": {
			"sgd":               {Name: optim.SGD, Momentum: 0.9, Convention: optim.Keras},
			"sgd, decay":        {Name: optim.SGD, Momentum: 0.9, WeightDecay: 0.1, Convention: optim.Keras},
			"nesterov":          {Name: optim.SGD, Momentum: 0.9, Nesterov: true, Convention: optim.Keras},
			"adam":              {Name: optim.Adam, Convention: optim.Keras},
			"adam, epsilon":     {Name: optim.Adam, Epsilon: 1e-3, Convention: optim.Keras},
			"adamw":             {Name: optim.AdamW, WeightDecay: 0.1, Convention: optim.Keras},
			"rmsprop":           {Name: optim.RMSprop, Convention: optim.Keras},
			"rmsprop, epsilon":  {Name: optim.RMSprop, Epsilon: 1, Convention: optim.Keras},
			"rmsprop, centered": {Name: optim.RMSprop, Rho: 0.95, Momentum: 0.8, Centered: true, Epsilon: 1e-2, Convention: optim.Keras},
		},
		"keras-2.0.8.json": {
			"nesterov":         {Name: optim.SGD, Momentum: 0.9, Nesterov: true, Convention: optim.Keras208},
			"adam":             {Name: optim.Adam, Convention: optim.Keras208},
			"adam, epsilon":    {Name: optim.Adam, Epsilon: 1e-3, Convention: optim.Keras208},
			"rmsprop":          {Name: optim.RMSprop, Convention: optim.Keras208},
			"rmsprop, epsilon": {Name: optim.RMSprop, Epsilon: 1, Convention: optim.Keras208},
		},
	} {
		var golden map[string][][]float64
		read(t, file, &golden)
		for name, config := range configs {
			t.Run(file+"/"+name, func(t *testing.T) {
				config.LR = 1
				if err := config.Check(); err != nil {
					t.Fatal(err)
				}
				store := problem()
				exec := model.MustNewExec(backend, store, func(_ *model.Scope, inputs []*Node) []*Node {
					lr, weight, apply := inputs[0], inputs[1], inputs[2]
					loss := lossOf(store, lr.Graph())
					if config.Accumulate > 0 {
						loss = Mul(loss, weight)
					}
					return []*Node{config.StepWith(store, loss, lr, optim.StepOptions{Weight: weight, Apply: apply})}
				})
				if len(golden[name]) != steps {
					t.Fatalf("%s has %d steps of it", file, len(golden[name]))
				}
				for step, want := range golden[name] {
					for part := 1; part <= config.Steps(); part++ {
						if _, err := exec.Call(rate(step), float32(part), part == config.Steps()); err != nil {
							t.Fatal(err)
						}
					}
					compare(t, step, values(store, "/w", "/v"), want)
				}
				if got := values(store, "/constant"); got[0] != 1 {
					t.Errorf("a variable that is not trainable moved to %v", got)
				}
			})
		}
	}
}

// TestNormAndMultiplier checks the norm, which is of the gradient before clipping, and a rate of its own for a variable.
func TestNormAndMultiplier(t *testing.T) {
	store := problem()
	config := optim.Config{Name: optim.SGD, LR: 1, ClipNorm: 1e3, WeightDecay: 0.5, DecayAll: true}
	exec := model.MustNewExec(xlatest.Open(t), store, func(_ *model.Scope, lr *Node) *Node {
		return config.StepWith(store, lossOf(store, lr.Graph()), lr, optim.StepOptions{Multiplier: func(v *model.Variable) float64 {
			if v.Path() == "/v" {
				return 0.5
			}
			return 0
		}})
	})
	norm, err := exec.Call1(float32(0.1))
	if err != nil {
		t.Fatal(err)
	}
	want := math.Sqrt(2*2 + 30*30 + 0.05*0.05 + 6*6 + 3*3 + 1)
	if got := float64(tensors.ToScalar[float32](norm)); math.Abs(got-want) > 1e-4 {
		t.Errorf("norm %g, want %g", got, want)
	}
	if got := values(store, "/w"); !slices.Equal(got, []float32{3, -2, 0.5, 4}) {
		t.Errorf("a matrix of rate 0 moved to %v", got)
	}
	compare(t, 0, values(store, "/v"), []float64{2 - 0.05*(3+1), -1 - 0.05*(-1-0.5)})
}

// TestCentredStaysFinite: a constant gradient has no variance, and what float32 makes of it must not be below 0.
func TestCentredStaysFinite(t *testing.T) {
	store := model.NewStore()
	store.VariableWithValue("/w", tensors.FromValue([]float32{0, 0, 0}))
	config := optim.Config{Name: optim.RMSprop, LR: 1, Rho: 0.9, Centered: true, Epsilon: 0.5}
	exec := model.MustNewExec(xlatest.Open(t), store, func(_ *model.Scope, lr *Node) *Node {
		slope := Const(lr.Graph(), []float32{0.1, 3.3, 701.7})
		return config.Step(store, ReduceAllSum(Mul(slope, store.GetVariable("/w").NodeValue(lr.Graph()))), lr)
	})
	for range 300 {
		if _, err := exec.Call1(float32(0)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := exec.Call1(float32(1)); err != nil {
		t.Fatal(err)
	}
	for i, got := range values(store, "/w") { // the deviation is that of rounding: at most 1e-3 of the gradient
		slope := []float64{0.1, 3.3, 701.7}[i]
		if high, low := -slope/(0.5+1e-3*slope), -slope/0.5; !(float64(got) <= high+1e-3 && float64(got) >= low-1e-3) {
			t.Errorf("a step along the gradient %g is %g, want it from %g to %g", slope, got, low, high)
		}
	}
}

func TestMisuse(t *testing.T) {
	backend := xlatest.Open(t)
	for name, c := range map[string]struct {
		config optim.Config
		path   string
		want   string
	}{
		"accumulation without a weight": {optim.Config{Name: optim.SGD, LR: 1, Accumulate: 2}, "/w", "accumulate 2 needs StepOptions.Weight and StepOptions.Apply"},
		"nothing to train":              {optim.Config{Name: optim.SGD, LR: 1}, "/constant", "the graph uses no trainable variable"},
	} {
		store := problem()
		exec := model.MustNewExec(backend, store, func(_ *model.Scope, lr *Node) *Node {
			return c.config.Step(store, ReduceAllSum(store.GetVariable(c.path).NodeValue(lr.Graph())), lr)
		})
		if _, err := exec.Call1(float32(1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}
