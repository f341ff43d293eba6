package data

import (
	"cmp"
	"math"
	"slices"
)

// Stats says how rows are spread over classes. The spread (Min to EffectiveClasses) is over the classes that have rows.
type Stats struct {
	Rows    int   `json:"rows"`
	Classes int   `json:"classes"`       // classes that have rows
	Empty   int   `json:"empty_classes"` // classes that are named but have none
	Counts  []int `json:"counts"`        // class number → rows

	Min        int     `json:"min"`
	MinClasses []int   `json:"min_classes"` // the classes of that count, ascending
	Max        int     `json:"max"`
	MaxClass   int     `json:"max_class"` // the lowest class number of that count
	Mean       float64 `json:"mean"`
	Std        float64 `json:"std"` // sample standard deviation (divisor n−1); 0 for one class
	Q25        float64 `json:"q25"` // quartiles, interpolated linearly between neighbours
	Median     float64 `json:"median"`
	Q75        float64 `json:"q75"`

	Imbalance        float64 `json:"imbalance"` // Max / Min
	Gini             float64 `json:"gini"`      // Gini coefficient of the counts: 0 = all equal
	Entropy          float64 `json:"entropy"`   // of the class shares, nats
	EffectiveClasses float64 `json:"effective_classes"`
	Top10Share       float64 `json:"top10_share"`     // share of the rows in the ten largest classes
	HalfClasses      int     `json:"half_classes"`    // fewest classes that hold at least half of the rows
	BelowMean        int     `json:"below_mean"`      // the study's "rare" classes: fewer rows than Mean
	AtMost4          int     `json:"at_most_4"`       // classes of 4 rows or fewer
	Below            []Bound `json:"below"`           // classes with fewer rows than a bound
	Above            []Bound `json:"above"`           // classes with more rows than a bound
	Largest          []int   `json:"largest_classes"` // up to ten class numbers, most rows first, ties by number
}

// Bound counts the classes on one side of a number of rows.
type Bound struct {
	Rows    int `json:"rows"`
	Classes int `json:"classes"`
}

// The bounds that the study's tables are described with.
var (
	belowBounds = []int{10, 20, 50, 75, 100, 150, 250}
	aboveBounds = []int{250, 300, 350, 500, 1000}
)

// Describe computes the class statistics of labels, class numbers in [0, numClasses). Numbers outside are left out.
func Describe(labels []int32, numClasses int) Stats {
	counts := make([]int, numClasses)
	for _, label := range labels {
		if label >= 0 && int(label) < numClasses {
			counts[label]++
		}
	}
	return DescribeCounts(counts)
}

// DescribeCounts computes the class statistics from the number of rows of each class.
func DescribeCounts(counts []int) Stats {
	s := Stats{Counts: counts, Below: make([]Bound, len(belowBounds)), Above: make([]Bound, len(aboveBounds))}
	bySize := make([]int, 0, len(counts)) // the classes with rows, largest first
	for class, count := range counts {
		s.Rows += count
		if count > 0 {
			bySize = append(bySize, class)
		}
	}
	s.Classes, s.Empty = len(bySize), len(counts)-len(bySize)
	slices.SortStableFunc(bySize, func(a, b int) int { return cmp.Compare(counts[b], counts[a]) })
	ascending := make([]int, len(bySize))
	for i, class := range bySize {
		ascending[len(bySize)-1-i] = counts[class]
	}
	s.bounds(ascending)
	if len(ascending) == 0 {
		return s
	}
	s.Min, s.Max, s.MaxClass = ascending[0], counts[bySize[0]], bySize[0]
	for class, count := range counts {
		if count == s.Min {
			s.MinClasses = append(s.MinClasses, class)
		}
	}
	s.Largest = bySize[:min(10, len(bySize))]
	s.moments(ascending)
	s.concentration(ascending)
	return s
}

func (s *Stats) bounds(counts []int) {
	for i, bound := range belowBounds {
		s.Below[i] = Bound{bound, countIf(counts, func(c int) bool { return c < bound })}
	}
	for i, bound := range aboveBounds {
		s.Above[i] = Bound{bound, countIf(counts, func(c int) bool { return c > bound })}
	}
	s.AtMost4 = countIf(counts, func(c int) bool { return c <= 4 })
}

func (s *Stats) moments(ascending []int) {
	n := float64(len(ascending))
	s.Mean = float64(s.Rows) / n
	squares := 0.0
	for _, count := range ascending {
		squares += (float64(count) - s.Mean) * (float64(count) - s.Mean)
	}
	if n > 1 {
		s.Std = math.Sqrt(squares / (n - 1))
	}
	s.Q25, s.Median, s.Q75 = quantile(ascending, 0.25), quantile(ascending, 0.5), quantile(ascending, 0.75)
	s.BelowMean = countIf(ascending, func(c int) bool { return float64(c) < s.Mean })
	s.Imbalance = float64(s.Max) / float64(s.Min)
}

func (s *Stats) concentration(ascending []int) {
	n, rows := float64(len(ascending)), float64(s.Rows)
	weighted := 0.0
	for i, count := range ascending {
		weighted += (2*float64(i+1) - n - 1) * float64(count)
		share := float64(count) / rows
		s.Entropy -= share * math.Log(share)
	}
	s.Gini = weighted / (n * rows)
	s.EffectiveClasses = math.Exp(s.Entropy)
	sum := 0
	for i := range ascending {
		sum += ascending[len(ascending)-1-i]
		if i < 10 {
			s.Top10Share = float64(sum) / rows
		}
		if s.HalfClasses == 0 && 2*sum >= s.Rows {
			s.HalfClasses = i + 1
		}
	}
}

// quantile interpolates linearly between the two nearest values, as numpy and pandas do by default.
func quantile(ascending []int, q float64) float64 {
	position := q * float64(len(ascending)-1)
	i := int(position)
	low, high := ascending[i], ascending[min(i+1, len(ascending)-1)]
	return float64(low) + (position-float64(i))*float64(high-low)
}

func countIf(counts []int, keep func(int) bool) int {
	n := 0
	for _, count := range counts {
		if keep(count) {
			n++
		}
	}
	return n
}
