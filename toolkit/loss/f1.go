package loss

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// f1Loss is the mean of 1 − F1 over the classes that have targets in the batch, a scalar; 0 if none has.
//
// F1 = 2·tp/(true + predicted) with sums of probabilities in the place of counts. The study looked at F1 of hard
// predictions, which has no gradient; the surer the predictions are, the closer this comes to it. Classes that are not
// in the batch are left out: over all 403 classes a batch of 64 pictures could never exceed 64/403.
func f1Loss(x, t, examples *Node) *Node {
	weights := ExpandAxes(examples, 1)
	p := Mul(Exp(LogSoftmax(x)), weights)
	hits, wanted, predicted := ReduceSum(Mul(p, t), 0), ReduceSum(Mul(t, weights), 0), ReduceSum(p, 0) // [classes]
	present := GreaterThan(wanted, ZerosLike(wanted))
	all := Where(present, Add(wanted, predicted), OnesLike(wanted))
	loss := Where(present, Div(Sub(all, MulScalar(hits, 2)), all), ZerosLike(wanted))
	return divide(ReduceAllSum(loss), ReduceAllSum(ConvertDType(present, x.DType())))
}
