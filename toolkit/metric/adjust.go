package metric

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/longwing-ml/longwing/toolkit/classweight"
)

// AdjustLogits returns logits − τ·log(n/N), where n of N training pictures are of the class: the post-hoc logit
// adjustment of Menon et al., "Long-Tail Learning via Logit Adjustment" (ICLR 2021). With τ = 1 a network trained on the
// long tail answers as if all classes were equally frequent. It is for networks trained with plain cross-entropy; after
// balanced softmax or the logit-adjusted loss it would adjust a second time.
//
// Logits are [pictures, numClasses] row-major, and left as they are. A class without training pictures is an error, or
// gets the logit -Inf with absent = classweight.AbsentZero: it is never predicted. Also refused: counts of another number
// of classes or negative, logits that are no whole rows, and τ outside [0, 10000].
func AdjustLogits(logits []float32, numClasses int, trainingCounts []int, tau float64, absent classweight.Absent) ([]float32, error) {
	subtrahends, err := logPriors(numClasses, trainingCounts, tau, absent)
	if err == nil && len(logits)%numClasses != 0 {
		err = fmt.Errorf("%d logits are no whole rows of %d classes", len(logits), numClasses)
	}
	if err != nil {
		return nil, fmt.Errorf("adjusting logits: %w", err)
	}
	adjusted := slices.Clone(logits)
	for i, logit := range logits {
		x := float64(logit) - subtrahends[i%numClasses]
		if math.IsInf(x, 0) || math.IsNaN(x) {
			adjusted[i] = float32(x)
		} else {
			adjusted[i] = float32(min(max(x, -math.MaxFloat32), math.MaxFloat32))
		}
	}
	return adjusted, nil
}

// logPriors are τ·log(n/N); +Inf for a class without pictures.
func logPriors(numClasses int, counts []int, tau float64, absent classweight.Absent) ([]float64, error) {
	if len(counts) != numClasses || numClasses < 1 {
		return nil, fmt.Errorf("training counts of %d classes for logits of %d classes", len(counts), numClasses)
	}
	if !(tau >= 0 && tau <= 10_000) {
		return nil, fmt.Errorf("τ is %g, need a number from 0 to 10000", tau)
	}
	if absent != "" && !slices.Contains(classweight.Absents(), absent) {
		return nil, fmt.Errorf("absent is %q, need one of %v", absent, classweight.Absents())
	}
	total := 0.0
	for class, n := range counts {
		switch {
		case n < 0:
			return nil, fmt.Errorf("class %d has %d training pictures", class, n)
		case n == 0 && absent != classweight.AbsentZero:
			return nil, fmt.Errorf("class %d has no training pictures: set absent to %s never to predict such classes", class, classweight.AbsentZero)
		}
		total += float64(n)
	}
	if total == 0 {
		return nil, errors.New("no class has training pictures")
	}
	priors := make([]float64, numClasses)
	for class, n := range counts {
		priors[class] = tau * math.Log(float64(n)/total)
		if n == 0 {
			priors[class] = math.Inf(1)
		}
	}
	return priors, nil
}
