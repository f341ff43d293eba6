package data

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/longwing-ml/longwing/internal/seed"
)

// Split divides the set's rows by StratifiedSplit; errors name classes by their names.
func (s *Set) Split(testSize float64, seed uint64) (train, test []int, err error) {
	train, test, err = StratifiedSplit(s.Labels, s.NumClasses(), testSize, seed)
	var small *SmallClassError
	if errors.As(err, &small) {
		return nil, nil, fmt.Errorf("splitting set %s: class %d (%s) has a single picture; a split needs two: add one or leave the class out", s.Name, small.Class, s.ClassNames[small.Class])
	}
	if err != nil {
		return nil, nil, fmt.Errorf("splitting set %s: %w", s.Name, err)
	}
	return train, test, nil
}

// SmallClassError says that a class has too few rows to be on both sides of a split.
type SmallClassError struct{ Class int }

func (e *SmallClassError) Error() string {
	return fmt.Sprintf("class %d has a single row; a split needs two", e.Class)
}

// StratifiedSplit divides the rows of labels (class numbers in [0, numClasses)) so that each class keeps its share.
// Both results are in ascending order, together they hold every row once. The seed decides which rows of a class go
// where, not how many. It decides by their order within the class; how classes are mixed plays no part.
//
// With n rows, ⌈testSize·n⌉ go to test and n_train = the rest to train, testSize being read as the decimal number it
// prints as (0.3 is three tenths). A class of c rows gives ⌊c·n_train/n⌋ to train; units still missing go one each to
// the classes with the largest remainders (c·n_train) mod n, ties to the lowest class number. These are scikit-learn's
// StratifiedShuffleSplit counts, except that its ties are broken at random.
//
// Errors, as there: testSize outside (0, 1), a class with a single row (*SmallClassError), a side with fewer rows than
// there are classes. Classes without rows are left out of account.
func StratifiedSplit(labels []int32, numClasses int, testSize float64, seedNumber uint64) (train, test []int, err error) {
	if len(labels) == 0 {
		return nil, nil, errors.New("no rows to split")
	}
	nTest, err := testRows(len(labels), testSize)
	if err != nil {
		return nil, nil, err
	}
	rowsOf, err := byClass(labels, numClasses)
	if err != nil {
		return nil, nil, err
	}
	present := 0
	for class, rows := range rowsOf {
		if len(rows) == 1 {
			return nil, nil, &SmallClassError{Class: class}
		}
		if len(rows) > 0 {
			present++
		}
	}
	nTrain := len(labels) - nTest
	if small := min(nTrain, nTest); small < present {
		return nil, nil, fmt.Errorf("test size %v of %d rows makes a side of %d rows, fewer than the %d classes", testSize, len(labels), small, present)
	}
	for class, k := range allocate(rowsOf, len(labels), nTrain) {
		rows := rowsOf[class]
		rng := seed.New(seedNumber, seed.Split, uint64(class))
		rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		train = append(train, rows[:k]...)
		test = append(test, rows[k:]...)
	}
	slices.Sort(train)
	slices.Sort(test)
	return train, test, nil
}

// testRows is ⌈testSize·n⌉ without rounding.
func testRows(n int, testSize float64) (int, error) {
	if !(testSize > 0 && testSize < 1) {
		return 0, fmt.Errorf("test size %v is not between 0 and 1", testSize)
	}
	share, ok := new(big.Rat).SetString(strconv.FormatFloat(testSize, 'g', -1, 64))
	if !ok {
		return 0, fmt.Errorf("test size %v is not a number", testSize)
	}
	product := share.Mul(share, new(big.Rat).SetInt64(int64(n)))
	quotient, remainder := new(big.Int).QuoRem(product.Num(), product.Denom(), new(big.Int))
	rows := int(quotient.Int64())
	if remainder.Sign() > 0 {
		rows++
	}
	return rows, nil
}

// allocate returns how many rows of each class go to train, by the largest-remainder rule.
func allocate(rowsOf [][]int, n, nTrain int) []int {
	counts := make([]int, len(rowsOf))
	remainders := make([]int64, len(rowsOf))
	order := make([]int, len(rowsOf))
	missing := nTrain
	for class, rows := range rowsOf {
		product := int64(len(rows)) * int64(nTrain)
		counts[class] = int(product / int64(n))
		remainders[class] = product % int64(n)
		order[class] = class
		missing -= counts[class]
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(remainders[b], remainders[a])
	})
	for _, class := range order[:missing] {
		counts[class]++
	}
	return counts
}
