package resize

import "math"

const (
	fractionBits = 32 - 8 - 2 // of a coefficient: what an int32 sum of 8-bit values leaves, with room for overshoot
	half         = 1 << (fractionBits - 1)
)

// filter holds, for each wanted output position along one axis, the span of input positions it is made of and their
// weights.
type filter struct {
	table
	overlap int // the most output positions that any input position contributes to
	spans   []span
	weights []int32 // of all spans, one after the other; each span's add up to about 1<<fractionBits
}

type span struct{ first, length, weights int }

// table is what a filter is computed from.
type table struct {
	interpolation Interpolation
	in, out       int // length of the axis before and after
	first, end    int // the wanted output positions are first … end−1
}

// prepare computes spans and weights, unless they are already there. Here and in the interpolations, the conversions keep
// a compiler from fusing a product with a sum, which would round differently from one processor to another.
func (f *filter) prepare(t table) {
	if f.table == t {
		return
	}
	f.table = t
	f.spans, f.weights = f.spans[:0], f.weights[:0]
	scale := float64(t.in) / float64(t.out)
	stretch := max(scale, 1) // widening the filter when shrinking is what prevents aliasing
	radius := float64(t.interpolation.radius() * stretch)
	var real []float64
	for i := t.first; i < t.end; i++ {
		center := float64((float64(i) + 0.5) * scale)
		first := max(int(center-radius+0.5), 0)
		end := min(int(center+radius+0.5), t.in)
		real = real[:0]
		sum := 0.0
		for x := first; x < end; x++ {
			w := t.interpolation.weight(float64((float64(x) - center + 0.5) * (1 / stretch)))
			real = append(real, w)
			sum += w
		}
		f.spans = append(f.spans, span{first, end - first, len(f.weights)})
		for _, w := range real {
			f.weights = append(f.weights, int32(math.Round(float64(w/sum)*(1<<fractionBits))))
		}
	}
	f.overlap = 1
	for i, oldest := 0, 0; i < len(f.spans); i++ {
		for f.spans[oldest].first+f.spans[oldest].length <= f.spans[i].first {
			oldest++
		}
		f.overlap = max(f.overlap, i-oldest+1)
	}
}

// reads is the range of input positions, first … end−1, that any output is made of.
func (f *filter) reads() (first, end int) {
	last := f.spans[len(f.spans)-1]
	return f.spans[0].first, last.first + last.length
}

// Two 8-bit values share one 64-bit word, one in each half, so that one multiplication by a weight serves both. A sum of
// such products keeps the halves apart except for a borrow, which split undoes.

const halfBoth = half | half<<32

func pair(low, high byte) int64 { return int64(low) | int64(high)<<32 }

// split rounds the two sums in a word to levels.
func split(sums int64) (low, high byte) {
	first := int32(sums)
	return clip(first), clip(int32((sums - int64(first)) >> 32))
}

// rows filters two rows of RGB pixels, paired byte by byte in src, into dst and below.
func (f *filter) rows(dst, below []byte, src []int64) {
	for i, span := range f.spans {
		weights := f.weights[span.weights:][:span.length]
		pixels := src[3*span.first:][:3*span.length]
		red, green, blue := int64(halfBoth), int64(halfBoth), int64(halfBoth)
		for len(pixels) >= 3 && len(weights) > 0 {
			w := int64(weights[0])
			red += w * pixels[0]
			green += w * pixels[1]
			blue += w * pixels[2]
			pixels, weights = pixels[3:], weights[1:]
		}
		out, outBelow := dst[3*i:3*i+3], below[3*i:3*i+3]
		out[0], outBelow[0] = split(red)
		out[1], outBelow[1] = split(green)
		out[2], outBelow[2] = split(blue)
	}
}

// stack filters down the columns while the rows come in. An output row is a sum over a few neighbouring input rows; only
// the sums that are under way are kept, output row i in slot i modulo filter.overlap.
type stack struct {
	filter      *filter
	row, sums   []int64 // pairs of neighbouring bytes: of one row; of filter.overlap rows
	dst         []byte
	rowLen      int // bytes
	begun, done int // output rows begun; output rows finished
}

// add takes input row y; rows come in order, each once.
func (s *stack) add(y int, row []byte) {
	f := s.filter
	for i := range s.row[:len(row)/2] {
		s.row[i] = pair(row[2*i], row[2*i+1])
	}
	if last := len(row) - 1; last%2 == 0 {
		s.row[last/2] = pair(row[last], 0)
	}
	for ; s.begun < len(f.spans) && f.spans[s.begun].first <= y; s.begun++ {
		sums := s.slot(s.begun)
		for i := range sums {
			sums[i] = halfBoth
		}
	}
	for i := s.done; i < s.begun; i++ {
		span := f.spans[i]
		weight := int64(f.weights[span.weights+y-span.first])
		sums := s.slot(i)
		values := s.row[:len(sums)]
		for x := range sums {
			sums[x] += weight * values[x]
		}
		if y == span.first+span.length-1 {
			s.finish(i, sums)
		}
	}
}

func (s *stack) finish(i int, sums []int64) {
	out := s.dst[i*s.rowLen:][:s.rowLen]
	for x := range s.rowLen / 2 {
		out[2*x], out[2*x+1] = split(sums[x])
	}
	if s.rowLen%2 == 1 {
		out[s.rowLen-1], _ = split(sums[len(sums)-1])
	}
	s.done = i + 1
}

func (s *stack) slot(i int) []int64 { return s.sums[i%s.filter.overlap*len(s.row):][:len(s.row)] }

// clip rounds a sum (half is already in it) to a level in 0…255.
func clip(sum int32) byte {
	return byte(min(max(sum>>fractionBits, 0), 255))
}
