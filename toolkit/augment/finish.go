package augment

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// finish brings changed pictures back to values that pictures hold.
type finish struct {
	whole bool  // rounds to whole numbers
	begin *Node // scalar, true: see settle
}

// newFinish takes the pictures that all changes begin with.
func newFinish(whole bool, pictures *Node) finish {
	one := AxisRange(0, 1)
	pixel := Reshape(Slice(pictures, one, one, one, one))
	return finish{whole, GreaterThan(pixel, Scalar(pixel.Graph(), pixel.DType(), -math.MaxFloat32))}
}

// round rounds halves to even, where values are to be whole.
func (f finish) round(x *Node) *Node {
	if f.whole {
		return Round(x)
	}
	return x
}

// settle rounds, cuts to 0..255, and has it all computed once.
//
// XLA fuses a change into each place that looks at its pixels, so that it is computed anew for each channel that a next
// change mixes, and with it all changes before: the study's policy took twenty times as long. It drops optimization
// barriers before it fuses, but not a loop whose end it cannot foresee. This one ends after one round, as begin is true of
// every number: a comparison of the pictures that are there already, for one of x would have its parts computed apart,
// which is slow too.
func (f finish) settle(x *Node) *Node {
	g, shape := x.Graph(), x.Shape()
	state := func(g *Graph) (more, x *Node) {
		return Parameter(g, "more", shapes.Make(dtypes.Bool)), Parameter(g, "pictures", shape)
	}
	goesOn := NewClosure(g, func(g *Graph) []*Node {
		more, _ := state(g)
		return []*Node{more}
	})
	cut := NewClosure(g, func(g *Graph) []*Node {
		_, x := state(g)
		// Not Scalar, whose nodes are kept for all functions of a graph.
		return []*Node{Const(g, false), Min(Max(x, Const(g, float32(0))), Const(g, float32(255)))}
	})
	return While(goesOn, cut, f.begin, StopGradient(f.round(x)))[1]
}
