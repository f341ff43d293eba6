package sampling_test

import (
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

func TestSplitErrors(t *testing.T) {
	labels := []int32{0, 1, 1, 2, -1}
	for name, test := range map[string]struct {
		rows       []int
		numClasses int
		says       string
	}{
		"no rows":          {nil, 3, "0 rows"},
		"no classes":       {[]int{0}, 0, "0 classes"},
		"below the table":  {[]int{0, -1}, 3, "row -1"},
		"beyond the table": {[]int{0, 5}, 3, "row 5"},
		"twice":            {[]int{2, 0, 2}, 3, "row 2 is twice"},
		"class beyond":     {[]int{3}, 2, "row 3: class 2"},
		"class below":      {[]int{4}, 3, "row 4: class -1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sampling.NewSplit(test.rows, labels, test.numClasses)
			wantError(t, err, test.says)
		})
	}
}

func TestSplitAndParts(t *testing.T) {
	labels := []int32{2, 0, 2, 1, 2, 0}
	split, err := sampling.NewSplit([]int{5, 4, 2, 1}, labels, 4)
	if err != nil {
		t.Fatal(err)
	}
	if rows, counts := split.Rows(), split.Counts(); !slices.Equal(rows, []int{1, 2, 4, 5}) || !slices.Equal(counts, []int{2, 0, 2, 0}) {
		t.Errorf("rows %v, counts %v", rows, counts)
	}
	part, err := split.Only([]int{2, 1})
	if err != nil {
		t.Fatal(err)
	}
	if rows, counts := part.Rows(), part.Counts(); !slices.Equal(rows, []int{2, 4}) || !slices.Equal(counts, []int{0, 0, 2, 0}) {
		t.Errorf("rows %v, counts %v of the part", rows, counts)
	}
	_, err = part.Describe([]int{2, 1})
	wantError(t, err, "row 1 is not in the split")
	_, err = split.Only([]int{4})
	wantError(t, err, "class 4 is outside 0…3")
	_, err = split.Only([]int{1, 3})
	wantError(t, err, "no rows")
}

// TestOrderOfRowsIsNoMatter: a plan depends on which rows are in the split.
func TestOrderOfRowsIsNoMatter(t *testing.T) {
	labels := []int32{0, 0, 0, 0, 1, 1, 1}
	a, errA := sampling.NewSplit([]int{0, 1, 3, 4, 6}, labels, 2)
	b, errB := sampling.NewSplit([]int{6, 3, 1, 0, 4}, labels, 2)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	if !slices.Equal(must(sampling.Over(a, 1))(t).Rows(2), must(sampling.Over(b, 1))(t).Rows(2)) {
		t.Error("another order of the split's rows makes another plan")
	}
}

func TestDescribe(t *testing.T) {
	p := populate(t, 3, 0, 1) // rows 0 and 1 of classes 0 and 2, then row 2 outside, 3 and 4 of class 0
	s := describe(t, p.split, []int{3, 1, 1, 3, 3, 0})
	want := sampling.Summary{Shown: 6, Distinct: 3, MostRepeated: 3, MostTimes: 3, ClassesMet: 2, Classes: 2, PerClass: []int{4, 0, 2}}
	if s.String() != want.String() || !slices.Equal(s.PerClass, want.PerClass) {
		t.Errorf("%v %v, want %v %v", s, s.PerClass, want, want.PerClass)
	}
	for _, row := range []int{2, -1, 1 << 40} {
		_, err := p.split.Describe([]int{0, row})
		wantError(t, err, "is not in the split")
	}
	if s := describe(t, p.split, nil); s.Shown != 0 || s.ClassesMet != 0 {
		t.Errorf("nothing is described as %v", s)
	}
}
