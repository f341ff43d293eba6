package data

import (
	"fmt"

	"github.com/longwing-ml/longwing/internal/seed"
)

// Parts are the rows of each part of a split. Each list is in ascending order, and no row is in two.
type Parts struct {
	Test  []int `json:"test"`
	Train []int `json:"train"`
	Valid []int `json:"valid,omitempty"`
}

// SplitOptions say how Divide splits a table. Either TestSize or Folds must be given.
//
//	parts, err := data.Divide(table.Labels, table.NumClasses(), data.SplitOptions{TestSize: 0.2, ValidSize: 0.3, Seed: 57})
type SplitOptions struct {
	TestSize  float64  // share of the rows that go to test, between 0 and 1
	Folds     int      // instead: the number of folds, 2 or more, of which
	Fold      int      // this one, from 0, goes to test
	ValidSize float64  // share of the other rows that go to validation, between 0 and 1; 0 = none
	Groups    []string // row → group; rows of one group stay in one part. Nil: every row for itself
	Seed      uint64   // decides which rows go where
}

// Divide splits the rows of labels (class numbers in [0, numClasses)) into training, validation and test parts, of
// which each has its share of every class: first the test part is held out, then the validation part of what is left,
// by a seed that is derived from the first. StratifiedSplit, StratifiedFolds and GroupedParts say what is exact.
//
// Without groups, how many rows of each class go where depends on neither the seed nor the order of the rows; which ones
// they are depends on the order of the rows within a class, but not on how classes are mixed. With groups, nothing
// depends on the order of the rows.
func Divide(labels []int32, numClasses int, opt SplitOptions) (*Parts, error) {
	if opt.Groups != nil && len(opt.Groups) != len(labels) {
		return nil, fmt.Errorf("%d rows but %d have a group", len(labels), len(opt.Groups))
	}
	if opt.Folds != 0 && opt.TestSize != 0 {
		return nil, fmt.Errorf("test size %v contradicts %d folds: give one of them", opt.TestSize, opt.Folds)
	}
	outer, test, err := opt.holdOutTest(labels, numClasses)
	if err != nil {
		return nil, err
	}
	parts := &Parts{Train: outer, Test: test}
	if opt.ValidSize == 0 {
		return parts, nil
	}
	inner := SplitOptions{TestSize: opt.ValidSize, Groups: pick(opt.Groups, outer), Seed: seed.Derive(opt.Seed, seed.Split)}
	train, valid, err := inner.holdOutTest(pick(labels, outer), numClasses)
	if err != nil {
		return nil, fmt.Errorf("holding out the validation part: %w", err)
	}
	parts.Train, parts.Valid = pick(outer, train), pick(outer, valid)
	return parts, nil
}

func (opt SplitOptions) holdOutTest(labels []int32, numClasses int) (rest, test []int, err error) {
	if opt.Folds == 0 {
		if opt.Groups == nil {
			return StratifiedSplit(labels, numClasses, opt.TestSize, opt.Seed)
		}
		if !(opt.TestSize > 0 && opt.TestSize < 1) {
			return nil, nil, fmt.Errorf("test size %v is not between 0 and 1", opt.TestSize)
		}
		parts, err := GroupedParts(labels, numClasses, opt.Groups, []float64{1 - opt.TestSize, opt.TestSize}, opt.Seed)
		if err != nil {
			return nil, nil, err
		}
		return parts[0], parts[1], nil
	}
	var folds [][]int
	if opt.Groups == nil {
		folds, err = StratifiedFolds(labels, numClasses, opt.Folds, opt.Seed)
	} else {
		folds, err = groupedFolds(labels, numClasses, opt.Groups, opt.Folds, opt.Seed)
	}
	if err != nil {
		return nil, nil, err
	}
	if opt.Fold < 0 || opt.Fold >= opt.Folds {
		return nil, nil, fmt.Errorf("fold %d is outside 0…%d", opt.Fold, opt.Folds-1)
	}
	return complement(folds[opt.Fold], len(labels)), folds[opt.Fold], nil
}

// complement returns the rows 0…n−1 that are not among the given ones, which are in ascending order.
func complement(rows []int, n int) []int {
	rest := make([]int, 0, n-len(rows))
	for row := range n {
		if len(rows) > 0 && rows[0] == row {
			rows = rows[1:]
			continue
		}
		rest = append(rest, row)
	}
	return rest
}

// pick returns the values of the given rows; nil of nil.
func pick[T any](values []T, rows []int) []T {
	if values == nil {
		return nil
	}
	picked := make([]T, len(rows))
	for i, row := range rows {
		picked[i] = values[row]
	}
	return picked
}
