package garden

import (
	"slices"
	"testing"
)

func sum(counts []int) (total int) {
	for _, n := range counts {
		total += n
	}
	return total
}

// The study's numbers: experiments of the pollinating-insects study, table "class-count statistics", column train.csv.
func TestStudyCurve(t *testing.T) {
	curve := studyCurve[:]
	if len(curve) != 403 || sum(curve) != 58351 || curve[0] != 4875 || curve[402] != 4 {
		t.Errorf("%d classes, %d rows, %d … %d, want 403, 58351, 4875 … 4", len(curve), sum(curve), curve[0], curve[402])
	}
	if !slices.IsSortedFunc(curve, func(a, b int) int { return b - a }) {
		t.Error("the curve is not sorted")
	}
	for threshold, want := range map[int]int{10: 61, 20: 121, 50: 213, 75: 253, 100: 279, 150: 320, 250: 350} {
		below := 0
		for _, n := range curve {
			if n < threshold {
				below++
			}
		}
		if below != want {
			t.Errorf("%d classes below %d pictures, want %d", below, threshold, want)
		}
	}
}

func TestStudyCounts(t *testing.T) {
	train, test := StudyCounts(403, 72939)
	for i, want := range studyCurve {
		if d := train[i] - want; d < -1 || d > 1 {
			t.Errorf("rank %d of the full table: %d training pictures, the study has %d", i, train[i], want)
		}
	}
	if got := sum(train) + sum(test); got != 72939 {
		t.Errorf("the full table has %d pictures, want 72939", got)
	}

	train, test = StudyCounts(DefaultSpecies, DefaultPictures)
	if train[0] < 300 || train[0] > 900 || train[23] < 3 || train[23] > 5 || sum(test) < 570 || sum(test) > 630 {
		t.Errorf("default counts: %v and %v", train, test)
	}

	for _, species := range []int{1, 2, 3, 7, 24, 48, 100, 403, 500} {
		for _, pictures := range []int{2, 5, 60, 1000, 2999, 3000, 72939} {
			train, test := StudyCounts(species, pictures)
			if pictures < 2*species {
				if train != nil || test != nil {
					t.Errorf("%d species, %d pictures: counts %v", species, pictures, train)
				}
				continue
			}
			if got := sum(train) + sum(test); got != pictures || len(train) != species || len(test) != species {
				t.Errorf("%d species, %d pictures: %d classes, %d pictures", species, pictures, len(train), got)
			}
			if slices.Min(train) < 1 || slices.Min(test) < 1 {
				t.Errorf("%d species, %d pictures: a class is empty", species, pictures)
			}
			if !slices.IsSortedFunc(train, func(a, b int) int { return b - a }) {
				t.Errorf("%d species, %d pictures: not sorted: %v", species, pictures, train)
			}
		}
	}
}
