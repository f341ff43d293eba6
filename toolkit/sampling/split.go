package sampling

import (
	"errors"
	"fmt"
	"slices"
)

// Split is the rows that plans may show, by class.
type Split struct {
	class []int32 // row of the table → class, or outside
	rows  []int   // class by class, ascending within one
	start []int   // the rows of class c are rows[start[c]:start[c+1]]
}

const outside = -1

// NewSplit makes a split of the given rows of a table, whose labels are the classes of all its rows, in
// [0, numClasses). It is an error when there are no rows, or a row is not in the table, is given twice, or has a label
// that is no class. The order of the rows has no influence on plans.
func NewSplit(rows []int, labels []int32, numClasses int) (*Split, error) {
	if len(rows) == 0 || numClasses < 1 {
		return nil, fmt.Errorf("a split needs rows and classes; there are %d rows and %d classes", len(rows), numClasses)
	}
	s := &Split{class: make([]int32, len(labels)), rows: make([]int, len(rows)), start: make([]int, numClasses+1)}
	for row := range s.class {
		s.class[row] = outside
	}
	for _, row := range rows {
		if row < 0 || row >= len(labels) {
			return nil, fmt.Errorf("row %d of the split is outside the table's rows 0…%d", row, len(labels)-1)
		}
		if s.class[row] != outside {
			return nil, fmt.Errorf("row %d is twice in the split", row)
		}
		class := labels[row]
		if class < 0 || int(class) >= numClasses {
			return nil, fmt.Errorf("row %d: class %d is outside 0…%d", row, class, numClasses-1)
		}
		s.class[row] = class
		s.start[class+1]++
	}
	for class := range numClasses {
		s.start[class+1] += s.start[class]
	}
	next := slices.Clone(s.start)
	for row, class := range s.class {
		if class != outside {
			s.rows[next[class]] = row
			next[class]++
		}
	}
	return s, nil
}

// Only is the part of the split with the given classes. A number that is no class, or classes without a single row
// among them, is an error.
func (s *Split) Only(classes []int) (*Split, error) {
	part := &Split{class: make([]int32, len(s.class)), start: make([]int, len(s.start))}
	for row := range part.class {
		part.class[row] = outside
	}
	chosen := make([]bool, s.NumClasses())
	for _, class := range classes {
		if class < 0 || class >= s.NumClasses() {
			return nil, fmt.Errorf("class %d is outside 0…%d", class, s.NumClasses()-1)
		}
		chosen[class] = true
	}
	for class := range chosen {
		if chosen[class] {
			for _, row := range s.of(class) {
				part.class[row] = int32(class)
			}
			part.rows = append(part.rows, s.of(class)...)
		}
		part.start[class+1] = len(part.rows)
	}
	if len(part.rows) == 0 {
		return nil, errors.New("the chosen classes have no rows in the split")
	}
	return part, nil
}

// Len is the number of rows.
func (s *Split) Len() int { return len(s.rows) }

// NumClasses is the number of classes, those without rows included.
func (s *Split) NumClasses() int { return len(s.start) - 1 }

// Rows returns the rows in ascending order.
func (s *Split) Rows() []int {
	rows := make([]int, 0, len(s.rows))
	for row, class := range s.class {
		if class != outside {
			rows = append(rows, row)
		}
	}
	return rows
}

// Counts returns the number of rows of each class.
func (s *Split) Counts() []int {
	counts := make([]int, s.NumClasses())
	for class := range counts {
		counts[class] = s.count(class)
	}
	return counts
}

func (s *Split) count(class int) int { return s.start[class+1] - s.start[class] }

func (s *Split) of(class int) []int { return s.rows[s.start[class]:s.start[class+1]] }

// present lists the classes that have rows.
func (s *Split) present() []int {
	var classes []int
	for class := range s.NumClasses() {
		if s.count(class) > 0 {
			classes = append(classes, class)
		}
	}
	return classes
}
