package sampling_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/studydata"
	"github.com/longwing-ml/longwing/toolkit/classweight"
	"github.com/longwing-ml/longwing/toolkit/sampling"
)

const studyClasses = 403

// studyTable is one of the study's tables.
func studyTable(t testing.TB, name string) []int32 {
	t.Helper()
	table, err := data.ReadLabels(studydata.Path(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return table.Labels
}

// part is a set of a table's rows.
type part struct {
	labels []int32 // of the table
	rows   []int
}

func whole(labels []int32) part {
	rows := make([]int, len(labels))
	for row := range rows {
		rows[row] = row
	}
	return part{labels, rows}
}

// divide splits a part as the study did; train and valid are rows of the same table.
func (p part) divide(t testing.TB, testSize float64) (train, valid part) {
	t.Helper()
	labels := make([]int32, len(p.rows))
	for i, row := range p.rows {
		labels[i] = p.labels[row]
	}
	a, b, err := data.StratifiedSplit(labels, studyClasses, testSize, 57)
	if err != nil {
		t.Fatal(err)
	}
	train, valid = part{labels: p.labels}, part{labels: p.labels}
	for _, i := range a {
		train.rows = append(train.rows, p.rows[i])
	}
	for _, i := range b {
		valid.rows = append(valid.rows, p.rows[i])
	}
	return train, valid
}

func (p part) split(t testing.TB) *sampling.Split {
	t.Helper()
	split, err := sampling.NewSplit(p.rows, p.labels, studyClasses)
	if err != nil {
		t.Fatal(err)
	}
	return split
}

// study holds the study's populations by name.
func study(t testing.TB) map[string]part {
	t.Helper()
	train := whole(studyTable(t, "train.csv"))
	outer, _ := train.divide(t, 0.2)
	inner3, _ := outer.divide(t, 0.3)
	inner2, _ := outer.divide(t, 0.2)
	return map[string]part{
		"train.csv": train, "outer 80 %": outer, "inner 0.3": inner3, "inner 0.2": inner2, "test.csv": whole(studyTable(t, "test.csv")),
	}
}

// all says that every class has n pictures.
func all(perClass []int, n int) bool {
	return !slices.ContainsFunc(perClass, func(m int) bool { return m != n })
}

// TestStudyUnderOver: the table of under- and oversampling. Pools of inner parts are those of the integer split rule.
func TestStudyUnderOver(t *testing.T) {
	parts := study(t)
	for _, want := range []struct {
		population                                     string
		threshold, frequent, target, kept, pool, final int
	}{
		{"train.csv", 250, 53, 255, 13515, 33331, 102765},
		{"train.csv", 300, 46, 302, 13892, 35669, 121706},
		{"train.csv", 350, 39, 352, 13728, 37765, 141856},
		{"train.csv", 500, 26, 509, 13234, 42561, 205127},
		{"outer 80 %", 250, 44, 253, 11132, 29048, 101959},
		{"outer 80 %", 300, 35, 302, 10570, 30980, 121706},
		{"outer 80 %", 350, 30, 358, 10740, 32714, 144274},
		{"outer 80 %", 500, 15, 507, 7605, 35949, 204321},
		{"inner 0.3", 300, 22, 306, 6732, 24313, 123318},
		{"inner 0.3", 350, 15, 355, 5325, 25166, 143065},
		{"inner 0.3", 500, 8, 512, 4096, 26778, 206336},
		{"inner 0.2", 300, 27, 320, 8640, 27092, 128960},
		{"inner 0.2", 350, 21, 357, 7497, 27940, 143871},
		{"inner 0.2", 500, 10, 503, 5030, 29906, 202709},
		{"test.csv", 350, 5, 361, 1805, 12756, 145483},
	} {
		t.Run(fmt.Sprint(want.population, " ", want.threshold), func(t *testing.T) {
			p := parts[want.population]
			split := p.split(t)
			rows := must(sampling.UnderOver(split, want.threshold, false, 57))(t).Rows(0)
			s := describe(t, split, rows)
			if s.Shown != want.final || s.Distinct != want.pool || s.ClassesMet != studyClasses || !all(s.PerClass, want.target) {
				t.Errorf("%v; want %d pictures, %d distinct, %d of each class", s, want.final, want.pool, want.target)
			}
			counts := split.Counts()
			frequent, kept := 0, map[int]bool{}
			for _, count := range counts {
				if count > want.threshold {
					frequent++
				}
			}
			for _, row := range rows {
				if counts[p.labels[row]] > want.threshold {
					kept[row] = true
				}
			}
			if frequent != want.frequent || len(kept) != want.kept {
				t.Errorf("%d frequent classes keep %d rows, want %d and %d", frequent, len(kept), want.frequent, want.kept)
			}
			// After balancing the study's weights are all the same.
			weights, err := classweight.Compute(s.PerClass, classweight.Options{Method: classweight.Log})
			if err != nil || slices.Min(weights) != slices.Max(weights) {
				t.Errorf("balanced classes weigh %v to %v (%v)", slices.Min(weights), slices.Max(weights), err)
			}
		})
	}
}

// TestStudyCutToThreshold: the variant that the study's text suggests. Two pools are known.
func TestStudyCutToThreshold(t *testing.T) {
	parts := study(t)
	for name, pool := range map[string]int{"train.csv": 37687, "outer 80 %": 32474, "inner 0.3": 0, "inner 0.2": 0, "test.csv": 0} {
		split := parts[name].split(t)
		s := describe(t, split, must(sampling.UnderOver(split, 350, true, 57))(t).Rows(0))
		if s.Shown != 141050 || !all(s.PerClass, 350) || pool != 0 && s.Distinct != pool {
			t.Errorf("%s: %v; want 141050 pictures, %d distinct", name, s, pool)
		}
	}
}

// TestStudyFrequentClasses: classes of more pictures than a threshold, as the study's notebooks print them.
func TestStudyFrequentClasses(t *testing.T) {
	parts := study(t)
	for _, test := range []struct {
		population string
		threshold  int
		want       []int
	}{
		{"train.csv", 300, []int{1, 3, 5, 7, 15, 20, 25, 27, 33, 35, 39, 55, 57, 66, 72, 75, 77, 79, 84, 92, 94, 97, 98, 108, 112, 121, 124, 131, 134, 136, 140, 148, 150, 151, 159, 160, 163, 167, 168, 170, 175, 179, 180, 188, 200, 202}},
		{"inner 0.3", 300, []int{3, 15, 20, 27, 35, 57, 75, 84, 94, 97, 121, 131, 134, 148, 159, 163, 170, 175, 179, 180, 200, 202}},
		{"inner 0.3", 500, []int{27, 57, 94, 97, 131, 134, 159, 202}},
	} {
		split := parts[test.population].split(t)
		// An epoch shows the rows of a class once if it is frequent, as it is cut then; others are filled up.
		counts := split.Counts()
		times := map[int32]int{}
		for _, row := range must(sampling.UnderOver(split, test.threshold, false, 57))(t).Rows(0) {
			times[int32(row)]++
		}
		repeated := make([]int, studyClasses)
		for row, n := range times {
			class := parts[test.population].labels[row]
			repeated[class] = max(repeated[class], n)
		}
		var got []int
		for class, n := range repeated {
			if n == 1 {
				got = append(got, class)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s, over %d: classes cut are %v, want %v", test.population, test.threshold, got, test.want)
		}
		for _, class := range got {
			if counts[class] <= test.threshold {
				t.Errorf("%s: class %d of %d rows is cut", test.population, class, counts[class])
			}
		}
	}
}

// TestStudyFullResampling: every class lifted to the largest, or cut to the smallest.
func TestStudyFullResampling(t *testing.T) {
	parts := study(t)
	for name, want := range map[string][2]int{
		"train.csv": {1_964_625, 1612}, "outer 80 %": {1_571_700, 1209}, "inner 0.3": {1_100_190, 806}, "inner 0.2": {1_257_360, 806}, "test.csv": {491_257, 403},
	} {
		split := parts[name].split(t)
		over := describe(t, split, must(sampling.Over(split, 57))(t).Rows(0))
		if over.Shown != want[0] || over.Distinct != split.Len() || !all(over.PerClass, want[0]/studyClasses) {
			t.Errorf("%s: oversampling shows %v, want %d pictures", name, over, want[0])
		}
		under := describe(t, split, sampling.Under(split, 57).Rows(0))
		if under.Shown != want[1] || under.Distinct != want[1] || !all(under.PerClass, want[1]/studyClasses) {
			t.Errorf("%s: undersampling shows %v, want %d pictures", name, under, want[1])
		}
	}
}

// TestStudyRareClasses: classes rare by their counts in the outer training part, rows from the inner one by the integer
// split rule.
func TestStudyRareClasses(t *testing.T) {
	outer, _ := whole(studyTable(t, "train.csv")).divide(t, 0.2)
	counts := outer.split(t).Counts()
	for _, test := range []struct {
		testSize                                 float64
		below, classes                           int
		train, valid, overTrain, each, overValid int
	}{
		{0.3, 75, 274, 4654, 2007, 274 * 51, 51, 6028},
		{0.3, 150, 332, 8891, 3816, 34528, 104, 14608},
		{0.3, 250, 359, 12542, 5374, 61389, 171, 26207},
		{0.2, 75, 274, 5331, 1330, 15892, 58, 4110},
		{0.2, 150, 332, 10165, 2542, 39176, 118, 9960},
		{0.2, 250, 359, 14331, 3585, 70005, 195, 17591},
	} {
		t.Run(fmt.Sprint(test.testSize, " ", test.below), func(t *testing.T) {
			rare := sampling.Rare(counts, test.below)
			if len(rare) != test.classes {
				t.Fatalf("%d rare classes, want %d", len(rare), test.classes)
			}
			train, valid := outer.divide(t, test.testSize)
			for _, side := range []struct {
				part       part
				rows, over int
			}{{train, test.train, test.overTrain}, {valid, test.valid, test.overValid}} {
				split, err := side.part.split(t).Only(rare)
				if err != nil {
					t.Fatal(err)
				}
				over := describe(t, split, must(sampling.Over(split, 57))(t).Rows(0))
				if split.Len() != side.rows || over.Shown != side.over {
					t.Errorf("%d rows, %d oversampled; want %d and %d", split.Len(), over.Shown, side.rows, side.over)
				}
			}
			stages, err := sampling.RareThenAll(train.split(t), rare, 20, 25, 57)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(stages.Rows(19)); n != test.overTrain || test.each*test.classes != n {
				t.Errorf("the rare stage shows %d pictures, want %d", n, test.overTrain)
			}
			if n := len(stages.Rows(20)); n != len(train.rows) {
				t.Errorf("the stage after it shows %d pictures, want %d", n, len(train.rows))
			}
			for _, row := range slices.Concat(stages.Rows(0), stages.Rows(20)) {
				if _, isValid := slices.BinarySearch(valid.rows, row); isValid {
					t.Fatalf("row %d is for validation", row)
				}
			}
		})
	}
}

// TestStudyClusters: 53 frequent classes of train.csv in 15 clusters each give 255 rows, whatever the clusters.
func TestStudyClusters(t *testing.T) {
	p := whole(studyTable(t, "train.csv"))
	split := p.split(t)
	clusterOf := make([]int32, len(p.labels))
	for row := range clusterOf { // sizes of 1:2:…:15, as class 202's are uneven
		n := row * 7919 % 120
		for n > int(clusterOf[row]) {
			clusterOf[row]++
			n -= int(clusterOf[row])
		}
	}
	s := describe(t, split, must(sampling.Clusters(split, 250, clusterOf, 57))(t).Rows(0))
	if s.Shown != 102765 || s.Distinct != 33331 || !all(s.PerClass, 255) {
		t.Errorf("%v; want 102765 pictures, 33331 distinct, 255 of each class", s)
	}
	// Clusters formed with validation pictures are refused.
	outer, valid := p.divide(t, 0.2)
	_, err := sampling.Clusters(outer.split(t), 250, clusterOf, 57)
	wantError(t, err, fmt.Sprintf("row %d has cluster", valid.rows[0]), "not in the split")
}

// TestStudyMinibatches: how many batches the training and validation rows make.
func TestStudyMinibatches(t *testing.T) {
	outer, _ := whole(studyTable(t, "train.csv")).divide(t, 0.2)
	for _, test := range []struct {
		testSize            float64
		batch, train, valid int
	}{{0.3, 64, 511, 219}, {0.2, 64, 584, 146}, {0.2, 24, 1556, 389}} {
		train, valid := outer.divide(t, test.testSize)
		batches := func(p part) int {
			return len(slices.Collect(slices.Chunk(sampling.Shuffle(p.split(t).Rows(), 57).Rows(0), test.batch)))
		}
		if a, b := batches(train), batches(valid); a != test.train || b != test.valid {
			t.Errorf("%v of the rows in batches of %d: %d and %d, want %d and %d", test.testSize, test.batch, a, b, test.train, test.valid)
		}
	}
}
