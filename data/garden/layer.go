package garden

// layer is a picture with transparency: colours multiplied by their alpha.
type layer struct {
	width, height int
	pix           []float64 // r, g, b, alpha of each pixel, row by row
}

func newLayer(width, height int) *layer {
	return &layer{width, height, make([]float64, 4*width*height)}
}

func (l *layer) clear() { clear(l.pix) }

// over puts a colour with a given opacity on top of a pixel.
func (l *layer) over(x, y int, c colour, alpha float64) {
	p := l.pix[4*(y*l.width+x):][:4]
	rest := 1 - alpha
	p[0] = mul(p[0], rest) + mul(c.r, alpha)
	p[1] = mul(p[1], rest) + mul(c.g, alpha)
	p[2] = mul(p[2], rest) + mul(c.b, alpha)
	p[3] = mul(p[3], rest) + alpha
}

// compose puts a whole layer on top.
func (l *layer) compose(top *layer) {
	for i := 0; i < len(l.pix); i += 4 {
		t := top.pix[i : i+4]
		if t[3] == 0 {
			continue
		}
		p := l.pix[i : i+4]
		rest := 1 - t[3]
		for k := range p {
			p[k] = mul(p[k], rest) + t[k]
		}
	}
}

// shade darkens the layer where a shadow, shifted by (dx, dy) whole pixels, falls: to 1−depth under full cover.
func (l *layer) shade(shadow []float64, dx, dy int, depth float64, tint colour) {
	for y := range l.height {
		sy := y - dy
		if sy < 0 || sy >= l.height {
			continue
		}
		for x := range l.width {
			sx := x - dx
			if sx < 0 || sx >= l.width {
				continue
			}
			s := mul(depth, shadow[sy*l.width+sx])
			if s == 0 {
				continue
			}
			p := l.pix[4*(y*l.width+x):][:4]
			p[0] = mul(p[0], 1-mul(s, tint.r))
			p[1] = mul(p[1], 1-mul(s, tint.g))
			p[2] = mul(p[2], 1-mul(s, tint.b))
		}
	}
}
