package data

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// labelsOf repeats each class number count times, interleaved.
func labelsOf(counts ...int) []int32 {
	var labels []int32
	for added := true; added; {
		added = false
		for class := range counts {
			if counts[class] > 0 {
				counts[class]--
				labels = append(labels, int32(class))
				added = true
			}
		}
	}
	return labels
}

func TestSplitSizes(t *testing.T) {
	// Sizes that scikit-learn's StratifiedShuffleSplit reports for the study; the others by hand.
	for _, test := range []struct {
		n        int
		testSize float64
		want     int
	}{
		{58351, 0.2, 11671}, {46680, 0.3, 14004}, {46680, 0.2, 9336}, {46680, 0.1, 4668},
		{100, 0.07, 7}, {100, 0.071, 8}, {10, 0.3, 3}, {3, 0.5, 2}, {1000, 0.001, 1}, {7, 1e-9, 1},
	} {
		if got, err := testRows(test.n, test.testSize); err != nil || got != test.want {
			t.Errorf("%v of %d rows is %d (%v), want %d", test.testSize, test.n, got, err, test.want)
		}
	}
}

func TestStratifiedSplitByLargestRemainder(t *testing.T) {
	// 16 of 22 rows go to train: quotas 7.27, 5.09, 3.64 leave floors 7, 5, 3 and one row for the remainder .64. In the
	// second case the quotas 2.5, 2.5, 5 leave one row for a tie, which the lower class number wins.
	for _, test := range []struct {
		counts, want []int
		testSize     float64
	}{
		{[]int{10, 7, 5}, []int{7, 5, 4}, 0.25},
		{[]int{5, 5, 10}, []int{3, 2, 5}, 0.5},
	} {
		labels := labelsOf(slices.Clone(test.counts)...)
		train, _, err := StratifiedSplit(labels, 3, test.testSize, 1)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]int, 3)
		for _, row := range train {
			got[labels[row]]++
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("counts %v give %v to train, want %v", test.counts, got, test.want)
		}
	}
}

func TestStratifiedSplitDividesTheRows(t *testing.T) {
	labels := labelsOf(40, 0, 13, 2)
	train, test, err := StratifiedSplit(labels, 4, 0.3, 7)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(train) || !slices.IsSorted(test) {
		t.Error("rows are not in ascending order")
	}
	all := slices.Sorted(slices.Values(slices.Concat(train, test)))
	for i, row := range all {
		if i != row {
			t.Fatalf("rows %v are not 0…%d, each once", all, len(labels)-1)
		}
	}
	again, _, _ := StratifiedSplit(labels, 4, 0.3, 7)
	other, _, _ := StratifiedSplit(labels, 4, 0.3, 8)
	if !slices.Equal(train, again) || slices.Equal(train, other) {
		t.Error("the same seed must give the same rows, another seed others")
	}
}

// Every row of a class should be as likely as any other to be tested: chi-square over 2,000 seeds with 19 degrees of
// freedom, threshold at p = 0.001.
func TestStratifiedSplitIsUniform(t *testing.T) {
	const rows, seeds = 20, 2000
	labels := labelsOf(rows)
	times := make([]float64, rows)
	for seed := range uint64(seeds) {
		_, test, err := StratifiedSplit(labels, 1, 0.25, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range test {
			times[row]++
		}
	}
	expected, chi2 := 0.25*seeds, 0.0
	for _, n := range times {
		chi2 += (n - expected) * (n - expected) / (expected * 0.75) // without replacement the variance is smaller
	}
	if chi2 *= (rows - 1.0) / rows; chi2 > 43.82 {
		t.Errorf("chi-square %.1f, want below 43.82; times tested: %v", chi2, times)
	}
}

func TestStratifiedSplitErrors(t *testing.T) {
	for name, test := range map[string]struct {
		labels   []int32
		testSize float64
		says     string
	}{
		"no rows":           {nil, 0.5, "no rows"},
		"zero":              {labelsOf(4, 4), 0, "not between 0 and 1"},
		"one":               {labelsOf(4, 4), 1, "not between 0 and 1"},
		"not a number":      {labelsOf(4, 4), math.NaN(), "not between 0 and 1"},
		"single row":        {labelsOf(4, 1), 0.5, "class 1 has a single row"},
		"small test side":   {labelsOf(4, 4), 0.1, "1 rows, fewer than the 2 classes"},
		"small train side":  {labelsOf(4, 4), 0.9, "0 rows, fewer than the 2 classes"},
		"class beyond":      {[]int32{0, 0, 5, 5}, 0.5, "row 2: class 5"},
		"class below zero":  {[]int32{0, 0, -1, 1}, 0.5, "row 2: class -1"},
		"beyond no classes": {[]int32{3, 3}, 0.5, "class 3"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := StratifiedSplit(test.labels, 2, test.testSize, 1)
			wantError(t, err, test.says)
		})
	}
	set, err := NewSet("garden", ".", []string{"a", "b", "c"}, []int32{0, 0, 1}, []string{"ant", "bee"})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = set.Split(0.5, 1)
	wantError(t, err, "garden", "class 1 (bee)", "single picture")
	_, _, err = StratifiedSplit([]int32{0, 0, 1}, 2, 0.5, 1)
	if small := (*SmallClassError)(nil); !errors.As(err, &small) || small.Class != 1 {
		t.Errorf("error %v is no SmallClassError of class 1", err)
	}
}
