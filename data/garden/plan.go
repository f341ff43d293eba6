package garden

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/longwing-ml/longwing/internal/seed"
)

// plan is everything Write puts on disk, known before the first picture is drawn.
type plan struct {
	options     Options
	train, test []Row
	pictures    []picture // training rows, then test rows
}

// picture is one file of imgs/: which picture of which species.
type picture struct {
	id             string
	species, index int
}

// makePlan lays out the rows. Ids of a garden with counts are the numbers from 0, shuffled over both tables, and labels
// come in no order, as in the study's tables. The pictures of a species are numbered in row order, training first.
func makePlan(options Options) *plan {
	p := &plan{options: options, train: options.TrainTable, test: options.TestTable}
	if p.train == nil {
		rng := seed.New(options.Seed, seed.Garden, streamRows, uint64(options.FirstSpecies))
		ids := rng.Perm(options.Pictures)
		p.train, ids = shuffledRows(options.TrainCounts, ids, rng)
		p.test, _ = shuffledRows(options.TestCounts, ids, rng)
	}
	next := make([]int, options.Species)
	p.pictures = make([]picture, 0, len(p.train)+len(p.test))
	for _, table := range [][]Row{p.train, p.test} {
		for _, row := range table {
			p.pictures = append(p.pictures, picture{row.ID, options.FirstSpecies + row.Class, next[row.Class]})
			next[row.Class]++
		}
	}
	return p
}

func shuffledRows(counts, ids []int, rng *rand.Rand) (rows []Row, rest []int) {
	for class, n := range counts {
		for range n {
			rows = append(rows, Row{Class: class})
		}
	}
	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	for i := range rows {
		rows[i].ID = strconv.Itoa(ids[i])
	}
	return rows, ids[len(rows):]
}

// digest is the SHA-256 of both tables: two gardens of the same options and digest are the same files.
func (p *plan) digest() string {
	h := sha256.New()
	for _, table := range [][]Row{p.train, p.test} {
		fmt.Fprintf(h, "%d rows\n", len(table))
		for _, row := range table {
			fmt.Fprintf(h, "%s,%d\n", row.ID, row.Class)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
