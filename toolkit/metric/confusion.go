package metric

import (
	"cmp"
	"fmt"
	"slices"
)

// Confusion counts pictures by true and predicted class. It holds the pairs that occur, never the whole square: the
// memory is that of the pictures at most. Not safe for concurrent use.
type Confusion struct {
	classes  int
	pictures map[[2]int32]int // by (true, predicted)
}

// Pair is how often one class is predicted for another.
type Pair struct {
	Label     int32 `json:"label"`     // true class
	Predicted int32 `json:"predicted"` // predicted class
	Pictures  int   `json:"pictures"`  // of the true class, predicted to be of the other
	Of        int   `json:"of"`        // all pictures of the true class
}

// NewConfusion starts with no pictures; numClasses below 1 is an error.
func NewConfusion(numClasses int) (*Confusion, error) {
	if numClasses < 1 {
		return nil, fmt.Errorf("counting confusions: %d classes, need at least 1", numClasses)
	}
	return &Confusion{classes: numClasses, pictures: make(map[[2]int32]int)}, nil
}

// Add takes a batch: true and predicted class numbers in [0, numClasses), one a picture. A length that differs or a
// number out of range is an error that names the row of the batch; nothing of the batch is kept then.
func (c *Confusion) Add(labels, predicted []int32) error {
	if err := checkPredictions(labels, predicted, c.classes); err != nil {
		return fmt.Errorf("counting confusions: %w", err)
	}
	for row, label := range labels {
		c.pictures[[2]int32{label, predicted[row]}]++
	}
	return nil
}

// Pictures is the number of pictures of the class label that are predicted to be of the other; 0 for numbers that are
// no class.
func (c *Confusion) Pictures(label, predicted int32) int {
	return c.pictures[[2]int32{label, predicted}]
}

// Pairs lists the pairs that occur, right predictions too, by true and then by predicted class.
func (c *Confusion) Pairs() []Pair {
	of := make(map[int32]int)
	for pair, n := range c.pictures {
		of[pair[0]] += n
	}
	pairs := make([]Pair, 0, len(c.pictures))
	for pair, n := range c.pictures {
		pairs = append(pairs, Pair{pair[0], pair[1], n, of[pair[0]]})
	}
	slices.SortFunc(pairs, byClasses)
	return pairs
}

// MostConfused lists up to n pairs of different classes, those with the most pictures first; of equals, those with the
// larger share of the true class, then the lowest classes. A to B and B to A are two pairs.
func (c *Confusion) MostConfused(n int) []Pair {
	wrong := slices.DeleteFunc(c.Pairs(), func(p Pair) bool { return p.Label == p.Predicted })
	slices.SortFunc(wrong, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.Pictures, a.Pictures), cmp.Compare(a.Of, b.Of), byClasses(a, b))
	})
	return slices.Clip(wrong[:min(max(n, 0), len(wrong))])
}

func byClasses(a, b Pair) int {
	return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Predicted, b.Predicted))
}
