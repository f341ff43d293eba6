package garden

// scene is what an insect sits on or flies over. Scenes are drawn in a frame where the picture is the unit square.
type scene struct {
	paint  func(c *canvas, p *painter)
	shadow float64 // how clearly shadows fall on it
	flying bool
}

// pickScene is the same lottery for all species: the background tells nothing about the insect.
func pickScene(d dice) scene {
	switch n := d.IntN(100); {
	case n < 24:
		return scene{leafScene, 1, false}
	case n < 44:
		return scene{daisyScene, 0.9, false}
	case n < 56:
		return scene{umbelScene, 0.75, false}
	case n < 67:
		return scene{thistleScene, 0.7, false}
	case n < 77:
		return scene{barkScene, 1, false}
	case n < 88:
		return scene{sandScene, 1, false}
	default:
		return scene{bokehScene, 0, true}
	}
}

var petalInks = []colour{{0.96, 0.95, 0.92}, {0.95, 0.80, 0.20}, {0.90, 0.55, 0.72}, {0.62, 0.45, 0.80}, {0.93, 0.55, 0.25}, {0.82, 0.22, 0.30}, {0.55, 0.60, 0.90}, {0.96, 0.90, 0.62}}

// foliage is a green of the picture's own.
func foliage(d dice) colour {
	return hsl(d.between(0.22, 0.37), d.between(0.28, 0.6), d.between(0.24, 0.46))
}

// distance fills the picture with what is far behind, out of focus: two colours and soft discs.
func (c *canvas) distance(p *painter, from, to colour, discs int, inks ...colour) {
	tilt := polar(c.dice.Float64(), 1)
	key := c.grain
	size := float64(p.size)
	for y := range p.size {
		for x := range p.size {
			u, v := float64(x)/size-0.5, float64(y)/size-0.5
			t := unit(0.5 + mul(0.8, mul(u, tilt.x)+mul(v, tilt.y)) + mul(0.35, noise(key, mul(3, u), mul(3, v))))
			c.layer.over(x, y, from.mix(to, t), 1)
		}
	}
	for range discs {
		ink := c.dice.jitter(inks[c.dice.IntN(len(inks))], 0.25)
		alpha := c.dice.between(0.25, 0.75)
		spot := point{c.dice.between(-0.1, 1.1), c.dice.between(-0.1, 1.1)}
		c.shape(circle(spot, c.dice.between(0.04, 0.2), 20), func(q point) (colour, float64) { return ink, alpha })
	}
	p.soften(mul(size, c.dice.between(0.014, 0.03)))
}

func leafScene(c *canvas, p *painter) {
	green := foliage(c.dice)
	c.distance(p, foliage(c.dice).by(0.6), foliage(c.dice).by(0.9), 10, foliage(c.dice), foliage(c.dice).by(0.5), colour{0.8, 0.8, 0.5})
	c.leaf(point{c.dice.around(0.5, 0.2), c.dice.around(0.5, 0.2)}, c.dice.Float64(), c.dice.between(0.75, 1.3), c.dice.between(0.42, 0.75), green)
	p.soften(mul(float64(p.size), 0.003))
}

// leaf draws a leaf with a midrib and side veins; long and wide are half axes.
func (c *canvas) leaf(at point, turn, long, wide float64, green colour) {
	m := stretch(wide, long).then(rotation(turn)).then(shift(at)).then(c.frame)
	outline := rounded([]point{{0, 1}, {0.42, 0.66}, {0.78, 0.2}, {0.8, -0.25}, {0.5, -0.72}, {0.08, -1}, {-0.08, -1}, {-0.5, -0.72}, {-0.8, -0.25}, {-0.78, 0.2}, {-0.42, 0.66}}, 5)
	count := c.dice.between(5, 9)
	slant := c.dice.between(0.4, 0.8)
	pale := green.mix(colour{0.85, 0.9, 0.55}, c.dice.between(0.25, 0.5))
	side := c.frame.vector(rotation(turn).at(point{1, 0})).direction()
	fold := c.dice.between(0.1, 0.35)
	key := c.grain + 7
	c.mapped(m, outline, func(q point) (colour, float64) {
		across := abs(q.x)
		rib := smooth(0.045, 0.015, across)
		wave := mul(count, q.y-mul(slant, across))
		wave -= floor(wave)
		vein := mul(0.6, bump(0.5, 0.03, 0.035, wave))
		dome := mul(wave-0.5, 0.5)
		lean := mul(fold, sign(q.x)) + mul(0.15, q.x)
		bright, shine := c.light.on(mul(lean, side.x)+mul(dome, side.y)/2, mul(lean, side.y)-mul(dome, side.x)/2, 0.9)
		k := green.mix(pale, max(rib, vein)).by(1 + mul(0.16, cloud(key, mul(7, q.x), mul(7, q.y))))
		return k.by(bright).add(grey(mul(0.12, shine))), 1
	})
}

func daisyScene(c *canvas, p *painter) {
	c.distance(p, foliage(c.dice).by(0.55), foliage(c.dice).by(0.95), 9, foliage(c.dice), petalInks[c.dice.IntN(len(petalInks))], foliage(c.dice).by(0.5))
	ink := petalInks[c.dice.IntN(len(petalInks))]
	heart := pick(c.dice, colour{0.92, 0.72, 0.12}, colour{0.85, 0.55, 0.1}, colour{0.35, 0.22, 0.12}, colour{0.78, 0.75, 0.3})
	at := point{c.dice.around(0.5, 0.38), c.dice.around(0.5, 0.38)}
	c.daisy(at, c.dice.between(0.5, 0.85), c.dice.between(0.16, 0.34), 9+c.dice.IntN(14), ink, heart)
	p.soften(mul(float64(p.size), 0.003))
}

// daisy draws a flower head: two rings of petals and a disc, share of the radius.
func (c *canvas) daisy(at point, radius, disc float64, petals int, ink, heart colour) {
	start := c.dice.Float64()
	base := ink.mix(heart, 0.35)
	for ring := range 2 {
		for i := range petals {
			turn := start + (float64(i)+mul(0.5, float64(ring)))/float64(petals) + c.dice.around(0, 0.008)
			long := mul(radius, c.dice.between(0.86, 1)) / 2
			wide := mul(radius, 3.4) / float64(petals) / 2
			m := stretch(wide, long).then(shift(point{0, long})).then(rotation(turn)).then(shift(at)).then(c.frame)
			tone := c.dice.around(1-mul(0.12, float64(1-ring)), 0.06)
			side := rotation(turn).at(point{1, 0})
			cup := c.dice.between(0.2, 0.55)
			c.mapped(m, petalOutline, func(q point) (colour, float64) {
				lean := mul(cup, q.x)
				bright, _ := c.light.on(mul(-lean, side.x), mul(-lean, side.y), 0.93)
				lines := mul(0.05, cos(mul(2.5, q.x)))
				k := base.mix(ink, smooth(-0.8, -0.1, q.y)).by(mul(tone, mul(bright, 1+lines)))
				return k.by(1 - mul(0.35, smooth(0.75, 1, abs(q.x)))), 1
			})
		}
	}
	key := c.grain + 11
	spread := mul(radius, disc)
	m := stretch(spread, spread).then(shift(at)).then(c.frame)
	c.mapped(m, circle(point{}, 1, 28), func(q point) (colour, float64) {
		r2 := q.dot(q)
		grains := noise(key, mul(13, q.x), mul(13, q.y))
		bright, _ := c.light.on(mul(0.7, q.x), mul(0.7, q.y), sqrt(max(0.1, 1-mul(0.6, r2))))
		return heart.by(mul(bright, 0.95+mul(0.3, grains)-mul(0.3, smooth(0.5, 0, r2)))), 1
	})
}

var petalOutline = rounded([]point{{0.25, -1}, {0.75, -0.35}, {0.98, 0.3}, {0.75, 0.82}, {0.2, 0.97}, {0, 0.92}, {-0.2, 0.97}, {-0.75, 0.82}, {-0.98, 0.3}, {-0.75, -0.35}, {-0.25, -1}}, 3)

func umbelScene(c *canvas, p *painter) {
	c.distance(p, foliage(c.dice).by(0.5), foliage(c.dice).by(0.9), 8, foliage(c.dice), foliage(c.dice).by(0.5))
	ink := pick(c.dice, colour{0.95, 0.94, 0.88}, colour{0.95, 0.93, 0.88}, colour{0.93, 0.82, 0.85}, colour{0.92, 0.86, 0.4}, colour{0.8, 0.72, 0.9})
	centre := point{c.dice.around(0.5, 0.25), c.dice.around(0.5, 0.25)}
	green := foliage(c.dice).by(0.9)
	for range 11 {
		c.stroke([]point{centre.add(polar(c.dice.Float64(), 0.03)), centre.add(polar(c.dice.Float64(), c.dice.between(0.3, 0.6)))}, 0.012, 0.008, green, 1)
	}
	reach := c.dice.between(0.45, 0.7)
	for range 17 {
		cluster := centre.add(polar(c.dice.Float64(), mul(reach, sqrt(c.dice.Float64()))))
		for range 7 {
			at := cluster.add(polar(c.dice.Float64(), c.dice.between(0.01, 0.085)))
			c.blossom(at, c.dice.between(0.025, 0.042), c.dice.jitter(ink, 0.1))
		}
	}
	p.soften(mul(float64(p.size), 0.0035))
}

// blossom is a tiny five-petalled flower.
func (c *canvas) blossom(at point, radius float64, ink colour) {
	start := c.dice.Float64()
	for i := range 5 {
		petal := at.add(polar(start+float64(i)/5, mul(0.62, radius)))
		bright, _ := c.light.on(mul(0.8, petal.x-at.x)/radius, mul(0.8, petal.y-at.y)/radius, 0.8)
		shade := ink.by(mul(bright, c.dice.around(0.98, 0.1)))
		c.shape(circle(petal, mul(0.5, radius), 8), func(q point) (colour, float64) { return shade, 1 })
	}
	heart := colour{0.72, 0.74, 0.35}
	c.shape(circle(at, mul(0.25, radius), 6), func(q point) (colour, float64) { return heart, 1 })
}

func thistleScene(c *canvas, p *painter) {
	c.distance(p, foliage(c.dice).by(0.5), foliage(c.dice).by(0.9), 8, foliage(c.dice), colour{0.6, 0.4, 0.7}, foliage(c.dice).by(0.5))
	hue := pick(c.dice, 0.78, 0.83, 0.73, 0.92, 0.64)
	centre := point{c.dice.around(0.5, 0.22), c.dice.around(0.5, 0.22)}
	radius := c.dice.between(0.42, 0.66)
	for i := range 260 {
		ring := sqrt(1 - float64(i)/260)
		turn := c.dice.Float64()
		root := centre.add(polar(turn, mul(radius, mul(ring, 0.72))))
		tip := centre.add(polar(turn+c.dice.around(0, 0.02), mul(radius, mul(ring, c.dice.between(0.9, 1.12))+0.06)))
		ink := hsl(hue+c.dice.around(0, 0.03), c.dice.between(0.35, 0.6), c.dice.between(0.38, 0.72))
		bright, _ := c.light.on(mul(0.75, mul(ring, cos(turn))), mul(0.75, mul(ring, sin(turn))), 0.7)
		c.stroke([]point{root, tip}, 0.013, 0.02, ink.by(mul(bright, 1.08)), 0.95)
	}
	p.soften(mul(float64(p.size), 0.0035))
}

func barkScene(c *canvas, p *painter) {
	base := hsl(c.dice.between(0.05, 0.11), c.dice.between(0.12, 0.35), c.dice.between(0.28, 0.5))
	turn := rotation(c.dice.Float64())
	moss := colour{0.42, 0.48, 0.24}
	mossy := c.dice.between(-0.6, 0.3)
	key := c.grain + 3
	size := float64(p.size)
	height := func(u, v float64) float64 {
		q := turn.at(point{u, v})
		warp := mul(0.35, noise(key+9, mul(3, q.x), mul(3, q.y)))
		ridge := abs(cloud(key, mul(11, q.x)+mul(2, warp), mul(2.6, q.y)))
		return mul(1.5, ridge) + mul(0.22, noise(key+4, mul(38, q.x), mul(16, q.y)))
	}
	for y := range p.size {
		before := height(-0.5-1/size, float64(y)/size-0.5)
		for x := range p.size {
			u, v := float64(x)/size-0.5, float64(y)/size-0.5
			h := height(u, v)
			slope := mul(5.5, mul(c.light.x+0.4, before-h))
			before = h
			k := base.by(unit(0.5+mul(0.85, h)) + clamp(slope, -0.2, 0.3))
			k = k.mix(moss.by(0.6+h), mul(0.8, smooth(0.1, 0.5, cloud(key+5, mul(4, u), mul(4, v))+mossy)))
			c.layer.over(x, y, k, 1)
		}
	}
}

func sandScene(c *canvas, p *painter) {
	base := pick(c.dice, colour{0.76, 0.67, 0.50}, colour{0.58, 0.50, 0.40}, colour{0.46, 0.38, 0.31}, colour{0.66, 0.63, 0.58}, colour{0.72, 0.54, 0.40})
	key := c.grain + 5
	size := float64(p.size)
	for y := range p.size {
		for x := range p.size {
			u, v := float64(x)/size, float64(y)/size
			grains := cloud(key, mul(45, u), mul(45, v))
			dune := cloud(key+3, mul(4, u), mul(4, v))
			c.layer.over(x, y, base.by(0.92+mul(0.22, grains)+mul(0.16, dune)), 1)
		}
	}
	for range 12 + c.dice.IntN(26) {
		at := point{c.dice.between(-0.05, 1.05), c.dice.between(-0.05, 1.05)}
		radius := mul(0.06, mul(c.dice.Float64(), c.dice.Float64())) + 0.008
		ink := c.dice.jitter(base.mix(grey(c.dice.between(0.3, 0.85)), 0.45), 0.3)
		dark := at.add(point{mul(-c.light.x, mul(0.55, radius)), mul(-c.light.y, mul(0.55, radius))})
		c.shape(circle(dark, radius, 12), func(q point) (colour, float64) { return black.colour, 0.35 })
		c.body(part{at: at, wide: radius, long: mul(radius, c.dice.between(0.65, 1)), turn: c.dice.Float64(), egg: c.dice.around(0, 0.2), pinch: -0.15}, func(u, v float64) colour { return ink })
	}
	for range c.dice.IntN(5) { // dry stalks
		at := point{c.dice.Float64(), c.dice.Float64()}
		end := at.add(polar(c.dice.Float64(), c.dice.between(0.15, 0.5)))
		straw := colour{0.72, 0.6, 0.36}.by(c.dice.between(0.6, 1.1))
		c.stroke([]point{at.add(point{0.006, 0.008}), end.add(point{0.006, 0.008})}, 0.012, 0.008, black.colour, 0.35)
		c.stroke([]point{at, end}, 0.013, 0.008, straw, 1)
	}
}

func bokehScene(c *canvas, p *painter) {
	ink := petalInks[c.dice.IntN(len(petalInks))]
	sky := pick(c.dice, colour{0.66, 0.78, 0.88}, colour{0.85, 0.85, 0.75}, colour{0.5, 0.62, 0.45}, colour{0.3, 0.4, 0.25})
	c.distance(p, foliage(c.dice), sky, 26, ink, foliage(c.dice), foliage(c.dice).by(0.5), colour{0.95, 0.93, 0.75})
}

// occlude draws something near the lens, at the side: blades of grass, a leaf or a petal.
func occlude(c *canvas) {
	toward := c.dice.Float64()
	switch c.dice.IntN(3) {
	case 0:
		green := foliage(c.dice)
		for range 1 + c.dice.IntN(2) {
			middle := point{0.5, 0.5}.add(polar(toward+c.dice.around(0, 0.06), c.dice.between(0.2, 0.4)))
			along := polar(toward+0.25+c.dice.around(0, 0.09), 0.9)
			bend := polar(c.dice.Float64(), 0.12)
			line := curve(middle.sub(along), middle.add(bend), middle.add(along), 10)
			c.stroke(line, 0.075, 0.02, c.dice.jitter(green, 0.2), 1)
			c.stroke(line, 0.014, 0.006, green.mix(colour{0.9, 0.95, 0.6}, 0.4), 0.8)
		}
	case 1:
		at := point{0.5, 0.5}.add(polar(toward, c.dice.between(0.6, 0.72)))
		c.leaf(at, toward+0.25+c.dice.around(0, 0.12), c.dice.between(0.5, 0.8), c.dice.between(0.24, 0.36), foliage(c.dice))
	default:
		ink := petalInks[c.dice.IntN(len(petalInks))]
		at := point{0.5, 0.5}.add(polar(toward, c.dice.between(0.75, 0.9)))
		c.daisy(at, c.dice.between(0.38, 0.52), 0.25, 9+c.dice.IntN(8), ink, colour{0.9, 0.7, 0.15})
	}
}
