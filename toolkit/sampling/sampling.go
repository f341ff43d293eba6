// Package sampling makes row plans: which pictures an epoch shows, and in which order.
//
// A plan works on row numbers; it never opens a picture. Rows of the same plan and epoch are always the same, so a run
// can be continued at any epoch and repeated on any number of workers.
//
//	split, err := sampling.NewSplit(trainRows, set.Labels, set.NumClasses())
//	plan, err := sampling.UnderOver(split, 350, false, recipe.Seed)
//	fmt.Println(plan) // says what an epoch is
//	for epoch := range epochs {
//		for _, row := range plan.Rows(epoch) {
//			…
//		}
//	}
//
// A split holds the rows a plan may show, which are those of the training part: divide first, then sample, and no
// validation picture can get into training.
//
// Plans draw anew in every epoch. Resampling once before training, as imbalanced-learn and the study do, is
// Shuffle(plan.Rows(0), seed): the rows of one epoch, each time in another order.
package sampling

import (
	"fmt"
	"math"
)

// Plan tells the rows of an epoch. It can be used by several goroutines at once.
type Plan interface {
	// Rows returns the rows of an epoch, from 0 to MaxEpoch, in the order they are shown. The caller owns the slice.
	Rows(epoch int) []int
	// String says in one line what an epoch is.
	String() string
}

// MaxEpoch is the largest number of an epoch.
const MaxEpoch = math.MaxInt32

// maxRows bounds an epoch to 2 GiB of row numbers, so that a table of many classes beside a huge one is an error rather
// than the end of memory.
const maxRows = 1 << 28

func checkSize(sampler string, classes, perClass int) error {
	if perClass > maxRows/classes {
		return fmt.Errorf("%s: %d classes of %d rows each are more than the %d rows an epoch can have", sampler, classes, perClass, maxRows)
	}
	return nil
}
