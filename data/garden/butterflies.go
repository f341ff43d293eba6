package garden

// lepidopteran is a butterfly or a moth.
type lepidopteran struct {
	fore, hind       scaleWing
	foreInk, hindInk markings
	body             colour
	fur              colour
	stout            float64
	feelers          feelers
	rest             float64 // how far the wings lie over the body: a moth at rest
	extent           float64
}

func (l *lepidopteran) reach() float64 { return l.extent }

func (l *lepidopteran) draw(c *canvas) {
	fore, hind := l.foreInk.vary(c.dice), l.hindInk.vary(c.dice)
	foreWing, hindWing := l.fore, l.hind
	swing := c.dice.around(0, 0.018)
	foreWing.lead, foreWing.rear = foreWing.lead+swing, foreWing.rear+swing
	hindWing.lead, hindWing.rear = hindWing.lead+swing/2, hindWing.rear+swing/2
	bodyInk, fur := c.dice.jitter(l.body, 0.1), c.dice.jitter(l.fur, 0.1)

	c.antennae(l.feelers)
	abdomen := part{at: point{0, -0.2}, wide: mul(0.062, l.stout), long: 0.28, pinch: 0.25, gloss: 0.05}
	abdomenPaint := func(u, v float64) colour {
		rings := mul(v, 3.5)
		rings -= floor(rings)
		return bodyInk.by(1 - mul(0.3, smooth(0.7, 0.95, rings)))
	}
	drawBody := func() {
		c.body(abdomen, abdomenPaint)
		c.fur(abdomen, 30, 0.035, abdomenPaint)
	}
	if l.rest > 0 {
		drawBody()
	}
	c.scaleWings(hindWing, func(t, rho float64) colour { return hind.at(hindWing, t, rho) })
	c.scaleWings(foreWing, func(t, rho float64) colour { return fore.at(foreWing, t, rho) })
	if l.rest == 0 {
		drawBody()
	}
	c.body(part{at: point{0, 0.31}, wide: mul(0.06, l.stout), long: 0.06}, func(u, v float64) colour { return bodyInk })
	c.eyes(point{mul(0.042, l.stout), 0.33}, 0.025, 0.032, 0, black.colour)
	thorax := part{at: point{0, 0.16}, wide: mul(0.085, l.stout), long: 0.15}
	furPaint := func(u, v float64) colour { return bodyInk.mix(fur, 0.7) }
	c.body(thorax, furPaint)
	c.fur(thorax, 90, 0.05, furPaint)
}

func newButterfly(genus, own dice, member int) (insect, trait) {
	fore := scaleWing{root: point{0.03, 0.14}, lead: genus.between(0.15, 0.18), rear: -0.012, length: genus.between(0.88, 1),
		taper: genus.between(0.56, 0.68), fullness: genus.between(0.75, 1.1), bow: 0.014, scallops: 0, waves: 6}
	hind := scaleWing{root: point{0.03, 0.05}, lead: 0.02, rear: -0.215, length: genus.between(0.6, 0.66),
		taper: genus.between(0.8, 0.95), fullness: 1.3, bow: 0.005, waves: 6}
	if genus.chance(0.45) {
		fore.scallops, hind.scallops = 0.012, 0.022
	}
	l := &lepidopteran{fore: fore, hind: hind, body: colour{0.16, 0.12, 0.09}, stout: genus.between(0.9, 1.15), extent: 0.86,
		feelers: feelers{kind: clubs, root: point{0.02, 0.36}, length: 0.36, spread: 0.075, thick: 0.016, ink: black.colour, tip: pick(genus, orange, black, white).colour}}
	l.feelers.ink = colour{0.12, 0.09, 0.08}
	name := butterflyWings(l, genus, own, member)
	l.fur = l.foreInk.root.mix(brown.colour, 0.4)
	return l, name
}

// butterflyWings paints one of the ways a butterfly can look.
func butterflyWings(l *lepidopteran, genus, own dice, member int) trait {
	dark := pick(genus, black, black, brown, ink{colour{0.17, 0.11, 0.08}, "dark", "fusc"})
	m := markings{margin: dark.colour, border: genus.between(0.07, 0.13) + own.around(0, 0.015), beads: white.colour, beadCount: 6}
	var name trait
	switch pick(genus, "white", "blue", "fritillary", "peacock", "admiral", "tailed") {
	case "white":
		ground := pick(genus, white, lemon, cream)
		tip := kin(genus, member, black, orange, ash, rust)
		m.ground, m.root, m.border = ground.colour, ground.colour.by(0.75), 0.035
		m.tip, m.tipWide = tip.colour, 0.42+own.around(0, 0.05)
		l.hindInk = m
		l.hindInk.tipWide = 0
		m.spots = []wingSpot{{t: 0.5, rho: 0.62, size: 0.06, ink: dark.colour}}
		if member == 1 {
			m.spots = append(m.spots, wingSpot{t: 0.72, rho: 0.62, size: 0.055, ink: dark.colour})
		}
		l.foreInk = m
		name = trait{tip.english + "-tip", tip.latin + "iapex"}
	case "blue":
		ground := kin(genus, member, blue, violet, ink{colour{0.30, 0.52, 0.86}, "azure", "azure"}, copper, ink{colour{0.5, 0.62, 0.85}, "silver", "argente"})
		m.ground, m.root = ground.colour, ground.colour.by(0.6)
		m.beadSize, m.beads = mul(0.035, float64(genus.IntN(2))), pick(genus, orange, white).colour
		m.border += own.around(0, 0.03)
		l.foreInk, l.hindInk = m, m
		l.hindInk.beadSize = 0.04
		name = trait{ground.english, ground.latin + "us"}
	case "fritillary":
		ground := kin(genus, member, orange, rust, buff)
		m.ground, m.root, m.beadSize = ground.colour, ground.colour.by(0.6), 0.03
		rows := 2 + genus.IntN(2)
		for row := range rows {
			for k := range 5 {
				m.spots = append(m.spots, wingSpot{t: (float64(k) + 0.5) / 5, rho: 0.42 + mul(0.19, float64(row)) + own.around(0, 0.015), size: genus.between(0.026, 0.036), ink: dark.colour})
			}
		}
		l.foreInk, l.hindInk = m, m
		name = trait{ground.english + "-checkered", ground.latin + "ivarius"}
	case "peacock":
		ground := pick(genus, rust, brown, orange, buff)
		iris := kin(genus, member, blue, black, violet, yellow)
		m.ground, m.root = ground.colour, ground.colour.by(0.6)
		ring := pick(genus, yellow, cream, orange).colour
		m.spots = []wingSpot{{t: 0.22, rho: 0.74, size: 0.085, ink: iris.colour, ring: ring, eye: true}}
		l.foreInk = m
		m.spots = []wingSpot{{t: 0.3, rho: 0.68, size: 0.1, ink: iris.colour, ring: ring, eye: true}}
		if genus.chance(0.5) {
			m.spots = append(m.spots, wingSpot{t: 0.68, rho: 0.68, size: 0.07, ink: iris.colour, ring: ring, eye: true})
		}
		l.hindInk = m
		name = trait{iris.english + "-eyed", iris.latin + "ocellatus"}
	case "admiral":
		ground := pick(genus, black, brown, ink{colour{0.20, 0.10, 0.12}, "dark", "fusc"})
		band := kin(genus, member, red, orange, white, yellow, pink)
		m.ground, m.root, m.margin, m.border = ground.colour, ground.colour.mix(brown.colour, 0.4), ground.colour.by(0.8), 0.05
		m.band, m.bandAt, m.bandWide, m.bandBend = band.colour, 0.55+own.around(0, 0.03), 0.14+own.around(0, 0.03), genus.between(-0.2, 0.1)
		l.foreInk, l.hindInk = m, m
		l.foreInk.spots = []wingSpot{{t: 0.1, rho: 0.85, size: 0.04, ink: white.colour}, {t: 0.25, rho: 0.87, size: 0.035, ink: white.colour}, {t: 0.38, rho: 0.86, size: 0.03, ink: white.colour}}
		l.hindInk.bandAt = genus.between(0.55, 0.85)
		name = band.banded()
	case "tailed":
		ground := kin(genus, member, lemon, white, yellow, ink{colour{0.72, 0.84, 0.62}, "pale green", "prasin"})
		m.ground, m.root, m.streaks, m.border = ground.colour, ground.colour.by(0.55), 0.75, 0.14
		m.beadSize, m.beads = 0.035, ground.colour
		m.band, m.bandAt, m.bandWide = dark.colour, 0.5+own.around(0, 0.04), 0.07
		l.foreInk, l.hindInk = m, m
		l.hindInk.beads = pick(genus, blue, orange).colour
		l.hindInk.spots = []wingSpot{{t: 0.9, rho: 0.8, size: 0.07, ink: pick(genus, red, orange).colour}}
		l.hind.tail, l.hind.scallops, l.hind.waves = 0.3, 0.02, 6
		name = trait{ground.english + "-striped", ground.latin + "ilineatus"}
	}
	return name
}

func newMoth(genus, own dice, member int) (insect, trait) {
	fore := scaleWing{root: point{0.04, 0.2}, lead: genus.between(0.02, 0.055), rear: -0.19, length: genus.between(0.82, 0.92),
		taper: genus.between(0.5, 0.62), fullness: genus.between(0.6, 0.9), bow: 0.012, waves: 6}
	hind := scaleWing{root: point{0.04, 0.1}, lead: -0.03, rear: -0.225, length: genus.between(0.58, 0.66), taper: 0.9, fullness: 1.2, waves: 6}
	ground := pick(genus, brown, ash, buff, cream, ink{colour{0.45, 0.36, 0.26}, "tawny", "fulv"}, ink{colour{0.34, 0.38, 0.24}, "olive", "olivace"})
	hindInk := pick(genus, cream, red, yellow, ash, pink)
	line := pick(genus, black, brown, white)
	name := trait{ground.english, ground.latin + "us"}
	zigzag, bandWide, eyes := genus.between(0, 0.08), genus.between(0.05, 0.14), genus.IntN(2)
	switch genus.IntN(3) {
	case 0:
		hindInk = kin(genus, member, red, yellow, ash, pink, orange)
		name = trait{hindInk.english + " underwing", hindInk.latin + "alis"}
	case 1:
		zigzag = deal(genus, member, 0, 0.07, 0.14)
		name = []trait{{"straight-lined", "rectilinea"}, {"waved", "undulatus"}, {"saw-lined", "serratus"}}[int(mul(zigzag, 14.5))]
	case 2:
		eyes = genus.IntN(2) + deal(genus, member, 0, 1, 2)
		name = counted(eyes, "spotted", "signatus")
	}
	m := markings{root: ground.colour.by(0.8), ground: ground.colour, margin: ground.colour.mix(line.colour, 0.45), border: 0.1,
		band: ground.colour.mix(line.colour, 0.6), bandAt: genus.between(0.45, 0.66) + own.around(0, 0.03), bandWide: bandWide + own.around(0, 0.02),
		bandBend: genus.between(-0.15, 0.15), zigzag: zigzag, streaks: genus.between(0, 0.3), beadCount: 6, beads: cream.colour, beadSize: mul(0.03, float64(genus.IntN(2)))}
	h := markings{root: hindInk.colour.by(0.85), ground: hindInk.colour, margin: ground.colour.by(0.5), border: genus.between(0.1, 0.22),
		band: ground.colour.by(0.5), bandAt: 0.55, bandWide: mul(0.08, float64(genus.IntN(2)))}
	spotInk := pick(genus, white, cream, black).colour
	for k := range eyes {
		m.spots = append(m.spots, wingSpot{t: 0.25 + mul(0.24, float64(k)), rho: 0.6 - mul(0.1, float64(k)) + mul(0.05, float64(k%2)), size: 0.055, ink: spotInk, ring: line.colour, eye: genus.chance(0.5)})
	}
	l := &lepidopteran{fore: fore, hind: hind, foreInk: m, hindInk: h, body: ground.colour.by(0.85), fur: ground.colour.mix(cream.colour, 0.3), stout: genus.between(1.35, 1.75),
		rest: 1, extent: 0.8,
		feelers: feelers{kind: feathers, root: point{0.03, 0.36}, length: 0.26, spread: 0.11, curl: 0.15, thick: 0.016, ink: ground.colour.by(0.55)}}
	if genus.chance(0.25) {
		l.feelers.kind = threads
		l.feelers.tip = l.feelers.ink
	}
	return l, name
}
