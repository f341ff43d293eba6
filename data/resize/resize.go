// Package resize scales RGB pictures with an antialiased bicubic or bilinear filter.
//
// The bicubic filter is the one the study used, Pillow's BICUBIC: Keys' cubic with a = −0.5, widened by the scale factor
// when a picture shrinks, applied along rows and then along columns with coefficients rounded to 22 bits; the other is
// Pillow's BILINEAR, a triangle instead of the cubic. Results equal those of Pillow up to version 12 to the bit (version 13
// changed the order of the passes where one side grows and the other shrinks), and are the same on every platform: all
// work on pixels is integer arithmetic.
//
//	var r resize.Resizer
//	dst := make([]byte, 224*224*3)
//	r.Resize(dst, 224, 224, resize.Image(img))
package resize

import (
	"fmt"
	"image"
)

// Source is a picture that is read row by row, top to bottom, each row at most once: a large picture never needs to be in
// memory as RGB.
type Source interface {
	// Size is the width and height in px, both positive.
	Size() (width, height int)
	// Row fills dst, width·3 bytes long, with the RGB values of row y.
	Row(y int, dst []byte)
}

// Resizer keeps the buffers and filter tables of earlier calls. Its zero value is ready and bicubic; it is not for use by
// several goroutines at once.
type Resizer struct {
	Interpolation Interpolation

	across, down filter
	wide, narrow [2][]byte // two rows at the source's width, and at the target's
	pairs        []int64
	stack        stack
}

// Resize scales src to width × height px and writes it to dst as RGB, width·height·3 bytes; the aspect ratio follows
// the target. It panics if dst has another length or a side is not positive.
//
// Memory beyond dst is a few rows of the source and of the target, whatever the height of either.
func (r *Resizer) Resize(dst []byte, width, height int, src Source) {
	r.Crop(dst, width, height, image.Rect(0, 0, width, height), src)
}

// Crop writes to dst the part of what Resize would make that lies in window, as RGB, row by row, and computes no more than
// that. It panics if dst has another length than the window, or the window is empty or not within width × height px.
func (r *Resizer) Crop(dst []byte, width, height int, window image.Rectangle, src Source) {
	inWidth, inHeight := src.Size()
	if inWidth <= 0 || inHeight <= 0 || window.Empty() || !window.In(image.Rect(0, 0, width, height)) ||
		len(dst) != 3*window.Dx()*window.Dy() {
		panic(fmt.Sprintf("resize: %dx%d px to %v of %dx%d px in %d bytes", inWidth, inHeight, window, width, height, len(dst)))
	}
	r.across.prepare(table{r.Interpolation, inWidth, width, window.Min.X, window.Max.X})
	r.down.prepare(table{r.Interpolation, inHeight, height, window.Min.Y, window.Max.Y})
	r.allocate(dst, inWidth, window.Dx())
	first, end := window.Min.Y, window.Max.Y
	if inHeight != height {
		first, end = r.down.reads()
	}
	for y := first; y < end; y += 2 {
		rows := min(2, end-y) // an odd last row is filtered along with an old one
		for i := range rows {
			src.Row(y+i, r.wide[i])
		}
		r.filterRows(inWidth != width)
		for i := range rows {
			if inHeight != height {
				r.stack.add(y+i, r.narrow[i])
			} else {
				copy(dst[3*window.Dx()*(y+i-first):], r.narrow[i])
			}
		}
	}
	r.stack.dst = nil
}

func (r *Resizer) allocate(dst []byte, inWidth, outWidth int) {
	for i := range 2 {
		r.wide[i] = grow(r.wide[i], 3*inWidth)
		r.narrow[i] = grow(r.narrow[i], 3*outWidth)
	}
	r.pairs = grow(r.pairs, 3*inWidth)
	words := (3*outWidth + 1) / 2
	r.stack = stack{
		filter: &r.down, dst: dst, rowLen: 3 * outWidth,
		row: grow(r.stack.row, words), sums: grow(r.stack.sums, words*r.down.overlap),
	}
}

// filterRows makes the narrow rows of the wide ones.
func (r *Resizer) filterRows(scaled bool) {
	if !scaled {
		for i := range 2 {
			copy(r.narrow[i], r.wide[i][3*r.across.first:])
		}
		return
	}
	for x := range r.pairs {
		r.pairs[x] = pair(r.wide[0][x], r.wide[1][x])
	}
	r.across.rows(r.narrow[0], r.narrow[1], r.pairs)
}

// Image makes a Source of an image whose alpha, if any, is to be ignored.
func Image(img *image.RGBA) Source { return rgba{img} }

type rgba struct{ img *image.RGBA }

func (s rgba) Size() (width, height int) { return s.img.Rect.Dx(), s.img.Rect.Dy() }

func (s rgba) Row(y int, dst []byte) {
	from := s.img.Pix[y*s.img.Stride:]
	for x := 0; x < len(dst)/3; x++ {
		copy(dst[3*x:3*x+3], from[4*x:4*x+3])
	}
}

// grow returns a slice of n elements, buffer's own memory if that is large enough.
func grow[T any](buffer []T, n int) []T {
	if cap(buffer) < n {
		return make([]T, n)
	}
	return buffer[:n]
}
