package metric

import (
	"errors"
	"fmt"
)

// CalibrationBins is the number of equal-width confidence bins of the expected calibration error.
const CalibrationBins = 15

// Accumulator takes logits batch by batch and reports on all of them. It holds O(classes) counts and 16 bytes a
// picture (needed by the bootstrap), never the logits. Not safe for concurrent use.
type Accumulator struct {
	tally    *Tally
	rows     []outcome
	ranks    []int // pictures by rank of their true class, 0 = first
	nllTotal float64
	bins     [CalibrationBins]bin
}

type outcome struct {
	label, predicted int32
	nll              float64
}

type bin struct {
	pictures, hits int
	confidence     float64 // sum
}

// NewAccumulator starts with no pictures; numClasses below 1 is an error.
func NewAccumulator(numClasses int) (*Accumulator, error) {
	if numClasses < 1 {
		return nil, fmt.Errorf("evaluating predictions: %d classes, need at least 1", numClasses)
	}
	return &Accumulator{tally: NewTally(numClasses), ranks: make([]int, numClasses)}, nil
}

// Add takes one batch: logits [len(labels), numClasses] row-major and class numbers in [0, numClasses).
//
// Logits may be of any finite size, or -Inf for a class held impossible. NaN, +Inf, a label out of range or lengths that
// don't fit are an error that names the row, counted from the first Add; nothing of the batch is kept then.
func (a *Accumulator) Add(logits []float32, labels []int32) error {
	classes := a.tally.NumClasses()
	if len(logits) != len(labels)*classes {
		return fmt.Errorf("evaluating predictions: %d logits for %d labels and %d classes, need %d",
			len(logits), len(labels), classes, len(labels)*classes)
	}
	scores := make([]scoreRow, len(labels))
	for i, label := range labels {
		row := len(a.rows) + i
		if err := checkClass(label, classes); err != nil {
			return fmt.Errorf("evaluating predictions: row %d: label %w", row, err)
		}
		score, err := scoreLogits(logits[i*classes:(i+1)*classes], label)
		if err != nil {
			return fmt.Errorf("evaluating predictions: row %d: %w", row, err)
		}
		scores[i] = score
	}
	for i, score := range scores {
		a.keep(labels[i], score)
	}
	return nil
}

func (a *Accumulator) keep(label int32, score scoreRow) {
	a.tally.add(label, score.predicted)
	a.rows = append(a.rows, outcome{label, score.predicted, score.nll})
	a.ranks[score.rank]++
	a.nllTotal += score.nll
	b := &a.bins[confidenceBin(score.confidence)]
	b.pictures++
	b.confidence += score.confidence
	if label == score.predicted {
		b.hits++
	}
}

// N is the number of pictures added so far.
func (a *Accumulator) N() int { return len(a.rows) }

// Tally is the counts per class so far: a view, valid until the next Add.
func (a *Accumulator) Tally() *Tally { return a.tally }

// Predicted returns the predicted class of every picture in the order they were added.
func (a *Accumulator) Predicted() []int32 {
	predicted := make([]int32, len(a.rows))
	for i, r := range a.rows {
		predicted[i] = r.predicted
	}
	return predicted
}

// NLL is the mean negative log-likelihood in nats: +Inf if a picture's true class was held impossible, 0 without
// pictures.
func (a *Accumulator) NLL() float64 { return a.nllTotal / float64(max(len(a.rows), 1)) }

// TopK is the share of pictures whose true class is among the k largest logits (ties: lowest class first).
func (a *Accumulator) TopK(k int) float64 {
	return ratio(sum(a.ranks[:min(max(k, 0), len(a.ranks))]), len(a.rows))
}

// CalibrationError is the expected calibration error of Guo et al., "On Calibration of Modern Neural Networks" (ICML
// 2017): over 15 equal-width bins (lower edge open, upper closed) of the predicted class's probability, the mean gap
// between probability and share of right predictions, weighted by pictures.
func (a *Accumulator) CalibrationError() float64 {
	gap := 0.0
	for _, b := range a.bins {
		d := b.confidence - float64(b.hits)
		gap += max(d, -d)
	}
	return gap / float64(max(len(a.rows), 1))
}

// Report computes everything. Without pictures it is an error.
func (a *Accumulator) Report(opt Options) (*Report, error) {
	if len(a.rows) == 0 {
		return nil, errors.New("evaluating predictions: there are no pictures to evaluate")
	}
	classes := a.tally.NumClasses()
	if opt.TrainingCounts != nil && len(opt.TrainingCounts) != classes {
		return nil, fmt.Errorf("evaluating predictions: training counts of %d classes for logits of %d classes",
			len(opt.TrainingCounts), classes)
	}
	r := &Report{N: len(a.rows), Classes: classes, ClassesSeen: a.tally.NumSeen()}
	r.setPictureScores(a.tally, a.NLL(), opt.TrainingCounts)
	r.setClassScores(a.tally)
	r.Top5 = a.TopK(5)
	r.CalibrationError = a.CalibrationError()
	if opt.Resamples > 0 {
		r.Intervals = a.bootstrap(opt)
	}
	return r, nil
}

func confidenceBin(confidence float64) int {
	i := int(confidence * CalibrationBins)
	if i > 0 && confidence <= float64(i)/CalibrationBins {
		i-- // the upper edge belongs to the bin below
	}
	return min(i, CalibrationBins-1)
}
