package garden

import (
	"image"
)

// Draw is one picture of one species of the garden with this seed: size × size px, opaque. It is a pure function: the
// same arguments give the same bytes on every platform. species and picture may be any number from 0; negative ones are
// taken as 0, and size is kept within MinSize … MaxSize.
//
// What depends on the species: body, wings, antennae, legs, pattern, colours, up to the small differences between
// individuals. What depends on the picture: pose, light, background, what is in front, sharpness and noise.
func Draw(species, picture, size int, seed uint64) *image.RGBA {
	return newPainter(max(MinSize, min(size, MaxSize))).draw(max(species, 0), max(picture, 0), seed)
}

// painter draws pictures of one size and keeps its buffers between them.
type painter struct {
	size                  int
	raster                *rasteriser
	ground, insect, front *layer
	shadow                []float64
	blurrer               *blurrer
	image                 *image.RGBA
}

func newPainter(size int) *painter {
	return &painter{
		size: size, raster: newRasteriser(size, size),
		ground: newLayer(size, size), insect: newLayer(size, size), front: newLayer(size, size),
		shadow: make([]float64, size*size), blurrer: newBlurrer(4*size*(size+2)+64, 4*size),
		image: image.NewRGBA(image.Rect(0, 0, size, size)),
	}
}

// draw returns the painter's own image, overwritten by the next call.
func (p *painter) draw(species, picture int, gardenSeed uint64) *image.RGBA {
	subject, _ := newSpecies(species, gardenSeed)
	d := newDice(gardenSeed, streamPicture, uint64(species), uint64(picture))
	p.ground.clear()
	p.insect.clear()
	p.front.clear()
	px := float64(p.size)

	sun := newLight(d.Float64(), d.between(0.5, 0.9), d.between(0.38, 0.66))
	full := canvas{layer: p.ground, raster: p.raster, frame: stretch(px, px), light: sun, dice: d, grain: d.Uint64()}
	sc := pickScene(d)
	sc.paint(&full, p)

	on := full
	on.layer = p.insect
	on.frame = pose(d, subject.reach(), px)
	on.roll = d.around(0, 0.32)
	on.open = 1 - mul(d.Float64(), d.between(0.2, 1))
	subject.draw(&on)

	height := mul(px, d.between(0.012, 0.035)) // of the body above what it sits on
	if sc.flying {
		height = mul(px, d.between(0.08, 0.14))
	}
	depth := mul(d.between(0.45, 0.75), mul(sc.shadow, 1.3-sun.ambient))
	p.cast(p.insect, height, mul(0.4, height), sun, depth)
	p.ground.compose(p.insect)

	if d.chance(0.36) {
		before := full
		before.layer = p.front
		occlude(&before)
		softness := mul(px, d.between(0.002, 0.012))
		p.blurrer.blur(p.front.pix, p.size, p.size, 4, softness)
		p.cast(p.front, mul(px, 0.05), mul(px, 0.02), sun, 0.35)
		p.ground.compose(p.front)
	}
	p.develop(d, full.grain)
	return p.image
}

// pose maps an insect's frame to the picture: any direction, seen a little from the side, not quite in the middle.
func pose(d dice, reach, px float64) affine {
	scale := mul(px, d.between(0.3, 0.49)) / reach
	tilt, flat := d.Float64(), d.between(0.76, 1)
	centre := point{mul(px, d.around(0.5, 0.09)), mul(px, d.around(0.5, 0.09))}
	return stretch(1, -1).
		then(rotation(tilt)).then(stretch(1, flat)).then(rotation(-tilt)).
		then(rotation(d.Float64())).
		then(stretch(scale, scale)).
		then(shift(centre))
}

// cast throws a layer's shadow on the ground: height px above it, blurred by soft px.
func (p *painter) cast(from *layer, height, soft float64, sun light, depth float64) {
	for i := range p.shadow {
		p.shadow[i] = from.pix[4*i+3]
	}
	p.blurrer.blur(p.shadow, p.size, p.size, 1, soft+0.3)
	dx, dy := int(floor(mul(-sun.x, mul(2.2, height))+0.5)), int(floor(mul(-sun.y, mul(2.2, height))+0.5))
	p.ground.shade(p.shadow, dx, dy, depth, colour{1, 0.97, 0.88})
}

// develop turns the light on the ground layer into the picture: exposure, colour temperature, vignette, sharpness,
// noise.
func (p *painter) develop(d dice, grain uint64) {
	px := float64(p.size)
	softness := mul(0.0035, mul(d.Float64(), d.Float64()))
	if d.chance(0.12) { // not well focused
		softness = d.between(0.005, 0.009)
	}
	p.soften(mul(px, softness))
	exposure, warmth := d.around(1, 0.24), d.around(0.015, 0.11)
	gain := colour{mul(exposure, 1+warmth), exposure, mul(exposure, 1-mul(1.2, warmth))}
	contrast := d.around(1.08, 0.16)
	vignette := d.between(0, 0.3)
	noise := d.between(0.006, 0.035)
	for y := range p.size {
		for x := range p.size {
			dx, dy := (float64(x)+0.5)/px-0.5, (float64(y)+0.5)/px-0.5
			shade := 1 - mul(vignette, mul(2, mul(dx, dx)+mul(dy, dy)))
			in := p.ground.pix[4*(y*p.size+x):][:4]
			out := p.image.Pix[p.image.PixOffset(x, y):][:4]
			common := mul(noise, lattice(grain, uint64(x), uint64(y)))
			for k, g := range [...]float64{gain.r, gain.g, gain.b} {
				v := mul(mul(in[k], g), shade)
				v = mul(contrast, v-0.45) + 0.45
				if v > 0.8 { // a soft shoulder: highlights keep their colour
					v = 1 - mul(0.2, 1/(1+mul(5, v-0.8)))
				}
				v += common + mul(mul(0.5, noise), lattice(grain+uint64(k)+1, uint64(x), uint64(y)))
				out[k] = uint8(floor(mul(255, unit(v)) + 0.5))
			}
			out[3] = 255
		}
	}
}

// soften blurs the ground.
func (p *painter) soften(radius float64) {
	p.blurrer.blur(p.ground.pix, p.size, p.size, 4, radius)
}
