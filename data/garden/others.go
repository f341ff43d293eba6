package garden

// shieldbug is a flat bug with the outline of a shield.
type shieldbug struct {
	ground, rim, plate, membrane colour
	checks                       float64 // strength of the light and dark checks on the rim
	marks                        []spot
	markInk                      colour
	stripes                      float64
	stripeInk                    colour
	shoulders                    float64
	plain                        float64 // how far the plate covers stripes and marks
	legs                         []leg
	feelers                      feelers
}

func (s *shieldbug) reach() float64 { return 0.62 }

func (s *shieldbug) draw(c *canvas) {
	ground, plate := c.dice.jitter(s.ground, 0.12), c.dice.jitter(s.plate, 0.12)
	stripes := mul(s.stripes, c.dice.around(1, 0.2))
	c.legs(s.legs)
	c.antennae(s.feelers)
	half := []point{{0, 0.50}, {0.07, 0.48}, {0.10, 0.40}, {0.2, 0.33}, {0.30 + s.shoulders, 0.22}, {0.29, 0.10}, {0.31, -0.1}, {0.26, -0.32}, {0.13, -0.47}, {0, -0.5}}
	outline := append([]point{}, half...)
	for i := len(half) - 2; i > 0; i-- {
		outline = append(outline, half[i].mirror(-1))
	}
	outline = rounded(outline, 4)
	spin := 1 / c.frame.scale()
	c.shape(outline, func(q point) (colour, float64) {
		u, v := clamp(q.x/0.31, -1, 1)+mul(0.15, c.roll), mul(q.y, 2)
		side := abs(q.x)
		k := ground
		if stripes > 0 {
			wave := mul(side, 11)
			wave -= floor(wave)
			k = k.mix(s.stripeInk, mul(stripes, bump(0.5, 0.25, 0.08, wave)))
		}
		k = k.mix(s.markInk, spotted(s.marks, u, v, 1.5))
		tip := smooth(-0.29, -0.31, q.y-mul(0.35, side))
		k = k.mix(s.membrane, mul(s.plain, mul(tip, smooth(0.2, 0.17, side)))) // a long plate with stripes leaves no wing in sight
		rim := smooth(0.21, 0.235, side+mul(0.16, max(0, -q.y-0.12)))
		checks := mul(q.y, 9) - floor(mul(q.y, 9))
		k = k.mix(s.rim.mix(black.colour, mul(s.checks, smooth(0.45, 0.55, checks))), mul(rim, smooth(0.12, 0.08, q.y)))
		// The plate between the wings, a triangle pointing to the rear.
		if inside := mul(0.155, 1-(0.14-q.y)/0.36) - side; q.y < 0.14 && q.y > -0.25 {
			k = k.mix(plate, mul(s.plain, smooth(-0.012, 0.012, inside)))
			k = k.by(1 - mul(0.45, bump(0, 0.006, 0.012, inside)))
		}
		k = k.by(1 - mul(0.4, bump(0.145, 0.006, 0.01, q.y))) // behind the collar
		k = k.by(1 - mul(0.35, bump(0.385, 0.006, 0.01, q.y)))
		k = k.by(1 + mul(0.12, noise(c.grain, mul(55, q.x), mul(55, q.y))))
		n := c.frame.vector(point{mul(0.75, mul(u, abs(u))), mul(0.45, mul(v, abs(v)))}).by(spin)
		nz := sqrt(max(0.1, 1-n.dot(n)))
		bright, shine := c.light.on(n.x, n.y, nz)
		return k.by(bright).add(grey(mul(0.22, shine))), 1
	})
	c.eyes(point{0.085, 0.42}, 0.024, 0.03, 0, brown.colour.by(0.6))
}

func newShieldbug(genus, own dice, member int) (insect, trait) {
	ground := pick(genus, green, brown, red, ink{colour{0.45, 0.55, 0.2}, "grass", "herb"}, buff, ash)
	plate := ground
	legInk := pick(genus, brown, rust, black, green)
	rim := pick(genus, yellow, orange, cream, ground)
	checks, stripes, plain := genus.between(0, 1), 0.0, 1.0
	var marks []spot
	name := trait{ground.english, ground.latin + "us"}
	switch genus.IntN(4) {
	case 0:
		plate = kin(genus, member, ground, rust, black, cream, yellow)
		name = trait{plate.english + "-plated", plate.latin + "iscutum"}
	case 1:
		stripes, plain = 0.95, 0
		ground = kin(genus, member, red, orange, yellow)
		plate = ground
		name = trait{ground.english + "-striped", ground.latin + "ilineatus"}
	case 2:
		n := 1 + genus.IntN(2) + deal(genus, member, 0, 1, 2)
		for i := range n {
			marks = append(marks, spot{0.42 + mul(0.2, float64(i%2)), 0.5 - mul(0.36, float64(i)), 0.17})
		}
		name = counted(2*n, "spotted", "maculatus")
	case 3:
		rim = kin(genus, member, yellow, red, white, orange)
		checks = 1
		name = trait{rim.english + "-rimmed", rim.latin + "imargo"}
	}
	markInk := black
	if ground == black || ground == brown {
		markInk = pick(genus, orange, yellow, cream)
	}
	return &shieldbug{ground: ground.colour, rim: rim.colour, plate: plate.colour.by(0.88), membrane: colour{0.28, 0.2, 0.14}, checks: checks,
		marks: marks, markInk: markInk.colour, stripes: stripes, stripeInk: black.colour, shoulders: genus.between(0, 0.06), plain: plain,
		legs:    sixLegs(point{0.17, 0.26}, point{0.2, -0.04}, 0.62, 0.045, ground.colour.mix(legInk.colour, 0.6).by(0.8), legInk.colour.mix(black.colour, own.between(0, 0.3))),
		feelers: feelers{kind: threads, root: point{0.05, 0.47}, length: 0.38, spread: 0.1, curl: 0.25, thick: 0.03, ink: legInk.colour, tip: black.colour},
	}, name
}

// damselfly is long and slender, with four narrow wings.
type damselfly struct {
	bands        banding
	thorax, eyes colour
	stripe       colour
	wings        []membrane
	long         float64
	legInk       colour
}

func (d *damselfly) reach() float64 { return 0.86 }

func (d *damselfly) draw(c *canvas) {
	bands := d.bands.vary(c.dice)
	thorax := c.dice.jitter(d.thorax, 0.1)
	c.legs(sixLegs(point{0.05, 0.42}, point{0.05, 0.3}, 0.4, 0.022, d.legInk, d.legInk))
	bend := c.dice.around(0, 0.025)
	const segments = 9
	at := point{0, 0.26}
	step := mul(1.0/segments, d.long)
	for i := range segments {
		v := 1 - (mul(2, float64(i))+1)/segments
		heading := polar(0.75+mul(bend, float64(i)/3), step)
		middle := at.add(heading.by(0.5))
		wide := 0.034
		if i >= segments-2 {
			wide = 0.042
		}
		turn := mul(bend, float64(i)/3)
		c.body(part{at: middle, wide: wide, long: mul(0.56, step), turn: turn, pinch: -0.5, gloss: 0.35}, func(u, w float64) colour {
			k := bands.at(u, v+w/segments)
			return k.by(1 - mul(0.5, smooth(0.8, 0.97, abs(w))))
		})
		at = at.add(heading)
	}
	for _, w := range d.wings {
		c.membranes(w)
	}
	c.body(part{at: point{0, 0.36}, wide: 0.075, long: 0.13, gloss: 0.4}, func(u, v float64) colour {
		return thorax.mix(d.stripe, bump(0.42, 0.12, 0.06, abs(u)))
	})
	c.body(part{at: point{0, 0.52}, wide: 0.085, long: 0.045, gloss: 0.2}, func(u, v float64) colour { return thorax.by(0.6) })
	c.eyes(point{0.088, 0.525}, 0.045, 0.05, 0, d.eyes)
}

func newDamselfly(genus, own dice, member int) (insect, trait) {
	azure := ink{colour{0.25, 0.60, 0.90}, "azure", "azure"}
	ground := pick(genus, azure, red, green, blue, violet)
	tail := pick(genus, azure, black, red)
	count := 5 + genus.IntN(4)
	width := genus.between(0.3, 0.6)
	smoke := genus.between(0, 0.5)
	tint := colour{0.80, 0.80, 0.76}
	alpha := 0.22
	name := tail.tailed()
	switch genus.IntN(3) {
	case 0:
		tail = kin(genus, member, azure, black, red, yellow)
		name = tail.tailed()
	case 1:
		ground = kin(genus, member, azure, red, green, violet)
		name = trait{ground.english, ground.latin + "us"}
	case 2:
		wing := kin(genus, member, ash, violet, orange, green)
		tint, alpha = wing.colour, 0.5
		name = wing.winged()
	}
	long := genus.between(0.84, 0.96)
	wings := make([]membrane, 0, 2)
	for _, w := range [...]struct{ y, angle float64 }{{0.34, -0.035}, {0.42, 0.035}} {
		wings = append(wings, membrane{root: point{0.04, w.y}, angle: w.angle, swing: 0.12, length: genus.between(0.72, 0.76), width: 0.42,
			tint: tint, alpha: alpha, tip: brown.colour, smoke: smoke, stigma: colour{0.15, 0.12, 0.1}, narrow: 1})
	}
	return &damselfly{bands: banding{base: ground.colour, ink: black.colour, tail: tail.colour, count: count, width: width + own.around(0, 0.06),
		front: 1, rear: -0.62, tailFrom: -0.68 + own.around(0, 0.05), soft: 0.03},
		thorax: ground.colour, stripe: black.colour, eyes: ground.colour.mix(brown.colour, 0.3), wings: wings, long: long, legInk: black.colour}, name
}

// spider has eight legs, a front body and a round abdomen.
type spider struct {
	front, abdomen      part
	ink, mark, ground   colour
	bands               banding
	marks               []spot
	cross               float64
	legInk, ringInk     colour
	rings               float64
	legLength, legThick float64
}

func (s *spider) reach() float64 { return 0.86 }

func (s *spider) draw(c *canvas) {
	for i, out := range [...]float64{0.15, 0.07, -0.05, -0.14} {
		for _, side := range [...]float64{1, -1} {
			long := mul(s.legLength, [...]float64{1, 0.85, 0.62, 0.95}[i])
			angle := out + c.dice.around(0, 0.025)
			bend := mul([...]float64{0.06, 0.05, -0.07, -0.07}[i], c.dice.around(1, 0.5))
			hip := point{mul(0.8, s.front.wide), s.front.at.y + 0.06 - mul(0.05, float64(i))}
			knee := hip.add(polar(angle, mul(0.45, long)))
			shin := knee.add(polar(angle+bend, mul(0.38, long)))
			foot := shin.add(polar(angle+mul(1.8, bend), mul(0.25, long)))
			line := []point{hip.mirror(side), knee.mirror(side), shin.mirror(side), foot.mirror(side)}
			c.stroke(line[:2], s.legThick, mul(0.9, s.legThick), s.legInk, 1)
			c.stroke(line[1:3], mul(0.8, s.legThick), mul(0.6, s.legThick), s.legInk, 1)
			c.stroke(line[2:], mul(0.5, s.legThick), mul(0.3, s.legThick), s.legInk, 1)
			for k := range 2 {
				for _, t := range [...]float64{0.3, 0.75} {
					a, b := between(line[k], line[k+1], t), between(line[k], line[k+1], t+0.18)
					c.stroke([]point{a, b}, s.legThick, mul(0.9, s.legThick), s.ringInk, s.rings)
				}
			}
		}
	}
	for _, side := range [...]float64{1, -1} {
		c.stroke(curve(point{mul(0.05, side), s.front.at.y + 0.12}, point{mul(0.12, side), s.front.at.y + 0.2}, point{mul(0.06, side), s.front.at.y + 0.25}, 4), 0.03, 0.03, s.legInk, 1)
	}
	c.body(s.front, func(u, v float64) colour { return s.ink.mix(s.legInk, bump(0, 0.2, 0.15, u)) })
	for _, side := range [...]float64{1, -1} {
		c.body(part{at: point{mul(0.035, side), s.front.at.y + 0.11}, wide: 0.014, long: 0.016, gloss: 0.9}, func(u, v float64) colour { return black.colour })
	}
	bands := s.bands.vary(c.dice)
	marks := mul(c.dice.around(1, 0.2), 1)
	abdomen := s.abdomen
	abdomen.wide = mul(abdomen.wide, c.dice.around(1, 0.1))
	paint := func(u, v float64) colour {
		k := bands.at(u, v).by(1 + mul(0.16, noise(c.grain, mul(7, abs(u)), mul(7, v))))
		leaf := mul(0.5, smooth(0.06, -0.06, abs(u)-mul(0.5, 1-mul(v, v))+mul(0.08, cos(mul(2.2, v)))))
		k = k.mix(s.ground, leaf)
		if s.cross > 0 {
			k = k.mix(s.mark, mul(s.cross, max(mul(bump(0, 0.06, 0.05, u), bump(0.25, 0.45, 0.1, v)), mul(bump(0.4, 0.07, 0.05, v), bump(0, 0.38, 0.1, u)))))
		}
		scaled := make([]spot, 0, 6)
		for _, m := range s.marks {
			m.size = mul(m.size, marks)
			scaled = append(scaled, m)
		}
		return k.mix(s.mark, spotted(scaled, u, v, 1.2))
	}
	c.body(abdomen, paint)
	c.fur(abdomen, 60, 0.03, paint)
}

func newSpider(genus, own dice, member int) (insect, trait) {
	ground := pick(genus, brown, buff, rust, ash, yellow, white, green)
	mark := pick(genus, white, cream, yellow, black)
	if ground == white {
		mark = pick(genus, red, yellow)
	}
	legInk := pick(genus, brown, buff, rust)
	cross, rings := 0.0, genus.between(0, 0.8)
	var marks []spot
	count := genus.IntN(3)
	name := mark.spotted()
	switch genus.IntN(3) {
	case 0:
		n := 1 + genus.IntN(2) + deal(genus, member, 0, 1, 2)
		for i := range n {
			marks = append(marks, spot{0.36 - mul(0.04, float64(i)), 0.5 - mul(0.32, float64(i)), 0.13})
		}
		name = counted(2*n, "spotted", "guttatus")
	case 1:
		cross = 0.95
		ground = kin(genus, member, brown, ash, rust, buff)
		name = trait{ground.english + " cross", ground.latin + "icrux"}
	case 2:
		count = 2 + genus.IntN(2) + deal(genus, member, 0, 1, 2)
		name = counted(count, "banded", "fasciatus")
	}
	wide := genus.between(0.22, 0.3)
	return &spider{
		front:   part{at: point{0, 0.16}, wide: 0.14, long: 0.165, egg: -0.1, gloss: 0.2},
		abdomen: part{at: point{0, -0.22}, wide: wide, long: genus.between(0.27, 0.32), egg: genus.between(-0.1, 0.15), gloss: 0.2},
		ink:     legInk.colour.by(0.8), mark: mark.colour, ground: ground.colour.by(0.55),
		bands: banding{base: ground.colour, ink: mark.colour, tail: ground.colour, count: count, width: 0.35 + own.around(0, 0.06), front: 0.7, rear: -0.9, tailFrom: -1.5, soft: 0.05, bow: 0.1},
		marks: marks, cross: cross, legInk: legInk.colour, ringInk: legInk.colour.by(0.4), rings: rings,
		legLength: genus.between(0.78, 0.95), legThick: genus.between(0.05, 0.065),
	}, name
}

// newAnt is a flier without wings, thin-waisted.
func newAnt(genus, own dice, member int) (insect, trait) {
	rear := pick(genus, black, brown, rust)
	front := pick(genus, rust, black, brown)
	legInk := pick(genus, brown, rust, black)
	head := front
	name := trait{front.english, front.latin + "us"}
	switch genus.IntN(3) {
	case 0:
		front = kin(genus, member, rust, black, buff, brown)
		head = front
		name = trait{front.english + "-backed", front.latin + "idorsum"}
	case 1:
		head = kin(genus, member, red, black, buff)
		name = trait{head.english + "-headed", head.latin + "iceps"}
	case 2:
		legInk = kin(genus, member, buff, black, rust)
		name = legInk.legged()
	}
	return &flier{
		head:    part{at: point{0, 0.39}, wide: genus.between(0.12, 0.15), long: 0.125, egg: -0.12, gloss: 0.4},
		thorax:  part{at: point{0, 0.13}, wide: 0.085, long: 0.17, egg: 0.18, gloss: 0.35},
		abdomen: part{at: point{0, -0.28}, wide: genus.between(0.15, 0.19), long: 0.22, egg: 0.05, pinch: 0.12, gloss: 0.6},
		headInk: head.colour, eyeInk: black.colour, eyeWide: 0.022, eyeLong: 0.03, eyeAt: point{0.11, 0.38},
		thoraxInk: front.colour, collar: head.colour, saddle: front.colour, collarWidth: -0.2, saddleWidth: -0.4,
		bands:   banding{base: rear.colour, ink: rear.colour.mix(cream.colour, 0.35), tail: rear.colour, count: 3, width: 0.16 + own.around(0, 0.06), front: 0.9, rear: -0.9, tailFrom: -1.5, soft: 0.04},
		legs:    sixLegs(point{0.05, 0.22}, point{0.05, 0.04}, 0.95, 0.036, front.colour.mix(legInk.colour, 0.6), legInk.colour),
		feelers: feelers{kind: elbows, root: point{0.05, 0.47}, length: 0.3, spread: 0.11, thick: 0.028, ink: legInk.colour, tip: legInk.colour.by(0.7)},
		extent:  0.72,
	}, name
}
