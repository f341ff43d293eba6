package finetune

import (
	"errors"
	"fmt"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/seed"
)

// Rows are the row numbers of each part of a set of pictures, ascending.
type Rows struct {
	Train, Valid []int // of the training set
	Test         []int // of the test set, if the pictures have their own, else of the training set
}

// Divide splits pictures by the recipe: first the test part, unless the pictures come with one, then the validation
// part, both class by class. The same recipe and labels give the same rows.
func (r *Recipe) Divide(pictures *data.Pictures) (*Rows, error) {
	set := pictures.Train
	rows := &Rows{}
	outer := make([]int, set.Len())
	for i := range outer {
		outer[i] = i
	}
	if pictures.Test != nil {
		rows.Test = make([]int, pictures.Test.Len())
		for i := range rows.Test {
			rows.Test[i] = i
		}
	} else {
		if r.Split.Test == 0 {
			return nil, fmt.Errorf("%s has no test set of its own: the recipe's key split.test must be above 0", set.Name)
		}
		var err error
		if outer, rows.Test, err = data.StratifiedSplit(set.Labels, set.NumClasses(), r.Split.Test, r.Seed); err != nil {
			return nil, fmt.Errorf("key split.test: holding out the test part of %s: %w", set.Name, withName(err, set))
		}
	}

	labels := make([]int32, len(outer))
	for i, row := range outer {
		labels[i] = set.Labels[row]
	}
	train, valid, err := data.StratifiedSplit(labels, set.NumClasses(), r.Split.Valid, seed.Derive(r.Seed, seed.Split))
	if err != nil {
		return nil, fmt.Errorf("key split.valid: holding out the validation part of %s: %w", set.Name, withName(err, set))
	}
	rows.Train, rows.Valid = pick(outer, train), pick(outer, valid)
	return rows, nil
}

// withName adds the class's name to the error that a class is too small.
func withName(err error, set *data.Set) error {
	if small := (*data.SmallClassError)(nil); errors.As(err, &small) {
		return fmt.Errorf("class %q is too small: add pictures or leave it out: %w", set.ClassNames[small.Class], err)
	}
	return err
}

func pick(values, indices []int) []int {
	out := make([]int, len(indices))
	for i, index := range indices {
		out[i] = values[index]
	}
	return out
}
