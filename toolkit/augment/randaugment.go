package augment

import (
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
)

// RandAugment makes Ops changes, each drawn from the same 14 (Cubuk et al., NeurIPS 2020), with torchvision's strengths at
// Magnitude of 30. With m = Magnitude/30 and a random sign where ± stands:
//
//	identity
//	shear_x, shear_y          ±0.3·m of the height or width
//	translate_x, translate_y  ±150/331·m of the size, whole pixels
//	rotate                    ±30·m degrees
//	brightness, colour, contrast, sharpness  factor 1 ± 0.9·m
//	posterize                 to 8 − round(4·m) bits
//	solarize                  invert values from 255·(1−m) on
//	autocontrast, equalize    each channel
//
// The operations of geometry all come before the others, in the policy's one resampling, with its interpolation and border.
type RandAugment struct {
	Ops       int     `yaml:"ops" json:"ops"`             // 2 if zero, at most 8
	Magnitude float64 `yaml:"magnitude" json:"magnitude"` // 0 to 30; torchvision's default is 9
}

// operation is a number in RandAugment's list.
type operation int

const (
	opIdentity operation = iota
	opShearX
	opShearY
	opTranslateX
	opTranslateY
	opRotate
	opBrightness
	opColour
	opContrast
	opSharpness
	opPosterize
	opSolarize
	opAutoContrast
	opEqualize
	operations
)

func (r *RandAugment) check() error {
	switch {
	case r == nil:
		return nil
	case r.Ops < 0 || r.Ops > 8:
		return fmt.Errorf("rand_augment.ops: %d is not from 1 to 8", r.Ops)
	}
	return checkNumber("rand_augment.magnitude", r.Magnitude, 30)
}

func (r *RandAugment) strength() float64 { return r.Magnitude / 30 }

// slot is one change: the operation and a sign, [batch] float32 each.
type slot struct{ op, sign *Node }

func (r *RandAugment) draw(seeds *Node) []slot {
	slots := make([]slot, r.Ops)
	if r.Ops == 0 {
		slots = make([]slot, 2)
	}
	d := draw(seeds, streamRandAugment, 2*len(slots))
	for i := range slots {
		negative := happens(d.at(2*i+1), 0.5)
		slots[i] = slot{Floor(MulScalar(d.at(2*i), float64(operations))), signOf(negative, d.at(0))}
	}
	return slots
}

// is tells which examples have an operation, [batch] bool.
func (s slot) is(op operation) *Node { return Equal(s.op, ConstAs(s.op, float64(op))) }

// only is a value with the slot's sign where it has the operation, 0 elsewhere, [batch].
func (s slot) only(op operation, value float64) *Node {
	return Where(s.is(op), MulScalar(s.sign, value), ZerosLike(s.sign))
}

// move adds the operations of geometry to a mapping.
func (r *RandAugment) move(m mapping, slots []slot, height, width int) mapping {
	for _, s := range slots {
		m = m.then(r.mapping(s, height, width))
	}
	return m
}

// mapping is that of a slot's operation of geometry. Shears leave the top left corner where it is.
func (r *RandAugment) mapping(s slot, height, width int) mapping {
	const shear, translate, rotate = 0.3, 150.0 / 331, math.Pi / 6
	shearX, shearY := s.only(opShearX, shear*r.strength()), s.only(opShearY, shear*r.strength())
	angle := s.only(opRotate, rotate*r.strength()) // counter-clockwise
	pixels := func(size int) float64 { return math.Floor(translate * r.strength() * float64(size)) }
	return mapping{
		xx: Cos(angle), xy: Sub(shearX, Sin(angle)),
		x0: Sub(MulScalar(shearX, float64(height)/2), s.only(opTranslateX, pixels(width))),
		yx: Add(shearY, Sin(angle)), yy: Cos(angle),
		y0: Sub(MulScalar(shearY, float64(width)/2), s.only(opTranslateY, pixels(height))),
	}
}

// recolour makes the other operations.
func (r *RandAugment) recolour(x *Node, slots []slot, f finish) *Node {
	for _, s := range slots {
		x = r.recolourOne(x, s, f)
	}
	return x
}

func (r *RandAugment) recolourOne(x *Node, s slot, f finish) *Node {
	m := r.strength()
	other, factor := ZerosLike(x), OnesLike(s.op)
	other = only(s.is(opColour), grey(x), other)
	other = only(s.is(opContrast), meanGrey(x), other)
	other = only(s.is(opSharpness), smooth(x), other)
	for _, op := range []operation{opBrightness, opColour, opContrast, opSharpness} {
		factor = Add(factor, s.only(op, 0.9*m))
	}
	result := blend(x, other, factor)
	result = only(s.is(opPosterize), posterize(x, 8-int(math.RoundToEven(4*m))), result)
	result = only(s.is(opSolarize), solarize(x, 255*(1-m)), result)
	result = only(s.is(opAutoContrast), autoContrast(x), result)
	return f.settle(only(s.is(opEqualize), equalize(x), result))
}
