package metric

import (
	"errors"
	"fmt"
	"math"
)

// Argmax returns the class with the largest logit for each row of logits [n, numClasses]; ties go to the lowest class,
// and NaN is never the largest unless the row holds nothing else (then class 0). An incomplete last row is ignored;
// numClasses below 1 gives nil.
func Argmax(logits []float32, numClasses int) []int32 {
	if numClasses < 1 {
		return nil
	}
	best := make([]int32, len(logits)/numClasses)
	for row := range best {
		best[row] = argmaxRow(logits[row*numClasses : (row+1)*numClasses])
	}
	return best
}

func argmaxRow(logits []float32) int32 {
	best, value := 0, float32(math.Inf(-1))
	for c, v := range logits {
		if v > value {
			best, value = c, v
		}
	}
	return int32(best)
}

// ErrNotFinite says that a logit is NaN or +Inf, as those of a network that diverged.
var ErrNotFinite = errors.New("need a finite number or -Inf")

// scoreLogits is what a row of logits says about its true class. The nll is -log softmax(logits)[label], +Inf if the
// label's logit is -Inf; classes with a higher logit, or an equal one and a lower number, are placed before the label.
//
// It computes in float64 with the largest logit subtracted, so that logits of any finite size neither overflow
// nor lose the small probabilities.
func scoreLogits(logits []float32, label int32) (outcome, error) {
	predicted := argmaxRow(logits)
	largest := float64(logits[predicted])
	if math.IsInf(largest, -1) {
		largest = 0 // every class is -Inf or NaN: found below
	}
	total := 0.0
	rank := int32(0)
	own := logits[label]
	for c, v := range logits {
		x := float64(v)
		if math.IsNaN(x) || math.IsInf(x, 1) {
			return outcome{}, fmt.Errorf("class %d: logit is %v, %w", c, v, ErrNotFinite)
		}
		total += math.Exp(x - largest)
		if v > own || (v == own && c < int(label)) {
			rank++
		}
	}
	if total == 0 {
		return outcome{}, fmt.Errorf("every logit is -Inf, need at least one finite number")
	}
	confidence := 1 / total
	return outcome{
		label:      label,
		predicted:  predicted,
		rank:       rank,
		bin:        int32(confidenceBin(confidence)),
		nll:        math.Log(total) + (largest - float64(own)), // in this order: largest may dwarf the logarithm,
		confidence: confidence,
	}, nil
}
