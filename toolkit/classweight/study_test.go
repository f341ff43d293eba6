package classweight_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/studydata"
	"github.com/longwing-ml/longwing/toolkit/classweight"
)

// population counts the rows per class of the study's table, its outer training part and inner training parts.
func population(t *testing.T, testSizes ...float64) []int {
	t.Helper()
	table, err := data.ReadLabels(studydata.Path(t, "train.csv"))
	if err != nil {
		t.Fatal(err)
	}
	labels := table.Labels
	for _, testSize := range testSizes {
		train, _, err := data.StratifiedSplit(labels, 403, testSize, 57)
		if err != nil {
			t.Fatal(err)
		}
		part := make([]int32, len(train))
		for i, row := range train {
			part[i] = labels[row]
		}
		labels = part
	}
	return data.Describe(labels, 403).Counts
}

var (
	balanced     = classweight.Options{Method: classweight.Balanced}
	logReal      = classweight.Options{Method: classweight.Log}
	logInteger   = classweight.Options{Method: classweight.Log, IntegerRatio: true}
	linear       = classweight.Options{Method: classweight.Linear}
	ratio        = classweight.Options{Method: classweight.Ratio}
	effective    = classweight.Options{Method: classweight.Effective, Beta: 0.999}
	effectiveSum = classweight.Options{Method: classweight.Effective, Beta: 0.999, Normalise: classweight.SumK}
)

// printed compares with a number as it was printed: to its last digit, or to 10⁻⁹ if it is whole.
func printed(t *testing.T, what string, got float64, want string) {
	t.Helper()
	var value float64
	if _, err := fmt.Sscan(want, &value); err != nil {
		t.Fatal(err)
	}
	tolerance := 1e-9
	if _, decimals, fraction := strings.Cut(want, "."); fraction {
		tolerance = 0.50001 * math.Pow(10, float64(-len(decimals)))
	}
	if math.Abs(got-value) > tolerance {
		t.Errorf("%s is %.15g, want %s", what, got, want)
	}
}

// TestStudyWeights checks the smallest and largest weight (classes 202 and 259) in every population of the study.
func TestStudyWeights(t *testing.T) {
	for _, p := range []struct {
		name      string
		testSizes []float64
		want      [][2]string // in the order of options below; "" where the study's table has none
	}{
		{"train.csv", nil, [][2]string{
			{"0.029700833492", "36.197890819"}, {"0.693147180560", "14.211162717865"}, {"0.693147180560", "14.209931570610"},
			{"2", "1219.75"}, {"1", "1218.749969531"}, {"0.00100767495", "0.250375312656"}, {"0.0213693139", "5.30959776"}}},
		{"outer 80 %", []float64{0.2}, [][2]string{
			{"0.029700324489", "38.610421836"}, {"0.693147180560", "14.340239678615"}, {"0.693147180560", "14.340239678615"},
			{"2", "1301"}, {"1", "1299.999957"}, {"0.00102061901", "0.333666889"}, {"0.0175164674", "5.7265886"}}},
		{"inner 0.3", []float64{0.2, 0.3}, [][2]string{
			{"0.029700324489", "40.540942928"}, {"0.693147180560", "14.437819951942"}, {"0.693147180560", "14.437819951942"},
			{"2", "1366"}, {"1", "1364.999932"}, {"0.00106966775", "0.500250125"}, {"", ""}}},
		{"inner 0.2", []float64{0.2, 0.2}, [][2]string{
			{"0.029700324489", "46.332506203"}, {"0.693147180560", "14.704882611401"}, {"0.693147180560", "14.704882611401"},
			{"2", "1561"}, {"1", "1559.999922"}, {"0.00104612172", "0.500250125"}, {"", ""}}},
	} {
		t.Run(p.name, func(t *testing.T) {
			counts := population(t, p.testSizes...)
			for i, o := range []classweight.Options{balanced, logReal, logInteger, linear, ratio, effective, effectiveSum} {
				weights := compute(t, counts, o)
				what := fmt.Sprintf("%+v", o)
				if p.want[i][0] == "" {
					continue
				}
				printed(t, what+": smallest", slices.Min(weights), p.want[i][0])
				printed(t, what+": largest", slices.Max(weights), p.want[i][1])
				if slices.Min(weights) != weights[202] || slices.Max(weights) != weights[259] {
					t.Errorf("%s: the extremes are not classes 202 and 259", what)
				}
			}
		})
	}
}

// TestStudyEffectiveNumbers: the other β on train.csv, raw and scaled to sum 403.
func TestStudyEffectiveNumbers(t *testing.T) {
	counts := population(t)
	for _, test := range []struct {
		beta                   float64
		low, high, lowK, highK string
	}{
		{0.9, "0.1000000000", "0.290782204", "0.819028", "2.381589"},
		{0.99, "0.0100000000", "0.253781406", "0.191439", "4.858355"},
		{0.9999, "0.000259164649", "0.250037503", "0.005547804", "5.352424"},
	} {
		o := classweight.Options{Method: classweight.Effective, Beta: test.beta}
		weights := compute(t, counts, o)
		printed(t, fmt.Sprint(test.beta, " smallest"), weights[202], test.low)
		printed(t, fmt.Sprint(test.beta, " largest"), weights[259], test.high)
		o.Normalise = classweight.SumK
		weights = compute(t, counts, o)
		printed(t, fmt.Sprint(test.beta, " smallest, scaled"), weights[202], test.lowK)
		printed(t, fmt.Sprint(test.beta, " largest, scaled"), weights[259], test.highK)
	}
}

// TestStudySumsAndSpots: sums over the classes of train.csv, means over its rows, and single classes.
func TestStudySumsAndSpots(t *testing.T) {
	counts := population(t)
	for _, test := range []struct {
		o             classweight.Options
		sum, mean     string
		c159, c57, c1 string
	}{
		{balanced, "2723.067880", "1", "0.035496828", "0.058172585", "0.456755720"},
		{logReal, "3738.205804", "4.842281", "0.887221753", "1.576126011", "5.470166639"},
		{linear, "", "", "2.195146", "2.958618", "16.378549"},
		{effective, "19.003558", "", "0.001017180", "0.001090381", "0.003679382"},
	} {
		weights := compute(t, counts, test.o)
		sum, mean := 0.0, 0.0
		for class, w := range weights {
			sum += w
			mean += w * float64(counts[class]) / 58351
		}
		what := string(test.o.Method)
		if test.sum != "" {
			printed(t, what+": sum", sum, test.sum)
		}
		if test.mean == "1" && math.Abs(mean-1) > 1e-12 {
			t.Errorf("%s: the rows' mean is %.15g, want exactly 1", what, mean)
		} else if test.mean != "" {
			printed(t, what+": mean", mean, test.mean)
		}
		printed(t, what+": class 159", weights[159], test.c159)
		printed(t, what+": class 57", weights[57], test.c57)
		printed(t, what+": class 1", weights[1], test.c1)
	}
}

// TestStudyIntegerRatios: weights the study printed for its inner training part, made by Python 2.
func TestStudyIntegerRatios(t *testing.T) {
	weights := compute(t, population(t, 0.2, 0.3), logInteger)
	for class, want := range map[int]float64{0: 257, 27: 17, 97: 26, 94: 10, 131: 10, 134: 5} {
		if math.Abs(weights[class]-math.Log(want)) > 1e-9 {
			t.Errorf("class %d weighs %.12g, want ln %v", class, weights[class], want)
		}
	}
	least := 0
	for _, w := range compute(t, population(t), logInteger) {
		if math.Abs(w-math.Ln2) < 1e-12 {
			least++
		}
	}
	if least != 3 {
		t.Errorf("%d classes of train.csv weigh ln 2, want 3 (57, 159, 202)", least)
	}
}
