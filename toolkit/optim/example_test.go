package optim_test

import (
	"fmt"
	"log"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/toolkit/backend"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

// A line is fitted through three points in 200 steps at a falling rate, with a moving average of slope and intercept.
func Example() {
	config := optim.Config{Name: optim.Adam, LR: 0.2, ClipNorm: 10}
	schedule := optim.Schedule{Name: optim.Cosine, WarmupEpochs: 1}
	average := optim.Average{Kind: optim.EMA, Decay: 0.9, Warmup: true}
	for _, err := range []error{config.Check(), schedule.Check(), average.Check()} {
		if err != nil {
			log.Fatal(err)
		}
	}
	b, _, err := backend.Open()
	if err != nil {
		log.Fatal(err)
	}

	store := model.NewStore()
	slope := store.VariableWithValue("/slope", tensors.FromScalar(float32(0)))
	intercept := store.VariableWithValue("/intercept", tensors.FromScalar(float32(0)))
	train, err := model.NewExec(b, store, func(_ *model.Scope, lr *Node) *Node {
		g := lr.Graph()
		x, y := Const(g, []float32{0, 1, 2}), Const(g, []float32{1, 3, 5})
		line := Add(Mul(slope.NodeValue(g), x), intercept.NodeValue(g))
		loss := ReduceAllMean(Square(Sub(line, y)))
		norm := config.Step(store, loss, lr)
		average.UpdateEMA(store, g, nil)
		return norm
	})
	if err != nil {
		log.Fatal(err)
	}
	const epochs, steps = 10, 20
	for step := range epochs * steps {
		if _, err := train.Call(float32(config.LR * schedule.Factor(step, steps, epochs))); err != nil {
			log.Fatal(err)
		}
	}
	if err := optim.Swap(store); err != nil { // predictions are made with the averages
		log.Fatal(err)
	}
	fmt.Printf("y = %.2f x + %.2f\n", tensors.ToScalar[float32](slope.MustValue()), tensors.ToScalar[float32](intercept.MustValue()))
	// Output: y = 2.00 x + 1.00
}

// The study's rate falls from epoch to epoch, and by half where the validation loss gets no better.
func ExamplePlateau() {
	schedule := optim.Schedule{Name: optim.Step, Base: 1.2, Period: 1,
		Plateau: optim.Plateau{Factor: 0.5, Patience: 1, Rule: optim.PlateauKeras208}}
	var state optim.PlateauState // goes into checkpoints
	for epoch, loss := range []float64{3, 2, 2.1, 2.2, 1.9} {
		fmt.Printf("epoch %d: lr %.3e\n", epoch, 1.2345e-3*schedule.Factor(epoch*600, 600, 15)*state.Factor())
		schedule.Plateau.See(&state, -loss)
	}
	// Output:
	// epoch 0: lr 1.234e-03
	// epoch 1: lr 1.029e-03
	// epoch 2: lr 8.573e-04
	// epoch 3: lr 7.144e-04
	// epoch 4: lr 2.977e-04
}
