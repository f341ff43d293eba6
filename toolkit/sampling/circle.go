package sampling

import (
	"slices"

	"github.com/longwing-ml/longwing/internal/seed"
)

// circles are the rows of each class in an order drawn from the seed, to be gone through again and again. Where an epoch
// takes the stretch of a circle that follows the last epoch's, every row of a class is shown before one is repeated;
// and the stretch of any epoch is known without going through those before.
func circles(split *Split, seedNumber uint64) [][]int {
	rows := slices.Clone(split.rows)
	circles := make([][]int, split.NumClasses())
	for class := range circles {
		circle := rows[split.start[class]:split.start[class+1]]
		permute(circle, seedNumber, uint64(class))
		circles[class] = circle
	}
	return circles
}

func permute(circle []int, seedNumber uint64, name ...uint64) {
	seed.New(seedNumber, append([]uint64{seed.Circle}, name...)...).Shuffle(len(circle), func(i, j int) {
		circle[i], circle[j] = circle[j], circle[i]
	})
}

// take appends count rows of a circle, from the given position on.
func take(rows, circle []int, from, count int) []int {
	from %= len(circle)
	for count > 0 {
		n := min(count, len(circle)-from)
		rows = append(rows, circle[from:from+n]...)
		count -= n
		from = 0
	}
	return rows
}

// takeEpoch appends the stretch of an epoch when each takes count rows.
func takeEpoch(rows, circle []int, epoch, count int) []int {
	return take(rows, circle, epoch%len(circle)*count, count)
}
