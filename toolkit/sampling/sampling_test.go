package sampling_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

func Example() {
	labels := []int32{0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 0} // of eleven pictures; the last one is for validation
	split, err := sampling.NewSplit([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, labels, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	plan, err := sampling.UnderOver(split, 2, false, 57)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plan)
	summary, err := split.Describe(plan.Rows(0))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(summary)
	// Output:
	// under-over: 3 rows of each class: the 2 classes of more than 2 rows are cut to that (the smallest of them), the others shown whole and filled up with replacement
	// 9 pictures, 7 distinct, at most 3 times the same (row 9), 3 of 3 classes
}

func ExampleShuffle() {
	plan := sampling.Shuffle([]int{10, 20, 30, 40}, 57)
	rows := plan.Rows(0)
	slices.Sort(rows)
	fmt.Println(rows)
	// Output: [10 20 30 40]
}

func TestShuffleDependsOnSeedAndEpochOnly(t *testing.T) {
	rows := make([]int, 1000)
	for i := range rows {
		rows[i] = 3 * i
	}
	a, b := sampling.Shuffle(rows, 1), sampling.Shuffle(rows, 1)
	a.Rows(7) // an epoch asked for earlier leaves no trace
	if !slices.Equal(a.Rows(3), b.Rows(3)) {
		t.Error("the same seed and epoch gave two orders")
	}
	if slices.Equal(a.Rows(3), a.Rows(4)) {
		t.Error("epochs 3 and 4 have the same order")
	}
	if slices.Equal(a.Rows(3), sampling.Shuffle(rows, 2).Rows(3)) {
		t.Error("seeds 1 and 2 give the same order")
	}
	sorted := slices.Sorted(slices.Values(a.Rows(3)))
	if !slices.Equal(sorted, rows) {
		t.Error("an epoch is not a permutation of the rows")
	}
}

// TestPlansNeverChange holds plans to the rows that runs were recorded with.
func TestPlansNeverChange(t *testing.T) {
	recorded := map[string][]int{
		"all then balanced":       {9, 3, 7, 1, 0, 6, 6, 3},
		"all then rare":           {3, 1, 6},
		"class-aware":             {4, 0, 6, 1, 3, 3},
		"class-balanced":          {6, 7, 9, 1, 10, 3, 6, 3},
		"clusters":                {6, 6, 3, 3, 3, 4, 1, 9, 10},
		"deferred weights":        {1, 4, 0, 9, 3, 7, 10, 6},
		"once":                    {3, 3, 1, 1, 3, 0, 9, 3, 7, 6, 6, 10, 4, 1, 3},
		"over":                    {3, 10, 3, 4, 6, 3, 3, 7, 1, 1, 1, 9, 3, 6, 0},
		"progressive":             {1, 7, 9, 6, 10, 3, 4, 3},
		"rare then all":           {1, 4, 0, 9, 3, 7, 10, 6},
		"repeat-factor":           {1, 4, 7, 10, 0, 6, 9, 3},
		"shuffle":                 {7, 1, 3, 6, 0, 9, 4, 10},
		"sqrt":                    {1, 10, 7, 6, 0, 3, 9, 3},
		"under":                   {1, 3, 10},
		"under-over":              {3, 10, 3, 4, 6, 3, 3, 7, 1, 1, 1, 9, 3, 6, 0},
		"under-over to threshold": {6, 6, 3, 3, 3, 7, 1, 4, 9},
	}
	for name, plan := range plans(t, populate(t, 5, 2, 1)) {
		if got := plan.Rows(3); !slices.Equal(got, recorded[name]) {
			t.Errorf("%s: epoch 3 has rows %v, recorded runs have %v", name, got, recorded[name])
		}
	}
}
