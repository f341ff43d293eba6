package augment

import (
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/internal/seed"
	"github.com/longwing-ml/longwing/models/nn"
)

// Seed is the seed of a row's augmentation and dropout in an epoch, as the two halves that a graph takes.
func Seed(runSeed uint64, epoch, row int) [2]uint32 {
	s := seed.Derive(runSeed, seed.Augment, uint64(epoch), uint64(row))
	return [2]uint32{uint32(s), uint32(s >> 32)}
}

// Streams keep the kinds of changes apart: setting one leaves the draws of the others as they are.
const (
	streamSimple = nn.StreamAugment + iota // flips, shift, zoom
	streamAffine
	streamCrop
	streamJitter
	streamRandAugment
	streamErasing
	streamMix
	streamColour // and one more for each step after the first
)

// draws are n numbers in [0, 1) for each example.
type draws struct{ u *Node } // [batch, n]

func draw(seeds *Node, stream uint32, n int) draws { return draws{nn.Uniform(seeds, stream, n)} }

// at is the i-th number of each example, [batch].
func (d draws) at(i int) *Node { return Squeeze(Slice(d.u, AxisRange(), AxisRange(i, i+1)), 1) }

// between is uniform from the lowest to the highest. It is computed in float64 as a mapping is.
func between(u *Node, r Range) *Node {
	return ConvertDType(AddScalar(MulScalar(ConvertDType(u, dtypes.Float64), r[1]-r[0]), r[0]), u.DType())
}

// within is uniform in [−radius, radius).
func within(u *Node, radius float64) *Node { return MulScalar(AddScalar(MulScalar(u, 2), -1), radius) }

// wholeWithin is a whole number, uniform from −radius to radius, both included.
func wholeWithin(u *Node, radius float64) *Node {
	return AddScalar(Floor(MulScalar(u, 2*radius+1)), -radius)
}

// happens is true with a probability.
func happens(u *Node, probability Chance) *Node {
	return LessThan(u, Scalar(u.Graph(), u.DType(), float64(probability)))
}

// each gives a parameter of each example, [batch], the rank of what it is used with.
func each(parameter *Node, rank int) *Node {
	for parameter.Rank() < rank {
		parameter = ExpandAxes(parameter, parameter.Rank())
	}
	return parameter
}

// quantiles are the values of a distribution's quantile function at equal steps from 0 to 1.
type quantiles []float32

const quantileSteps = 4096

// at turns uniform numbers [batch] into numbers of the distribution; between the steps it is linear.
func (q quantiles) at(u *Node) *Node {
	position := MulScalar(u, float64(len(q)-1))
	step := Floor(position)
	table := Const(u.Graph(), []float32(q))
	lookUp := func(step *Node) *Node { return Gather(table, ExpandAxes(whole(step), 1)) }
	low, high := lookUp(step), lookUp(AddScalar(step, 1))
	return Add(low, Mul(Sub(high, low), Sub(position, step)))
}

// tabulate is the quantile function of the distribution whose unnormalised density over a coordinate t from low to high
// is given; value turns t, of which it is an increasing function, into what is distributed.
func tabulate(low, high float64, density, value func(t float64) float64) quantiles {
	const cells = 8 * quantileSteps
	width := (high - low) / cells
	cumulated := make([]float64, cells+1)
	for i := range cells {
		cumulated[i+1] = cumulated[i] + density(low+(float64(i)+0.5)*width)
	}
	q := make(quantiles, quantileSteps+1)
	cell := 0
	for k := range q {
		target := cumulated[cells] * float64(k) / quantileSteps
		for cell < cells-1 && cumulated[cell+1] < target {
			cell++
		}
		share := 0.0
		if mass := cumulated[cell+1] - cumulated[cell]; mass > 0 {
			share = min(1, (target-cumulated[cell])/mass)
		}
		q[k] = float32(value(low + (float64(cell)+share)*width))
	}
	return q
}
