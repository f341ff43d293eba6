package metric

import (
	"errors"
	"fmt"
)

// Accumulator takes logits batch by batch and reports on all of them. It holds O(classes) counts and 32 bytes a
// picture (needed by the bootstrap), never the logits. Not safe for concurrent use.
type Accumulator struct {
	rows   []outcome
	totals *totals // of rows
}

// outcome is what is kept of a picture.
type outcome struct {
	label, predicted int32
	rank             int32   // classes placed before the true one
	bin              int32   // of the confidence
	nll              float64 // in nats
	confidence       float64 // softmax probability of the predicted class
}

// NewAccumulator starts with no pictures; numClasses below 1 is an error.
func NewAccumulator(numClasses int) (*Accumulator, error) {
	if numClasses < 1 {
		return nil, fmt.Errorf("evaluating predictions: %d classes, need at least 1", numClasses)
	}
	return &Accumulator{totals: newTotals(numClasses)}, nil
}

// Add takes one batch: logits [len(labels), numClasses] row-major and class numbers in [0, numClasses).
//
// Logits may be of any finite size, or -Inf for a class held impossible. NaN, +Inf, a label out of range or lengths that
// don't fit are an error that names the row, counted from the first Add; nothing of the batch is kept then.
func (a *Accumulator) Add(logits []float32, labels []int32) error {
	classes := a.totals.tally.NumClasses()
	if len(logits) != len(labels)*classes {
		return fmt.Errorf("evaluating predictions: %d logits for %d labels and %d classes, need %d",
			len(logits), len(labels), classes, len(labels)*classes)
	}
	outcomes := make([]outcome, len(labels))
	for i, label := range labels {
		row := len(a.rows) + i
		if err := checkClass(label, classes); err != nil {
			return fmt.Errorf("evaluating predictions: row %d: label %w", row, err)
		}
		one, err := scoreLogits(logits[i*classes:(i+1)*classes], label)
		if err != nil {
			return fmt.Errorf("evaluating predictions: row %d: %w", row, err)
		}
		outcomes[i] = one
	}
	a.rows = append(a.rows, outcomes...)
	for i := range outcomes {
		a.totals.add(&outcomes[i])
	}
	return nil
}

// N is the number of pictures added so far.
func (a *Accumulator) N() int { return len(a.rows) }

// Tally is the counts per class so far: a view, valid until the next Add.
func (a *Accumulator) Tally() *Tally { return a.totals.tally }

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
func (a *Accumulator) NLL() float64 { return a.totals.meanNLL() }

// TopK is the share of pictures whose true class is among the k largest logits (ties: lowest class first).
func (a *Accumulator) TopK(k int) float64 { return a.totals.topK(k) }

// CalibrationError is the expected calibration error of Guo et al., "On Calibration of Modern Neural Networks" (ICML
// 2017): over 15 equal-width bins (lower edge open, upper closed) of the predicted class's probability, the mean gap
// between probability and share of right predictions, weighted by pictures.
func (a *Accumulator) CalibrationError() float64 { return a.totals.calibrationError() }

// Confusion counts the pictures by true and predicted class.
func (a *Accumulator) Confusion() *Confusion {
	c := &Confusion{classes: a.totals.tally.NumClasses(), pictures: make(map[[2]int32]int)}
	for i := range a.rows {
		c.pictures[[2]int32{a.rows[i].label, a.rows[i].predicted}]++
	}
	return c
}

// Report computes everything. Without pictures it is an error, and so are options that don't fit.
func (a *Accumulator) Report(opt Options) (*Report, error) {
	classes := a.totals.tally.NumClasses()
	if len(a.rows) == 0 {
		return nil, errors.New("evaluating predictions: there are no pictures to evaluate")
	}
	if err := opt.check(classes); err != nil {
		return nil, fmt.Errorf("evaluating predictions: %w", err)
	}
	r := &Report{N: len(a.rows), Classes: classes, ClassesSeen: a.totals.tally.NumSeen()}
	r.setPictureScores(a.totals, opt)
	r.setClassScores(a.totals.tally)
	if opt.Resamples > 0 {
		r.Intervals = a.bootstrap(opt)
	}
	if opt.Confused > 0 {
		r.Confused = a.Confusion().MostConfused(opt.Confused)
	}
	return r, nil
}
