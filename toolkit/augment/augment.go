// Package augment changes training pictures at random, inside the compiled step.
//
// What happens to a picture depends on its own seed only, which is made from the run's seed, the epoch and the row. The
// same picture is therefore changed the same way in any batch, in any order and on any number of workers.
//
//	policy := augment.Policy{HorizontalFlip: true, Shift: 0.1, Zoom: 0.1}
//	pictures = policy.Apply(pictures, seeds) // in a graph: [batch, height, width, 3] float32, [batch, 2] uint32
package augment

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/internal/seed"
	"github.com/longwing-ml/longwing/models/nn"
)

// Policy says which random changes are made. The zero Policy changes nothing.
type Policy struct {
	HorizontalFlip bool    `yaml:"horizontal_flip" json:"horizontal_flip"` // mirror left and right, probability ½
	VerticalFlip   bool    `yaml:"vertical_flip" json:"vertical_flip"`     // mirror up and down, probability ½
	Shift          float64 `yaml:"shift" json:"shift"`                     // move along each axis by U(−Shift, Shift) of the size
	Zoom           float64 `yaml:"zoom" json:"zoom"`                       // enlarge each axis by U(1−Zoom, 1+Zoom)
}

// Check returns an error that names the first value out of range.
func (p Policy) Check() error {
	if !(p.Shift >= 0 && p.Shift < 1) {
		return fmt.Errorf("shift %g is outside [0, 1)", p.Shift)
	}
	if !(p.Zoom >= 0 && p.Zoom < 1) {
		return fmt.Errorf("zoom %g is outside [0, 1)", p.Zoom)
	}
	return nil
}

// Seed is the seed of a row's augmentation and dropout in an epoch, as the two halves that a graph takes.
func Seed(runSeed uint64, epoch, row int) [2]uint32 {
	s := seed.Derive(runSeed, seed.Augment, uint64(epoch), uint64(row))
	return [2]uint32{uint32(s), uint32(s >> 32)}
}

// Indices of the random numbers an example uses.
const (
	drawFlipX = iota
	drawFlipY
	drawShiftX
	drawShiftY
	drawZoomX
	drawZoomY
	draws
)

// Apply changes pictures, [batch, height, width, channels] float32, by the examples' seeds, [batch, 2] uint32.
//
// Flips, shifts and zooms act on each axis by itself, so the resampled picture is Ry·x·Rxᵀ with one small matrix per
// axis and example: bilinear weights, and edge pixels repeated beyond the border.
func (p Policy) Apply(pictures, seeds *Node) *Node {
	if p == (Policy{}) {
		return pictures
	}
	u := nn.Uniform(seeds, nn.StreamAugment, draws)
	column := func(i int) *Node { return Slice(u, AxisRange(), AxisRange(i, i+1)) } // [batch, 1]
	dims := pictures.Shape().Dimensions
	rows := p.resampling(dims[1], p.VerticalFlip, column(drawFlipY), column(drawShiftY), column(drawZoomY))
	columns := p.resampling(dims[2], p.HorizontalFlip, column(drawFlipX), column(drawShiftX), column(drawZoomX))
	x := Einsum("bih,bhwc->biwc", rows, pictures)
	return Einsum("bjw,biwc->bijc", columns, x)
}

// resampling returns [batch, n, n]: row i holds the weights of the input pixels that make output pixel i. The draws are
// [batch, 1] in [0, 1).
func (p Policy) resampling(n int, flip bool, drawFlip, drawShift, drawZoom *Node) *Node {
	g := drawFlip.Graph()
	center := float64(n-1) / 2
	// Output pixel i shows the input at center + (i − center)·direction/zoom − shift.
	position := AddScalar(Iota(g, shapes.Make(dtypes.Float32, 1, n), 1), -center) // [1, n]
	scale := Reciprocal(AddScalar(MulScalar(drawZoom, 2*p.Zoom), 1-p.Zoom))       // [batch, 1]
	if flip {
		scale = Where(LessThan(drawFlip, ConstAs(drawFlip, 0.5)), Neg(scale), scale)
	}
	shift := MulScalar(AddScalar(MulScalar(drawShift, 2), -1), p.Shift*float64(n))
	source := ClipScalar(AddScalar(Sub(Mul(position, scale), shift), center), 0, float64(n-1)) // [batch, n]

	pixel := Iota(g, shapes.Make(dtypes.Float32, 1, 1, n), 2)
	distance := Abs(Sub(ExpandAxes(source, 2), pixel)) // [batch, n, n]
	return MaxScalar(OneMinus(distance), 0.0)
}
