package optim

import (
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// rule turns the gradient of a variable into what is subtracted from it.
type rule func(v *model.Variable, gradient, lr *Node) *Node

func (c Config) rule(s *state) rule {
	c = c.filled()
	switch c.Name {
	case Adam, AdamW:
		return c.adam(s)
	case RMSprop:
		return c.rmsprop(s)
	}
	return c.sgd(s)
}

// sgd: velocity ← momentum·velocity + gradient; step = lr·velocity, with Nesterov lr·(gradient + momentum·velocity)
// (Sutskever et al. 2013). That is torch's form; Keras has the learning rate inside the velocity, which differs where the
// rate changes.
func (c Config) sgd(s *state) rule {
	return func(v *model.Variable, gradient, lr *Node) *Node {
		if c.Momentum == 0 {
			return Mul(lr, gradient)
		}
		if c.likeKeras() {
			gradient, lr = Mul(lr, gradient), OnesLike(lr)
		}
		before, set := s.slot(v, "velocity")
		velocity := Add(MulScalar(before, c.Momentum), gradient)
		set(velocity)
		if c.Nesterov {
			velocity = Add(gradient, MulScalar(velocity, c.Momentum))
		}
		return Mul(lr, velocity)
	}
}

// adam is Kingma & Ba 2015, arXiv:1412.6980, with bias-corrected moments: epsilon is added to the root of the corrected
// second moment (torch, algorithm 1) or to that of the plain one (Keras, the "epsilon hat" of the text below it).
func (c Config) adam(s *state) rule {
	step := s.count()
	// 1 − betaᵗ, which float32 would cancel to a few digits for a beta near 1.
	correction := func(beta float64) *Node { return Neg(Expm1(MulScalar(step, math.Log(beta)))) }
	correct1, correct2 := correction(c.Beta1), correction(c.Beta2)
	return func(v *model.Variable, gradient, lr *Node) *Node {
		first, setFirst := s.slot(v, "first_moment")
		second, setSecond := s.slot(v, "second_moment")
		m := Add(MulScalar(first, c.Beta1), MulScalar(gradient, 1-c.Beta1))
		n := Add(MulScalar(second, c.Beta2), MulScalar(Square(gradient), 1-c.Beta2))
		setFirst(m)
		setSecond(n)
		if c.likeKeras() {
			rate := Div(Mul(lr, Sqrt(correct2)), correct1)
			return Mul(rate, Div(m, AddScalar(Sqrt(n), c.Epsilon)))
		}
		return Mul(lr, Div(Div(m, correct1), AddScalar(Sqrt(Div(n, correct2)), c.Epsilon)))
	}
}

// rmsprop is Tieleman & Hinton 2012; centred as in Graves 2013, arXiv:1308.0850. Epsilon is added outside the root
// (torch, Keras 2.0.8) or inside (Keras), and the learning rate multiplies the momentum's sum (torch) or what goes into it (Keras).
func (c Config) rmsprop(s *state) rule {
	return func(v *model.Variable, gradient, lr *Node) *Node {
		square, setSquare := s.slot(v, "square")
		mean := Add(MulScalar(square, c.Rho), MulScalar(Square(gradient), 1-c.Rho))
		setSquare(mean)
		if c.Centered {
			first, setFirst := s.slot(v, "mean")
			average := Add(MulScalar(first, c.Rho), MulScalar(gradient, 1-c.Rho))
			setFirst(average)
			mean = MaxScalar(Sub(mean, Square(average)), 0.0) // rounding takes it below where the gradient is constant
		}
		root := AddScalar(Sqrt(mean), c.Epsilon)
		if c.Convention == Keras {
			root = Sqrt(AddScalar(mean, c.Epsilon))
			gradient, lr = Mul(lr, gradient), OnesLike(lr)
		}
		step := Div(gradient, root)
		if c.Momentum > 0 {
			before, set := s.slot(v, "velocity")
			step = Add(MulScalar(before, c.Momentum), step)
			set(step)
		}
		return Mul(lr, step)
	}
}
