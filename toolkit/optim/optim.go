// Package optim holds optimizers and learning-rate schedules.
//
// An optimizer is a graph function: it turns gradients into new parameter values inside the compiled step and keeps its
// state in variables beside the parameters, so that a checkpoint of the store holds all of it. The learning rate is an
// input of the step: schedules are plain Go functions of the step number and never need a new compilation.
//
//	config := optim.Config{Name: "sgd", LR: 0.1, Momentum: 0.9}
//	err := config.Check()
//	schedule := optim.Schedule{Name: "cosine", WarmupEpochs: 1}
//	lr := config.LR * schedule.Factor(step, stepsPerEpoch, epochs)
package optim

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// Scope is where the optimizers keep their variables in the store.
const Scope = "/optimizer"

// Config chooses an optimizer and its settings.
type Config struct {
	Name     string  `yaml:"name" json:"name"`         // "sgd" or "adam"
	LR       float64 `yaml:"lr" json:"lr"`             // peak learning rate, above 0
	Momentum float64 `yaml:"momentum" json:"momentum"` // sgd: in [0, 1)
	Nesterov bool    `yaml:"nesterov" json:"nesterov"` // sgd: look ahead along the momentum
	Beta1    float64 `yaml:"beta1" json:"beta1"`       // adam: 0.9 if zero
	Beta2    float64 `yaml:"beta2" json:"beta2"`       // adam: 0.999 if zero
	Epsilon  float64 `yaml:"epsilon" json:"epsilon"`   // adam: 1e-8 if zero (torch; Keras has 1e-7)
}

// Check returns an error that names the first setting out of range or without effect.
func (c Config) Check() error {
	if !(c.LR > 0) || math.IsInf(c.LR, 0) {
		return fmt.Errorf("lr %g is not a number above 0", c.LR)
	}
	switch c.Name {
	case "sgd":
		if !(c.Momentum >= 0 && c.Momentum < 1) {
			return fmt.Errorf("momentum %g is outside [0, 1)", c.Momentum)
		}
		if c.Nesterov && c.Momentum == 0 {
			return fmt.Errorf("nesterov needs a momentum above 0")
		}
		if c.Beta1 != 0 || c.Beta2 != 0 || c.Epsilon != 0 {
			return fmt.Errorf("beta1, beta2 and epsilon are adam's, the optimizer is sgd")
		}
	case "adam":
		if c.Momentum != 0 || c.Nesterov {
			return fmt.Errorf("momentum and nesterov are sgd's, the optimizer is adam")
		}
		if !(c.Beta1 >= 0 && c.Beta1 < 1 && c.Beta2 >= 0 && c.Beta2 < 1) {
			return fmt.Errorf("beta1 %g or beta2 %g is outside [0, 1)", c.Beta1, c.Beta2)
		}
		if !(c.Epsilon >= 0) || math.IsInf(c.Epsilon, 0) {
			return fmt.Errorf("epsilon %g is not a number from 0 up", c.Epsilon)
		}
	default:
		return fmt.Errorf("unknown optimizer %q; known: adam, sgd", c.Name)
	}
	return nil
}

// Step minimises loss: it changes every trainable variable that the graph uses and returns the global L2 norm of the
// gradient, a scalar. lr is a float32 scalar. Graph-building: panics on an error.
func (c Config) Step(store *model.Store, loss, lr *Node) (gradientNorm *Node) {
	g := loss.Graph()
	var variables []*model.Variable
	var values []*Node
	for v := range store.IterVariables() {
		if v.Trainable && v.InUseByGraph(g) {
			variables = append(variables, v)
			values = append(values, v.NodeValue(g))
		}
	}
	gradients := Gradient(loss, values...)
	sum := ScalarZero(g, loss.DType())
	for _, gradient := range gradients {
		sum = Add(sum, ReduceAllSum(Square(gradient)))
	}

	update := c.sgd
	if c.Name == "adam" {
		update = c.adam(store, g)
	}
	for i, v := range variables {
		v.SetNodeValue(Sub(values[i], update(store, v, gradients[i], lr)))
	}
	return Sqrt(sum)
}

// sgd: velocity ← momentum·velocity + gradient; step = lr·velocity, with Nesterov lr·(gradient + momentum·velocity)
// (Sutskever et al. 2013, in torch's form, where the learning rate is outside the velocity).
func (c Config) sgd(store *model.Store, v *model.Variable, gradient, lr *Node) *Node {
	if c.Momentum == 0 {
		return Mul(lr, gradient)
	}
	state := slot(store, v, "velocity")
	velocity := Add(MulScalar(state.NodeValue(gradient), c.Momentum), gradient)
	state.SetNodeValue(velocity)
	if c.Nesterov {
		velocity = Add(gradient, MulScalar(velocity, c.Momentum))
	}
	return Mul(lr, velocity)
}

// adam is Kingma & Ba 2015, arXiv:1412.6980, algorithm 1: bias-corrected moments, epsilon outside the root.
func (c Config) adam(store *model.Store, g *Graph) func(*model.Store, *model.Variable, *Node, *Node) *Node {
	beta1, beta2, epsilon := orDefault(c.Beta1, 0.9), orDefault(c.Beta2, 0.999), orDefault(c.Epsilon, 1e-8)
	counter := variable(store, Scope+"/step", tensors.FromScalar(float32(0)))
	step := AddScalar(counter.NodeValue(g), 1)
	counter.SetNodeValue(step)
	correction := func(beta float64) *Node { return OneMinus(Pow(Scalar(g, step.DType(), beta), step)) }
	correct1, correct2 := correction(beta1), correction(beta2)

	return func(store *model.Store, v *model.Variable, gradient, lr *Node) *Node {
		first, second := slot(store, v, "first_moment"), slot(store, v, "second_moment")
		m := Add(MulScalar(first.NodeValue(g), beta1), MulScalar(gradient, 1-beta1))
		s := Add(MulScalar(second.NodeValue(g), beta2), MulScalar(Square(gradient), 1-beta2))
		first.SetNodeValue(m)
		second.SetNodeValue(s)
		return Mul(lr, Div(Div(m, correct1), AddScalar(Sqrt(Div(s, correct2)), epsilon)))
	}
}

func orDefault(value, fallback float64) float64 {
	if value == 0 {
		return fallback
	}
	return value
}

// slot is a state variable of the same shape as a parameter, zero at first.
func slot(store *model.Store, v *model.Variable, name string) *model.Variable {
	return variable(store, Scope+v.Path()+"/"+name, tensors.FromShape(v.Shape()))
}

// variable finds or creates a variable that is not trained itself.
func variable(store *model.Store, path string, initial *tensors.Tensor) *model.Variable {
	v := store.GetVariable(path)
	if v == nil {
		v = store.VariableWithValue(path, initial)
	}
	return v.SetTrainable(false)
}
