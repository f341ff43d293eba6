package classweight

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Compute returns the weight of each class from its number of rows. Errors: options that Check refuses, a negative
// count, no rows at all, and a class without rows unless options say that it weighs 0.
func Compute(counts []int, options Options) ([]float64, error) {
	if err := options.Check(); err != nil {
		return nil, err
	}
	t, err := count(counts, options.Absent)
	if err != nil {
		return nil, err
	}
	weights := make([]float64, len(counts))
	for class, c := range counts {
		if c > 0 {
			weights[class] = weight(t, float64(c), options)
		}
	}
	normalise(weights, counts, t, options.Normalise)
	return weights, nil
}

// totals are what a formula needs beside a class's own count.
type totals struct{ rows, classes, largest float64 }

func count(counts []int, absent Absent) (totals, error) {
	var t totals
	for class, c := range counts {
		switch {
		case c < 0:
			return t, fmt.Errorf("class %d has %d rows", class, c)
		case c > 0:
			t.rows += float64(c)
			t.classes++
			t.largest = max(t.largest, float64(c))
		}
	}
	if t.rows == 0 {
		return t, errors.New("no class has rows to weigh")
	}
	if missing := slices.Index(counts, 0); missing >= 0 && absent != AbsentZero {
		return t, fmt.Errorf("class %d has no rows (%d of %d classes have none): set absent to zero to give such classes weight 0", missing, len(counts)-int(t.classes), len(counts))
	}
	return t, nil
}

func weight(t totals, c float64, o Options) float64 {
	ratio := t.largest / c
	if o.IntegerRatio {
		ratio = math.Floor(ratio)
	}
	switch o.Method {
	case Balanced:
		return t.rows / (t.classes * c)
	case Log:
		return math.Log1p(ratio * ratio)
	case Linear:
		return 1 + ratio
	case Ratio:
		return t.largest / (c + 1e-7)
	case Effective: // 1−β^c without cancellation where β is close to 1
		return (1 - o.Beta) / -math.Expm1(c*math.Log1p(o.Beta-1))
	default:
		return 1
	}
}

func normalise(weights []float64, counts []int, t totals, scale Scale) {
	sum, want := 0.0, 0.0
	switch scale {
	case SumK:
		for _, w := range weights {
			sum += w
		}
		want = t.classes
	case MeanOne:
		for class, w := range weights {
			sum += float64(counts[class]) * w
		}
		want = t.rows
	default:
		return
	}
	for class := range weights {
		weights[class] *= want / sum
	}
}
