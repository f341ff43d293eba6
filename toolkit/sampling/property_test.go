package sampling_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

const progressiveEpochs = 6

// plans makes every plan there is of a population, by name. Its largest class is the only one sure to be frequent.
func plans(t testing.TB, p population) map[string]sampling.Plan {
	t.Helper()
	threshold := max(1, slices.Max(p.counts)*2/3)
	classes := 0
	for _, count := range p.counts {
		classes += min(1, count)
	}
	options := map[string]sampling.Options{
		"under-over":    {Threshold: float64(threshold)},
		"clusters":      {Threshold: float64(threshold), ClusterOf: p.clusterOf(3)},
		"progressive":   {Epochs: progressiveEpochs},
		"repeat-factor": {Threshold: 0.2},
		"class-aware":   {ClassesPerBatch: max(1, classes*2/3), PerClass: 2},
	}
	made := map[string]sampling.Plan{}
	for _, name := range sampling.Names() {
		o := options[name]
		o.Seed = 57
		made[name] = must(sampling.New(name, p.split, o))(t)
	}
	made["under-over to threshold"] = must(sampling.UnderOver(p.split, threshold, true, 57))(t)
	made["once"] = sampling.Shuffle(made["over"].Rows(0), 57)

	stages := func(s sampling.Stages, err error) sampling.Plan { return must(s, err)(t) }
	rare := sampling.Rare(p.counts, threshold+1)
	if len(rare) == 0 {
		rare = p.present()
	}
	made["rare then all"] = stages(sampling.RareThenAll(p.split, rare, 2, 3, 57))
	made["all then rare"] = stages(sampling.AllThenRare(p.split, rare, 2, 3, 57))
	made["all then balanced"] = stages(sampling.AllThenBalanced(p.split, 2, 3, 57))
	made["deferred weights"] = stages(sampling.DeferredWeights(p.split, 0.99, 2, 3, 57))
	return made
}

func (p population) present() []int {
	var classes []int
	for class, count := range p.counts {
		if count > 0 {
			classes = append(classes, class)
		}
	}
	return classes
}

// randomPopulations are long and flat tails, classes without rows, single rows, single classes.
func randomPopulations(t testing.TB, n int) []population {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 7))
	populations := []population{populate(t, 4), populate(t, 3, 3, 3), populate(t, 0, 9, 0, 4, 5, 0)}
	for len(populations) < n {
		counts := make([]int, 1+rng.IntN(12))
		steepness := 4 * rng.Float64()
		for class := range counts {
			counts[class] = int(60 * math.Pow(rng.Float64(), steepness))
		}
		counts[rng.IntN(len(counts))] = 4 + rng.IntN(60)
		populations = append(populations, populate(t, counts...))
	}
	return populations
}

func TestEveryRowIsOfTheSplit(t *testing.T) {
	for _, p := range randomPopulations(t, 25) {
		for name, plan := range plans(t, p) {
			for _, epoch := range []int{0, 1, 2, 5, 1000, sampling.MaxEpoch} {
				rows := plan.Rows(epoch)
				if len(rows) == 0 {
					t.Fatalf("%s of %v: epoch %d is empty", name, p.counts, epoch)
				}
				for _, row := range rows {
					if row < 0 || row >= len(p.inside) || !p.inside[row] {
						t.Fatalf("%s of %v: epoch %d shows row %d, which is not of the split", name, p.counts, epoch, row)
					}
				}
			}
			if plan.String() == "" {
				t.Errorf("%s does not say what an epoch is", name)
			}
		}
	}
}

// TestEpochsDoNotDependOnEarlierOnes asks for epochs in another order, of another plan, at the same time.
func TestEpochsDoNotDependOnEarlierOnes(t *testing.T) {
	for _, p := range randomPopulations(t, 8) {
		again := plans(t, p)
		for name, plan := range plans(t, p) {
			var rows [5][]int
			for epoch := range rows {
				rows[epoch] = plan.Rows(epoch)
			}
			other := again[name]
			var group sync.WaitGroup
			for epoch := 4; epoch >= 0; epoch-- {
				group.Go(func() {
					if !slices.Equal(other.Rows(epoch), rows[epoch]) {
						t.Errorf("%s of %v: epoch %d has other rows when asked for alone", name, p.counts, epoch)
					}
				})
			}
			group.Wait()
			for i := range rows[0] { // rows belong to the caller
				rows[0][i] = -1
			}
			if slices.Contains(plan.Rows(0), -1) || slices.Contains(plan.Rows(1), -1) {
				t.Errorf("%s of %v: what the caller does with rows gets into the plan", name, p.counts)
			}
		}
	}
}

func TestSeedsAndEpochsDiffer(t *testing.T) {
	p := populate(t, 40, 20, 10)
	for _, name := range sampling.Names() {
		o := map[string]sampling.Options{
			"under-over": {Threshold: 15}, "clusters": {Threshold: 15, ClusterOf: p.clusterOf(3)}, "progressive": {Epochs: 5},
			"class-aware": {ClassesPerBatch: 2, PerClass: 4},
		}[name]
		a := must(sampling.New(name, p.split, o))(t)
		o.Seed = 1
		b := must(sampling.New(name, p.split, o))(t)
		if slices.Equal(a.Rows(0), b.Rows(0)) {
			t.Errorf("%s: two seeds give the same rows", name)
		}
		if slices.Equal(a.Rows(0), a.Rows(1)) {
			t.Errorf("%s: two epochs have the same rows", name)
		}
	}
}

// TestEpochsCoverWhatTheyPromise checks class sizes, and which rows must be there.
func TestEpochsCoverWhatTheyPromise(t *testing.T) {
	for _, p := range randomPopulations(t, 25) {
		largest, n, classes := slices.Max(p.counts), p.split.Len(), len(p.present())
		for name, plan := range plans(t, p) {
			for epoch := range progressiveEpochs + 2 {
				s := describe(t, p.split, plan.Rows(epoch))
				fail := func(format string, args ...any) {
					t.Helper()
					t.Fatalf("%s of %v, epoch %d: %s (shown %v)", name, p.counts, epoch, fmt.Sprintf(format, args...), s.PerClass)
				}
				switch name {
				case "rare then all", "all then rare", "all then balanced", "deferred weights":
					continue
				}
				if s.ClassesMet != classes || s.Classes != classes {
					fail("%d of %d classes met", s.ClassesMet, classes)
				}
				switch name {
				case "shuffle":
					if !slices.Equal(s.PerClass, p.counts) || s.Distinct != n {
						fail("%d of %d rows", s.Distinct, n)
					}
				case "over":
					if s.Distinct != n || s.Shown != largest*classes {
						fail("%d of %d rows, %d pictures", s.Distinct, n, s.Shown)
					}
				case "under":
					if s.MostTimes != 1 || s.Shown%classes != 0 {
						fail("row %d %d times", s.MostRepeated, s.MostTimes)
					}
				case "sqrt", "progressive", "class-balanced":
					if s.Shown != n {
						fail("%d pictures, want %d", s.Shown, n)
					}
				case "repeat-factor":
					if s.Distinct != n {
						fail("%d of %d rows", s.Distinct, n)
					}
				}
				switch name {
				case "over", "under", "under-over", "under-over to threshold", "clusters", "class-aware", "once":
					if spread(s.PerClass, p.counts) != 0 {
						fail("classes are not of equal size")
					}
				case "class-balanced":
					if spread(s.PerClass, p.counts) > 1 {
						fail("classes differ by more than one")
					}
				case "progressive":
					if epoch == 0 && !slices.Equal(s.PerClass, p.counts) {
						fail("the first epoch is not natural")
					}
					if epoch >= progressiveEpochs-1 && spread(s.PerClass, p.counts) > 1 {
						fail("the last epochs are not equal")
					}
				}
			}
		}
	}
}

// spread is the difference between the largest and smallest number of pictures of classes that have rows.
func spread(shown, counts []int) int {
	low, high := math.MaxInt, 0
	for class, n := range shown {
		if counts[class] > 0 {
			low, high = min(low, n), max(high, n)
		}
	}
	return high - low
}

// TestRowsTakeTurns: of plans that go on where they stopped, the rows of a class are shown equally often to within one,
// over any number of epochs from the first. What is filled up with replacement is left out.
func TestRowsTakeTurns(t *testing.T) {
	for _, p := range randomPopulations(t, 25) {
		made := plans(t, p)
		for _, name := range []string{"shuffle", "under", "sqrt", "class-balanced", "class-aware"} {
			times := make([]int, len(p.labels))
			for epoch := range 12 {
				for _, row := range made[name].Rows(epoch) {
					times[row]++
				}
				low, high := slices.Repeat([]int{math.MaxInt}, p.numClasses), make([]int, p.numClasses)
				for row, class := range p.labels {
					if p.inside[row] {
						low[class], high[class] = min(low[class], times[row]), max(high[class], times[row])
					}
				}
				for class := range low {
					if p.counts[class] > 0 && high[class]-low[class] > 1 {
						t.Fatalf("%s of %v: after epoch %d rows of class %d were shown %d to %d times", name, p.counts, epoch, class, low[class], high[class])
					}
				}
			}
		}
	}
}

// TestCutClassesTakeTurns is TestRowsTakeTurns for the classes that under-over cuts.
func TestCutClassesTakeTurns(t *testing.T) {
	p := populate(t, 100, 30, 3)
	plan := must(sampling.UnderOver(p.split, 20, false, 1))(t) // 30 of each
	times := map[int]int{}
	for epoch := range 10 { // 300 rows of the first class: three times each of 100
		for _, row := range plan.Rows(epoch) {
			if p.labels[row] == 0 {
				times[row]++
			}
		}
	}
	if len(times) != 100 {
		t.Errorf("%d of 100 rows were shown", len(times))
	}
	for row, n := range times {
		if n != 3 {
			t.Errorf("row %d was shown %d times, want 3", row, n)
		}
	}
}

// TestClassBalancedOverEpochs: also several epochs together are balanced to within one picture.
func TestClassBalancedOverEpochs(t *testing.T) {
	p := populate(t, 17, 0, 3, 1, 6, 2, 2) // 31 rows of 6 classes: 5 or 6 of each
	plan := sampling.ClassBalanced(p.split, 3)
	shown := make([]int, p.numClasses)
	for epoch := range 40 {
		for class, n := range describe(t, p.split, plan.Rows(epoch)).PerClass {
			shown[class] += n
		}
		if spread(shown, p.counts) > 1 {
			t.Fatalf("after epoch %d: %v", epoch, shown)
		}
	}
}

func TestClassAwareBatches(t *testing.T) {
	for _, p := range randomPopulations(t, 25) {
		classes := len(p.present())
		for _, perBatch := range []int{1, max(1, classes/2), max(1, classes-1), classes} {
			const perClass = 3
			plan := must(sampling.ClassAware(p.split, perBatch, perClass, 9))(t)
			for epoch := range 3 {
				rows := plan.Rows(epoch)
				for batch := range slices.Chunk(rows, perBatch*perClass) {
					s := describe(t, p.split, batch)
					if s.ClassesMet != len(batch)/perClass {
						t.Fatalf("%v: a batch of %d pictures has %d classes: %v", p.counts, len(batch), s.ClassesMet, s.PerClass)
					}
					for class, n := range s.PerClass {
						if n != 0 && n != perClass {
							t.Fatalf("%v: %d pictures of class %d in a batch, want %d", p.counts, n, class, perClass)
						}
					}
					if s.MostTimes > (perClass+p.counts[p.labels[s.MostRepeated]]-1)/p.counts[p.labels[s.MostRepeated]] {
						t.Fatalf("%v: row %d is %d times in a batch", p.counts, s.MostRepeated, s.MostTimes)
					}
				}
				if n := p.split.Len(); len(rows) > max(n+n/2, classes*perClass) || 2*len(rows) < n {
					t.Fatalf("%v: %d pictures an epoch from %d rows", p.counts, len(rows), n)
				}
			}
		}
	}
}

// TestSharesOfClasses: class sizes of plans that follow a formula, by hand.
func TestSharesOfClasses(t *testing.T) {
	for name, test := range map[string]struct {
		counts []int
		plan   func(split *sampling.Split) (sampling.Plan, error)
		epoch  int
		want   []int
	}{
		// √: 10, 5, 2, 1; of 130 rows 72.2, 36.1, 14.4, 7.2.
		"sqrt": {[]int{100, 25, 0, 4, 1}, func(s *sampling.Split) (sampling.Plan, error) { return sampling.SquareRoot(s, 1), nil }, 3, []int{72, 36, 0, 15, 7}},
		// A quarter, half of the way from 90, 10 to 50, 50.
		"progressive, quarter": {[]int{90, 0, 10}, func(s *sampling.Split) (sampling.Plan, error) { return sampling.Progressive(s, 5, 1) }, 1, []int{80, 0, 20}},
		"progressive, half":    {[]int{90, 0, 10}, func(s *sampling.Split) (sampling.Plan, error) { return sampling.Progressive(s, 5, 1) }, 2, []int{70, 0, 30}},
	} {
		p := populate(t, test.counts...)
		s := describe(t, p.split, must(test.plan(p.split))(t).Rows(test.epoch))
		if !slices.Equal(s.PerClass, test.want) {
			t.Errorf("%s of %v: %v, want %v", name, test.counts, s.PerClass, test.want)
		}
	}
}

// TestProgressiveTakesTurns: stretches follow one another to within rounding, here one row an epoch at most.
func TestProgressiveTakesTurns(t *testing.T) {
	p := populate(t, 997, 31, 3)
	const epochs = 20
	plan := must(sampling.Progressive(p.split, epochs, 1))(t)
	times := make([]int, len(p.labels))
	for epoch := range 2 * epochs {
		for _, row := range plan.Rows(epoch) {
			times[row]++
		}
	}
	low, high := math.MaxInt, 0
	for row, n := range times {
		if p.inside[row] && p.labels[row] == 0 {
			low, high = min(low, n), max(high, n)
		}
	}
	// 997 down to 344 rows in 20 epochs, then 344 in 20: 20,294 showings of 997 rows, 20.4 each.
	if low < 19 || high > 22 {
		t.Errorf("rows of the large class are shown %d to %d times, want 19 to 22", low, high)
	}
}
