package sampling

import (
	"fmt"
	"math"
)

type squareRoot struct {
	circles [][]int
	counts  []int // by class, of an epoch
	size    int
	seed    uint64
}

// SquareRoot shows classes in proportion to the square root of their rows (Mahajan et al., ECCV 2018; Kang et al., ICLR
// 2020). An epoch is as many rows as the split has; a class gives its share of them, rounded, instead of a random number
// around it. The next epoch goes on where this one stopped, so every row of a class is shown before one is repeated.
func SquareRoot(split *Split, seed uint64) Plan {
	sum := 0.0
	shares := make([]float64, split.NumClasses())
	for class := range shares {
		shares[class] = math.Sqrt(float64(split.count(class)))
		sum += shares[class]
	}
	for class := range shares {
		shares[class] *= float64(split.Len()) / sum
	}
	return squareRoot{circles(split, seed), roundShares(shares, split.Len()), split.Len(), seed}
}

func (p squareRoot) String() string {
	return fmt.Sprintf("sqrt: %d rows, as many as the split has, each class in proportion to the square root of its rows", p.size)
}

func (p squareRoot) Rows(epoch int) []int {
	rows := make([]int, 0, p.size)
	for class, count := range p.counts {
		if count > 0 {
			rows = takeEpoch(rows, p.circles[class], epoch, count)
		}
	}
	shuffleRows(rows, p.seed, epoch)
	return rows
}
