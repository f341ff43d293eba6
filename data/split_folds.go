package data

import (
	"fmt"
	"slices"

	"github.com/longwing-ml/longwing/internal/seed"
)

// StratifiedFolds divides the rows of labels (class numbers in [0, numClasses)) into folds for a cross-validation: each
// row is in exactly one. The rows of the folds are in ascending order.
//
// Classes are dealt out like cards, one after the other by number and without a break: neither the rows of a class nor
// all rows differ by more than one between two folds. These are the counts of scikit-learn's StratifiedKFold, except
// that there classes go by their first row. The seed decides which rows of a class go where, not how many.
//
// Errors: fewer than 2 folds or fewer rows than folds; a class with a single row (*SmallClassError), which would be
// tested without having been trained on. A class of fewer rows than folds is absent from some.
func StratifiedFolds(labels []int32, numClasses, folds int, seedNumber uint64) ([][]int, error) {
	if err := checkFolds(folds, len(labels), "rows"); err != nil {
		return nil, err
	}
	rowsOf, err := byClass(labels, numClasses)
	if err != nil {
		return nil, err
	}
	parts := make([][]int, folds)
	dealt := 0
	for class, rows := range rowsOf {
		if len(rows) == 1 {
			return nil, &SmallClassError{Class: class}
		}
		rng := seed.New(seedNumber, seed.Folds, uint64(class))
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		for _, row := range rows {
			parts[dealt%folds] = append(parts[dealt%folds], row)
			dealt++
		}
	}
	for _, part := range parts {
		slices.Sort(part)
	}
	return parts, nil
}

// checkFolds checks the number of folds against what is to be divided.
func checkFolds(folds, n int, what string) error {
	if folds < 2 || folds > n {
		return fmt.Errorf("%d folds of %d %s: give a number from 2 to the number of %s", folds, n, what, what)
	}
	return nil
}

// byClass returns the rows of each class.
func byClass(labels []int32, numClasses int) ([][]int, error) {
	rowsOf := make([][]int, numClasses)
	for row, label := range labels {
		if label < 0 || int(label) >= numClasses {
			return nil, fmt.Errorf("row %d: class %d is outside 0…%d", row, label, numClasses-1)
		}
		rowsOf[label] = append(rowsOf[label], row)
	}
	return rowsOf, nil
}
