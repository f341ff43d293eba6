package classweight_test

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/classweight"
)

type goldenCase struct {
	Name             string
	Counts           []int
	None             []float64
	Balanced         []float64
	BalancedOfRows   []float64 `json:"balanced_of_rows"`
	Log              []float64
	LogInteger       []float64 `json:"log_integer"`
	Linear           []float64
	LinearInteger    []float64 `json:"linear_integer"`
	Ratio            []float64
	Effective        map[string][]float64
	EffectiveSumK    map[string][]float64 `json:"effective_sum_k"`
	EffectiveMeanOne map[string][]float64 `json:"effective_mean_one"`
}

// TestLikeScikitLearnAndNumPy compares with testdata/golden.py.
func TestLikeScikitLearnAndNumPy(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []goldenCase }
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Cases) == 0 {
		t.Fatal("no cases")
	}
	for _, g := range golden.Cases {
		t.Run(g.Name, func(t *testing.T) {
			same := func(what string, want []float64, o classweight.Options) {
				t.Helper()
				o.Absent = classweight.AbsentZero
				close9(t, what, compute(t, g.Counts, o), want)
			}
			same("none", g.None, classweight.Options{Method: classweight.None})
			same("balanced", g.Balanced, classweight.Options{Method: classweight.Balanced})
			same("log", g.Log, classweight.Options{Method: classweight.Log})
			same("log, integer", g.LogInteger, classweight.Options{Method: classweight.Log, IntegerRatio: true})
			same("linear", g.Linear, classweight.Options{Method: classweight.Linear})
			same("linear, integer", g.LinearInteger, classweight.Options{Method: classweight.Linear, IntegerRatio: true})
			same("ratio", g.Ratio, classweight.Options{Method: classweight.Ratio})
			for text, want := range g.Effective {
				beta, err := strconv.ParseFloat(text, 64)
				if err != nil {
					t.Fatal(err)
				}
				o := classweight.Options{Method: classweight.Effective, Beta: beta}
				same("effective "+text, want, o)
				o.Normalise = classweight.SumK
				same("effective, sum-k "+text, g.EffectiveSumK[text], o)
				o.Normalise = classweight.MeanOne
				same("effective, mean-one "+text, g.EffectiveMeanOne[text], o)
			}
			if g.BalancedOfRows != nil {
				weights := compute(t, g.Counts, classweight.Options{Method: classweight.Balanced, Absent: classweight.AbsentZero})
				var ofRows []float64
				for class, count := range g.Counts {
					for range count {
						ofRows = append(ofRows, weights[class])
					}
				}
				close9(t, "balanced of rows", ofRows, g.BalancedOfRows)
			}
		})
	}
}

func compute(t testing.TB, counts []int, o classweight.Options) []float64 {
	t.Helper()
	weights, err := classweight.Compute(counts, o)
	if err != nil {
		t.Fatal(err)
	}
	return weights
}

// close9 allows a relative difference of 10⁻⁹.
func close9(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d weights, want %d", what, len(got), len(want))
	}
	for class := range want {
		if !(math.Abs(got[class]-want[class]) <= 1e-9*math.Abs(want[class])) {
			t.Errorf("%s: weight %d is %.12g, want %.12g", what, class, got[class], want[class])
		}
	}
}
