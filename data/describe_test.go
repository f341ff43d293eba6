package data

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/internal/studydata"
)

// The numbers were computed with numpy and pandas from the study's tables.
func TestDescribeStudy(t *testing.T) {
	read := func(name string) []int32 {
		table, err := ReadLabels(studydata.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		return table.Labels
	}
	train, test := read("train.csv"), read("test.csv")
	pick := func(labels []int32, rows []int) []int32 {
		picked := make([]int32, len(rows))
		for i, row := range rows {
			picked[i] = labels[row]
		}
		return picked
	}
	outerRows, _, err := StratifiedSplit(train, 403, 0.2, 57)
	if err != nil {
		t.Fatal(err)
	}
	outer := pick(train, outerRows)
	inner := func(share float64) []int32 {
		rows, _, err := StratifiedSplit(outer, 403, share, 123456789)
		if err != nil {
			t.Fatal(err)
		}
		return pick(outer, rows)
	}
	tests := map[string]struct {
		labels      []int32
		rows        int
		min, minOf  int // fewest rows, and how many classes have so few
		max         int
		mean, std   float64
		quartiles   [3]float64
		atMost4     int
		below       []int // 10 20 50 75 100 150 250
		above       []int // 250 300 350 500 1000
		stdIsRandom bool  // depends on which class of a tie got a row more
	}{
		"train":      {train, 58351, 4, 1, 4875, 144.791563, 384.923778, [3]float64{15.5, 42, 130}, 1, []int{61, 121, 213, 253, 279, 320, 350}, []int{53, 46, 39, 26, 7}, false},
		"test":       {test, 14588, 1, 41, 1219, 36.198511, 96.259808, [3]float64{4, 11, 32.5}, 113, []int{192, 256, 336, 356, 372, 387, 396}, []int{7, 6, 5, 3, 2}, false},
		"outer 0.2":  {outer, 46680, 3, 1, 3900, 115.831266, 307.895394, [3]float64{12.5, 34, 104}, 13, []int{79, 143, 236, 274, 301, 332, 359}, []int{44, 35, 30, 15, 6}, false},
		"inner 0.3":  {inner(0.3), 32676, 2, 1, 2730, 81.081886, 215.538561, [3]float64{8.5, 24, 73}, 55, []int{106, 184, 271, 306, 330, 351, 373}, []int{30, 22, 15, 8, 3}, false},
		"inner 0.2":  {inner(0.2), 37344, 2, 1, 3120, 92.665012, 246.305728, [3]float64{10, 27, 83}, 32, []int{95, 168, 254, 294, 325, 345, 370}, []int{32, 27, 21, 10, 4}, false},
		"inner 0.1*": {inner(0.1), 42012, 3, 1, 3510, 104.248139, 277.121420, [3]float64{11.5, 31, 94}, -1, []int{86, 153, 244, 281, 312, 338, 363}, []int{40, 30, 27, 12, 5}, true},
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			s := Describe(want.labels, 403)
			check := func(what string, got, want any) {
				if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Errorf("%s is %v, want %v", what, got, want)
				}
			}
			near := func(what string, got, want, tolerance float64) {
				if !(math.Abs(got-want) <= tolerance) {
					t.Errorf("%s is %.6f, want %.6f", what, got, want)
				}
			}
			check("rows", s.Rows, want.rows)
			check("classes", s.Classes, 403)
			check("min", s.Min, want.min)
			check("classes of min", len(s.MinClasses), want.minOf)
			if want.minOf == 1 {
				check("rarest", s.MinClasses[0], 259)
			}
			check("max", s.Max, want.max)
			check("most frequent", s.MaxClass, 202)
			near("mean", s.Mean, want.mean, 5e-7)
			if !want.stdIsRandom {
				near("std", s.Std, want.std, 5e-7)
			}
			check("quartiles", [3]float64{s.Q25, s.Median, s.Q75}, want.quartiles)
			if want.atMost4 >= 0 {
				check("at most 4", s.AtMost4, want.atMost4)
			}
			check("below", bounded(s.Below), want.below)
			check("above", bounded(s.Above), want.above)
		})
	}
	s := Describe(train, 403)
	got := fmt.Sprintf("%d %.2f %.6f %.6f %.3f %.4f %d", s.BelowMean, s.Imbalance, s.Gini, s.Entropy, s.EffectiveClasses, s.Top10Share, s.HalfClasses)
	if want := "317 1218.75 0.719860 4.844707 127.066 0.3339 27"; got != want {
		t.Errorf("train: below mean, imbalance, Gini, entropy, effective, top 10, half = %s, want %s", got, want)
	}
	if want := []int{202, 159, 57, 134, 94, 131, 27, 97, 170, 15}; !slices.Equal(s.Largest, want) {
		t.Errorf("largest classes %v, want %v", s.Largest, want)
	}
	if s.Counts[1] != 317 || s.Counts[24] != 122 {
		t.Errorf("classes 1 and 24 have %d and %d rows, want 317 and 122", s.Counts[1], s.Counts[24])
	}
}

func bounded(bounds []Bound) []int {
	var classes []int
	for _, b := range bounds {
		classes = append(classes, b.Classes)
	}
	return classes
}

func TestDescribeEdges(t *testing.T) {
	if s := Describe(nil, 3); s.Rows != 0 || s.Classes != 0 || s.Empty != 3 || len(s.Below) != 7 {
		t.Errorf("no rows: %+v", s)
	}
	if s := Describe(nil, 0); s.Classes != 0 {
		t.Errorf("no classes: %+v", s)
	}
	s := Describe([]int32{2, 2, 2, -1, 9}, 3)
	if s.Rows != 3 || s.Min != 3 || s.Max != 3 || s.Std != 0 || s.Gini != 0 || s.Entropy != 0 || s.HalfClasses != 1 || s.Empty != 2 || s.Top10Share != 1 {
		t.Errorf("one class: %+v", s)
	}
	s = DescribeCounts([]int{0, 1, 3, 1}) // Gini by hand: sum of |differences| 8 over 2·3²·mean 5/3
	if math.Abs(s.Gini-8.0/30) > 1e-12 || s.Median != 1 || s.Q75 != 2 || !slices.Equal(s.MinClasses, []int{1, 3}) || s.MaxClass != 2 {
		t.Errorf("counts 0 1 3 1: %+v", s)
	}
}
