package data_test

import (
	"math"
	"reflect"
	"testing"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/studydata"
)

func TestCategorise(t *testing.T) {
	got := data.Categorise([]string{"Les Abeilles noires <A>", "L'Abeille et autres <B>", "Le Petit Syrphe", "Bumblebee red", ""})
	want := data.Categories{Names: []string{"Abeille", "Bumblebee", "Syrphe"}, Of: []int{0, 0, 2, 1, 0}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := want.Labels([]int32{2, 3, 3}); !reflect.DeepEqual(got, []int32{2, 1, 1}) {
		t.Errorf("labels %v", got)
	}
}

// TestCategoriesOfTheStudy compares with the numbers that the study's notebook printed.
func TestCategoriesOfTheStudy(t *testing.T) {
	names, err := data.ReadClassNames(studydata.Path(t, "class_codes.csv"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := data.ReadLabels(studydata.Path(t, "train.csv"))
	if err != nil {
		t.Fatal(err)
	}
	c := data.Categorise(names)
	if got := c.Of[:5]; !reflect.DeepEqual(got, []int{97, 93, 123, 155, 145}) {
		t.Errorf("categories of the first classes are %v", got)
	}
	stats := data.Describe(c.Labels(table.Labels), len(c.Names))
	for what, v := range map[string][2]float64{
		"categories": {float64(stats.Classes), 202}, "smallest": {float64(stats.Min), 5}, "largest": {float64(stats.Max), 6405},
		"q25": {stats.Q25, 27}, "median": {stats.Median, 91.5}, "q75": {stats.Q75, 246.25},
		"mean": {round6(stats.Mean), 288.866337}, "std": {round6(stats.Std), 769.254486},
	} {
		if v[0] != v[1] {
			t.Errorf("%s is %v, the study has %v", what, v[0], v[1])
		}
	}
	byName := map[string]int{}
	for i, name := range c.Names {
		byName[name] = stats.Counts[i]
	}
	for name, want := range map[string]int{"Abeille": 6405, "Bourdon": 5581, "Eristale": 4828, "Mouche": 3189, "Syrphe": 2763,
		"Guêpe": 2037, "Araignée": 1682, "Halicte": 1639, "Coccinelle": 1421, "Fourmi": 1143} {
		if byName[name] != want {
			t.Errorf("%s has %d pictures, the study has %d", name, byName[name], want)
		}
	}
}

func round6(x float64) float64 { return math.Round(x*1e6) / 1e6 }
