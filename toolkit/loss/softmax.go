package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// crossEntropy is −log softmax(x + offsets), [batch, classes].
func (l *Loss) crossEntropy(x *Node) *Node {
	if l.offsets != nil {
		x = Add(x, perClass(x, l.offsets))
	}
	return Neg(LogSoftmax(x))
}

// smallest is a lower bound of 1−p: its logarithm is finite. A class that sure has no loss to speak of.
const smallest = 1e-12

// focal is −(1−p)^γ·log p, [batch, classes].
func focal(x *Node, gamma float64) *Node {
	logP := LogSoftmax(x)
	rest := MaxScalar(OneMinus(Exp(logP)), smallest)
	return Neg(Mul(Exp(MulScalar(Log(rest), gamma)), logP))
}

// ldam is −log softmax(s·(x − t·margins)), [batch, classes]: a soft target has its share of each class's margin.
func ldam(x, t *Node, margins []float32, scale float64) *Node {
	x = Sub(x, Mul(t, perClass(x, margins)))
	return Neg(LogSoftmax(MulScalar(x, scale)))
}
