package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
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
		if math.Abs(float64(got[i])-want[i]) > 1e-5*(1+math.Abs(want[i])) {
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
			"nesterov":             {Name: optim.SGD, Momentum: 0.9, Nesterov: true},
			"clipped":              {Name: optim.SGD, Momentum: 0.9, ClipNorm: 2},
			"adam":                 {Name: optim.Adam, WeightDecay: 0.1},
			"adam, other settings": {Name: optim.Adam, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3},
			"adamw":                {Name: optim.AdamW, WeightDecay: 0.1},
			"rmsprop":              {Name: optim.RMSprop, WeightDecay: 0.1},
			"rmsprop, centered":    {Name: optim.RMSprop, Rho: 0.9, Momentum: 0.8, Centered: true, Epsilon: 1e-2},
			"accumulated":          {Name: optim.Adam, Accumulate: 3},
		},
		"keras.json": {
			"sgd":               {Name: optim.SGD, Momentum: 0.9, Convention: optim.Keras},
			"nesterov":          {Name: optim.SGD, Momentum: 0.9, Nesterov: true, Convention: optim.Keras},
			"adam":              {Name: optim.Adam, Convention: optim.Keras},
			"adam, epsilon":     {Name: optim.Adam, Epsilon: 1e-3, Convention: optim.Keras},
			"adamw":             {Name: optim.AdamW, WeightDecay: 0.1, Convention: optim.Keras},
			"rmsprop":           {Name: optim.RMSprop, Convention: optim.Keras},
			"rmsprop, epsilon":  {Name: optim.RMSprop, Epsilon: 1, Convention: optim.Keras},
			"rmsprop, centered": {Name: optim.RMSprop, Rho: 0.95, Momentum: 0.8, Centered: true, Epsilon: 1e-2, Convention: optim.Keras},
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
		if len(golden) < len(configs) {
			t.Errorf("%s has %d runs, %d are compared", file, len(golden), len(configs))
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

// TestAverages compares both averages with timm's and torch's, and makes sure that swapping twice changes nothing.
func TestAverages(t *testing.T) {
	backend := xlatest.Open(t)
	var golden map[string][][]float64
	read(t, "torch.json", &golden)
	config := optim.Config{Name: optim.SGD, LR: 1}
	for name, average := range map[string]optim.Average{"ema": {Kind: optim.EMA, Decay: 0.7}, "swa": {Kind: optim.SWA}} {
		store := problem()
		exec := model.MustNewExec(backend, store, func(_ *model.Scope, lr *Node) *Node {
			norm := config.Step(store, lossOf(store, lr.Graph()), lr)
			if average.Kind == optim.EMA {
				average.UpdateEMA(store, lr.Graph(), nil)
			}
			return norm
		})
		for step := range steps {
			if _, err := exec.Call1(rate(step)); err != nil {
				t.Fatal(err)
			}
			if average.Kind == optim.SWA {
				if err := optim.AddSWA(store); err != nil {
					t.Fatal(err)
				}
			}
			raw := values(store, "/w", "/v")
			for range 2 {
				if err := optim.Swap(store); err != nil {
					t.Fatal(err)
				}
			}
			if got := values(store, "/w", "/v"); !slices.Equal(got, raw) {
				t.Fatalf("%s: swapped twice, %v became %v", name, raw, got)
			}
			compare(t, step, values(store, "/average/w", "/average/v"), golden[name][step])
		}
		if err := optim.Swap(store); err != nil {
			t.Fatal(err)
		}
		if got := values(store, "/constant"); got[0] != 1 {
			t.Errorf("%s: the constant is %v", name, got)
		}
	}
}
