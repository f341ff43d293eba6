package optim

import (
	"cmp"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Scope is where the optimizers keep their variables in the store.
const Scope = "/optimizer"

// StepOptions are what a step can be told beside the loss. The zero value is a plain step.
type StepOptions struct {
	// Multiplier is what the learning rate of a variable is multiplied by; nil for 1.
	Multiplier func(v *model.Variable) float64

	// Of accumulation, where the configuration asks for it and else unused: Weight, a float32 scalar above 0, is what the
	// gradient of this batch counts, the number of its examples that are no filling where the loss is a mean over these;
	// Apply, a bool scalar, tells that a step follows on it. Without a step only the accumulated gradients change. That
	// costs one more copy of the parameters in memory, and each batch reads and writes the optimizer's state as a step does.
	Weight, Apply *Node
}

// Step minimises loss: it changes every trainable variable that the graph uses, all of float32, and returns the global
// L2 norm of the gradient before clipping, a scalar. lr is a float32 scalar. Graph-building: panics on an error.
func (c Config) Step(store *model.Store, loss, lr *Node) (gradientNorm *Node) {
	return c.StepWith(store, loss, lr, StepOptions{})
}

// StepWith is Step with options. With accumulation the norm is that of the mean gradient so far.
func (c Config) StepWith(store *model.Store, loss, lr *Node, o StepOptions) (gradientNorm *Node) {
	g := loss.Graph()
	variables := trained(store, g)
	if len(variables) == 0 {
		exceptions.Panicf("optimizer %s: the graph uses no trainable variable", c.Name)
	}
	if c.accumulates() && (o.Weight == nil || o.Apply == nil) {
		exceptions.Panicf("optimizer %s: accumulate %d needs StepOptions.Weight and StepOptions.Apply", c.Name, c.Accumulate)
	}
	values := make([]*Node, len(variables))
	for i, v := range variables {
		values[i] = v.NodeValue(g)
	}
	gradients := Gradient(loss, values...)
	if c.accumulates() {
		gradients = accumulate(store, variables, gradients, o)
	} else {
		o.Apply = nil
	}
	norm := globalNorm(gradients)
	if c.ClipNorm > 0 { // as torch's clip_grad_norm_
		factor := MinScalar(Div(Scalar(g, norm.DType(), c.ClipNorm), AddScalar(norm, 1e-6)), 1.0)
		for i := range gradients {
			gradients[i] = Mul(gradients[i], factor)
		}
	}
	r := c.rule(&state{store: store, graph: g, apply: o.Apply})
	for i, v := range variables {
		rate := lr
		if o.Multiplier != nil {
			rate = MulScalar(lr, o.Multiplier(v))
		}
		gradient, decay := gradients[i], c.WeightDecay
		if v.Shape().Rank() < 2 && !c.DecayAll {
			decay = 0
		}
		if decay > 0 && !c.decoupled() {
			gradient = Add(gradient, MulScalar(values[i], decay))
		}
		changed := Sub(values[i], r(v, gradient, rate))
		if decay > 0 && c.decoupled() {
			changed = Sub(changed, MulScalar(Mul(rate, values[i]), decay))
		}
		v.SetNodeValue(choose(o.Apply, changed, values[i]))
	}
	return norm
}

// trained are the trainable variables that the graph uses. Their order, and with it the rounding of the norm, is that of
// their paths: a store read from a checkpoint may have another.
func trained(store *model.Store, g *Graph) []*model.Variable {
	var variables []*model.Variable
	for v := range store.IterVariables() {
		if v.Trainable && v.InUseByGraph(g) {
			variables = append(variables, v)
		}
	}
	slices.SortFunc(variables, func(a, b *model.Variable) int { return cmp.Compare(a.Path(), b.Path()) })
	return variables
}

func globalNorm(gradients []*Node) *Node {
	sum := ReduceAllSum(Square(gradients[0]))
	for _, gradient := range gradients[1:] {
		sum = Add(sum, ReduceAllSum(Square(gradient)))
	}
	return Sqrt(sum)
}

// accumulate adds weighted gradients to those of the batches since the last step, and returns their mean. The batch that
// a step follows on empties the sums.
func accumulate(store *model.Store, variables []*model.Variable, gradients []*Node, o StepOptions) []*Node {
	g := gradients[0].Graph()
	total := variable(store, Scope+"/accumulated_weight", tensors.FromScalar(float32(0)))
	weight := Add(total.NodeValue(g), o.Weight)
	total.SetNodeValue(choose(o.Apply, ZerosLike(weight), weight))
	means := make([]*Node, len(gradients))
	for i, v := range variables {
		sums := slot(store, v, "accumulated")
		sum := Add(sums.NodeValue(g), Mul(gradients[i], o.Weight))
		sums.SetNodeValue(choose(o.Apply, ZerosLike(sum), sum))
		means[i] = Div(sum, weight)
	}
	return means
}

// state gives rules their variables, which change only where a step is made.
type state struct {
	store *model.Store
	graph *Graph
	apply *Node // bool scalar; nil for always
}

// slot is the value of a state variable of a parameter, zero at first, and a function that changes it.
func (s *state) slot(v *model.Variable, name string) (value *Node, set func(*Node)) {
	return s.of(slot(s.store, v, name))
}

// count is the number of steps made, this one included, as a float32 scalar.
func (s *state) count() *Node {
	before, set := s.of(variable(s.store, Scope+"/step", tensors.FromScalar(float32(0))))
	now := AddScalar(before, 1)
	set(now)
	return now
}

func (s *state) of(v *model.Variable) (value *Node, set func(*Node)) {
	before := v.NodeValue(s.graph)
	return before, func(now *Node) { v.SetNodeValue(choose(s.apply, now, before)) }
}

// choose is a where condition is true or nil, else b.
func choose(condition, a, b *Node) *Node {
	if condition == nil {
		return a
	}
	return Where(condition, a, b)
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
