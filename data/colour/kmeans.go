package colour

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// kmeans divides points into clusters by Lloyd's algorithm.
//
// Sums are written so that no compiler can fuse a multiplication with an addition: the same points give the same
// clusters on every machine.
type kmeans struct {
	points    [][]float64 // [points][features]
	centres   [][]float64 // [clusters][features]
	nearest   []int32     // point → its cluster
	distances []float64   // point → squared distance to the centre of its cluster
}

// newKMeans starts from centres, which it changes.
func newKMeans(points, centres [][]float64) *kmeans {
	return &kmeans{points, centres, make([]int32, len(points)), make([]float64, len(points))}
}

// run moves centres until no point changes its cluster, steps times at most. Each point then belongs to the nearest
// centre, ties to the lowest number. It returns the inertia: the sum of squared distances.
func (k *kmeans) run(steps int) (inertia float64) {
	k.assign()
	for range steps {
		k.move()
		if !k.assign() {
			break
		}
	}
	for _, distance := range k.distances {
		inertia += distance
	}
	return inertia
}

// assign finds the nearest centre of each point and tells whether any has changed.
func (k *kmeans) assign() (changed bool) {
	for i, point := range k.points {
		best, least := int32(0), squaredDistance(point, k.centres[0])
		for c := 1; c < len(k.centres); c++ {
			if distance := squaredDistance(point, k.centres[c]); distance < least {
				best, least = int32(c), distance
			}
		}
		changed = changed || best != k.nearest[i]
		k.nearest[i], k.distances[i] = best, least
	}
	return changed
}

// move puts each centre in the middle of its points. A cluster without points gets the one that is farthest from its
// centre, as in scikit-learn.
func (k *kmeans) move() {
	counts := make([]int, len(k.centres))
	for _, cluster := range k.nearest {
		counts[cluster]++
	}
	k.fillEmpty(counts)
	for c, count := range counts {
		if count > 0 {
			clear(k.centres[c])
		}
	}
	for i, point := range k.points {
		centre := k.centres[k.nearest[i]]
		for d, x := range point {
			centre[d] += x
		}
	}
	for c, count := range counts {
		if count == 0 {
			continue
		}
		for d := range k.centres[c] {
			k.centres[c][d] /= float64(count)
		}
	}
}

// fillEmpty gives each empty cluster a point of another that keeps at least one. With fewer different points than
// clusters some stay empty.
func (k *kmeans) fillEmpty(counts []int) {
	if !slices.Contains(counts, 0) {
		return
	}
	farthest := make([]int, len(k.points))
	for i := range farthest {
		farthest[i] = i
	}
	slices.SortStableFunc(farthest, func(a, b int) int { return cmp.Compare(k.distances[b], k.distances[a]) })
	for c, count := range counts {
		for count == 0 && len(farthest) > 0 && k.distances[farthest[0]] > 0 {
			point := farthest[0]
			farthest = farthest[1:]
			if from := k.nearest[point]; counts[from] > 1 {
				counts[from]--
				k.nearest[point] = int32(c)
				count, counts[c] = 1, 1
			}
		}
	}
}

// plusPlus chooses n first centres among the points, each in proportion to its squared distance to those before
// (k-means++; Arthur and Vassilvitskii, SODA 2007).
func plusPlus(points [][]float64, n int, rng *rand.Rand) [][]float64 {
	centres := [][]float64{slices.Clone(points[rng.IntN(len(points))])}
	distances := make([]float64, len(points))
	for i, point := range points {
		distances[i] = squaredDistance(point, centres[0])
	}
	for len(centres) < n {
		centre := slices.Clone(points[draw(distances, rng)])
		centres = append(centres, centre)
		for i, point := range points {
			distances[i] = min(distances[i], squaredDistance(point, centre))
		}
	}
	return centres
}

// draw chooses a place in proportion to its weight; any, if all weights are zero.
func draw(weights []float64, rng *rand.Rand) int {
	sum := 0.0
	for _, weight := range weights {
		sum += weight
	}
	if sum == 0 {
		return rng.IntN(len(weights))
	}
	left := rng.Float64()
	left *= sum
	last := 0
	for i, weight := range weights {
		if weight == 0 {
			continue
		}
		if last = i; left < weight {
			break
		}
		left -= weight
	}
	return last
}

func squaredDistance(a, b []float64) float64 {
	sum := 0.0
	b = b[:len(a)]
	for i, x := range a {
		difference := x - b[i]
		sum += float64(difference * difference)
	}
	return sum
}
