package augment

import (
	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// smooth is a weighted mean of 3×3 pixels, the middle one five times as heavy as the others; edge pixels stay.
func smooth(x *Node) *Node {
	dims := x.Shape().Dimensions
	if dims[1] < 3 || dims[2] < 3 {
		return x
	}
	three := func(x *Node, axis int) *Node {
		n := x.Shape().Dim(axis)
		part := func(i int) *Node { return SliceAxis(x, axis, AxisRange(i, n-2+i)) }
		return Add(Add(part(0), part(1)), part(2))
	}
	inner := Slice(x, AxisRange(), AxisRange(1, dims[1]-1), AxisRange(1, dims[2]-1))
	mean := DivScalar(Add(three(three(x, 1), 2), MulScalar(inner, 4)), 13)
	one := compute.PadAxis{Start: 1, End: 1}
	padded := Pad(mean, ScalarZero(x.Graph(), x.DType()), compute.PadAxis{}, one, one, compute.PadAxis{})
	column, row := pixelIndices(x)
	innerOf := func(at *Node, n int) *Node {
		return LogicalAnd(GreaterThan(at, ZerosLike(at)), LessThan(at, ConstAs(at, float64(n-1))))
	}
	inside := LogicalAnd(innerOf(column, dims[2]), innerOf(row, dims[1]))
	return Where(BroadcastToShape(inside, x.Shape()), padded, x)
}

// posterize keeps the upper bits of values of 8.
func posterize(x *Node, bits int) *Node {
	step := float64(int(1) << (8 - bits))
	return MulScalar(Floor(DivScalar(Round(x), step)), step)
}

// solarize inverts values from a threshold on.
func solarize(x *Node, threshold float64) *Node {
	return Where(GreaterOrEqual(x, ConstAs(x, threshold)), AddScalar(Neg(x), 255), x)
}

// autoContrast stretches each channel to 0..255; one of a single value stays.
func autoContrast(x *Node) *Node {
	low, high := ReduceAndKeep(x, ReduceMin, 1, 2), ReduceAndKeep(x, ReduceMax, 1, 2)
	flat := Equal(low, high)
	span := Where(flat, MulScalar(OnesLike(low), 255), Sub(high, low))
	return Mul(Sub(x, Where(flat, ZerosLike(low), low)), Reciprocal(DivScalar(span, 255)))
}

// equalize flattens the histogram of each channel as Pillow's ImageOps.equalize does; values are rounded first.
func equalize(x *Node) *Node {
	const levels = 256
	g, dims := x.Graph(), x.Shape().Dimensions
	batch, channels := dims[0], dims[3]
	value := whole(Round(x))
	table := Add(MulScalar(Iota(g, shapes.Make(dtypes.Int32, batch, 1, 1, channels), 0), channels*levels),
		MulScalar(Iota(g, shapes.Make(dtypes.Int32, batch, 1, 1, channels), 3), levels))
	index := Reshape(Add(value, table), x.Shape().Size(), 1) // of a level in the histograms of all channels

	histogram := ScatterSum(Zeros(g, shapes.Make(dtypes.Int32, batch*channels*levels)), index,
		OnesLike(Squeeze(index, 1)), false, false)
	histogram = Reshape(histogram, batch, 1, channels, levels)
	level := Iota(g, histogram.Shape(), 3)
	highest := ExpandAxes(Squeeze(ReduceAndKeep(value, ReduceMax, 1, 2), 2), 3) // [batch, 1, channels, 1]
	others := ReduceAndKeep(Where(Equal(level, BroadcastToShape(highest, level.Shape())), ZerosLike(histogram), histogram), ReduceSum, 3)
	step := Div(others, ConstAs(others, 255))
	below := Sub(CumSum(histogram, 3), histogram)
	divisor := Max(step, OnesLike(step))
	mapped := ClipScalar(Div(Add(below, Div(step, ConstAs(step, 2))), divisor), 0, 255)
	mapped = Where(BroadcastToShape(Equal(step, ZerosLike(step)), level.Shape()), level, mapped)
	return ConvertDType(Reshape(Gather(Reshape(mapped, batch*channels*levels), index), dims...), x.DType())
}
