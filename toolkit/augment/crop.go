package augment

import (
	"errors"
	"fmt"
	"math"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// RandomResizedCrop enlarges a random part of each picture to the whole size, as torchvision's RandomResizedCrop: its
// share of the area is uniform in Scale, its width divided by its height log-uniform in Ratio, of those that fit into the
// picture. torchvision draws again until one fits, ten times; here the distribution of what fits is drawn from at once.
type RandomResizedCrop struct {
	Scale Range `yaml:"scale,flow" json:"scale"` // [0.08, 1] if left out
	Ratio Range `yaml:"ratio,flow" json:"ratio"` // [3/4, 4/3] if left out
}

func (c *RandomResizedCrop) filled() part {
	return part{scale: c.Scale.or(0.08, 1), ratio: c.Ratio.or(0.75, 4.0/3)}
}

func (c *RandomResizedCrop) check() error {
	if c == nil {
		return nil
	}
	return c.filled().check("random_resized_crop")
}

func (c *RandomResizedCrop) draw(seeds *Node, height, width int) *window {
	return c.filled().draw(draw(seeds, streamCrop, partDraws), height, width, 0)
}

// mapping shows the window in the size of the picture.
func (w *window) mapping(height, width int) mapping {
	axis := func(first, n *Node, size int) (scale, offset *Node) {
		return DivScalar(n, float64(size)), AddScalar(Add(first, MulScalar(n, 0.5)), -float64(size)/2)
	}
	var m mapping
	m.xx, m.x0 = axis(w.left, w.width, width)
	m.yy, m.y0 = axis(w.top, w.height, height)
	return m
}

// part is the distribution of a rectangle in a picture.
type part struct {
	scale Range // of its area, as a share of the picture's
	ratio Range // of its width by its height
}

const partDraws = 4

func (p part) check(key string) error {
	if err := p.scale.check(key+".scale", 0, 1); err != nil {
		return err
	}
	if err := p.ratio.check(key+".ratio", 0, 1000); err != nil {
		return err
	}
	if !p.fits(1) {
		return fmt.Errorf("%s: no part of such a scale and ratio fits into a square", key)
	}
	return nil
}

// logRatios are the logarithms of the ratios that fit, for a share of the area of a picture whose width by its height is
// aspect: the width √(share·ratio/aspect) and the height √(share·aspect/ratio), as shares of the picture's, are at most 1.
func (p part) logRatios(share, aspect float64) (low, high float64) {
	return max(math.Log(p.ratio[0]), math.Log(share*aspect)), min(math.Log(p.ratio[1]), math.Log(aspect/share))
}

func (p part) fits(aspect float64) bool {
	low, high := p.logRatios(p.scale[0], aspect)
	return low <= high
}

var errNoPart = errors.New("no part of such a scale and ratio fits")

// draw gives rectangles of whole pixels, at most margin pixels less than the picture.
func (p part) draw(d draws, height, width, margin int) *window {
	aspect := float64(width) / float64(height)
	if !p.fits(aspect) {
		exceptions.Panicf("augment: pictures of %d×%d: %v", height, width, errNoPart)
	}
	// The share's density is the length of the interval of ratios that fit.
	share := tabulate(p.scale[0], p.scale[1], func(share float64) float64 {
		low, high := p.logRatios(share, aspect)
		return max(0, high-low)
	}, func(share float64) float64 { return share }).at(d.at(0))
	if p.ratio[0] == p.ratio[1] { // every share that fits is as likely
		most := min(p.scale[1], p.ratio[0]/aspect, aspect/p.ratio[0])
		share = between(d.at(0), Range{p.scale[0], most})
	}
	low := MaxScalar(Log(MulScalar(share, aspect)), math.Log(p.ratio[0]))
	high := MinScalar(Log(Reciprocal(MulScalar(share, 1/aspect))), math.Log(p.ratio[1]))
	ratio := Exp(Add(low, Mul(Max(Sub(high, low), ZerosLike(low)), d.at(1))))

	area := MulScalar(share, float64(width)*float64(height))
	size := func(area *Node, most int) *Node {
		return ClipScalar(Round(Sqrt(area)), 1, float64(max(1, most-margin)))
	}
	w := &window{width: size(Mul(area, ratio), width), height: size(Div(area, ratio), height)}
	place := func(n, u *Node, size int) *Node { // every place is as likely
		return Floor(Mul(u, AddScalar(Neg(n), float64(size+1))))
	}
	w.left, w.top = place(w.width, d.at(2), width), place(w.height, d.at(3), height)
	return w
}

// inside is true for the pixels of the window: bool, [batch, height, width, 1].
func (w *window) inside(x *Node) *Node {
	column, row := pixelIndices(x)
	within := func(at, first, n *Node) *Node {
		first = each(first, 4)
		return LogicalAnd(GreaterOrEqual(at, first), LessThan(at, Add(first, each(n, 4))))
	}
	return LogicalAnd(within(column, w.left, w.width), within(row, w.top, w.height))
}
