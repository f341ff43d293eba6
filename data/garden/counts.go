package garden

import (
	"cmp"
	"slices"

	"github.com/longwing-ml/longwing/internal/seed"
)

// studyCurve holds the training pictures of the 403 classes of the pollinating-insects study, most frequent first
// (class counts of its train.csv, 58,351 rows; table, "class-count statistics" of the study).
var studyCurve = [...]int{
	4875, 4079, 2489, 1660, 1442, 1310, 1078, 915, 850, 786, 742, 728, 679, 657, 634, 602, 592, 586, 576, 576, 558,
	547, 521, 520, 513, 509, 500, 462, 456, 448, 407, 394, 391, 387, 378, 375, 375, 365, 352, 349, 336, 328, 323, 317,
	305, 302, 298, 294, 291, 284, 270, 269, 255, 248, 248, 248, 243, 242, 230, 227, 222, 220, 217, 215, 210, 206, 200,
	198, 197, 190, 187, 185, 180, 178, 164, 163, 161, 160, 155, 154, 152, 152, 150, 149, 147, 145, 144, 142, 142, 142,
	141, 138, 138, 137, 136, 136, 134, 132, 131, 131, 130, 130, 123, 122, 122, 122, 118, 117, 117, 116, 116, 115, 114,
	114, 112, 112, 112, 111, 110, 107, 107, 106, 101, 101, 96, 96, 96, 94, 94, 91, 90, 89, 88, 87, 86, 86, 86, 85, 83,
	83, 82, 81, 79, 79, 78, 78, 78, 78, 78, 76, 74, 73, 73, 73, 73, 72, 71, 71, 69, 67, 67, 67, 67, 66, 64, 62, 62,
	60, 59, 59, 58, 58, 58, 58, 57, 57, 57, 57, 57, 55, 55, 54, 54, 53, 52, 50, 50, 50, 50, 50, 47, 47, 47, 47, 47,
	47, 46, 46, 45, 45, 43, 42, 42, 40, 40, 40, 40, 39, 39, 39, 39, 38, 37, 37, 37, 37, 36, 36, 36, 34, 34, 34, 34,
	34, 34, 34, 34, 33, 33, 31, 31, 31, 31, 31, 31, 30, 30, 30, 30, 29, 29, 28, 28, 28, 28, 28, 27, 27, 27, 27, 26,
	26, 26, 26, 26, 26, 25, 25, 25, 25, 24, 24, 23, 23, 23, 23, 23, 23, 22, 22, 22, 22, 22, 22, 22, 22, 21, 21, 21,
	21, 21, 21, 19, 19, 19, 19, 19, 18, 18, 18, 18, 18, 18, 17, 17, 17, 17, 16, 16, 16, 16, 16, 15, 15, 15, 15, 15,
	15, 14, 14, 14, 14, 14, 14, 14, 14, 14, 13, 13, 13, 13, 13, 13, 12, 11, 11, 11, 11, 11, 11, 10, 10, 10, 10, 10,
	10, 10, 10, 10, 10, 10, 10, 9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
	6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 4,
}

// StudyCounts spreads a number of pictures over classes the way the study's are spread, most frequent class first.
//
// It takes the study's sorted curve at as many evenly spaced ranks as there are classes and bends it on its logarithmic
// scale, count = 4·(curve/lowest)^γ with γ ≤ 1, until the sum fits: the rarest class keeps 4 training pictures while the
// head shrinks. With more pictures than γ = 1 gives, that curve is scaled up instead; with fewer than five a class, all
// classes are about equal. A fifth of every class is for testing, at least one picture. pictures must be at least
// 2·species; otherwise all counts are nil. StudyCounts(403, 72939) gives the study's own training counts to within one.
func StudyCounts(species, pictures int) (train, test []int) {
	if species < 1 || pictures < 2*species {
		return nil, nil
	}
	curve := make([]float64, species)
	for i := range curve {
		curve[i] = curveAt(i, species)
	}
	lowest := curve[species-1]
	bent := func(gamma float64) (weights []float64, sum float64) {
		weights = make([]float64, species)
		for i, c := range curve {
			weights[i] = mul(5, pow(c/lowest, gamma)) // training and test: five quarters of the training count
			sum += weights[i]
		}
		return weights, sum
	}
	weights, sum := bent(1)
	if want := float64(pictures); sum > want {
		low, high := 0.0, 1.0
		for range 60 {
			middle := (low + high) / 2
			if _, sum = bent(middle); sum > want {
				high = middle
			} else {
				low = middle
			}
		}
		weights, _ = bent(low)
	}
	return splitTest(apportion(weights, pictures, 2))
}

// curveAt is the study's curve in the middle of the i-th of n equal parts of its ranks, interpolated linearly.
func curveAt(i, n int) float64 {
	ranks := len(studyCurve)
	at := (2*i+1)*ranks - n // the rank, in units of 1/2n
	k, rest := at/(2*n), at%(2*n)
	if at <= 0 {
		k, rest = 0, 0
	}
	if k >= ranks-1 {
		return float64(studyCurve[ranks-1])
	}
	a, b := studyCurve[k], studyCurve[k+1]
	return float64(a*(2*n-rest)+b*rest) / float64(2*n)
}

// apportion divides total into whole numbers in proportion to weights, each at least least: largest remainder, ties to
// the first.
func apportion(weights []float64, total, least int) []int {
	counts := make([]int, len(weights))
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	left := total
	remainder := make([]float64, len(weights))
	for i, w := range weights {
		share := mul(w, float64(total)) / sum
		counts[i] = max(least, int(share))
		remainder[i] = share - float64(counts[i])
		left -= counts[i]
	}
	order := make([]int, len(counts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(remainder[j], remainder[i]) })
	for _, i := range order[:min(max(left, 0), len(order))] {
		counts[i]++
		left--
	}
	for ; left < 0; left++ { // the least counts took too much: the largest give it back
		best := 0
		for i := range counts {
			if counts[i] > counts[best] {
				best = i
			}
		}
		counts[best]--
	}
	return counts
}

// splitTest sets a fifth of every count apart for testing, rounded to the nearest, at least one and never all.
func splitTest(counts []int) (train, test []int) {
	train, test = make([]int, len(counts)), make([]int, len(counts))
	for i, n := range counts {
		test[i] = max(1, (2*n+5)/10)
		train[i] = n - test[i]
	}
	return train, test
}

// rankOrder says which class gets which rank of the curve: a shuffle that depends on the seed and the first species.
func rankOrder(species, firstSpecies int, gardenSeed uint64) []int {
	return seed.New(gardenSeed, seed.Garden, streamRanks, uint64(firstSpecies)).Perm(species)
}
