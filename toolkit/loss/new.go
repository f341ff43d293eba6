package loss

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/longwing-ml/longwing/toolkit/classweight"
)

// Loss is a Config made ready for the classes of a training part. The slices have one entry a class.
type Loss struct {
	config  Config    // without empty settings
	classes int       // columns of the logits
	weights []float32 // class weights; nil for 1 each
	present []float32 // 1, or 0 for a class that is left out; nil for 1 each
	offsets []float32 // added to the logits; nil for none
	margins []float32 // of LDAM
}

// New makes a loss ready. counts are the training pictures of each class: of the split, whatever a sampler shows of it;
// losses that do not depend on them (Name.NeedsCounts) take nil. weights are class weights, nil for 1 each.
//
// Errors, in one line: what Check refuses; fewer than 2 classes; counts or weights missing, of another length or
// negative; weights not finite, all zero, or for a loss that takes none; a class without pictures unless the
// Config says that it is left out.
func New(config Config, numClasses int, counts []int, weights []float64) (*Loss, error) {
	if err := config.Check(); err != nil {
		return nil, fmt.Errorf("loss: key %w", err)
	}
	l := &Loss{config: config.filled(), classes: numClasses}
	err := l.prepare(counts, weights)
	if err == nil && l.weights != nil && slices.Max(l.weights) == 0 {
		err = errors.New("every class weighs 0")
	}
	if err != nil {
		return nil, fmt.Errorf("loss %s: %w", l.config.Name, err)
	}
	return l, nil
}

func (l *Loss) prepare(counts []int, weights []float64) error {
	name := l.config.Name
	if l.classes < 2 {
		return fmt.Errorf("%d classes, need at least 2", l.classes)
	}
	if weights != nil && !name.takesWeights() {
		return errors.New("takes no class weights: leave them out")
	}
	if err := l.setWeights(weights); err != nil {
		return err
	}
	if !name.NeedsCounts() {
		return nil
	}
	if err := checkCounts(counts, l.classes, l.config.Absent); err != nil {
		return err
	}
	l.leaveOut(counts)
	switch name {
	case ClassBalancedFocal:
		effective, err := classweight.Compute(counts, classweight.Options{Method: classweight.Effective,
			Beta: l.config.Beta, Normalise: classweight.SumK, Absent: l.config.Absent})
		if err != nil {
			return err
		}
		return l.setWeights(effective)
	case LDAM:
		l.margins = margins(counts, l.config.MaxMargin)
	case BalancedSoftmax:
		l.offsets = logPriors(counts, 1)
	case LogitAdjusted:
		l.offsets = logPriors(counts, l.config.Tau)
	}
	return nil
}

const largestWeight = 1e9 // a loss of it is far from overflowing float32

func (l *Loss) setWeights(weights []float64) error {
	if weights == nil {
		return nil
	}
	if len(weights) != l.classes {
		return fmt.Errorf("%d class weights for %d classes", len(weights), l.classes)
	}
	l.weights = make([]float32, l.classes)
	for class, w := range weights {
		if !(w >= 0 && w <= largestWeight) {
			return fmt.Errorf("class %d weighs %g, need a number from 0 to %g", class, w, largestWeight)
		}
		l.weights[class] = float32(w)
	}
	return nil
}

func checkCounts(counts []int, numClasses int, absent classweight.Absent) error {
	if len(counts) != numClasses {
		return fmt.Errorf("needs the training pictures of %d classes, got those of %d", numClasses, len(counts))
	}
	for class, n := range counts {
		switch {
		case n < 0:
			return fmt.Errorf("class %d has %d training pictures", class, n)
		case n == 0 && absent != classweight.AbsentZero:
			return fmt.Errorf("class %d has no training pictures: set absent to %s to leave such classes out", class, classweight.AbsentZero)
		}
	}
	if slices.Max(counts) == 0 {
		return errors.New("no class has training pictures")
	}
	return nil
}

// leaveOut takes the classes without pictures out of the softmax and weighs their pictures 0.
func (l *Loss) leaveOut(counts []int) {
	if slices.Min(counts) > 0 {
		return
	}
	l.present = make([]float32, l.classes)
	if l.weights == nil {
		l.weights = slices.Repeat([]float32{1}, l.classes)
	}
	for class, n := range counts {
		if n > 0 {
			l.present[class] = 1
		} else {
			l.weights[class] = 0
		}
	}
}

// margins are proportional to n^(−¼), largest for the rarest class; 0 for a class without pictures.
func margins(counts []int, largest float64) []float32 {
	rarest := math.Inf(1)
	for _, n := range counts {
		if n > 0 {
			rarest = min(rarest, float64(n))
		}
	}
	margins := make([]float32, len(counts))
	for class, n := range counts {
		if n > 0 {
			margins[class] = float32(largest * math.Pow(rarest/float64(n), 0.25))
		}
	}
	return margins
}

// logPriors are τ·log(n/N); 0 for a class without pictures, which is left out.
func logPriors(counts []int, tau float64) []float32 {
	total := 0.0
	for _, n := range counts {
		total += float64(n)
	}
	priors := make([]float32, len(counts))
	for class, n := range counts {
		if n > 0 {
			priors[class] = float32(tau * math.Log(float64(n)/total))
		}
	}
	return priors
}
