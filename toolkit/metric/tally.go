package metric

import "fmt"

// F170Threshold is the F1 score a class must exceed (strictly) to count in F170.
const F170Threshold = 0.7

// Tally counts, for each class, what hard predictions did. The three slices have one entry a class.
//
// A class is seen if it is the true or the predicted class of at least one picture. Averages over classes ("macro")
// and F1Share are taken over seen classes only, as scikit-learn does when it is given no list of labels; a ratio whose
// denominator is zero counts as 0. With no picture at all every score is 0.
type Tally struct {
	Count     []int // pictures of the class
	Predicted []int // pictures predicted to be of the class
	Hits      []int // pictures of the class predicted to be of the class
}

// NewTally returns a tally of no pictures. numClasses below 1 gives a tally without classes.
func NewTally(numClasses int) *Tally {
	numClasses = max(numClasses, 0)
	return &Tally{
		Count:     make([]int, numClasses),
		Predicted: make([]int, numClasses),
		Hits:      make([]int, numClasses),
	}
}

// PerClass tallies predictions. labels and predicted have one class number in [0, numClasses) a picture; a length that
// differs or a number out of range is an error that names the row.
func PerClass(labels, predicted []int32, numClasses int) (*Tally, error) {
	if numClasses < 1 {
		return nil, fmt.Errorf("tallying predictions: %d classes, need at least 1", numClasses)
	}
	if err := checkPredictions(labels, predicted, numClasses); err != nil {
		return nil, fmt.Errorf("tallying predictions: %w", err)
	}
	t := NewTally(numClasses)
	for row := range labels {
		t.add(labels[row], predicted[row])
	}
	return t, nil
}

func checkPredictions(labels, predicted []int32, numClasses int) error {
	if len(labels) != len(predicted) {
		return fmt.Errorf("%d labels but %d predictions", len(labels), len(predicted))
	}
	for row := range labels {
		if err := checkClass(labels[row], numClasses); err != nil {
			return fmt.Errorf("row %d: label %w", row, err)
		}
		if err := checkClass(predicted[row], numClasses); err != nil {
			return fmt.Errorf("row %d: prediction %w", row, err)
		}
	}
	return nil
}

func checkClass(class int32, numClasses int) error {
	if class < 0 || int(class) >= numClasses {
		return fmt.Errorf("%d is not a class number in [0, %d)", class, numClasses)
	}
	return nil
}

func (t *Tally) add(label, predicted int32) {
	t.Count[label]++
	t.Predicted[predicted]++
	if label == predicted {
		t.Hits[label]++
	}
}

func (t *Tally) reset() {
	clear(t.Count)
	clear(t.Predicted)
	clear(t.Hits)
}

// NumClasses is the number of classes, seen or not.
func (t *Tally) NumClasses() int { return len(t.Count) }

// N is the number of pictures.
func (t *Tally) N() int { return sum(t.Count) }

// Seen says whether the class occurs among labels or predictions.
func (t *Tally) Seen(class int) bool {
	return t.Count[class] > 0 || t.Predicted[class] > 0
}

// NumSeen is the number of seen classes: the denominator of every macro average and of F170.
func (t *Tally) NumSeen() int {
	seen := 0
	for c := range t.Count {
		if t.Seen(c) {
			seen++
		}
	}
	return seen
}

// Precision is the share of pictures predicted as the class that are of it; 0 if none is predicted.
func (t *Tally) Precision(class int) float64 { return ratio(t.Hits[class], t.Predicted[class]) }

// Recall is the share of pictures of the class that are predicted as it; 0 if there is none.
func (t *Tally) Recall(class int) float64 { return ratio(t.Hits[class], t.Count[class]) }

// F1 is the harmonic mean of precision and recall; 0 for a class that is not seen.
//
// It is computed as one division of integers, so that a score of exactly 0.7 compares equal to 0.7.
func (t *Tally) F1(class int) float64 {
	return ratio(2*t.Hits[class], t.Count[class]+t.Predicted[class])
}

// Accuracy is the share of pictures whose prediction is right.
func (t *Tally) Accuracy() float64 { return ratio(sum(t.Hits), t.N()) }

// MacroPrecision is the mean precision of seen classes.
func (t *Tally) MacroPrecision() float64 { return t.meanOfSeen(t.Precision) }

// MacroRecall is the mean recall of seen classes. A class that is only predicted counts with recall 0; BalancedAccuracy
// leaves it out.
func (t *Tally) MacroRecall() float64 { return t.meanOfSeen(t.Recall) }

// MacroF1 is the mean F1 of seen classes.
func (t *Tally) MacroF1() float64 { return t.meanOfSeen(t.F1) }

// WeightedPrecision is the mean precision weighted by the number of pictures of each class.
func (t *Tally) WeightedPrecision() float64 { return t.weighted(t.Precision) }

// WeightedRecall is the mean recall weighted by the number of pictures of each class, which is the accuracy.
func (t *Tally) WeightedRecall() float64 { return t.Accuracy() }

// WeightedF1 is the mean F1 weighted by the number of pictures of each class.
func (t *Tally) WeightedF1() float64 { return t.weighted(t.F1) }

// BalancedAccuracy is the mean recall of the classes that have pictures.
func (t *Tally) BalancedAccuracy() float64 {
	total, classes := 0.0, 0
	for c, n := range t.Count {
		if n > 0 {
			total += t.Recall(c)
			classes++
		}
	}
	return total / float64(max(classes, 1))
}

// F1Share is the share of seen classes whose F1 is strictly above the threshold.
func (t *Tally) F1Share(threshold float64) float64 {
	above, seen := 0, 0
	for c := range t.Count {
		if !t.Seen(c) {
			continue
		}
		seen++
		if t.F1(c) > threshold {
			above++
		}
	}
	return ratio(above, seen)
}

// F170 is F1Share(0.7), the score of the pollinating-insects challenge (Paris-Saclay, 2017).
func (t *Tally) F170() float64 { return t.F1Share(F170Threshold) }

func (t *Tally) meanOfSeen(score func(class int) float64) float64 {
	total, seen := 0.0, 0
	for c := range t.Count {
		if t.Seen(c) {
			total += score(c)
			seen++
		}
	}
	return total / float64(max(seen, 1))
}

func (t *Tally) weighted(score func(class int) float64) float64 {
	total := 0.0
	for c, n := range t.Count {
		total += float64(n) * score(c)
	}
	return total / float64(max(t.N(), 1))
}

func ratio(numerator, denominator int) float64 {
	if denominator == 0 {
		return 0
	}
	return float64(numerator) / float64(denominator)
}

func sum(values []int) int {
	total := 0
	for _, v := range values {
		total += v
	}
	return total
}
