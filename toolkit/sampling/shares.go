package sampling

import (
	"cmp"
	"math"
	"slices"
)

// roundShares makes whole numbers with the given total of shares that sum to it: the floors, and what is missing one
// each to the largest remainders, ties to the lowest class. Remainders are compared to a billionth, so that rounding
// errors decide nothing.
func roundShares(shares []float64, total int) []int {
	counts := make([]int, len(shares))
	remainders := make([]float64, len(shares))
	byRemainder := make([]int, len(shares))
	for class, share := range shares {
		floor := math.Floor(share)
		counts[class], remainders[class], byRemainder[class] = int(floor), math.Round(1e9*(share-floor)), class
		total -= counts[class]
	}
	slices.SortStableFunc(byRemainder, func(a, b int) int { return cmp.Compare(remainders[b], remainders[a]) })
	for _, class := range byRemainder[:total] {
		counts[class]++
	}
	return counts
}
