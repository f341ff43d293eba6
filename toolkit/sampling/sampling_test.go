package sampling_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

func ExampleShuffle() {
	plan := sampling.Shuffle([]int{10, 20, 30, 40}, 57)
	rows := plan.Rows(0)
	slices.Sort(rows)
	fmt.Println(plan.Len(), rows)
	// Output: 4 [10 20 30 40]
}

// TestShuffleIsUniform counts where each of 5 rows lands in 24,000 epochs: a chi-square statistic with 16 degrees of
// freedom stays below 39.25 with probability 0.999.
func TestShuffleIsUniform(t *testing.T) {
	const n, epochs = 5, 24000
	plan := sampling.Shuffle([]int{0, 1, 2, 3, 4}, 1)
	var seen [n][n]float64
	for epoch := range epochs {
		for position, row := range plan.Rows(epoch) {
			seen[row][position]++
		}
	}
	chiSquare := 0.0
	for _, row := range seen {
		for _, count := range row {
			chiSquare += math.Pow(count-epochs/n, 2) / (epochs / n)
		}
	}
	if chiSquare > 39.25 {
		t.Errorf("chi-square %.1f of 16 degrees of freedom, want below 39.25", chiSquare)
	}
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
