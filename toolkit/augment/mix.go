package augment

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Mixup adds λ of a picture and 1−λ of another (Zhang et al., ICLR 2018), λ from Beta(Alpha, Alpha), drawn for each picture.
type Mixup struct {
	Alpha       float64 `yaml:"alpha" json:"alpha"`                                 // above 0, at most 10
	Probability Chance  `yaml:"probability,omitempty" json:"probability,omitempty"` // of a picture: 1 if zero, ½ with cutmix beside it
}

// CutMix pastes a rectangle of another picture (Yun et al., ICCV 2019): its sides are √(1−λ) of the picture's, λ from
// Beta(Alpha, Alpha), about a random pixel, cut at the border. λ is then the share that was left.
type CutMix struct {
	Alpha       float64 `yaml:"alpha" json:"alpha"`                                 // above 0, at most 10
	Probability Chance  `yaml:"probability,omitempty" json:"probability,omitempty"` // of a picture: 1 if zero, ½ with mixup beside it
}

// Mixed is a batch whose pictures were mixed. A picture's target is Lambda of its own label and 1−Lambda of its partner's.
type Mixed struct {
	Pictures *Node // [batch, height, width, channels]
	Partner  *Node // [batch] int32: the row it was mixed with, itself if there is none; nil if the policy does not mix
	Lambda   *Node // [batch] float32 in 0..1, 1 for a picture that was left alone; nil if the policy does not mix
}

// Mixes tells whether the policy has mixup or cutmix.
func (p Policy) Mixes() bool {
	p, _ = p.resolved()
	return p.Mixup != nil || p.CutMix != nil
}

func (p Policy) checkMix() error {
	if p.Mixup != nil {
		if err := checkMix("mixup", p.Mixup.Alpha, p.Mixup.Probability); err != nil {
			return err
		}
	}
	if p.CutMix != nil {
		if err := checkMix("cutmix", p.CutMix.Alpha, p.CutMix.Probability); err != nil {
			return err
		}
	}
	if mixup, cutmix := p.mixChances(); mixup+cutmix > 1 {
		return fmt.Errorf("mixup.probability, cutmix.probability: %g and %g are more than 1 together, and a picture is mixed once",
			float64(mixup), float64(cutmix))
	}
	return nil
}

func checkMix(key string, alpha float64, probability Chance) error {
	if !(alpha > 0 && alpha <= 10) {
		return fmt.Errorf("%s.alpha: %g is not above 0 and up to 10", key, alpha)
	}
	return probability.check(key + ".probability")
}

func (p Policy) mixChances() (mixup, cutmix Chance) {
	otherwise := Chance(1)
	if p.Mixup != nil && p.CutMix != nil {
		otherwise = 0.5
	}
	if p.Mixup != nil {
		if mixup = p.Mixup.Probability; mixup == 0 {
			mixup = otherwise
		}
	}
	if p.CutMix != nil {
		if cutmix = p.CutMix.Probability; cutmix == 0 {
			cutmix = otherwise
		}
	}
	return mixup, cutmix
}

// Mix makes mixup and cutmix of pictures that Apply made: seeds are [batch, 2] uint32, weights [batch] those of the
// examples. Pictures of weight 0, which fill up the last batch, are neither mixed nor mixed in. Graph-building.
//
// A picture's partner is the one with the next seed, in the order of the seeds, which is random and does not depend on the
// order of the batch. λ and what else is drawn depend on the picture's own seed only.
func (p Policy) Mix(pictures, seeds, weights *Node) Mixed {
	p, err := p.resolved()
	if err == nil {
		err = p.checkMix()
	}
	if err != nil {
		exceptions.Panicf("augment: key %s", err)
	}
	if p.Mixup == nil && p.CutMix == nil {
		return Mixed{Pictures: pictures}
	}
	partner, alone := partners(seeds, weights)
	d := draw(seeds, streamMix, 5)
	mixup, cutmix := p.mixChances()
	lambda := OnesLike(d.at(0))
	own := each(lambda, 4) // share of the own picture in each pixel
	if p.Mixup != nil {
		lambda = Where(happens(d.at(0), mixup), betaQuantiles(p.Mixup.Alpha).at(d.at(1)), lambda)
		lambda = Where(alone, OnesLike(lambda), lambda)
		own = each(lambda, 4)
	}
	if p.CutMix != nil {
		cut := LogicalAnd(LogicalNot(happens(d.at(0), mixup)), happens(d.at(0), mixup+cutmix))
		cut = LogicalAnd(cut, LogicalNot(alone))
		dims := pictures.Shape().Dimensions
		w := cutWindow(betaQuantiles(p.CutMix.Alpha).at(d.at(2)), d.at(3), d.at(4), dims[1], dims[2])
		left := OneMinus(DivScalar(Mul(w.width, w.height), float64(dims[1]*dims[2])))
		lambda = Where(cut, left, lambda)
		inside := LogicalAnd(w.inside(pictures), each(cut, 4))
		own = Where(inside, ScalarZero(own.Graph(), own.DType()), BroadcastToShape(own, inside.Shape()))
	}
	others := Gather(pictures, ExpandAxes(partner, 1))
	return Mixed{Add(Mul(pictures, own), Mul(others, OneMinus(own))), partner, lambda}
}

// cutWindow is the rectangle of 1−λ of the area about a random pixel, cut at the border, as torchvision's CutMix takes it.
func cutWindow(lambda, uX, uY *Node, height, width int) *window {
	half := MulScalar(Sqrt(OneMinus(lambda)), 0.5)
	axis := func(u *Node, size int) (first, n *Node) {
		middle, reach := Floor(MulScalar(u, float64(size))), Floor(MulScalar(half, float64(size)))
		first = MaxScalar(Sub(middle, reach), 0)
		return first, Sub(MinScalar(Add(middle, reach), float64(size)), first)
	}
	w := &window{}
	w.left, w.width = axis(uX, width)
	w.top, w.height = axis(uY, height)
	return w
}

// partners are the rows of the next seeds among those of a weight above 0, round from the last to the first, [batch] int32;
// alone is true for the others and where there is only one. Equal seeds go by row.
func partners(seeds, weights *Node) (partner, alone *Node) {
	g, batch := seeds.Graph(), seeds.Shape().Dim(0)
	counts := GreaterThan(weights, ZerosLike(weights))
	row := Iota(g, shapes.Make(dtypes.Int32, batch), 0)
	half := func(i int) *Node { return Squeeze(Slice(seeds, AxisRange(), AxisRange(i, i+1)), 1) }
	square := func(x *Node, axis int) *Node { return BroadcastToDims(ExpandAxes(x, axis), batch, batch) }
	// before[i, j]: row j comes before row i.
	before := LessThan(square(row, 0), square(row, 1))
	for _, key := range []*Node{half(0), half(1)} {
		j, i := square(key, 0), square(key, 1)
		before = LogicalOr(LessThan(j, i), LogicalAnd(Equal(j, i), before))
	}
	before = LogicalAnd(before, square(counts, 0))
	rank := ReduceSum(whole(before), 1)
	number := ReduceAllSum(whole(counts))
	next := Add(rank, OnesLike(rank))
	next = Where(Equal(next, BroadcastToShape(number, next.Shape())), ZerosLike(next), next)
	found := LogicalAnd(Equal(square(rank, 0), square(next, 1)), square(counts, 0))
	partner = ReduceSum(Mul(whole(found), square(row, 0)), 1)
	alone = LogicalOr(LogicalNot(counts), Equal(partner, row))
	return Where(alone, row, partner), alone
}

// Targets is what a loss of the package loss takes so that it becomes λ·L(own labels) + (1−λ)·L(partners' labels), each
// with its class's weight, whatever the loss divides by: every picture twice, with the weights λ and 1−λ. logits are
// [batch, classes], labels and weights [batch].
//
//	value := l.Mean(mixed.Targets(logits, labels, weights))
func (m Mixed) Targets(logits, labels, weights *Node) (logitsTwice, labelsTwice, weightsTwice *Node) {
	if m.Partner == nil {
		return logits, labels, weights
	}
	if labels.Rank() != 1 {
		exceptions.Panicf("augment: labels are %s, need class numbers [batch]", labels.Shape())
	}
	lambda := ConvertDType(m.Lambda, weights.DType())
	return Concatenate([]*Node{logits, logits}, 0),
		Concatenate([]*Node{labels, Gather(labels, ExpandAxes(m.Partner, 1))}, 0),
		Concatenate([]*Node{Mul(weights, lambda), Mul(weights, OneMinus(lambda))}, 0)
}

// betaQuantiles are those of Beta(α, α).
//
// Below the median the density is x^(α−1)·(1−x)^(α−1). For α < 1 it is infinite at 0, but in t = x^α it is
// (1−x)^(α−1)/α, which is smooth.
func betaQuantiles(alpha float64) quantiles {
	lower := func() quantiles {
		if alpha < 1 {
			value := func(t float64) float64 { return math.Pow(t, 1/alpha) }
			return tabulate(0, math.Pow(0.5, alpha), func(t float64) float64 { return math.Pow(1-value(t), alpha-1) }, value)
		}
		return tabulate(0, 0.5, func(x float64) float64 { return math.Pow(x*(1-x), alpha-1) }, func(x float64) float64 { return x })
	}()
	q := make(quantiles, 0, 2*len(lower)-1)
	q = append(q, lower...)
	for i := len(lower) - 2; i >= 0; i-- {
		q = append(q, 1-lower[i])
	}
	return q
}
