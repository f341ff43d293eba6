package sampling

import (
	"fmt"
	"strings"

	"github.com/longwing-ml/longwing/internal/seed"
	"github.com/longwing-ml/longwing/toolkit/classweight"
)

// Stage is a number of epochs with a plan of their own.
type Stage struct {
	Name    string
	Epochs  int
	Plan    Plan
	Weights []float64 // of the loss, by class; nil for none
}

// Stages follow one another: the plan of stage i starts with its epoch 0 when the epochs of those before it are over.
// After the end, the last one goes on.
type Stages []Stage

// At returns the stage of an epoch, and the epoch's number within it.
func (s Stages) At(epoch int) (stage Stage, within int) {
	i := 0
	for i < len(s)-1 && epoch >= s[i].Epochs {
		epoch -= s[i].Epochs
		i++
	}
	return s[i], epoch
}

// Rows returns the rows of an epoch, as of a Plan.
func (s Stages) Rows(epoch int) []int {
	stage, within := s.At(epoch)
	return stage.Plan.Rows(within)
}

func (s Stages) String() string {
	texts := make([]string, len(s))
	for i, stage := range s {
		texts[i] = fmt.Sprintf("%d epochs of %s (%s)", stage.Epochs, stage.Name, stage.Plan)
	}
	return strings.Join(texts, ", then ")
}

// Rare lists the classes that have rows, but fewer than below. Counts may be those of a larger population than the split
// that is trained on.
func Rare(counts []int, below int) []int {
	var classes []int
	for class, count := range counts {
		if count > 0 && count < below {
			classes = append(classes, class)
		}
	}
	return classes
}

// RareThenAll trains on the rare classes, oversampled, then on all rows (the study's 4c, 4c1, 4c2).
func RareThenAll(split *Split, rare []int, rareEpochs, allEpochs int, seedNumber uint64) (Stages, error) {
	part, err := split.Only(rare)
	if err != nil {
		return nil, err
	}
	over, err := Over(part, seedNumber)
	if err != nil {
		return nil, err
	}
	return checked(
		Stage{Name: "rare classes", Epochs: rareEpochs, Plan: over},
		Stage{Name: "all", Epochs: allEpochs, Plan: Shuffle(split.Rows(), laterSeed(seedNumber))},
	)
}

// AllThenRare trains on all rows, then on those of the rare classes as they are (the study's 4, 4b).
func AllThenRare(split *Split, rare []int, allEpochs, rareEpochs int, seedNumber uint64) (Stages, error) {
	part, err := split.Only(rare)
	if err != nil {
		return nil, err
	}
	return checked(
		Stage{Name: "all", Epochs: allEpochs, Plan: Shuffle(split.Rows(), seedNumber)},
		Stage{Name: "rare classes", Epochs: rareEpochs, Plan: Shuffle(part.Rows(), laterSeed(seedNumber))},
	)
}

// AllThenBalanced trains on all rows as they are, then class-balanced. With everything but the head frozen in the second
// stage, and the head initialised anew, it is classifier re-training (cRT; Kang et al., ICLR 2020).
func AllThenBalanced(split *Split, allEpochs, balancedEpochs int, seedNumber uint64) (Stages, error) {
	return checked(
		Stage{Name: "all", Epochs: allEpochs, Plan: Shuffle(split.Rows(), seedNumber)},
		Stage{Name: "balanced", Epochs: balancedEpochs, Plan: ClassBalanced(split, laterSeed(seedNumber))},
	)
}

// DeferredWeights shows all rows as they are throughout, and weighs classes by their effective number, summing to the
// number of classes, in the second stage only (deferred re-weighting, DRW; Cao et al., NeurIPS 2019, with β = 0.9999).
// Classes without rows weigh 0.
func DeferredWeights(split *Split, beta float64, plainEpochs, weightedEpochs int, seedNumber uint64) (Stages, error) {
	weights, err := classweight.Compute(split.Counts(), classweight.Options{
		Method: classweight.Effective, Beta: beta, Normalise: classweight.SumK, Absent: classweight.AbsentZero})
	if err != nil {
		return nil, err
	}
	return checked(
		Stage{Name: "all", Epochs: plainEpochs, Plan: Shuffle(split.Rows(), seedNumber)},
		Stage{Name: "all, weighted", Epochs: weightedEpochs, Plan: Shuffle(split.Rows(), laterSeed(seedNumber)), Weights: weights},
	)
}

// laterSeed gives the second stage draws of its own: its epochs are numbered from 0 again.
func laterSeed(seedNumber uint64) uint64 { return seed.Derive(seedNumber, seed.Stage, 1) }

func checked(stages ...Stage) (Stages, error) {
	for _, stage := range stages {
		if stage.Epochs < 1 || stage.Epochs > MaxEpoch {
			return nil, fmt.Errorf("stage %s: %d epochs are outside 1…%d", stage.Name, stage.Epochs, MaxEpoch)
		}
	}
	return stages, nil
}
