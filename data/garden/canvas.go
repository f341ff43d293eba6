package garden

import "math"

// light is where the sun stands and what it does. Directions are in picture coordinates, z towards the viewer.
type light struct {
	x, y, z    float64 // direction to the sun
	hx, hy, hz float64 // half-way between sun and viewer: where a smooth surface shines
	ambient    float64
}

func newLight(azimuth, height, ambient float64) light {
	l := light{z: height, ambient: ambient}
	flat := math.Sqrt(1 - mul(height, height))
	l.x, l.y = mul(flat, cos(azimuth)), mul(flat, sin(azimuth))
	n := math.Sqrt(mul(2, 1+height))
	l.hx, l.hy, l.hz = l.x/n, l.y/n, (height+1)/n
	return l
}

// on is how bright a surface is whose normal is (nx, ny, nz), and how much it mirrors the sun.
func (l light) on(nx, ny, nz float64) (bright, shine float64) {
	diffuse := max(0, mul(l.x, nx)+mul(l.y, ny)+mul(l.z, nz))
	bright = mul(l.ambient+mul(1.25-l.ambient, diffuse), 0.72+mul(0.28, nz))
	return bright, power(max(0, mul(l.hx, nx)+mul(l.hy, ny)+mul(l.hz, nz)), 4)
}

// canvas is what an insect is drawn on: a layer, the map from the insect's own frame to it, the light and the picture's
// dice. In an insect's frame the head is towards +y and lengths are in body lengths.
type canvas struct {
	layer  *layer
	raster *rasteriser
	frame  affine
	light  light
	dice   dice
	grain  uint64  // key of the picture's noise
	roll   float64 // how far the insect leans to its right side, about −0.3…0.3
	open   float64 // wing opening, 0 folded … 1 spread
}

// shape fills an outline given in the frame; paint sees the place in the frame.
func (c *canvas) shape(outline []point, paint func(q point) (colour, float64)) {
	c.mapped(c.frame, outline, paint)
}

// mapped fills an outline given in the frame m; paint sees the place in that frame.
func (c *canvas) mapped(m affine, outline []point, paint func(q point) (colour, float64)) {
	drawn := make([]point, len(outline))
	for i, q := range outline {
		drawn[i] = m.at(q)
	}
	back := m.inverse()
	c.raster.fill(path{drawn}, func(x, y int, covered float64) {
		shade, alpha := paint(back.at(point{float64(x) + 0.5, float64(y) + 0.5}))
		if alpha > 0 {
			c.layer.over(x, y, shade, mul(alpha, covered))
		}
	})
}

// stroke draws a line through points of the frame, width (in the frame) going evenly from first to last.
func (c *canvas) stroke(line []point, first, last float64, ink colour, alpha float64) {
	c.strokeIn(c.frame, line, first, last, ink, alpha)
}

func (c *canvas) strokeIn(m affine, line []point, first, last float64, ink colour, alpha float64) {
	scale := m.scale()
	drawn := make([]point, len(line))
	for i, q := range line {
		drawn[i] = m.at(q)
	}
	c.strokePx(drawn, max(mul(first, scale), 0.35), max(mul(last, scale), 0.25), ink, alpha)
}

// strokePx is stroke in picture coordinates, widths in px.
func (c *canvas) strokePx(line []point, first, last float64, ink colour, alpha float64) {
	fillStroke(c.raster, line, first, last, func(x, y int, covered float64) {
		c.layer.over(x, y, ink, mul(alpha, covered))
	})
}

// fillStroke fills a tapered line with round joints.
func fillStroke(r *rasteriser, line []point, first, last float64, paint func(x, y int, covered float64)) {
	n := len(line) - 1
	outlines := make(path, 0, 2*n+1)
	width := func(i int) float64 { return lerp(first, last, float64(i)/float64(max(n, 1))) / 2 }
	for i := range line {
		if w := width(i); w > 0.6 && (i > 0 || i < n) {
			outlines = append(outlines, circle(line[i], w, 8))
		}
		if i == n {
			break
		}
		side := line[i+1].sub(line[i]).direction().side()
		a, b := side.by(width(i)), side.by(width(i+1))
		// Wound like the circles, so that overlaps add up instead of cancelling.
		outlines = append(outlines, []point{line[i].sub(a), line[i+1].sub(b), line[i+1].add(b), line[i].add(a)})
	}
	r.fill(outlines, paint)
}

func circle(centre point, radius float64, corners int) []point {
	outline := make([]point, corners)
	for i := range outline {
		outline[i] = centre.add(polar(float64(i)/float64(corners), radius))
	}
	return outline
}

// curve samples a quadratic Bézier curve.
func curve(a, control, b point, steps int) []point {
	line := make([]point, steps+1)
	for i := range line {
		t := float64(i) / float64(steps)
		line[i] = between(between(a, control, t), between(control, b, t), t)
	}
	return line
}

// rounded is a closed smooth outline through points (Catmull–Rom), steps to a side.
func rounded(points []point, steps int) []point {
	n := len(points)
	outline := make([]point, 0, n*steps)
	for i := range points {
		p0, p1, p2, p3 := points[(i+n-1)%n], points[i], points[(i+1)%n], points[(i+2)%n]
		for k := range steps {
			t := float64(k) / float64(steps)
			t2 := mul(t, t)
			t3 := mul(t2, t)
			outline = append(outline,
				p0.by((mul(2, t2)-t3-t)/2).
					add(p1.by((mul(3, t3)-mul(5, t2)+2)/2)).
					add(p2.by((mul(4, t2)-mul(3, t3)+t)/2)).
					add(p3.by((t3-t2)/2)))
		}
	}
	return outline
}
