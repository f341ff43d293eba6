package augment

import (
	"errors"
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
)

// ColourStep makes exactly one of its changes, with a probability.
type ColourStep struct {
	Probability Chance         `yaml:"probability,omitempty" json:"probability,omitempty"` // of making one at all: 1 if zero
	OneOf       []ColourChange `yaml:"one_of" json:"one_of"`
}

// ColourChange is one of Additive, Contrast and HueSaturation.
type ColourChange struct {
	Add           *Additive      `yaml:"add,omitempty" json:"add,omitempty"`
	Contrast      *Contrast      `yaml:"contrast,omitempty" json:"contrast,omitempty"`
	HueSaturation *HueSaturation `yaml:"hue_saturation,omitempty" json:"hue_saturation,omitempty"`
	Weight        float64        `yaml:"weight,omitempty" json:"weight,omitempty"` // how likely beside the others: 1 if zero
}

// Additive adds a whole number from −Range to Range.
type Additive struct {
	Range      float64 `yaml:"range" json:"range"`
	PerChannel Chance  `yaml:"per_channel,omitempty" json:"per_channel,omitempty"` // of a number for each channel instead of one
}

// Contrast makes values x into 128 + a·(x−128), with a from Range.
type Contrast struct {
	Range      Range  `yaml:"range,flow" json:"range"`
	PerChannel Chance `yaml:"per_channel,omitempty" json:"per_channel,omitempty"` // of an a for each channel instead of one
}

// HueSaturation adds a whole number from −Range to Range to hue and saturation, on OpenCV's scale of 8 bits: hue from 0
// round to 180 (a step is two degrees), saturation from 0 to 255, where it is cut. With round it does what OpenCV does, to
// the last digit.
type HueSaturation struct {
	Range      float64 `yaml:"range" json:"range"`
	PerChannel Chance  `yaml:"per_channel,omitempty" json:"per_channel,omitempty"` // of a number each instead of one for both
}

func checkColour(steps []ColourStep) error {
	for i, step := range steps {
		key := fmt.Sprintf("colour.%d", i+1)
		if err := step.Probability.check(key + ".probability"); err != nil {
			return err
		}
		if len(step.OneOf) == 0 {
			return fmt.Errorf("%s.one_of: is missing: a list of add, contrast, hue_saturation", key)
		}
		for j, change := range step.OneOf {
			if err := change.check(); err != nil {
				return fmt.Errorf("%s.one_of.%d.%w", key, j+1, err)
			}
		}
	}
	return nil
}

func (c ColourChange) check() error {
	set := 0
	for _, given := range []bool{c.Add != nil, c.Contrast != nil, c.HueSaturation != nil} {
		if given {
			set++
		}
	}
	if set != 1 {
		return errors.New("add, contrast, hue_saturation: need exactly one of them in an entry")
	}
	if err := checkNumber("weight", c.Weight, 1e6); err != nil {
		return err
	}
	switch {
	case c.Add != nil:
		return errors.Join(checkWhole("add.range", c.Add.Range), c.Add.PerChannel.check("add.per_channel"))
	case c.Contrast != nil:
		return errors.Join(c.Contrast.Range.check("contrast.range", 0, 100), c.Contrast.PerChannel.check("contrast.per_channel"))
	}
	return errors.Join(checkWhole("hue_saturation.range", c.HueSaturation.Range), c.HueSaturation.PerChannel.check("hue_saturation.per_channel"))
}

func checkWhole(key string, value float64) error {
	if err := checkNumber(key, value, 255); err != nil {
		return err
	}
	if value != float64(int(value)) {
		return fmt.Errorf("%s: %g is not a whole number", key, value)
	}
	return nil
}

const drawsPerChange = 4 // whether per channel, and a number for each channel

func (s ColourStep) draws() int { return 2 + drawsPerChange*len(s.OneOf) }

func (s ColourStep) apply(x *Node, d draws, f finish) *Node {
	choice := s.choose(d)
	result := x
	for i, change := range s.OneOf {
		chosen := Equal(choice, Scalar(choice.Graph(), choice.DType(), i))
		result = only(chosen, change.apply(x, d, 2+i*drawsPerChange, f), result)
	}
	return f.settle(result)
}

// only has the changed pictures of some examples, [batch] bool, and x of the others.
func only(chosen, changed, x *Node) *Node {
	return Where(BroadcastToShape(each(chosen, 4), x.Shape()), BroadcastToShape(changed, x.Shape()), x)
}

// choose is the number of the change made to each example, −1 for none: [batch] int32.
func (s ColourStep) choose(d draws) *Node {
	sum := 0.0
	for _, change := range s.OneOf {
		sum += change.weight()
	}
	choice, below := ZerosLike(whole(d.at(1))), 0.0
	for _, change := range s.OneOf[:len(s.OneOf)-1] {
		below += change.weight() / sum
		choice = Add(choice, whole(GreaterOrEqual(d.at(1), ConstAs(d.at(1), below))))
	}
	return Where(happens(d.at(0), s.Probability.orAlways()), choice, MulScalar(OnesLike(choice), -1))
}

func (c ColourChange) weight() float64 {
	if c.Weight == 0 {
		return 1
	}
	return c.Weight
}

func (c ColourChange) apply(x *Node, d draws, first int, f finish) *Node {
	switch {
	case c.Add != nil:
		return shift(x, c.Add.draw(d, first))
	case c.Contrast != nil:
		return stretch(x, c.Contrast.draw(d, first))
	}
	numbers := c.HueSaturation.draw(d, first)
	hue, saturation := Slice(numbers, AxisRange(), AxisRange(0, 1)), Slice(numbers, AxisRange(), AxisRange(1, 2))
	return shiftHueSaturation(x, Squeeze(hue, 1), Squeeze(saturation, 1), f)
}

func (a *Additive) draw(d draws, first int) *Node {
	return wholeWithin(perChannel(d, first, 3, a.PerChannel), a.Range)
}

func (c *Contrast) draw(d draws, first int) *Node {
	return between(perChannel(d, first, 3, c.PerChannel), c.Range)
}

func (h *HueSaturation) draw(d draws, first int) *Node {
	return wholeWithin(perChannel(d, first, 2, h.PerChannel), h.Range)
}

// perChannel is [batch, n] in [0, 1): with a probability n numbers, else the first for all.
func perChannel(d draws, first, n int, probability Chance) *Node {
	own := Slice(d.u, AxisRange(), AxisRange(first+1, first+1+n))
	one := BroadcastToShape(Slice(own, AxisRange(), AxisRange(0, 1)), own.Shape())
	apart := BroadcastToShape(each(happens(d.at(first), probability), 2), own.Shape())
	return Where(apart, own, one)
}

// shift adds values, [batch, channels].
func shift(x, values *Node) *Node { return Add(x, ExpandAxes(values, 1, 2)) }

// stretch multiplies the distance from 128 by factors, [batch, channels].
func stretch(x, factors *Node) *Node {
	return AddScalar(Mul(ExpandAxes(factors, 1, 2), AddScalar(x, -128)), 128)
}
