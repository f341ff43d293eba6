package sampling

import (
	"fmt"

	"github.com/longwing-ml/longwing/internal/seed"
)

type classBalanced struct {
	circles [][]int // of the classes that have rows, in the order in which classes take turns
	size    int
	seed    uint64
}

// ClassBalanced picks a class, all equally often, then one of its rows (class-balanced sampling, Kang et al., ICLR 2020).
// An epoch is as many rows as the split has. Classes take turns, so their numbers of rows differ by at most one however
// many epochs are taken together; and a class goes through all its rows before it repeats one, also across epochs.
func ClassBalanced(split *Split, seedNumber uint64) Plan {
	present := split.present()
	seed.New(seedNumber, seed.Circle).Shuffle(len(present), func(i, j int) { present[i], present[j] = present[j], present[i] })
	ofClass := circles(split, seedNumber)
	p := classBalanced{make([][]int, len(present)), split.Len(), seedNumber}
	for turn, class := range present {
		p.circles[turn] = ofClass[class]
	}
	return p
}

func (p classBalanced) String() string {
	return fmt.Sprintf("class-balanced: %d rows, as many as the split has, the same number of each of %d classes (to within one)", p.size, len(p.circles))
}

func (p classBalanced) Rows(epoch int) []int {
	rows := make([]int, 0, p.size)
	for turn, circle := range p.circles {
		from, to := p.taken(epoch*p.size, turn), p.taken((epoch+1)*p.size, turn)
		rows = take(rows, circle, from, to-from)
	}
	shuffleRows(rows, p.seed, epoch)
	return rows
}

// taken is how many of the first rows of a run are of the class with the given turn.
func (p classBalanced) taken(rows, turn int) int {
	return (rows - turn + len(p.circles) - 1) / len(p.circles)
}
