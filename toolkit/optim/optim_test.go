package optim_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

// TestStepsEqualNumPy makes five steps of each optimizer on a quadratic loss, as testdata/golden.py does in NumPy.
func TestStepsEqualNumPy(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string][][]float64
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	backend := xlatest.Open(t)
	for name, config := range map[string]optim.Config{
		"sgd":                  {Name: "sgd"},
		"momentum":             {Name: "sgd", Momentum: 0.9},
		"nesterov":             {Name: "sgd", Momentum: 0.9, Nesterov: true},
		"adam":                 {Name: "adam"},
		"adam, other settings": {Name: "adam", Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3},
	} {
		t.Run(name, func(t *testing.T) {
			store := model.NewStore()
			store.VariableWithValue("/w", tensors.FromValue([]float32{3, -2, 0.5}))
			store.VariableWithValue("/constant", tensors.FromValue([]float32{1, 1, 1})).SetTrainable(false)
			step := model.MustNewExec(backend, store, func(_ *model.Scope, lr *Node) []*Node {
				g := lr.Graph()
				distance := Sub(store.GetVariable("/w").NodeValue(g), store.GetVariable("/constant").NodeValue(g))
				loss := MulScalar(ReduceAllSum(Mul(Const(g, []float32{1, 10, 0.1}), Square(distance))), 0.5)
				return []*Node{config.Step(store, loss, lr)}
			})
			for i, want := range golden[name] {
				norm, err := step.Call1(float32(0.05))
				if err != nil {
					t.Fatal(err)
				}
				if got, want := tensors.ToScalar[float32](norm), math.Sqrt(2*2+30*30+0.05*0.05); i == 0 && math.Abs(float64(got)-want) > 1e-4 {
					t.Errorf("gradient norm %g, want %g", got, want)
				}
				for j, w := range tensors.MustCopyFlatData[float32](store.GetVariable("/w").MustValue()) {
					if math.Abs(float64(w)-want[j]) > 1e-5*(1+math.Abs(want[j])) {
						t.Errorf("step %d: parameter %d is %g, NumPy has %g", i+1, j, w, want[j])
					}
				}
			}
			if got := tensors.MustCopyFlatData[float32](store.GetVariable("/constant").MustValue()); got[0] != 1 {
				t.Errorf("a variable that is not trainable moved to %v", got)
			}
		})
	}
}
