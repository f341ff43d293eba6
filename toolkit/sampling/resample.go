package sampling

import (
	"fmt"

	"github.com/longwing-ml/longwing/internal/seed"
)

// resample cuts classes without replacement, then fills them up with replacement.
type resample struct {
	classes [][]stratum // by class, only those with rows
	target  int         // rows a class is filled up to; no fewer than it keeps
	seed    uint64
	text    string
}

// stratum is a part of a class that is cut by itself; mostly the whole class.
type stratum struct {
	circle []int
	keep   int // rows an epoch takes, at most all
}

func (p *resample) String() string { return p.text }

func (p *resample) Rows(epoch int) []int {
	rng := seed.New(p.seed, seed.Draw, uint64(epoch))
	rows := make([]int, 0, len(p.classes)*p.target)
	for _, strata := range p.classes {
		before := len(rows)
		for _, s := range strata {
			rows = takeEpoch(rows, s.circle, epoch, s.keep)
		}
		kept := rows[before:]
		for range p.target - len(kept) {
			rows = append(rows, kept[rng.IntN(len(kept))])
		}
	}
	shuffleRows(rows, p.seed, epoch)
	return rows
}

// keepEach makes every class one stratum of which an epoch takes cut rows, or all if there are fewer.
func keepEach(split *Split, cut int, seedNumber uint64) [][]stratum {
	var classes [][]stratum
	for _, circle := range circles(split, seedNumber) {
		if len(circle) > 0 {
			classes = append(classes, []stratum{{circle, min(len(circle), cut)}})
		}
	}
	return classes
}

// Over is random oversampling, as imbalanced-learn's RandomOverSampler: an epoch is every row once, and draws with
// replacement until each class has as many rows as the largest. It is an error if that is more than an epoch can have.
func Over(split *Split, seed uint64) (Plan, error) {
	_, largest := split.extremes()
	if err := checkSize("over", len(split.present()), largest); err != nil {
		return nil, err
	}
	return &resample{keepEach(split, largest, seed), largest, seed,
		fmt.Sprintf("over: every row once, and draws with replacement until each class has the %d rows of the largest", largest)}, nil
}

// Under is random undersampling, as imbalanced-learn's RandomUnderSampler: an epoch is as many rows of each class as the
// smallest has, without replacement. The next epoch goes on where this one stopped, so that every row of a class is
// shown before one is repeated.
func Under(split *Split, seed uint64) Plan {
	smallest, _ := split.extremes()
	return &resample{keepEach(split, smallest, seed), smallest, seed,
		fmt.Sprintf("under: of each class as many rows as the smallest has, %d, going on where the last epoch stopped", smallest)}
}

// extremes are the numbers of rows of the smallest class that has any, and of the largest.
func (s *Split) extremes() (smallest, largest int) {
	smallest = s.Len()
	for class := range s.NumClasses() {
		if count := s.count(class); count > 0 {
			smallest, largest = min(smallest, count), max(largest, count)
		}
	}
	return smallest, largest
}
