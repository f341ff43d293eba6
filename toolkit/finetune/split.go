package finetune

import (
	"errors"
	"fmt"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/seed"
)

// Rows are the row numbers of each part of a set of pictures, ascending.
type Rows struct {
	Train, Valid, Outer []int // of the training set
	Test                []int // of the test set, if the pictures have their own, else of the training set
}

// Divide splits pictures by the recipe: first the test part, unless the pictures come with one, then the outer part, then
// the validation part, all class by class. The same recipe and labels give the same rows.
func (r *Recipe) Divide(pictures *data.Pictures) (*Rows, error) {
	set := pictures.Train
	rows := &Rows{}
	left := make([]int, set.Len())
	for i := range left {
		left[i] = i
	}
	var err error
	if pictures.Test != nil {
		rows.Test = make([]int, pictures.Test.Len())
		for i := range rows.Test {
			rows.Test[i] = i
		}
	} else {
		if r.Split.Test == 0 {
			return nil, fmt.Errorf("%s has no test set of its own: the recipe's key split.test must be above 0", set.Name)
		}
		if left, rows.Test, err = holdOut("test", set, left, r.Split.Test, r.Seed); err != nil {
			return nil, err
		}
	}
	if r.Split.Outer > 0 {
		if left, rows.Outer, err = holdOut("outer", set, left, r.Split.Outer, seed.Derive(r.Seed, seed.Split, 1)); err != nil {
			return nil, err
		}
	}
	if rows.Train, rows.Valid, err = holdOut("valid", set, left, r.Split.Valid, seed.Derive(r.Seed, seed.Split)); err != nil {
		return nil, err
	}
	return rows, nil
}

// holdOut takes a share of rows of a set away, class by class.
func holdOut(key string, set *data.Set, rows []int, share float64, seedNumber uint64) (left, heldOut []int, err error) {
	labels := make([]int32, len(rows))
	for i, row := range rows {
		labels[i] = set.Labels[row]
	}
	a, b, err := data.StratifiedSplit(labels, set.NumClasses(), share, seedNumber)
	if err != nil {
		return nil, nil, fmt.Errorf("key split.%s: holding out a part of %s: %w", key, set.Name, withName(err, set))
	}
	return pick(rows, a), pick(rows, b), nil
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
