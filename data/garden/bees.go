package garden

// flier is a bee, wasp or fly: head, thorax, abdomen, clear wings, six legs.
type flier struct {
	head, thorax, abdomen part
	headInk, eyeInk       colour
	eyeWide, eyeLong      float64
	eyeAt                 point
	eyeTurn               float64
	thoraxInk             colour
	collar, saddle        colour // front and rear of the thorax
	collarWidth           float64
	saddleWidth           float64
	stripes               float64 // dark stripes along the thorax, strength
	bands                 banding
	sheen                 colour // mixed in where the surface faces up: metallic flies
	metal                 float64
	wings                 []membrane
	legs                  []leg
	feelers               feelers
	fuzz                  float64 // length of fur; 0 = bald
	hairs                 int
	tailFuzz              bool // fur on the abdomen as well
	extent                float64
}

func (f *flier) reach() float64 { return f.extent }

func (f *flier) draw(c *canvas) {
	bands := f.bands.vary(c.dice)
	thoraxInk, collar, saddle := c.dice.jitter(f.thoraxInk, 0.16), c.dice.jitter(f.collar, 0.16), c.dice.jitter(f.saddle, 0.16)
	collarWidth := mul(f.collarWidth, c.dice.around(1, 0.3))
	saddleWidth := mul(f.saddleWidth, c.dice.around(1, 0.3))

	abdomen := f.abdomen
	abdomen.long = mul(abdomen.long, c.dice.around(1, 0.07))
	abdomen.wide = mul(abdomen.wide, c.dice.around(1, 0.08))
	abdomen.turn = c.dice.around(0, 0.02)

	thoraxPaint := func(u, v float64) colour {
		k := thoraxInk
		if f.stripes > 0 {
			k = k.mix(black.colour, mul(f.stripes, max(bump(0.22, 0.09, 0.05, abs(u)), bump(0.6, 0.09, 0.05, abs(u)))))
		}
		k = k.mix(f.sheen, mul(f.metal, bump(0.1, 0.3, 0.3, v)))
		k = k.mix(saddle, smooth(mul(2, saddleWidth)-1.05, mul(2, saddleWidth)-1.25, v-mul(0.12, mul(u, u))))
		return k.mix(collar, smooth(1-mul(2, collarWidth), 1.2-mul(2, collarWidth), v+mul(0.15, mul(u, u))))
	}
	abdomenPaint := func(u, v float64) colour {
		k := bands.at(u, v)
		segments := mul(v, 3.2) + mul(0.3, mul(u, u))
		segments -= floor(segments)
		k = k.by(1 - mul(0.22, smooth(0.8, 0.98, segments)))
		return k.mix(f.sheen, mul(f.metal, bump(-0.2, 0.35, 0.3, v)))
	}

	c.legs(f.legs)
	c.antennae(f.feelers)
	c.body(abdomen, abdomenPaint)
	if f.tailFuzz {
		c.fur(abdomen, f.hairs, f.fuzz, abdomenPaint)
	}
	for _, w := range f.wings {
		c.membranes(w)
	}
	c.body(f.head, func(u, v float64) colour { return f.headInk.mix(collar, mul(0.5, smooth(0.3, 0.9, v))) })
	c.eyes(f.eyeAt, f.eyeWide, f.eyeLong, f.eyeTurn, f.eyeInk)
	c.body(f.thorax, thoraxPaint)
	if f.fuzz > 0 {
		c.fur(f.thorax, f.hairs*2/3, f.fuzz, thoraxPaint)
		c.fur(f.head, f.hairs/5, mul(f.fuzz, 0.7), func(u, v float64) colour { return f.headInk.mix(collar, 0.35) })
	}
}

// clearWings are two pairs, as of bees and wasps.
func clearWings(at point, length float64, tint colour, alpha, smoke float64) []membrane {
	hind := membrane{root: at.add(point{0, -0.05}), angle: -0.07, swing: 0.1, length: mul(0.68, length), width: mul(0.62, length),
		tint: tint, alpha: alpha, tip: tint.by(0.3), smoke: mul(0.6, smoke), stigma: tint.by(0.3)}
	fore := membrane{root: at, angle: 0.02, swing: 0.15, length: length, width: mul(0.85, length),
		tint: tint, alpha: alpha, tip: tint.by(0.25), smoke: smoke, stigma: tint.by(0.22)}
	return []membrane{hind, fore}
}

func newBumblebee(genus, own dice, member int) (insect, trait) {
	base := pick(genus, black, black, ink{colour{0.13, 0.09, 0.07}, "dark", "fusc"}, brown)
	bandInk := pick(genus, yellow, orange, lemon, buff, yellow)
	tail := kin(genus, member, white, red, buff, orange, ash, yellow)
	by := genus.IntN(3) // what sets the species of the genus apart, besides small things
	common := genus.IntN(6)
	wide := genus.between(0.26, 0.31)
	count := 1 + genus.IntN(2)
	collarWidth, saddleWidth := genus.between(0.16, 0.3), genus.between(-0.2, 0.2)
	name := tail.tailed()
	switch by {
	case 1: // by their collars and bands, under one tail
		tail = []ink{white, red, buff, orange, ash, white}[common]
		bandInk = kin(genus, member, yellow, cream, orange, rust, ash)
		name = bandInk.banded()
	case 2: // by the number of bands and the collar's width
		tail = []ink{white, red, buff, orange, ash, white}[common]
		count = 1 + member
		collarWidth = lerp(0.1, 0.34, float64((member*2)%3)/2)
		name = counted(count, "banded", "cinctus")
	}
	collarWidth += own.around(0, 0.04)
	saddleWidth += own.around(0, 0.1)
	f := &flier{
		head:    part{at: point{0, 0.42}, wide: 0.145, long: 0.11, gloss: 0.2},
		thorax:  part{at: point{0, 0.18}, wide: mul(wide, 0.9), long: 0.21, gloss: 0.05},
		abdomen: part{at: point{0, -0.23}, wide: wide, long: 0.32, egg: 0.1, gloss: 0.08},
		headInk: base.colour, eyeInk: colour{0.10, 0.07, 0.06}, eyeWide: 0.05, eyeLong: 0.075, eyeAt: point{0.11, 0.43}, eyeTurn: 0.03,
		thoraxInk: base.colour, collar: bandInk.colour, collarWidth: collarWidth, saddle: bandInk.colour, saddleWidth: saddleWidth,
		bands: banding{base: base.colour, ink: bandInk.colour, tail: tail.colour, count: count, width: 0.42 + own.around(0, 0.08),
			front: 1, rear: -0.45, bow: -0.15, tailFrom: -0.45 + own.around(0, 0.08), soft: 0.07},
		wings:   clearWings(point{0.15, 0.2}, genus.between(0.62, 0.7), colour{0.62, 0.55, 0.42}, 0.3, genus.between(0, 0.5)),
		legs:    sixLegs(point{0.14, 0.28}, point{0.18, 0.0}, 0.5, 0.055, base.colour, base.colour.mix(bandInk.colour, own.between(0, 0.25))),
		feelers: feelers{kind: elbows, root: point{0.05, 0.5}, length: 0.2, spread: 0.08, thick: 0.028, ink: black.colour, tip: black.colour},
		fuzz:    0.085, hairs: 260, tailFuzz: true, extent: 0.74,
	}
	return f, name
}

func newBee(genus, own dice, member int) (insect, trait) {
	base := pick(genus, black, brown, ink{colour{0.20, 0.13, 0.08}, "dark", "fusc"}, rust, ink{colour{0.10, 0.20, 0.16}, "bronze", "aene"})
	fur := pick(genus, buff, orange, rust, ash, cream)
	bandInk := pick(genus, cream, white, buff, orange)
	legInk := pick(genus, black, brown, orange)
	count := 3 + genus.IntN(3)
	name := bandInk.banded()
	switch genus.IntN(3) {
	case 0:
		fur = kin(genus, member, buff, rust, ash, orange, white)
		name = trait{fur.english + "-furred", fur.latin + "ipilis"}
	case 1:
		count = 2 + genus.IntN(2) + deal(genus, member, 0, 1, 2)
		name = counted(count, "striped", "fasciatus")
	case 2:
		legInk = kin(genus, member, black, orange, yellow, rust)
		bandInk = kin(genus, member, cream, white, buff)
		name = legInk.legged()
	}
	wide := genus.between(0.17, 0.22)
	f := &flier{
		head:    part{at: point{0, 0.40}, wide: 0.145, long: 0.10, gloss: 0.25},
		thorax:  part{at: point{0, 0.18}, wide: 0.175, long: 0.17, pinch: -0.12, gloss: 0.05},
		abdomen: part{at: point{0, -0.22}, wide: wide, long: 0.30, egg: 0.08, pinch: 0.1, gloss: 0.35},
		headInk: base.colour, eyeInk: colour{0.16, 0.10, 0.07}, eyeWide: 0.048, eyeLong: 0.085, eyeAt: point{0.105, 0.41}, eyeTurn: 0.03,
		thoraxInk: fur.colour, collar: fur.colour.mix(white.colour, 0.25), saddle: fur.colour.by(0.8), collarWidth: 0.12, saddleWidth: 0.1,
		bands: banding{base: base.colour, ink: bandInk.colour, tail: base.colour, count: count, width: genus.between(0.24, 0.4) + own.around(0, 0.05),
			front: 0.92, rear: -0.95, bow: -0.1, tailFrom: -1.4, soft: 0.05},
		wings:   clearWings(point{0.12, 0.22}, genus.between(0.6, 0.68), colour{0.74, 0.66, 0.5}, 0.28, genus.between(0, 0.35)),
		legs:    sixLegs(point{0.11, 0.27}, point{0.12, 0.06}, 0.58, 0.046, base.colour, legInk.colour),
		feelers: feelers{kind: elbows, root: point{0.04, 0.47}, length: 0.22, spread: 0.07, thick: 0.026, ink: black.colour, tip: black.colour},
		fuzz:    0.05, hairs: 220, extent: 0.7,
	}
	return f, name
}

func newWasp(genus, own dice, member int) (insect, trait) {
	base := pick(genus, black, black, brown, rust)
	bandInk := pick(genus, yellow, yellow, orange, lemon, white)
	legInk := pick(genus, yellow, orange, black, rust)
	feeler := pick(genus, black, orange, brown)
	count, notch := 3+genus.IntN(3), genus.between(0, 0.35)
	name := bandInk.banded()
	switch genus.IntN(3) {
	case 0:
		count = 2 + genus.IntN(3) + deal(genus, member, 0, 1, 2)
		name = counted(count, "banded", "zonatus")
	case 1:
		notch = deal(genus, member, 0.0, 0.5, 0.95)
		name = map[bool]trait{true: {"spotted", "guttatus"}, false: {"notched", "incisus"}}[notch > 0.7]
		if notch < 0.2 {
			name = trait{"girdled", "cingulatus"}
		}
	case 2:
		legInk = kin(genus, member, yellow, rust, black, orange)
		bandInk = kin(genus, member, yellow, lemon, orange)
		name = legInk.legged()
	}
	slim := genus.between(0.135, 0.185)
	waist := genus.between(0, 0.1)
	f := &flier{
		head:    part{at: point{0, 0.43}, wide: 0.135, long: 0.085, gloss: 0.3},
		thorax:  part{at: point{0, 0.22}, wide: 0.14, long: 0.17, gloss: 0.3, pinch: 0.1},
		abdomen: part{at: point{0, -0.25 - waist}, wide: slim, long: 0.31, egg: 0.12, pinch: 0.22, gloss: 0.4},
		headInk: base.colour, eyeInk: colour{0.14, 0.08, 0.07}, eyeWide: 0.042, eyeLong: 0.075, eyeAt: point{0.105, 0.43}, eyeTurn: 0.04,
		thoraxInk: base.colour, collar: bandInk.colour, saddle: bandInk.colour, collarWidth: genus.between(0.02, 0.12), saddleWidth: genus.between(-0.1, 0.16),
		bands: banding{base: base.colour, ink: bandInk.colour, tail: pick(genus, base, bandInk).colour, count: count, width: genus.between(0.4, 0.62) + own.around(0, 0.06),
			front: 0.96, rear: -0.85, notch: notch, bow: 0.1, tailFrom: -0.86, soft: 0.03},
		wings:   clearWings(point{0.09, 0.26}, genus.between(0.6, 0.7), colour{0.72, 0.55, 0.32}, 0.3, genus.between(0, 0.5)),
		legs:    sixLegs(point{0.09, 0.3}, point{0.09, 0.08}, 0.7, 0.036, base.colour.mix(legInk.colour, 0.4), legInk.colour),
		feelers: feelers{kind: threads, root: point{0.045, 0.5}, length: 0.3, spread: 0.085, curl: 0.2, thick: 0.03, ink: feeler.colour, tip: black.colour},
		extent:  0.74,
	}
	return f, name
}

func newHoverfly(genus, own dice, member int) (insect, trait) {
	base := pick(genus, black, black, brown)
	bandInk := pick(genus, yellow, orange, lemon, white, buff)
	eye := pick(genus, rust, brown, red)
	legInk := pick(genus, yellow, orange, black)
	count, notch := 3, genus.between(0, 0.4)
	thorax := pick(genus, ink{colour{0.28, 0.24, 0.14}, "bronze", "aene"}, black, ink{colour{0.18, 0.24, 0.18}, "green", "virid"}, buff)
	name := bandInk.banded()
	switch genus.IntN(3) {
	case 0:
		notch = deal(genus, member, 0.0, 0.55, 1)
		name = []trait{{"belted", "balteatus"}, {"notched", "interruptus"}, {"lunulate", "lunulatus"}}[min(2, int(mul(notch, 2.2)))]
	case 1:
		count = 2 + genus.IntN(2) + deal(genus, member, 0, 1, 2)
		name = counted(count, "banded", "cinctus")
	case 2:
		thorax = kin(genus, member, ink{colour{0.34, 0.28, 0.15}, "bronze", "aene"}, black, rust, ash)
		bandInk = kin(genus, member, yellow, orange, lemon)
		name = trait{thorax.english + "-backed", thorax.latin + "idorsum"}
	}
	wide := genus.between(0.165, 0.21)
	wing := membrane{root: point{0.11, 0.22}, angle: 0.0, swing: 0.13, length: genus.between(0.72, 0.8), width: 0.7,
		tint: colour{0.75, 0.7, 0.58}, alpha: 0.24, tip: brown.colour, smoke: genus.between(0, 0.55), stigma: colour{0.25, 0.18, 0.1}}
	f := &flier{
		head:    part{at: point{0, 0.385}, wide: 0.14, long: 0.085, gloss: 0.2},
		thorax:  part{at: point{0, 0.18}, wide: 0.155, long: 0.175, pinch: -0.2, gloss: 0.35},
		abdomen: part{at: point{0, -0.2}, wide: wide, long: 0.32, egg: 0.12, pinch: 0.05, gloss: 0.3},
		headInk: colour{0.55, 0.48, 0.3}, eyeInk: eye.colour.by(0.75), eyeWide: 0.088, eyeLong: 0.082, eyeAt: point{0.088, 0.385}, eyeTurn: 0.1,
		thoraxInk: thorax.colour, collar: thorax.colour, saddle: bandInk.colour, collarWidth: 0, saddleWidth: genus.between(0.04, 0.16),
		bands: banding{base: base.colour, ink: bandInk.colour, tail: base.colour, count: count, width: genus.between(0.42, 0.6) + own.around(0, 0.06),
			front: 0.95, rear: -0.8, notch: notch, bow: genus.between(-0.05, 0.2), tailFrom: -1.4, soft: 0.03},
		wings:   []membrane{wing},
		legs:    sixLegs(point{0.1, 0.28}, point{0.1, 0.08}, 0.54, 0.034, base.colour.mix(legInk.colour, 0.5), legInk.colour),
		feelers: feelers{kind: bristles, root: point{0.03, 0.49}, length: 0.1, spread: 0.05, thick: 0.022, ink: brown.colour, tip: black.colour},
		extent:  0.76,
	}
	return f, name
}

func newFly(genus, own dice, member int) (insect, trait) {
	body := pick(genus, green, blue, ash, copper, ash, ink{colour{0.16, 0.17, 0.22}, "dark", "fusc"})
	eye := pick(genus, red, rust, brown)
	metal := genus.between(0.3, 0.6)
	stripes := 0.0
	if body == ash || genus.chance(0.3) {
		stripes, metal = 0.85, 0.1
	}
	tail := body
	name := trait{body.english, body.latin + "us"}
	switch genus.IntN(3) {
	case 0:
		body = kin(genus, member, green, blue, copper, violet)
		tail = body
		name = trait{body.english + "-metal", body.latin + "escens"}
	case 1:
		tail = kin(genus, member, orange, black, ash, rust)
		name = tail.tailed()
	case 2:
		eye = kin(genus, member, red, brown, green)
		stripes = deal(genus, member, 0.0, 0.9, 0.45)
		name = trait{eye.english + "-eyed", eye.latin + "ioculus"}
	}
	wing := membrane{root: point{0.13, 0.2}, angle: -0.05, swing: 0.11, length: genus.between(0.72, 0.8), width: 0.75,
		tint: colour{0.66, 0.64, 0.6}, alpha: 0.28, tip: black.colour, smoke: genus.between(0, 0.4), stigma: colour{0.2, 0.17, 0.14}}
	wide := genus.between(0.2, 0.25)
	shade := body.colour.by(0.7)
	f := &flier{
		head:    part{at: point{0, 0.375}, wide: 0.15, long: 0.09, gloss: 0.15},
		thorax:  part{at: point{0, 0.16}, wide: 0.18, long: 0.195, pinch: -0.22, gloss: 0.45},
		abdomen: part{at: point{0, -0.2}, wide: wide, long: 0.27, egg: 0.1, pinch: -0.08, gloss: 0.5},
		headInk: ash.colour.by(0.6), eyeInk: eye.colour, eyeWide: 0.09, eyeLong: 0.085, eyeAt: point{0.095, 0.375}, eyeTurn: 0.1,
		thoraxInk: shade, collar: shade, saddle: shade, collarWidth: 0, saddleWidth: -0.5, stripes: stripes,
		sheen: body.colour.mix(white.colour, 0.4), metal: metal,
		bands: banding{base: shade, ink: shade.by(0.4), tail: tail.colour.by(0.8), count: 3, width: genus.between(0.15, 0.3),
			front: 0.9, rear: -0.9, tailFrom: map[bool]float64{true: -1.4, false: -0.15 + own.around(0, 0.12)}[tail == body], soft: 0.1},
		wings:   []membrane{wing},
		legs:    sixLegs(point{0.13, 0.27}, point{0.13, 0.06}, 0.6, 0.042, black.colour, black.colour.mix(brown.colour, own.between(0, 0.8))),
		feelers: feelers{kind: bristles, root: point{0.03, 0.48}, length: 0.1, spread: 0.06, thick: 0.024, ink: black.colour, tip: black.colour},
		fuzz:    0.04, hairs: 45, tailFuzz: true, extent: 0.72,
	}
	return f, name
}
