package augment

import (
	"errors"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
)

// ColourJitter changes brightness, contrast, saturation and hue as torchvision's ColorJitter does on floats, in this order;
// torchvision's order is random. A factor f of U(max(0, 1−s), 1+s) makes values x into f·x + (1−f)·r, where r is 0 for
// brightness, the picture's mean grey for contrast and the pixel's grey for saturation. Hue turns by U(−Hue, Hue) of the
// full circle.
type ColourJitter struct {
	Brightness float64 `yaml:"brightness" json:"brightness"`
	Contrast   float64 `yaml:"contrast" json:"contrast"`
	Saturation float64 `yaml:"saturation" json:"saturation"`
	Hue        float64 `yaml:"hue" json:"hue"` // at most ½
}

func (j *ColourJitter) check() error {
	if j == nil {
		return nil
	}
	if *j == (ColourJitter{}) {
		return errors.New("colour_jitter: changes nothing: set brightness, contrast, saturation or hue")
	}
	for _, err := range []error{
		checkNumber("colour_jitter.brightness", j.Brightness, 10),
		checkNumber("colour_jitter.contrast", j.Contrast, 10),
		checkNumber("colour_jitter.saturation", j.Saturation, 10),
		checkNumber("colour_jitter.hue", j.Hue, 0.5),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// jitter are factors and the turn of the hue as a share of the circle, [batch] each.
type jitter struct{ brightness, contrast, saturation, hue *Node }

func (j *ColourJitter) draw(seeds *Node) jitter {
	d := draw(seeds, streamJitter, 4)
	factor := func(i int, strength float64) *Node { return between(d.at(i), Range{max(0, 1-strength), 1 + strength}) }
	return jitter{factor(0, j.Brightness), factor(1, j.Contrast), factor(2, j.Saturation), within(d.at(3), j.Hue)}
}

func (j *ColourJitter) apply(x *Node, drawn jitter, f finish) *Node {
	if j.Brightness != 0 {
		x = f.settle(blend(x, ZerosLike(x), drawn.brightness))
	}
	if j.Contrast != 0 {
		x = f.settle(blend(x, meanGrey(x), drawn.contrast))
	}
	if j.Saturation != 0 {
		x = f.settle(blend(x, grey(x), drawn.saturation))
	}
	if j.Hue != 0 {
		x = f.settle(shiftHueSaturation(x, MulScalar(drawn.hue, 180), ZerosLike(drawn.hue), f))
	}
	return x
}

// blend is f·x + (1−f)·other for factors f, [batch].
func blend(x, other, factor *Node) *Node {
	f := each(factor, 4)
	return Add(Mul(x, f), Mul(other, OneMinus(f)))
}

// meanGrey is the mean of a picture's grey, [batch, 1, 1, 1]. It is summed in steps of 1/256: sums of whole numbers are the
// same in any order, and so in any batch.
func meanGrey(x *Node) *Node {
	const steps = 256
	pixels := float64(x.Shape().Dim(1) * x.Shape().Dim(2))
	sum := ReduceAndKeep(ConvertDType(Round(MulScalar(grey(x), steps)), dtypes.Int64), ReduceSum, 1, 2)
	return DivScalar(ConvertDType(sum, x.DType()), steps*pixels)
}
