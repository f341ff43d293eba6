package augment

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// mapping says which place of a picture a changed one shows at (x, y), both in pixels from the middle:
//
//	(xx·x + xy·y + x0, yx·x + yy·y + y0)
//
// All are [batch]; those that may be nil are then 0, which spares work.
type mapping struct{ xx, xy, x0, yx, yy, y0 *Node }

// identity is the mapping of unchanged pictures, for as many as like, [batch].
func identity(like *Node) mapping { return mapping{xx: OnesLike(like), yy: OnesLike(like)} }

// then is the mapping of a change and of a next one on what the first made.
func (m mapping) then(next mapping) mapping {
	m, next = m.as(dtypes.Float64), next.as(dtypes.Float64)
	return mapping{
		xx: plus(times(m.xx, next.xx), times(m.xy, next.yx)),
		xy: plus(times(m.xx, next.xy), times(m.xy, next.yy)),
		x0: plus(plus(times(m.xx, next.x0), times(m.xy, next.y0)), m.x0),
		yx: plus(times(m.yx, next.xx), times(m.yy, next.yx)),
		yy: plus(times(m.yx, next.xy), times(m.yy, next.yy)),
		y0: plus(plus(times(m.yx, next.x0), times(m.yy, next.y0)), m.y0),
	}.as(dtypes.Float32)
}

// as is the mapping in other floats. In float64 a product of two float32 is exact. A sum of products is then the same
// whether or not the compiler fuses it into one operation, which for float32 differs with the size of the batch.
func (m mapping) as(dtype dtypes.DType) mapping {
	for _, x := range []**Node{&m.xx, &m.xy, &m.x0, &m.yx, &m.yy, &m.y0} {
		if *x != nil {
			*x = ConvertDType(*x, dtype)
		}
	}
	return m
}

// position is where to look along an axis: the pixel before, and the distance from it in [0, 1). float32.
type position struct{ before, distance *Node } // [batch, height or 1, width or 1]

// positions are where to look in the original picture for each pixel.
func (m mapping) positions(height, width int) (x, y position) {
	m = m.as(dtypes.Float64)
	fromMiddle := func(axis, n int) *Node {
		dims := []int{1, 1, 1}
		dims[axis] = n
		return AddScalar(Iota(m.xx.Graph(), shapes.Make(dtypes.Float64, dims...), axis), -float64(n-1)/2)
	}
	column, row := fromMiddle(2, width), fromMiddle(1, height)
	at := func(ofX, ofY, offset *Node, n int) position {
		p := plus(times(expanded(ofX), column), times(expanded(ofY), row))
		p = AddScalar(plus(p, expanded(offset)), float64(n-1)/2)
		before := Floor(p)
		return position{ConvertDType(before, dtypes.Float32), ConvertDType(Sub(p, before), dtypes.Float32)}
	}
	return at(m.xx, m.xy, m.x0, width), at(m.yx, m.yy, m.y0, height)
}

func expanded(x *Node) *Node {
	if x == nil {
		return nil
	}
	return each(x, 3)
}

// plus is a + b, where nil is 0.
func plus(a, b *Node) *Node {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return Add(a, b)
}

// times is a·b, where nil is 0.
func times(a, b *Node) *Node {
	if a == nil || b == nil {
		return nil
	}
	return Mul(a, b)
}
