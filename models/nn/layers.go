package nn

import (
	"slices"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// ReLU returns max(x, 0).
func ReLU(x *Node) *Node { return MaxScalar(x, 0.0) }

// MaxPool2D takes the largest value of each window×window square, [batch, height, width, channels].
// Padded pixels never win.
func MaxPool2D(x *Node, window, stride int, padding Padding) *Node {
	return MaxPool(x).Window(window).Strides(stride).PaddingPerDim(padding.perAxis()).Done()
}

// AveragePool2D averages each window×window square, [batch, height, width, channels], over the pixels that are not
// padding. Rows and columns that do not fill a window are left out, as in torch and Keras.
func AveragePool2D(x *Node, window, stride int, padding Padding) *Node {
	pool := MeanPool(ConvertDType(x, dtypes.Float32)).Window(window).Strides(stride)
	if padding == (Padding{}) {
		pool = pool.NoPadding()
	} else {
		pool = pool.PaddingPerDim(padding.perAxis())
	}
	return ConvertDType(pool.Done(), x.DType())
}

// AdaptiveAveragePool2D averages x [batch, h, w, channels] to [batch, height, width, channels]: row i of the output is
// the mean of rows floor(i·h/height) to ceil((i+1)·h/height) − 1, and so for columns, as in torch. The input may be
// smaller than the output.
func AdaptiveAveragePool2D(x *Node, height, width int) *Node {
	kept := x.DType()
	x = ConvertDType(x, dtypes.Float32)
	if h := x.Shape().Dim(1); h != height {
		x = Einsum("oh,bhwc->bowc", adaptiveMeans(x.Graph(), h, height), x)
	}
	if w := x.Shape().Dim(2); w != width {
		x = Einsum("ow,bhwc->bhoc", adaptiveMeans(x.Graph(), w, width), x)
	}
	return ConvertDType(x, kept)
}

// adaptiveMeans is the matrix [to, from] of AdaptiveAveragePool2D along one axis.
func adaptiveMeans(g *Graph, from, to int) *Node {
	means := make([][]float32, to)
	for i := range means {
		means[i] = make([]float32, from)
		first, end := i*from/to, ((i+1)*from+to-1)/to
		for j := first; j < end; j++ {
			means[i][j] = 1 / float32(end-first)
		}
	}
	return Const(g, means)
}

// GlobalAveragePool averages over height and width: [batch, height, width, channels] → [batch, channels] float32.
func GlobalAveragePool(x *Node) *Node { return ReduceMean(ConvertDType(x, dtypes.Float32), 1, 2) }

// Dense multiplies x [batch, …, in] by the parameter `kernel` [in, units] and adds `bias` [units].
func Dense(b *Builder, x *Node, units int) *Node {
	in := x.Shape().Dim(-1)
	kernel := b.Low(b.Param(x.Graph(), "kernel", GlorotUniform, in, units))
	bias := b.Low(b.Param(x.Graph(), "bias", Constant(0), units))
	x = b.Low(x)
	dims := slices.Clone(x.Shape().Dimensions)
	dims[len(dims)-1] = units
	y := Add(product(Reshape(x, -1, in), kernel), Reshape(bias, 1, units))
	return Reshape(y, dims...)
}

// product multiplies matrices. GoMLX would compute the gradient of a bfloat16 product in float32, operands and all, since
// it asks for a float32 accumulator, which XLA has anyway.
func product(x, y *Node) *Node {
	return Dot(x, y).WithAccumulatorDType(dtypes.InvalidDType).Product()
}

// Dropout sets each value of x [batch, …] to zero with probability rate and divides the others by 1−rate, in a part that
// trains; elsewhere it returns x. Which values go depends on the example's seed alone (Options.RandomSeeds),
// not on its place in the batch. A network's several dropouts are kept apart by layer, which counts from 0.
func Dropout(b *Builder, x *Node, rate float64, layer int) *Node {
	if !b.Training() || rate == 0 {
		return x
	}
	if rate < 0 || rate >= 1 {
		exceptions.Panicf("dropout rate %g at %s is outside [0, 1)", rate, b.path)
	}
	if b.options.RandomSeeds == nil {
		exceptions.Panicf("dropout at %s needs Options.RandomSeeds in a training graph", b.path)
	}
	dims := x.Shape().Dimensions
	drawn := Uniform(b.options.RandomSeeds, streamDropout+uint32(layer), x.Shape().Size()/dims[0])
	keep := GreaterOrEqual(Reshape(drawn, dims...), ConstAs(drawn, rate))
	return Where(keep, DivScalar(x, 1-rate), ZerosLike(x))
}
