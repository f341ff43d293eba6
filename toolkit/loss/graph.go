package loss

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Mean is the loss of a batch, a scalar: logits [batch, classes], targets [batch] class numbers or [batch, classes],
// examples [batch] from 0 up, 0 for filling. Graph-building: panics on a wrong shape.
func (l *Loss) Mean(logits, targets, examples *Node) *Node {
	if got := examples.Shape(); got.Rank() != 1 || logits.Rank() != 2 || got.Dim(0) != logits.Shape().Dim(0) {
		exceptions.Panicf("loss %s: weights of examples are %s, logits %s", l.config.Name, got, logits.Shape())
	}
	counts := GreaterThan(examples, ZerosLike(examples))
	// Before all else: the gradient of clipping a NaN is NaN even if nothing flows into it.
	logits = Where(counts, logits, ZerosLike(logits))
	x, t := l.inputs(logits, targets)
	t = Where(counts, t, ZerosLike(t))
	examples = ConvertDType(examples, x.DType())

	switch l.config.Name {
	case SoftF1:
		return f1Loss(x, t, examples)
	case CrossEntropySoftF1:
		return Add(l.mean(x, t, examples), MulScalar(f1Loss(x, t, examples), l.config.F1Weight))
	}
	return l.mean(x, t, examples)
}

// PerExample is the loss of each picture times its class weight, [batch], before anything is divided. Soft F1, which is
// of a batch only, has none: SoftF1 panics, CrossEntropySoftF1 gives its cross-entropy. Graph-building: panics on a
// wrong shape.
func (l *Loss) PerExample(logits, targets *Node) *Node {
	if l.config.Name == SoftF1 {
		exceptions.Panicf("loss %s is of a batch, not of a picture", SoftF1)
	}
	return l.perExample(l.inputs(logits, targets))
}

// Hits is the number of examples of a weight above 0 whose largest logit is that of the class with the largest target,
// a scalar. Shapes are those of Mean. Graph-building.
func Hits(logits, targets, examples *Node) *Node {
	if targets.Rank() == 2 {
		targets = ArgMax(targets, 1)
	}
	right := Equal(ArgMax(logits, 1, targets.DType()), targets)
	right = LogicalAnd(right, GreaterThan(examples, ZerosLike(examples)))
	return ReduceAllSum(ConvertDType(right, dtypes.Float32))
}

const (
	largestLogit = 1e20  // beyond it logits are cut, so that products and sums of a batch stay finite
	absentLogit  = -1e30 // of a class that is left out: below all others
)

// inputs checks shapes and returns finite logits and float targets, both [batch, classes].
func (l *Loss) inputs(logits, targets *Node) (x, t *Node) {
	if got := logits.Shape(); got.Rank() != 2 || got.Dim(1) != l.classes {
		exceptions.Panicf("loss %s: logits are %s, need [batch, %d]", l.config.Name, got, l.classes)
	}
	if dtype := logits.DType(); dtype != dtypes.Float64 {
		logits = ConvertDType(logits, dtypes.Float32)
	}
	x = ClipScalar(logits, -largestLogit, largestLogit)

	switch got := targets.Shape(); {
	case got.Rank() == 1 && got.Dim(0) == x.Shape().Dim(0) && got.DType.IsInt():
		t = OneHot(targets, l.classes, x.DType())
	case got.EqualDimensions(x.Shape()) && got.DType.IsFloat():
		t = ConvertDType(targets, x.DType())
	default:
		exceptions.Panicf("loss %s: targets are %s for logits %s, need class numbers [batch] or floats [batch, %d]",
			l.config.Name, got, x.Shape(), l.classes)
	}
	return x, t
}

// mean divides as the convention says.
func (l *Loss) mean(x, t, examples *Node) *Node {
	total := ReduceAllSum(Mul(l.perExample(x, t), examples))
	if l.weights != nil && l.config.Convention == Torch {
		examples = Mul(examples, l.pictureWeights(t))
	}
	return divide(total, ReduceAllSum(examples))
}

// divide is a/b, and a where b is 0.
func divide(a, b *Node) *Node {
	return Div(a, Where(GreaterThan(b, ZerosLike(b)), b, OnesLike(b)))
}

func (l *Loss) perExample(x, t *Node) *Node {
	if l.present != nil {
		present := perClass(x, l.present)
		x = Add(Mul(x, present), perClass(x, absentOffsets(l.present)))
		t = Mul(t, present)
	}
	var costs *Node // of each class as the target, [batch, classes]
	switch l.config.Name {
	case Focal, ClassBalancedFocal:
		costs = focal(x, l.config.Gamma)
	case LDAM:
		costs = ldam(x, t, l.margins, l.config.Scale)
	default:
		costs = l.crossEntropy(x)
	}
	return ReduceSum(Mul(l.coefficients(t), costs), 1)
}

// coefficients are the smoothed targets, weighted as the convention says, [batch, classes].
func (l *Loss) coefficients(t *Node) *Node {
	smoothed := l.smooth(t)
	switch {
	case l.weights == nil:
		return smoothed
	case l.config.Convention == Torch:
		return Mul(smoothed, perClass(t, l.weights))
	}
	return Mul(smoothed, ExpandAxes(l.pictureWeights(t), 1))
}

// smooth moves a share of a picture's targets to all classes alike, to those that are left in if some are left out.
func (l *Loss) smooth(t *Node) *Node {
	if l.config.Smoothing == 0 {
		return t
	}
	included := l.present
	if included == nil {
		included = slices.Repeat([]float32{1}, l.classes)
	}
	number := 0.0
	for _, one := range included {
		number += float64(one)
	}
	spread := Mul(ReduceAndKeep(t, ReduceSum, 1), perClass(t, included))
	return Add(MulScalar(t, 1-l.config.Smoothing), MulScalar(spread, l.config.Smoothing/number))
}

// pictureWeights are Σ t·w, [batch].
func (l *Loss) pictureWeights(t *Node) *Node {
	return ReduceSum(Mul(t, perClass(t, l.weights)), 1)
}

// perClass makes a constant [1, classes] of like's type.
func perClass(like *Node, values []float32) *Node {
	return ConvertDType(Const(like.Graph(), [][]float32{values}), like.DType())
}

func absentOffsets(present []float32) []float32 {
	offsets := make([]float32, len(present))
	for class, p := range present {
		if p == 0 {
			offsets[class] = absentLogit
		}
	}
	return offsets
}
