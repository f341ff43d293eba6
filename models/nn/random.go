package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Streams keep two uses of one example's seed apart. Each use counts on from its number.
const (
	streamDropout uint32 = 0x0d0
	StreamAugment uint32 = 0xa00
)

// Uniform returns n random numbers in [0, 1) for each example: seeds [batch, 2] uint32 → [batch, n] float32.
//
// The numbers depend on the example's seed, the stream and their index only, so an example gets the same ones in any
// batch, at any place, on any device. They are the top 24 bits of a hash of (seed, stream, index): three rounds of
// the 32-bit mixer "lowbias32" (Wellons 2018, bias 0.17 %), each keyed by one of the words.
func Uniform(seeds *Node, stream uint32, n int) *Node {
	if seeds.Rank() != 2 || seeds.Shape().Dim(1) != 2 || seeds.DType() != dtypes.Uint32 {
		exceptions.Panicf("random seeds must be [batch, 2] uint32, got %s", seeds.Shape())
	}
	g := seeds.Graph()
	batch := seeds.Shape().Dim(0)
	low := BroadcastToDims(Slice(seeds, AxisRange(), AxisRange(0, 1)), batch, n)
	high := BroadcastToDims(Slice(seeds, AxisRange(), AxisRange(1, 2)), batch, n)
	index := Iota(g, shapes.Make(dtypes.Uint32, batch, n), 1)

	h := mix32(Add(index, Scalar(g, dtypes.Uint32, stream*0x9e3779b9)))
	h = mix32(BitwiseXor(h, low))
	h = mix32(BitwiseXor(h, high))
	return MulScalar(ConvertDType(BitwiseShiftRightLogicalScalar(h, uint32(8)), dtypes.Float32), 1.0/(1<<24))
}

func mix32(x *Node) *Node {
	g := x.Graph()
	x = BitwiseXor(x, BitwiseShiftRightLogicalScalar(x, uint32(16)))
	x = Mul(x, Scalar(g, dtypes.Uint32, uint32(0x7feb352d)))
	x = BitwiseXor(x, BitwiseShiftRightLogicalScalar(x, uint32(15)))
	x = Mul(x, Scalar(g, dtypes.Uint32, uint32(0x846ca68b)))
	return BitwiseXor(x, BitwiseShiftRightLogicalScalar(x, uint32(16)))
}
