package augment

import (
	"errors"
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// Affine scales each axis by itself, turns, shears and moves a picture about its middle.
type Affine struct {
	Probability Chance  `yaml:"probability,omitempty" json:"probability,omitempty"` // 1 if zero
	Scale       Range   `yaml:"scale,flow" json:"scale"`                            // of each axis, [1, 1] if left out
	Translate   float64 `yaml:"translate" json:"translate"`                         // ± share of the size, each axis
	Rotate      float64 `yaml:"rotate" json:"rotate"`                               // ± degrees
	Shear       float64 `yaml:"shear" json:"shear"`                                 // ± degrees
}

func (p Policy) checkGeometry() error {
	if !(p.Shift >= 0 && p.Shift < 1) {
		return fmt.Errorf("shift: %g is outside [0, 1)", p.Shift)
	}
	if !(p.Zoom >= 0 && p.Zoom < 1) {
		return fmt.Errorf("zoom: %g is outside [0, 1)", p.Zoom)
	}
	for _, check := range []error{
		p.Affine.check(),
		p.RandomResizedCrop.check(),
		checkName("interpolation", p.Interpolation, Bilinear, Bicubic),
		checkName("border", p.Border, Edge, Reflect, Constant),
		checkNumber("fill", p.Fill, 255),
	} {
		if check != nil {
			return check
		}
	}
	switch {
	case p.Fill != 0 && p.Border != Constant:
		return fmt.Errorf("fill: is of border %s only", Constant)
	case p.resamples():
		return nil
	case p.Interpolation != "":
		return errors.New("interpolation: nothing is resampled")
	case p.Border != "":
		return errors.New("border: nothing is resampled")
	}
	return nil
}

func (a *Affine) check() error {
	if a == nil {
		return nil
	}
	if *a == (Affine{Probability: a.Probability}) {
		return errors.New("affine: changes nothing: set scale, translate, rotate or shear")
	}
	for _, err := range []error{
		a.Probability.check("affine.probability"),
		a.Scale.or(1, 1).check("affine.scale", 0, 100),
		checkNumber("affine.translate", a.Translate, 1),
		checkNumber("affine.rotate", a.Rotate, 180),
		checkNumber("affine.shear", a.Shear, 80),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// resamples tells whether pixels move by anything but flips.
func (p Policy) resamples() bool {
	return p.Shift != 0 || p.Zoom != 0 || p.Affine != nil || p.RandomResizedCrop != nil || p.RandAugment != nil
}

// resample makes all changes of geometry.
func (p Policy) resample(x, seeds *Node, f finish) *Node {
	if !p.resamples() && p.HorizontalFlip == 0 && p.VerticalFlip == 0 {
		return x
	}
	simple := draw(seeds, streamSimple, simpleDraws)
	flipX, flipY := happens(simple.at(drawFlipX), p.HorizontalFlip), happens(simple.at(drawFlipY), p.VerticalFlip)
	if !p.resamples() {
		x = flip(x, flipX, 2, p.HorizontalFlip)
		return flip(x, flipY, 1, p.VerticalFlip)
	}
	dims := x.Shape().Dimensions
	height, width := dims[1], dims[2]
	m := identity(simple.at(0))
	var w *window
	if p.RandomResizedCrop != nil {
		w = p.RandomResizedCrop.draw(seeds, height, width)
		m = m.then(w.mapping(height, width))
	}
	if p.Shift != 0 || p.Zoom != 0 {
		m = m.then(p.shiftAndZoom(simple, height, width))
	}
	if p.HorizontalFlip != 0 || p.VerticalFlip != 0 {
		m = m.then(mapping{xx: signOf(flipX, m.xx), yy: signOf(flipY, m.xx)})
	}
	if p.Affine != nil {
		m = m.then(p.Affine.draw(seeds).mapping(height, width))
	}
	if p.RandAugment != nil {
		m = p.RandAugment.move(m, p.RandAugment.draw(seeds), height, width)
	}
	return f.settle(sampler{p.Interpolation, p.Border, p.Fill}.sample(x, m, w))
}

// Numbers of streamSimple.
const (
	drawFlipX = iota
	drawFlipY
	drawShiftX
	drawShiftY
	drawZoomX
	drawZoomY
	simpleDraws
)

// flip mirrors the pictures for which yes, [batch], is true.
func flip(x, yes *Node, axis int, probability Chance) *Node {
	if probability == 0 {
		return x
	}
	return Where(BroadcastToShape(each(yes, 4), x.Shape()), Reverse(x, axis), x)
}

func signOf(negative, like *Node) *Node {
	return Where(negative, Neg(OnesLike(like)), OnesLike(like))
}

// affine are the parameters of a change: scales, moves as shares of the size, angles in radians; [batch], angles may be nil.
type affine struct{ scaleX, scaleY, moveX, moveY, angle, shear *Node }

// shiftAndZoom moves by shares of the size as it was before zooming.
func (p Policy) shiftAndZoom(d draws, height, width int) mapping {
	zoom := Range{1 - p.Zoom, 1 + p.Zoom}
	return mapping{
		xx: Reciprocal(between(d.at(drawZoomX), zoom)), x0: MulScalar(within(d.at(drawShiftX), p.Shift), -float64(width)),
		yy: Reciprocal(between(d.at(drawZoomY), zoom)), y0: MulScalar(within(d.at(drawShiftY), p.Shift), -float64(height)),
	}
}

func (a *Affine) draw(seeds *Node) affine {
	d := draw(seeds, streamAffine, 7)
	made := happens(d.at(0), a.Probability.orAlways())
	or := func(changed, neutral *Node) *Node { return Where(made, changed, neutral) }
	none, one := ZerosLike(d.at(0)), OnesLike(d.at(0))
	scale := a.Scale.or(1, 1)
	drawn := affine{
		scaleX: or(between(d.at(1), scale), one), scaleY: or(between(d.at(2), scale), one),
		moveX: or(within(d.at(3), a.Translate), none), moveY: or(within(d.at(4), a.Translate), none),
	}
	if a.Rotate != 0 || a.Shear != 0 {
		drawn.angle = or(within(d.at(5), a.Rotate*math.Pi/180), none)
		drawn.shear = or(within(d.at(6), a.Shear*math.Pi/180), none)
	}
	return drawn
}

// mapping inverts, for angle θ (clockwise) and shear φ,
//
//	(x, y) → (sx·cos θ·x − sy·sin(θ+φ)·y + tx, sx·sin θ·x + sy·cos(θ+φ)·y + ty)
//
// which is the matrix of scikit-image's AffineTransform.
func (a affine) mapping(height, width int) mapping {
	m := mapping{xx: Reciprocal(a.scaleX), yy: Reciprocal(a.scaleY)}
	if a.angle != nil {
		sheared := Add(a.angle, a.shear)
		byX, byY := Mul(a.scaleX, Cos(a.shear)), Mul(a.scaleY, Cos(a.shear))
		m = mapping{
			xx: Div(Cos(sheared), byX), xy: Div(Sin(sheared), byX),
			yx: Neg(Div(Sin(a.angle), byY)), yy: Div(Cos(a.angle), byY),
		}
	}
	moveBack := mapping{
		xx: OnesLike(m.xx), x0: MulScalar(a.moveX, -float64(width)),
		yy: OnesLike(m.yy), y0: MulScalar(a.moveY, -float64(height)),
	}
	return m.then(moveBack)
}
