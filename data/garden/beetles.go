package garden

// beetle is a body under two wing cases.
type beetle struct {
	cases, collar, head part
	caseInk             banding
	marks               []spot
	markInk             colour
	lines               float64 // pale or dark lines along the wing cases, strength
	lineInk             colour
	punctures           float64 // strength of rows of pits
	collarInk           colour
	collarMark          colour
	collarMarks         []spot
	headInk             colour
	sheen               colour
	metal               float64
	legs                []leg
	feelers             feelers
	scutellum           colour
	extent              float64
}

func (b *beetle) reach() float64 { return b.extent }

func (b *beetle) draw(c *canvas) {
	bands := b.caseInk.vary(c.dice)
	markInk := c.dice.jitter(b.markInk, 0.08)
	marks := make([]spot, 0, len(b.marks))
	grown := c.dice.around(1, 0.22)
	for _, s := range b.marks {
		if c.dice.chance(0.03) {
			continue
		}
		s.size = mul(s.size, mul(grown, c.dice.around(1, 0.15)))
		s.u += c.dice.around(0, 0.025)
		s.v += c.dice.around(0, 0.025)
		marks = append(marks, s)
	}
	c.legs(b.legs)
	c.antennae(b.feelers)
	c.body(b.head, func(u, v float64) colour { return b.headInk })
	c.eyes(point{mul(0.8, b.head.wide), b.head.at.y + mul(0.2, b.head.long)}, 0.035, 0.045, 0, black.colour)
	c.body(b.collar, func(u, v float64) colour {
		k := b.collarInk.mix(b.sheen, mul(b.metal, bump(0.1, 0.4, 0.3, v)))
		return k.mix(b.collarMark, spotted(b.collarMarks, u, v, 0.7))
	})
	gape := max(0, c.dice.between(-0.06, 0.035)) // some hold their wing cases a little apart
	aspect := b.cases.long / b.cases.wide
	c.body(b.cases, func(u, v float64) colour {
		k := bands.at(u, v)
		side := abs(u)
		if b.lines > 0 {
			k = k.mix(b.lineInk, mul(b.lines, max(bump(0.3, 0.06, 0.04, side), bump(0.66, 0.06, 0.04, side))))
		}
		k = k.mix(b.sheen, mul(b.metal, bump(0.15, 0.45, 0.35, v)))
		k = k.mix(markInk, spotted(marks, u, v, aspect))
		if b.punctures > 0 {
			row, pit := mul(side, 7), mul(v, 22)
			row, pit = row-floor(row)-0.5, pit-floor(pit)-0.5
			k = k.by(1 - mul(b.punctures, smooth(0.2, 0.05, mul(row, row)+mul(pit, pit))))
		}
		seam := 0.022 + mul(gape, max(0, -v))
		k = k.by(1 - mul(0.75, smooth(seam+0.025, seam, side)))
		if v > 0.86 {
			k = k.mix(b.scutellum, mul(smooth(0.86, 0.88, v), smooth(0.14, 0.1, side+mul(0.9, 1-v)-0.02)))
		}
		return k
	})
}

func newCoccinellid(genus, own dice, member int) (insect, trait) {
	ground := pick(genus, red, orange, yellow, red, black)
	markInk := black
	if ground == black {
		markInk = pick(genus, red, orange, yellow)
	}
	pairs := 3 + genus.IntN(2)
	size := genus.between(0.15, 0.2)
	legInk := black
	name := counted(2*pairs, "spotted", "punctatus")
	switch genus.IntN(3) {
	case 0, 1:
		pairs = 1 + genus.IntN(5) + deal(genus, member, 0, 1, 2)
		size = mul(size, 1.25-mul(0.07, float64(pairs)))
		name = counted(2*pairs, "spotted", "punctatus")
	case 2:
		ground = kin(genus, member, red, orange, yellow)
		markInk = black
		name = trait{ground.english, ground.latin + "us"}
	}
	layout := [...]spot{{0.5, 0.1, 1}, {0.34, 0.58, 1}, {0.38, -0.42, 1}, {0.76, 0.38, 0.8}, {0.72, -0.2, 0.85}, {0.2, -0.1, 0.8}, {0.3, -0.76, 0.7}}
	marks := make([]spot, 0, pairs)
	for _, s := range layout[:pairs] {
		marks = append(marks, spot{s.u + genus.around(0, 0.05), s.v + genus.around(0, 0.05), mul(s.size, size)})
	}
	cheek := pick(genus, white, cream, ground)
	b := &beetle{
		cases:   part{at: point{0, -0.08}, wide: genus.between(0.37, 0.41), long: 0.41, egg: 0.04, gloss: 0.75},
		collar:  part{at: point{0, 0.31}, wide: 0.25, long: 0.13, egg: -0.12, gloss: 0.5},
		head:    part{at: point{0, 0.42}, wide: 0.13, long: 0.08, gloss: 0.4},
		caseInk: banding{base: ground.colour, ink: ground.colour, tail: ground.colour, tailFrom: -1.5, soft: 0.05},
		marks:   marks, markInk: markInk.colour, collarInk: black.colour, collarMark: cheek.colour,
		collarMarks: []spot{{0.68, 0.1, genus.between(0.2, 0.3)}}, headInk: black.colour, scutellum: black.colour,
		legs:    sixLegs(point{0.2, 0.24}, point{0.24, -0.12}, 0.5, 0.05, legInk.colour, legInk.colour.mix(brown.colour, own.between(0, 0.6))),
		feelers: feelers{kind: clubs, root: point{0.07, 0.48}, length: 0.14, spread: 0.12, thick: 0.024, ink: brown.colour, tip: black.colour},
		extent:  0.56,
	}
	return b, name
}

func newLonghorn(genus, own dice, member int) (insect, trait) {
	ground := pick(genus, black, brown, ink{colour{0.3, 0.33, 0.36}, "slate", "schistace"}, rust, ink{colour{0.12, 0.2, 0.2}, "dark", "fusc"})
	bandInk := pick(genus, yellow, orange, white, cream, lemon)
	count := 2 + genus.IntN(3)
	notch := genus.between(0, 0.3)
	legInk := pick(genus, black, rust, orange)
	feeler := pick(genus, black, rust, ash)
	name := bandInk.banded()
	switch genus.IntN(3) {
	case 0:
		count = 1 + genus.IntN(3) + deal(genus, member, 0, 1, 2)
		name = counted(count, "banded", "fasciatus")
	case 1:
		notch = deal(genus, member, 0.0, 0.5, 1.0)
		name = []trait{{"girdled", "cingulatus"}, {"notched", "incisus"}, {"spotted", "guttatus"}}[int(mul(notch, 2))]
	case 2:
		bandInk = kin(genus, member, yellow, orange, white, rust, red)
		name = bandInk.banded()
	}
	width := genus.between(0.14, 0.18)
	return &beetle{
		cases:     part{at: point{0, -0.16}, wide: width, long: 0.36, egg: genus.between(0.08, 0.22), pinch: -0.12, gloss: 0.35},
		collar:    part{at: point{0, 0.25}, wide: mul(0.72, width), long: 0.115, pinch: -0.1, gloss: 0.3},
		head:      part{at: point{0, 0.39}, wide: mul(0.6, width), long: 0.07, gloss: 0.3},
		caseInk:   banding{base: ground.colour, ink: bandInk.colour, tail: ground.colour, count: count, width: genus.between(0.35, 0.5) + own.around(0, 0.06), front: 0.8, rear: -0.9, notch: notch, bow: genus.between(-0.2, 0.2), tailFrom: -1.5, soft: 0.03},
		collarInk: ground.colour.mix(legInk.colour, 0.2), collarMark: bandInk.colour, collarMarks: []spot{{0.6, 0, mul(0.3, float64(genus.IntN(2)))}},
		headInk: ground.colour, scutellum: ground.colour.by(0.5), punctures: 0.15,
		legs:    sixLegs(point{0.1, 0.24}, point{0.12, -0.02}, 0.85, 0.045, ground.colour.mix(legInk.colour, 0.5), legInk.colour),
		feelers: feelers{kind: threads, root: point{0.06, 0.43}, length: genus.between(0.6, 0.85), spread: 0.13, curl: 0.35, thick: 0.032, ink: feeler.colour, tip: feeler.colour.by(0.6)},
		extent:  0.84,
	}, name
}

func newChafer(genus, own dice, member int) (insect, trait) {
	ground := pick(genus, green, copper, blue, violet, brown, rust)
	metal, punctures, lines := genus.between(0.2, 0.5), genus.between(0, 0.35), 0.0
	markInk := pick(genus, white, cream, black)
	name := trait{ground.english, ground.latin + "us"}
	var marks []spot
	for range genus.IntN(4) {
		marks = append(marks, spot{genus.between(0.2, 0.75), genus.between(-0.8, 0.5), genus.between(0.06, 0.1)})
	}
	switch genus.IntN(3) {
	case 0:
		ground = kin(genus, member, green, copper, blue, violet, rust)
		name = trait{ground.english, ground.latin + "us"}
	case 1:
		lines = deal(genus, member, 0, 0.5, 0.95)
		name = []trait{{"smooth", "laevis"}, {"faint-lined", "sublineatus"}, {"lined", "lineatus"}}[int(mul(lines, 2.2))]
	case 2:
		marks = nil
		n := deal(genus, member, 0, 2, 4, 6)
		for i := range n {
			marks = append(marks, spot{0.3 + mul(0.35, float64(i%2)), 0.5 - mul(0.24, float64(i)), 0.09})
		}
		name = counted(min(16, 2*n), "flecked", "guttulatus")
	}
	return &beetle{
		cases:   part{at: point{0, -0.14}, wide: genus.between(0.27, 0.32), long: 0.36, egg: 0.04, pinch: -0.12, gloss: 0.65},
		collar:  part{at: point{0, 0.26}, wide: 0.235, long: 0.145, egg: -0.15, pinch: -0.05, gloss: 0.55},
		head:    part{at: point{0, 0.41}, wide: 0.12, long: 0.075, gloss: 0.4},
		caseInk: banding{base: ground.colour.by(0.85), tail: ground.colour, tailFrom: -1.5, soft: 0.05},
		marks:   marks, markInk: markInk.colour, lines: lines, lineInk: markInk.colour, punctures: punctures,
		collarInk: ground.colour.by(0.7 + own.around(0, 0.1)), headInk: ground.colour.by(0.5), scutellum: ground.colour.by(0.35),
		sheen: ground.colour.mix(lemon.colour, 0.45), metal: metal,
		legs:    sixLegs(point{0.19, 0.26}, point{0.2, -0.04}, 0.68, 0.055, ground.colour.by(0.5), black.colour.mix(ground.colour, 0.35)),
		feelers: feelers{kind: clubs, root: point{0.07, 0.46}, length: 0.14, spread: 0.14, thick: 0.032, ink: brown.colour, tip: rust.colour},
		extent:  0.6,
	}, name
}
