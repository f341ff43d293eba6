package garden

import "math"

// part is one piece of a body: an egg seen from above, drawn as a lit solid.
type part struct {
	at         point   // centre, in the insect's frame
	wide, long float64 // half axes
	turn       float64 // turns; the part's own +y is its front
	egg        float64 // > 0: the front is broader
	pinch      float64 // > 0: both ends are more pointed
	gloss      float64 // strength of the highlight
}

// breadth is the relative width at v, −1 rear … 1 front, on top of the ellipse's own.
func (p part) breadth(v float64) float64 {
	return max(0.05, 1+mul(p.egg, v)-mul(p.pinch, mul(v, v)))
}

// of is the map from a part's frame, where the body is about the unit circle, to the picture.
func (c *canvas) of(p part) affine {
	return stretch(p.wide, p.long).then(rotation(p.turn)).then(shift(p.at)).then(c.frame)
}

// outline in the part's own frame.
func (p part) outline() []point {
	const corners = 40
	outline := make([]point, corners)
	for i := range outline {
		turns := float64(i) / corners
		v := cos(turns)
		outline[i] = point{mul(sin(turns), p.breadth(v)), v}
	}
	return outline
}

// body draws a part. paint gives the colour at (u, v): u −1 left … 1 right, v −1 rear … 1 front, as on the skin, so
// that a pattern wanders to the side when the insect leans.
func (c *canvas) body(p part, paint func(u, v float64) colour) {
	m := c.of(p)
	turned := rotation(p.turn).then(c.frame)
	scale := 1 / turned.scale()
	c.mapped(m, p.outline(), func(q point) (colour, float64) {
		u := clamp(q.x/p.breadth(clamp(q.y, -1, 1)), -1, 1)
		v := clamp(q.y, -1, 1)
		nz := math.Sqrt(max(0, 1-mul(u, u)-mul(v, v)))
		n := turned.vector(point{u, v}).by(scale)
		bright, shine := c.light.on(n.x, n.y, nz)
		base := paint(u+mul(c.roll, nz), v)
		return base.by(bright).add(grey(mul(p.gloss, shine))), 1
	})
}

// fur draws hairs over a part, their colour from paint like body's, and a fringe of them beyond its outline.
func (c *canvas) fur(p part, hairs int, length float64, paint func(u, v float64) colour) {
	turned := rotation(p.turn).then(shift(p.at)).then(c.frame)
	spin := 1 / turned.scale()
	for i := range hairs {
		radius := math.Sqrt(c.dice.Float64())
		if i%3 == 0 {
			radius = c.dice.between(0.85, 1)
		}
		unit := polar(c.dice.Float64(), radius)
		u, v := unit.x, unit.y
		root := point{mul(mul(u, p.wide), p.breadth(v)), mul(v, p.long)}
		out := point{u, v}.add(polar(c.dice.Float64(), 0.35))
		nz := math.Sqrt(max(0, 1-mul(u, u)-mul(v, v)))
		n := turned.vector(point{u, v}).by(spin)
		bright, _ := c.light.on(n.x, n.y, nz)
		ink := paint(u+mul(c.roll, nz), v).by(mul(bright, c.dice.around(1.08, 0.28)))
		tip := root.add(out.direction().by(mul(length, c.dice.between(0.5, 1.1))))
		c.strokeIn(turned, []point{root, tip}, 0.022, 0.006, ink, 0.85)
	}
}

// leg is one jointed leg: hip, knee, ankle, foot, drawn on both sides of the body.
type leg struct {
	hip               point   // right side
	out               float64 // angle of the thigh, turns from +x towards the head
	bend              float64 // turns the shin turns from the thigh
	thigh, shin       float64 // lengths
	foot              float64
	thick             float64
	thighInk, shinInk colour
}

func (c *canvas) legs(legs []leg) {
	for _, l := range legs {
		for _, s := range [...]float64{1, -1} {
			out := l.out + c.dice.around(0, 0.03)
			bend := l.bend + c.dice.around(0, 0.03)
			hip := l.hip
			knee := hip.add(polar(out, l.thigh))
			ankle := knee.add(polar(out+bend, l.shin))
			foot := ankle.add(polar(out+mul(bend, 1.5), l.foot))
			for _, piece := range [...]struct {
				from, to point
				a, b     float64
				ink      colour
			}{{hip, knee, l.thick, mul(l.thick, 0.85), l.thighInk}, {knee, ankle, mul(l.thick, 0.75), mul(l.thick, 0.5), l.shinInk}, {ankle, foot, mul(l.thick, 0.45), mul(l.thick, 0.3), l.shinInk}} {
				c.stroke([]point{piece.from.mirror(s), piece.to.mirror(s)}, piece.a, piece.b, piece.ink.by(0.85), 1)
			}
		}
	}
}

// sixLegs is the usual arrangement: front legs forward, middle legs aside, hind legs back.
func sixLegs(front, rear point, length, thick float64, thigh, shin colour) []leg {
	middle := between(front, rear, 0.5)
	return []leg{
		{front, 0.10, 0.10, mul(0.42, length), mul(0.42, length), mul(0.25, length), thick, thigh, shin},
		{middle, 0.005, -0.06, mul(0.48, length), mul(0.45, length), mul(0.3, length), thick, thigh, shin},
		{rear, -0.09, -0.09, mul(0.58, length), mul(0.6, length), mul(0.35, length), thick, thigh, shin},
	}
}

// Kinds of antennae.
const (
	threads = iota
	clubs
	feathers
	elbows
	bristles
)

// feelers is a pair of antennae.
type feelers struct {
	kind   int
	root   point // right side
	length float64
	spread float64 // turns from straight ahead
	curl   float64 // how far the end bends outwards (> 0) or back in, in lengths
	thick  float64
	ink    colour
	tip    colour
}

func (c *canvas) antennae(f feelers) {
	for _, s := range [...]float64{1, -1} {
		spread := f.spread + c.dice.around(0, 0.025)
		direction := polar(0.25-spread, 1)
		end := f.root.add(direction.by(f.length)).add(point{mul(f.curl, f.length), 0})
		middle := f.root.add(direction.by(mul(f.length, 0.6)))
		if f.kind == elbows {
			middle = f.root.add(polar(0.25-mul(spread, 0.4), mul(f.length, 0.75)))
			end = middle.add(polar(0.25-spread-0.09, mul(f.length, 0.6)))
		}
		line := curve(f.root, middle, end, 8)
		if f.kind == elbows {
			line = []point{f.root, middle, end}
		}
		for i := range line {
			line[i] = line[i].mirror(s)
		}
		switch f.kind {
		case feathers:
			for i := 1; i < len(line); i++ {
				for k := range 2 {
					at := between(line[i-1], line[i], float64(k)/2)
					along := line[i].sub(line[i-1]).direction()
					barb := mul(f.length, 0.26)
					barb = mul(barb, 1-mul(0.6, float64(i)/float64(len(line))))
					for _, t := range [...]float64{1, -1} {
						c.stroke([]point{at, at.add(along.by(mul(0.5, barb))).add(along.side().by(mul(t, barb)))}, mul(f.thick, 0.6), mul(f.thick, 0.4), f.ink, 0.9)
					}
				}
			}
			c.stroke(line, f.thick, mul(f.thick, 0.5), f.ink, 1)
		case clubs:
			c.stroke(line, mul(f.thick, 0.8), mul(f.thick, 0.8), f.ink, 1)
			last := len(line) - 1
			c.stroke(line[last-1:], mul(f.thick, 1.2), mul(f.thick, 2.6), f.ink, 1)
			c.stroke([]point{line[last], line[last]}, mul(f.thick, 2), mul(f.thick, 2), f.tip, 1)
		case bristles:
			c.stroke(line[:3], mul(f.thick, 2.4), mul(f.thick, 2), f.ink, 1)
			c.stroke(line[2:5], mul(f.thick, 0.5), mul(f.thick, 0.3), f.ink, 1)
		default:
			half := len(line) / 2
			c.stroke(line[:half+1], f.thick, mul(f.thick, 0.8), f.ink, 1)
			c.stroke(line[half:], mul(f.thick, 0.8), mul(f.thick, 0.6), f.tip, 1)
		}
	}
}

// eyes draws a pair of shining eyes.
func (c *canvas) eyes(at point, wide, long, turn float64, ink colour) {
	for _, s := range [...]float64{1, -1} {
		c.body(part{at: at.mirror(s), wide: wide, long: long, turn: mul(-turn, s), gloss: 0.5}, func(u, v float64) colour {
			return ink.mix(ink.by(0.4), unit(0.5-mul(0.5, v)))
		})
	}
}
