package garden

// scaleWing is a butterfly's or moth's wing: a fan from its root with a rounded, perhaps scalloped or tailed margin.
// Places on it are (t, rho): t 0 leading … 1 trailing edge, rho 0 root … 1 margin.
type scaleWing struct {
	root       point   // right side
	lead, rear float64 // angles of its edges, turns from +x towards the head
	length     float64
	taper      float64 // length at the trailing edge, relative
	fullness   float64 // how late along the margin the length falls
	scallops   float64 // depth of waves in the margin
	waves      int
	tail       float64 // length of a tail, relative
	bow        float64 // how far the leading edge curves forward, turns
}

// radius is the wing's length in a direction.
func (w scaleWing) radius(t float64) float64 {
	r := lerp(1, w.taper, pow(max(t, 0.001), w.fullness))
	r -= mul(0.12, power(max(0, 1-t/0.16), 1)) + mul(0.2, power(max(0, 1-(1-t)/0.22), 1))
	r += mul(w.scallops, cos(mul(float64(w.waves), t)))
	r += mul(w.tail, bump(0.72, 0.05, 0.05, t))
	return mul(w.length, r)
}

func (w scaleWing) outline() []point {
	const margin, edges = 46, 7
	outline := make([]point, 0, margin+2*edges)
	for i := range edges {
		outline = append(outline, w.place(0, float64(i)/edges))
	}
	for i := range margin + 1 {
		outline = append(outline, w.place(float64(i)/margin, 1))
	}
	for i := edges - 1; i > 0; i-- {
		outline = append(outline, w.place(1, float64(i)/edges))
	}
	return outline
}

// place is where (t, rho) lies, seen from the root.
func (w scaleWing) place(t, rho float64) point {
	bend := mul(mul(4, w.bow), mul(rho, 1-rho))
	lead, rear := w.lead+bend, w.rear-mul(0.5, bend)
	return polar(lerp(lead, rear, t), mul(rho, w.radius(t)))
}

// coordinates is place backwards; t may lie a little outside 0 … 1.
func (w scaleWing) coordinates(q point) (t, rho float64) {
	angle := atan2(q.y, q.x)
	rho = q.length() / w.length
	for range 2 {
		bend := mul(mul(4, w.bow), mul(unit(rho), 1-unit(rho)))
		lead, rear := w.lead+bend, w.rear-mul(0.5, bend)
		t = clamp((angle-lead)/(rear-lead), 0, 1)
		rho = q.length() / w.radius(t)
	}
	return t, unit(rho)
}

// scaleWings draws a pair; paint sees (t, rho). Folded wings are seen foreshortened.
func (c *canvas) scaleWings(w scaleWing, paint func(t, rho float64) colour) {
	for _, s := range [...]float64{1, -1} {
		narrow := mul(lerp(0.5, 1, c.open), 1-mul(mul(0.7, s), c.roll))
		m := stretch(narrow, 1).then(shift(w.root)).then(stretch(s, 1)).then(c.frame)
		// The raised wing faces the sun or turns from it.
		facing := unit(0.55 + mul(0.45, c.open))
		side := c.frame.vector(point{s, 0}).direction()
		lean := mul(0.85, 1-c.open) + mul(mul(0.4, s), c.roll)
		bright, _ := c.light.on(mul(-side.x, lean), mul(-side.y, lean), facing)
		bright = lerp(bright, 1.05, 0.25)
		c.mapped(m, w.outline(), func(q point) (colour, float64) {
			t, rho := w.coordinates(q)
			ribs := mul(t, 7)
			ribs -= floor(ribs)
			fold := 1 - mul(0.09, bump(0.5, 0.22, 0.2, ribs)) + mul(0.05, noise(c.grain, mul(90, q.x), mul(90, q.y)))
			return paint(t, rho).by(mul(mul(bright, fold), lerp(0.82, 1.04, smooth(0, 0.3, rho)))), 1
		})
		edge := w.outline()
		c.strokePxIn(m, append(edge, edge[0]), 0.014, black.colour, 0.4)
		for k := 1; k < 7; k++ {
			t := float64(k) / 7
			line := make([]point, 5)
			for i := range line {
				line[i] = w.place(t, lerp(0.22, 0.97, float64(i)/4))
			}
			c.strokePxIn(m, line, 0.008, black.colour, 0.32)
		}
	}
}

// markings is what is painted on a pair of scale wings.
type markings struct {
	root, ground     colour  // next to the body, and all over
	margin           colour  // the border
	border           float64 // its width in rho
	beads            colour  // pale spots in the border
	beadSize         float64
	beadCount        int
	band             colour // a band across
	bandAt, bandWide float64
	bandBend         float64 // how far it moves towards the margin from leading to trailing edge
	zigzag           float64
	tip              colour // a patch at the leading tip
	tipWide          float64
	spots            []wingSpot
	streaks          float64 // dark streaks along the veins
}

// wingSpot is a round spot at (t, rho); with a ring it is an eye.
type wingSpot struct {
	t, rho, size float64
	ink          colour
	ring         colour
	eye          bool
}

// vary is the markings of one individual.
func (m markings) vary(d dice) markings {
	m.border = mul(m.border, d.around(1, 0.25))
	m.bandAt += d.around(0, 0.035)
	m.bandWide = mul(m.bandWide, d.around(1, 0.3))
	m.tipWide = mul(m.tipWide, d.around(1, 0.18))
	m.beadSize = mul(m.beadSize, d.around(1, 0.25))
	m.ground, m.root, m.band, m.tip = d.jitter(m.ground, 0.18), d.jitter(m.root, 0.16), d.jitter(m.band, 0.18), d.jitter(m.tip, 0.18)
	spots := make([]wingSpot, 0, len(m.spots))
	for _, s := range m.spots {
		if !s.eye && d.chance(0.06) {
			continue
		}
		s.size = mul(s.size, d.around(1, 0.22))
		s.t += d.around(0, 0.02)
		s.rho += d.around(0, 0.015)
		spots = append(spots, s)
	}
	m.spots = spots
	return m
}

func (m markings) at(w scaleWing, t, rho float64) colour {
	k := m.root.mix(m.ground, smooth(0.08, 0.45, rho))
	if m.bandWide > 0 {
		at := m.bandAt + mul(m.bandBend, t-0.5) + mul(m.zigzag, abs(mul(2, mul(t, 5)-floor(mul(t, 5)))-1)-0.5)
		k = k.mix(m.band, bump(at, m.bandWide/2, 0.018, rho))
	}
	if m.streaks > 0 {
		cell := mul(t, 7)
		cell -= floor(cell)
		k = k.mix(m.margin, mul(m.streaks, mul(1-bump(0.5, 0.32, 0.12, cell), smooth(0.25, 0.7, rho))))
	}
	if m.tipWide > 0 {
		k = k.mix(m.tip, smooth(0.06, -0.06, t+mul(1.1, 1-rho)-m.tipWide))
	}
	k = k.mix(m.margin, smooth(1-m.border-0.03, 1-m.border+0.03, rho+mul(0.02, cos(mul(7, t)))))
	if m.beadCount > 0 && m.beadSize > 0 {
		cell := mul(t, float64(m.beadCount))
		cell -= floor(cell)
		du := mul((cell-0.5)/float64(m.beadCount), mul(6.2832, abs(w.lead-w.rear)))
		dv := rho - 1 + mul(0.55, m.border)
		k = k.mix(m.beads, smooth(m.beadSize, mul(0.6, m.beadSize), mul(1, sqrt(mul(du, du)+mul(dv, dv)))))
	}
	for _, s := range m.spots {
		du := mul(mul(t-s.t, mul(6.2832, abs(w.lead-w.rear))), rho)
		dv := rho - s.rho
		distance := sqrt(mul(du, du) + mul(dv, dv))
		if distance > mul(1.6, s.size) {
			continue
		}
		if s.eye {
			k = k.mix(s.ring, smooth(mul(1.5, s.size), mul(1.3, s.size), distance))
			k = k.mix(s.ink, smooth(mul(1.05, s.size), mul(0.9, s.size), distance))
			k = k.mix(white.colour, smooth(mul(0.4, s.size), mul(0.25, s.size), distance+mul(0.2, du)))
		} else {
			k = k.mix(s.ink, smooth(mul(1.1, s.size), mul(0.85, s.size), distance))
		}
	}
	return k
}
