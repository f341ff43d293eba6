// Package resize scales RGB pictures with an antialiased bicubic filter.
//
// The filter is the one the study used, Pillow's BICUBIC: Keys' cubic with a = −0.5, widened by the scale factor when a
// picture shrinks, applied along rows and then along columns with coefficients rounded to 22 bits. Results equal those of
// Pillow up to version 12 to the bit (version 13 changed the order of the passes where one side grows and the other
// shrinks), and are the same on every platform: all work on pixels is integer arithmetic.
//
//	var r resize.Resizer
//	dst := make([]byte, 224*224*3)
//	r.Resize(dst, 224, 224, resize.Image(img))
package resize

import (
	"fmt"
	"image"
)

// Source is a picture that is read row by row, top to bottom, each row once: a large picture never needs to be in
// memory as RGB.
type Source interface {
	// Size is the width and height in px, both positive.
	Size() (width, height int)
	// Row fills dst, width·3 bytes long, with the RGB values of row y.
	Row(y int, dst []byte)
}

// Resizer keeps the buffers and filter tables of earlier calls. Its zero value is ready; it is not for use by several
// goroutines at once.
type Resizer struct {
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
	inWidth, inHeight := src.Size()
	if width <= 0 || height <= 0 || inWidth <= 0 || inHeight <= 0 || len(dst) != 3*width*height {
		panic(fmt.Sprintf("resize: %dx%d px to %dx%d px in %d bytes", inWidth, inHeight, width, height, len(dst)))
	}
	r.prepare(dst, inWidth, inHeight, width, height)
	for y := 0; y < inHeight; y += 2 {
		rows := min(2, inHeight-y) // an odd last row is filtered along with an old one
		for i := range rows {
			src.Row(y+i, r.wide[i])
		}
		narrow := r.wide
		if inWidth != width {
			narrow = r.narrow
			for x := range r.pairs {
				r.pairs[x] = pair(r.wide[0][x], r.wide[1][x])
			}
			r.across.rows(narrow[0], narrow[1], r.pairs)
		}
		for i := range rows {
			if inHeight != height {
				r.stack.add(y+i, narrow[i])
			} else {
				copy(dst[3*width*(y+i):], narrow[i])
			}
		}
	}
	r.stack.dst = nil
}

func (r *Resizer) prepare(dst []byte, inWidth, inHeight, width, height int) {
	r.across.prepare(inWidth, width)
	r.down.prepare(inHeight, height)
	for i := range 2 {
		r.wide[i] = grow(r.wide[i], 3*inWidth)
		r.narrow[i] = grow(r.narrow[i], 3*width)
	}
	r.pairs = grow(r.pairs, 3*inWidth)
	words := (3*width + 1) / 2
	r.stack = stack{
		filter: &r.down, dst: dst, rowLen: 3 * width,
		row: grow(r.stack.row, words), sums: grow(r.stack.sums, words*r.down.overlap),
	}
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
