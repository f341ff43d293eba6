package data

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/longwing-ml/longwing/internal/seed"
)

// GroupedParts divides the rows of labels (class numbers in [0, numClasses)) into as many parts as there are shares, so
// that the rows of a group stay together: pictures of one insect, place or photographer. groups says row → group,
// shares say how much of every class each part should have; their sum is 1. The rows of a part are in ascending order.
//
// What can be had of each class depends on the groups, so nothing is promised about counts. The largest groups are
// placed first, each where it least adds to Σ (rows − wanted)² / wanted over parts and classes, and over parts for all
// classes together; then groups move to another part as long as one does better there. The seed decides between groups
// of one size. The order of the rows makes no difference.
//
// Errors: shares that are not above 0 or do not add up to 1, fewer groups than parts, a part that gets no group.
func GroupedParts(labels []int32, numClasses int, groups []string, shares []float64, seedNumber uint64) ([][]int, error) {
	if len(groups) != len(labels) {
		return nil, fmt.Errorf("%d rows but %d have a group", len(labels), len(groups))
	}
	if err := checkShares(shares); err != nil {
		return nil, err
	}
	rowsOf, err := byClass(labels, numClasses)
	if err != nil {
		return nil, err
	}
	counts := make([]int, numClasses)
	for class, rows := range rowsOf {
		counts[class] = len(rows)
	}
	list := gather(labels, groups)
	if len(list) < len(shares) {
		return nil, fmt.Errorf("%d groups can't be divided into %d parts", len(list), len(shares))
	}
	rng := seed.New(seedNumber, seed.Groups)
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	slices.SortStableFunc(list, func(a, b *group) int { return cmp.Compare(len(b.rows), len(a.rows)) })

	partOf := placeGroups(list, counts, len(labels), shares)
	parts := make([][]int, len(shares))
	for i, g := range list {
		parts[partOf[i]] = append(parts[partOf[i]], g.rows...)
	}
	for i, rows := range parts {
		if len(rows) == 0 {
			return nil, fmt.Errorf("part %d of %d gets none of the %d groups: they are too large for a share of %.3g", i+1, len(parts), len(list), shares[i])
		}
		slices.Sort(rows)
	}
	return parts, nil
}

// groupedFolds divides rows into folds of equal shares, groups staying together.
func groupedFolds(labels []int32, numClasses int, groups []string, folds int, seedNumber uint64) ([][]int, error) {
	if err := checkFolds(folds, len(labels), "rows"); err != nil {
		return nil, err
	}
	return GroupedParts(labels, numClasses, groups, slices.Repeat([]float64{1 / float64(folds)}, folds), seedNumber)
}

func checkShares(shares []float64) error {
	sum := 0.0
	for _, share := range shares {
		if !(share > 0) {
			return fmt.Errorf("a share of %v is not above 0", share)
		}
		sum += share
	}
	if math.Abs(sum-1) > 1e-9 {
		return fmt.Errorf("shares %v add up to %v, not to 1", shares, sum)
	}
	return nil
}

// group is rows that stay together.
type group struct {
	name   string
	rows   []int
	counts []classCount // by ascending class
}

type classCount struct{ class, rows int }

// gather returns the groups by name, which makes the result independent of the order of rows.
func gather(labels []int32, groups []string) []*group {
	byName := map[string]*group{}
	for row, name := range groups {
		g := byName[name]
		if g == nil {
			g = &group{name: name}
			byName[name] = g
		}
		g.rows = append(g.rows, row)
	}
	list := make([]*group, 0, len(byName))
	for _, g := range byName {
		classes := slices.Sorted(func(yield func(int) bool) {
			for _, row := range g.rows {
				if !yield(int(labels[row])) {
					return
				}
			}
		})
		for i, class := range classes {
			if i == 0 || class != classes[i-1] {
				g.counts = append(g.counts, classCount{class: class})
			}
			g.counts[len(g.counts)-1].rows++
		}
		list = append(list, g)
	}
	slices.SortFunc(list, func(a, b *group) int { return cmp.Compare(a.name, b.name) })
	return list
}

// maxSweeps bounds how often every group is tried in every part.
const maxSweeps = 20

// placeGroups returns the part of each group. counts are the rows of each class, total is their sum.
func placeGroups(list []*group, counts []int, total int, shares []float64) []int {
	parts := make([]groupedPart, len(shares))
	for i, share := range shares {
		parts[i] = groupedPart{share: share, counts: make([]int, len(counts))}
	}
	partOf := make([]int, len(list))
	for sweep := range maxSweeps {
		moved := false
		for i, g := range list {
			best := partOf[i] // where it stays if no other is better
			if sweep > 0 {
				parts[best].add(g, -1)
			}
			least := parts[best].cost(g, counts, total)
			for part := range parts {
				if cost := parts[part].cost(g, counts, total); cost < least {
					best, least = part, cost
				}
			}
			parts[best].add(g, 1)
			moved = moved || best != partOf[i]
			partOf[i] = best
		}
		if sweep > 0 && !moved {
			break
		}
	}
	return partOf
}

// groupedPart counts what is in a part.
type groupedPart struct {
	share  float64
	rows   int
	counts []int // by class
}

// cost is by how much the sum of (rows − wanted)² / wanted grows with the group, up to a constant that is the same for
// all parts.
func (p *groupedPart) cost(g *group, counts []int, total int) float64 {
	// Nothing here can be computed in a fused way on some machines: a tie is a tie everywhere.
	growth := func(have, more, all int) float64 { return float64(more*(2*have+more)) / float64(all) }
	sum := growth(p.rows, len(g.rows), total)
	for _, c := range g.counts {
		sum += growth(p.counts[c.class], c.rows, counts[c.class])
	}
	return sum / p.share
}

// add adds the group, times 1 or −1.
func (p *groupedPart) add(g *group, times int) {
	p.rows += times * len(g.rows)
	for _, c := range g.counts {
		p.counts[c.class] += times * c.rows
	}
}
