package sampling

import (
	"fmt"

	"github.com/longwing-ml/longwing/internal/seed"
)

type classAware struct {
	circles         [][]int
	present         []int
	classesPerBatch int
	perClass        int
	rounds          int // how often an epoch comes to each class
	seed            uint64
}

// ClassAware makes batches of a stated number of classes with a stated number of rows each; batches are to be
// classesPerBatch·perClass rows. Batches draw classes without replacement until all have had their turn, then again, in
// another order; no class is twice in a batch. An epoch comes to every class equally often, so often that it has about as
// many rows as the split; its last batch may have fewer classes. A class goes through all its rows before it repeats
// one, also across epochs; one with fewer than perClass rows repeats some in a batch.
//
// It is an error if a number is below 1, there are fewer classes with rows than classesPerBatch, or an epoch would have
// too many rows.
func ClassAware(split *Split, classesPerBatch, perClass int, seed uint64) (Plan, error) {
	present := split.present()
	switch {
	case classesPerBatch < 1:
		return nil, &OptionError{"class-aware", "classes-per-batch", fmt.Sprintf("%d is below 1", classesPerBatch)}
	case perClass < 1:
		return nil, &OptionError{"class-aware", "per-class", fmt.Sprintf("%d is below 1", perClass)}
	case classesPerBatch > len(present):
		return nil, fmt.Errorf("class-aware: batches of %d classes can't be made of the %d classes that have rows", classesPerBatch, len(present))
	}
	if err := checkSize("class-aware", len(present), perClass); err != nil {
		return nil, err
	}
	round := len(present) * perClass
	rounds := max(1, (split.Len()+round/2)/round)
	return &classAware{circles(split, seed), present, classesPerBatch, perClass, rounds, seed}, nil
}

func (p *classAware) String() string {
	return fmt.Sprintf("class-aware: batches of %d classes × %d rows, %d rows of each of %d classes",
		p.classesPerBatch, p.perClass, p.rounds*p.perClass, len(p.present))
}

func (p *classAware) Rows(epoch int) []int {
	next := make([]int, len(p.circles)) // class → position in its circle
	for _, class := range p.present {
		next[class] = epoch % len(p.circles[class]) * p.rounds * p.perClass
	}
	rows := make([]int, 0, p.rounds*p.perClass*len(p.present))
	for _, class := range p.turns(epoch) {
		rows = take(rows, p.circles[class], next[class], p.perClass)
		next[class] += p.perClass
	}
	return rows
}

// turns lists the classes of an epoch's batches, one batch after the other.
func (p *classAware) turns(epoch int) []int {
	rng := seed.New(p.seed, seed.Draw, uint64(epoch))
	turns := make([]int, 0, p.rounds*len(p.present))
	inBatch := make([]bool, len(p.circles))
	for range p.rounds {
		before := len(turns)
		turns = append(turns, p.present...)
		round := turns[before:]
		rng.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })

		open := turns[before-before%p.classesPerBatch : before] // the batch that the last round left unfinished
		mark(inBatch, open, true)
		moveBack(round[:p.classesPerBatch], inBatch)
		mark(inBatch, open, false)
	}
	return turns
}

func mark(set []bool, classes []int, value bool) {
	for _, class := range classes {
		set[class] = value
	}
}

// moveBack puts the marked classes behind the others; both keep their order.
func moveBack(classes []int, marked []bool) {
	var back []int
	front := classes[:0]
	for _, class := range classes {
		if marked[class] {
			back = append(back, class)
		} else {
			front = append(front, class)
		}
	}
	copy(classes[len(front):], back)
}
