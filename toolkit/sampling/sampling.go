// Package sampling makes row plans: which pictures an epoch shows, and in which order.
//
// A plan works on row numbers; it never opens a picture. Rows of the same plan and epoch are always the same, so a run
// can be continued at any epoch and repeated on any number of workers.
//
//	plan := sampling.Shuffle(trainRows, recipe.Seed)
//	for epoch := range epochs {
//		for _, row := range plan.Rows(epoch) {
//			…
//		}
//	}
package sampling

import (
	"slices"

	"github.com/longwing-ml/longwing/internal/seed"
)

// Plan tells the rows of an epoch.
type Plan interface {
	// Rows returns the rows of an epoch, numbered from 0, in the order they are shown. The caller owns the slice.
	Rows(epoch int) []int
	// Len is the number of rows of any epoch.
	Len() int
}

type shuffle struct {
	rows []int
	seed uint64
}

// Shuffle shows every row once an epoch, in an order drawn from the seed and the epoch.
func Shuffle(rows []int, seed uint64) Plan { return shuffle{slices.Clone(rows), seed} }

func (s shuffle) Len() int { return len(s.rows) }

func (s shuffle) Rows(epoch int) []int {
	rows := slices.Clone(s.rows)
	seed.New(s.seed, seed.Shuffle, uint64(epoch)).Shuffle(len(rows), func(i, j int) {
		rows[i], rows[j] = rows[j], rows[i]
	})
	return rows
}
