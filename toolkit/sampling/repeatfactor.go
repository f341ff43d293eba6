package sampling

import (
	"fmt"
	"math"

	"github.com/longwing-ml/longwing/internal/seed"
)

// DefaultRepeatThreshold is t in the LVIS paper.
const DefaultRepeatThreshold = 0.001

type repeatFactor struct {
	split    *Split
	factors  []float64 // by class; 0 without rows
	t        float64
	expected float64 // rows of an epoch
	seed     uint64
}

// RepeatFactor repeats the rows of rare classes (Gupta, Dollár & Girshick, CVPR 2019): with f the share of the split's
// rows that are of a class, each of them is shown r = max(1, √(t/f)) times an epoch. The fraction of r is rounded up or
// down at random, anew for each row and epoch, with the probability that makes r the mean. So the number of rows differs
// a little from epoch to epoch; each row is shown at least once.
//
// It is an error if t is not in (0, 1], or if an epoch would have too many rows.
func RepeatFactor(split *Split, t float64, seed uint64) (Plan, error) {
	if !(t > 0 && t <= 1) {
		return nil, &OptionError{"repeat-factor", "threshold", fmt.Sprintf("%v is no share of the rows above 0 and up to 1", t)}
	}
	p := &repeatFactor{split: split, factors: make([]float64, split.NumClasses()), t: t, seed: seed}
	for class := range p.factors {
		if count := split.count(class); count > 0 {
			p.factors[class] = max(1, math.Sqrt(t*float64(split.Len())/float64(count)))
			p.expected += p.factors[class] * float64(count)
		}
	}
	if p.expected > maxRows {
		return nil, fmt.Errorf("repeat-factor: about %.0f rows with threshold %v are more than the %d an epoch can have", p.expected, t, maxRows)
	}
	return p, nil
}

func (p *repeatFactor) String() string {
	return fmt.Sprintf("repeat-factor: every row at least once, those of classes with less than a share of %v more often; about %.0f rows", p.t, p.expected)
}

func (p *repeatFactor) Rows(epoch int) []int {
	rng := seed.New(p.seed, seed.Draw, uint64(epoch))
	rows := make([]int, 0, int(p.expected))
	for class, factor := range p.factors {
		whole, fraction := math.Modf(factor)
		for _, row := range p.split.of(class) {
			times := int(whole)
			if fraction > 0 && rng.Float64() < fraction {
				times++
			}
			for range times {
				rows = append(rows, row)
			}
		}
	}
	shuffleRows(rows, p.seed, epoch)
	return rows
}
