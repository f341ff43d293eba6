package sampling

import (
	"fmt"
	"slices"

	"github.com/longwing-ml/longwing/internal/seed"
)

type shuffle struct {
	rows []int
	seed uint64
}

// Shuffle shows every row once an epoch, in an order drawn from the seed and the epoch. The rows are taken as they are.
func Shuffle(rows []int, seed uint64) Plan { return shuffle{slices.Clone(rows), seed} }

func (s shuffle) String() string { return fmt.Sprintf("shuffle: each of %d rows once", len(s.rows)) }

func (s shuffle) Rows(epoch int) []int {
	rows := slices.Clone(s.rows)
	shuffleRows(rows, s.seed, epoch)
	return rows
}

func shuffleRows(rows []int, seedNumber uint64, epoch int) {
	seed.New(seedNumber, seed.Shuffle, uint64(epoch)).Shuffle(len(rows), func(i, j int) {
		rows[i], rows[j] = rows[j], rows[i]
	})
}
