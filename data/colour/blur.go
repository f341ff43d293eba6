package colour

// The blur is a Gaussian of 7 × 7 px. OpenCV takes these weights, in parts of 256, for a standard deviation of 0.
const radius = 3

func weigh(a, b, c, d, e, f, g uint32) uint32 {
	return 8*(a+g) + 28*(b+f) + 56*(c+e) + 72*d
}

// blur smooths pictures. Its zero value is ready; it keeps buffers between calls.
type blur struct {
	padded []uint8  // a row of the picture with its mirrored ends
	rows   []uint16 // the picture blurred along rows, in parts of 256
}

// apply blurs RGB pixels in place, to the bit as OpenCV's GaussianBlur(picture, (7, 7), 0) does: the border is mirrored
// without repeating the outermost pixels. width and height are at least 4.
func (b *blur) apply(rgb []byte, width, height int) {
	stride := 3 * width
	if len(b.rows) < len(rgb) {
		b.rows = make([]uint16, len(rgb))
	}
	for y := range height {
		b.along(b.rows[y*stride:][:stride], rgb[y*stride:][:stride], width)
	}
	for y := range height {
		var r [2*radius + 1][]uint16
		for i := range r {
			r[i] = b.rows[mirror(y+i-radius, height)*stride:][:stride]
		}
		to := rgb[y*stride:][:stride]
		for x := range to {
			sum := weigh(uint32(r[0][x]), uint32(r[1][x]), uint32(r[2][x]), uint32(r[3][x]), uint32(r[4][x]), uint32(r[5][x]), uint32(r[6][x]))
			to[x] = byte((sum + 1<<15) >> 16)
		}
	}
}

// along blurs a row of RGB pixels.
func (b *blur) along(to []uint16, from []byte, width int) {
	b.padded = b.padded[:0]
	for x := -radius; x < width+radius; x++ {
		pixel := from[3*mirror(x, width):]
		b.padded = append(b.padded, pixel[0], pixel[1], pixel[2])
	}
	for x := range to {
		p := b.padded[x : x+3*2*radius+1]
		to[x] = uint16(weigh(uint32(p[0]), uint32(p[3]), uint32(p[6]), uint32(p[9]), uint32(p[12]), uint32(p[15]), uint32(p[18])))
	}
}

// mirror reflects a place beyond the border back into 0…n−1.
func mirror(x, n int) int {
	if x < 0 {
		return -x
	}
	if x >= n {
		return 2*n - 2 - x
	}
	return x
}
