package sampling_test

import (
	"math"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

func TestStages(t *testing.T) {
	p := populate(t, 12, 7, 3, 0, 2)
	rare := sampling.Rare([]int{12, 7, 4, 0, 3}, 5) // by the counts of a larger part
	if !slices.Equal(rare, []int{2, 4}) {
		t.Fatalf("rare classes are %v, want [2 4]", rare)
	}
	natural := []int{12, 7, 3, 0, 2}
	for name, test := range map[string]struct {
		stages        func() (sampling.Stages, error)
		first, second []int // pictures of each class an epoch shows
	}{
		"rare then all":    {func() (sampling.Stages, error) { return sampling.RareThenAll(p.split, rare, 2, 3, 1) }, []int{0, 0, 3, 0, 3}, natural},
		"all then rare":    {func() (sampling.Stages, error) { return sampling.AllThenRare(p.split, rare, 2, 3, 1) }, natural, []int{0, 0, 3, 0, 2}},
		"balanced":         {func() (sampling.Stages, error) { return sampling.AllThenBalanced(p.split, 2, 3, 1) }, natural, []int{6, 6, 6, 0, 6}},
		"deferred weights": {func() (sampling.Stages, error) { return sampling.DeferredWeights(p.split, 0.9, 2, 3, 1) }, natural, natural},
	} {
		t.Run(name, func(t *testing.T) {
			stages, err := test.stages()
			if err != nil {
				t.Fatal(err)
			}
			for epoch := range 8 {
				want, stage, within := test.first, stages[0], epoch
				if epoch >= 2 {
					want, stage, within = test.second, stages[1], epoch-2
				}
				rows := stages.Rows(epoch)
				if s := describe(t, p.split, rows); !slices.Equal(s.PerClass, want) {
					t.Errorf("epoch %d shows %v, want %v", epoch, s.PerClass, want)
				}
				if !slices.Equal(rows, stage.Plan.Rows(within)) {
					t.Errorf("epoch %d is not epoch %d of stage %s", epoch, within, stage.Name)
				}
				if at, i := stages.At(epoch); at.Name != stage.Name || i != within {
					t.Errorf("epoch %d is epoch %d of stage %s, want %d of %s", epoch, i, at.Name, within, stage.Name)
				}
			}
			if slices.Equal(stages.Rows(0), stages.Rows(2)) {
				t.Error("both stages begin with the same rows")
			}
		})
	}
}

// TestDeferredWeights: effective numbers by hand, (1−β)/(1−β^c) with β = ½, scaled to sum to the number of classes.
func TestDeferredWeights(t *testing.T) {
	p := populate(t, 2, 1, 0)
	stages, err := sampling.DeferredWeights(p.split, 0.5, 1, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	if stages[0].Weights != nil {
		t.Errorf("the first stage has weights %v", stages[0].Weights)
	}
	for class, want := range []float64{0.8, 1.2, 0} { // ⅔ and 1, times 6/5
		if math.Abs(stages[1].Weights[class]-want) > 1e-12 {
			t.Errorf("class %d weighs %v, want %v", class, stages[1].Weights[class], want)
		}
	}
}

func TestStagesErrors(t *testing.T) {
	p := populate(t, 5, 2, 0)
	_, err := sampling.RareThenAll(p.split, []int{1}, 0, 3, 1)
	wantError(t, err, "stage rare classes: 0 epochs")
	_, err = sampling.AllThenRare(p.split, []int{1}, 3, -1, 1)
	wantError(t, err, "stage rare classes: -1 epochs")
	_, err = sampling.AllThenRare(p.split, []int{2}, 3, 1, 1)
	wantError(t, err, "no rows")
	_, err = sampling.RareThenAll(p.split, []int{7}, 3, 1, 1)
	wantError(t, err, "class 7")
	_, err = sampling.AllThenBalanced(p.split, 1, 0, 1)
	wantError(t, err, "stage balanced")
	_, err = sampling.DeferredWeights(p.split, 1, 1, 1, 1)
	wantError(t, err, "beta: 1")
}
