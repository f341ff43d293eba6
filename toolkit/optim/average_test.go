package optim_test

import (
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

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

// TestWarmupAndStatistics checks a moving average that starts fast, of a parameter and of a statistic which the graph
// changes, over steps of two batches.
func TestWarmupAndStatistics(t *testing.T) {
	store := problem()
	store.VariableWithValue("/mean", tensors.FromScalar(float32(8))).SetTrainable(false)
	store.VariableWithValue("/seen", tensors.FromScalar(int64(0))).SetTrainable(false) // nothing to average
	config := optim.Config{Name: optim.SGD, LR: 1, Accumulate: 2}
	average := optim.Average{Kind: optim.EMA, Decay: 0.25, Warmup: true}
	exec := model.MustNewExec(xlatest.Open(t), store, func(_ *model.Scope, inputs []*Node) []*Node {
		g := inputs[0].Graph()
		for path, change := range map[string]*Node{"/mean": Scalar(g, store.GetVariable("/mean").DType(), -1), "/seen": Scalar(g, store.GetVariable("/seen").DType(), 1)} {
			v := store.GetVariable(path)
			v.SetNodeValue(Add(v.NodeValue(g), change))
		}
		norm := config.StepWith(store, lossOf(store, g), inputs[0], optim.StepOptions{Weight: ScalarOne(g, inputs[0].DType()), Apply: inputs[1]})
		average.UpdateEMA(store, g, inputs[1])
		return []*Node{norm}
	})
	want := map[string]float64{"/w": 3, "/mean": 8} // of w its first value
	for batch := range 10 {
		if _, err := exec.Call(rate(batch), batch%2 == 1); err != nil {
			t.Fatal(err)
		}
		for path := range want {
			if batch%2 == 1 {
				made := float64(batch/2 + 1)
				decay := min(0.25, (1+made)/(10+made)) // 2/11, then 0.25
				want[path] = decay*want[path] + (1-decay)*float64(values(store, path)[0])
			}
			compare(t, batch, values(store, "/average"+path)[:1], []float64{want[path]})
		}
	}
	if store.GetVariable("/average/seen") != nil {
		t.Error("a whole number has an average")
	}
}

// TestGoesOnFromACheckpoint copies the store within a step of three batches into one of another order, where training
// goes on to the same bits.
func TestGoesOnFromACheckpoint(t *testing.T) {
	backend := xlatest.Open(t)
	config := optim.Config{Name: optim.Adam, LR: 1, Accumulate: 3, ClipNorm: 0.3, WeightDecay: 0.1}
	average := optim.Average{Kind: optim.EMA, Warmup: true}
	train := func(store *model.Store, from, to int) {
		exec := model.MustNewExec(backend, store, func(_ *model.Scope, inputs []*Node) []*Node {
			lr, weight, apply := inputs[0], inputs[1], inputs[2]
			loss := Add(Mul(lossOf(store, lr.Graph()), weight), ReduceAllSum(Square(store.GetVariable("/last").NodeValue(lr.Graph()))))
			norm := config.StepWith(store, loss, lr, optim.StepOptions{Weight: weight, Apply: apply})
			average.UpdateEMA(store, lr.Graph(), apply)
			return []*Node{norm}
		})
		for batch := from; batch < to; batch++ {
			if _, err := exec.Call(rate(batch), float32(1.1)+float32(batch%5), batch%3 == 2); err != nil {
				t.Fatal(err)
			}
		}
	}
	fresh := func() *model.Store {
		store := problem()
		store.VariableWithValue("/last", tensors.FromValue([]float32{0.3, 0.7, 1.3}))
		return store
	}
	whole, stopped := fresh(), fresh()
	train(whole, 0, 20)
	train(stopped, 0, 10)

	restored := model.NewStore()
	variables := slices.Collect(stopped.IterVariables())
	slices.Reverse(variables)
	for _, v := range variables {
		value, err := v.MustValue().LocalClone()
		if err != nil {
			t.Fatal(err)
		}
		restored.VariableWithValue(v.Path(), value) // trainable, as checkpoints know no better
	}
	restored.GetVariable("/constant").SetTrainable(false)
	train(restored, 10, 20)

	n := 0
	for v := range whole.IterVariables() {
		n++
		if got, want := values(restored, v.Path()), values(whole, v.Path()); !slices.Equal(got, want) {
			t.Errorf("%s is %v, without a stop it is %v", v.Path(), got, want)
		}
	}
	if want := 4 + 3*4 + 2 + 1; n != want { // parameters, moments, sums and averages, counters
		t.Errorf("the store has %d variables, want %d", n, want)
	}
}
