package nn

import (
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// ReLU returns max(x, 0).
func ReLU(x *Node) *Node { return MaxScalar(x, 0.0) }

// MaxPool takes the largest value of each window×window square, [batch, height, width, channels].
// Padded pixels never win.
func MaxPool2D(x *Node, window, stride int, padding Padding) *Node {
	return MaxPool(x).Window(window).Strides(stride).PaddingPerDim(padding.perAxis()).Done()
}

// AveragePool2D averages each window×window square without padding, [batch, height, width, channels]. Rows and columns
// that do not fill a window are left out, as in torch and Keras.
func AveragePool2D(x *Node, window, stride int) *Node {
	return MeanPool(x).Window(window).Strides(stride).NoPadding().Done()
}

// GlobalAveragePool averages over height and width: [batch, height, width, channels] → [batch, channels].
func GlobalAveragePool(x *Node) *Node { return ReduceMean(x, 1, 2) }

// Dense multiplies x [batch, in] by the parameter `kernel` [in, units] and adds `bias` [units].
func Dense(b *Builder, x *Node, units int) *Node {
	in := x.Shape().Dim(-1)
	kernel := b.Param(x.Graph(), "kernel", GlorotUniform, in, units)
	bias := b.Param(x.Graph(), "bias", Constant(0), units)
	return Add(Dot(x, kernel).Product(), Reshape(bias, 1, units))
}

// Dropout sets each value of x [batch, features] to zero with probability rate and divides the others by 1−rate, in a
// part that trains; elsewhere it returns x. Which values go depends on the example's seed alone (Options.RandomSeeds),
// not on its place in the batch.
func Dropout(b *Builder, x *Node, rate float64) *Node {
	if !b.Training() || rate == 0 {
		return x
	}
	if rate < 0 || rate >= 1 {
		exceptions.Panicf("dropout rate %g at %s is outside [0, 1)", rate, b.path)
	}
	if b.options.RandomSeeds == nil {
		exceptions.Panicf("dropout at %s needs Options.RandomSeeds in a training graph", b.path)
	}
	keep := GreaterOrEqual(Uniform(b.options.RandomSeeds, streamDropout, x.Shape().Dim(-1)), ConstAs(x, rate))
	return Where(keep, DivScalar(x, 1-rate), ZerosLike(x))
}
