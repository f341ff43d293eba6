package classweight_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/classweight"
)

func ExampleCompute() {
	counts := []int{60, 30, 10} // rows of three classes
	weights, err := classweight.Compute(counts, classweight.Options{Method: classweight.Balanced})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n", weights)
	// Output: [0.556 1.111 3.333]
}

func TestAbsentClasses(t *testing.T) {
	counts := []int{4, 0, 8, 0}
	for _, method := range classweight.Methods() {
		o := classweight.Options{Method: method}
		if method == classweight.Effective {
			o.Beta = 0.9
		}
		_, err := classweight.Compute(counts, o)
		wantError(t, err, "class 1 has no rows", "2 of 4 classes", "zero")
		o.Absent = classweight.AbsentZero
		weights := compute(t, counts, o)
		if weights[1] != 0 || weights[3] != 0 {
			t.Errorf("%s: absent classes weigh %v and %v, want 0", method, weights[1], weights[3])
		}
		without := compute(t, []int{4, 8}, classweight.Options{Method: method, Beta: o.Beta})
		if weights[0] != without[0] || weights[2] != without[1] {
			t.Errorf("%s: %v with absent classes, %v without", method, weights, without)
		}
	}
}

func TestErrors(t *testing.T) {
	balanced := classweight.Options{Method: classweight.Balanced}
	for name, test := range map[string]struct {
		counts  []int
		options classweight.Options
		says    []string
	}{
		"no method":         {[]int{1}, classweight.Options{}, []string{"method", "balanced"}},
		"unknown method":    {[]int{1}, classweight.Options{Method: "logg"}, []string{"method", `"logg"`}},
		"unknown scale":     {[]int{1}, classweight.Options{Method: "log", Normalise: "one"}, []string{"normalise", `"one"`, "sum-k"}},
		"unknown absent":    {[]int{1}, classweight.Options{Method: "log", Absent: "one"}, []string{"absent", `"one"`, "zero"}},
		"no beta":           {[]int{1}, classweight.Options{Method: "effective"}, []string{"beta: 0"}},
		"beta one":          {[]int{1}, classweight.Options{Method: "effective", Beta: 1}, []string{"beta: 1"}},
		"beta not a number": {[]int{1}, classweight.Options{Method: "effective", Beta: math.NaN()}, []string{"beta: NaN"}},
		"stray beta":        {[]int{1}, classweight.Options{Method: "log", Beta: 0.9}, []string{"beta: method log"}},
		"stray integers":    {[]int{1}, classweight.Options{Method: "ratio", IntegerRatio: true}, []string{"integer-ratio: method ratio"}},
		"no classes":        {nil, balanced, []string{"no class has rows"}},
		"no rows":           {[]int{0, 0}, classweight.Options{Method: "balanced", Absent: "zero"}, []string{"no class has rows"}},
		"negative":          {[]int{3, -1}, balanced, []string{"class 1 has -1 rows"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := classweight.Compute(test.counts, test.options)
			wantError(t, err, test.says...)
			var wrong *classweight.OptionError
			if isOption := errors.As(err, &wrong); isOption != (test.options.Check() != nil) {
				t.Errorf("error %v is an OptionError: %v", err, isOption)
			}
		})
	}
}

func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

// TestSums holds every method to what a scale promises, and to growing weights for shrinking classes.
func TestSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		counts := make([]int, 1+rng.IntN(60))
		rows, classes := 0, 0
		for class := range counts {
			if class == 0 || rng.IntN(5) > 0 {
				counts[class] = 1 + int(1000*math.Pow(rng.Float64(), 4))
				classes++
			}
			rows += counts[class]
		}
		for _, method := range classweight.Methods() {
			o := classweight.Options{Method: method, Absent: classweight.AbsentZero}
			if method == classweight.Effective {
				o.Beta = rng.Float64()*0.9998 + 0.0001
			}
			for _, scale := range classweight.Scales() {
				o.Normalise = scale
				weights := compute(t, counts, o)
				sum, mean := 0.0, 0.0
				for class, w := range weights {
					sum += w
					mean += w * float64(counts[class]) / float64(rows)
					if (w > 0) != (counts[class] > 0) {
						t.Fatalf("%+v: %d rows weigh %v", o, counts[class], w)
					}
					for other, v := range weights {
						if 0 < counts[class] && counts[class] < counts[other] && w < v {
							t.Fatalf("%+v: %d rows weigh %v, %d rows %v", o, counts[class], w, counts[other], v)
						}
					}
				}
				if scale == classweight.SumK && math.Abs(sum-float64(classes)) > 1e-9*sum {
					t.Fatalf("%+v: the weights of %d classes sum to %.12g", o, classes, sum)
				}
				if scale == classweight.MeanOne && math.Abs(mean-1) > 1e-9 {
					t.Fatalf("%+v: the weights of the rows have mean %.12g", o, mean)
				}
			}
		}
	}
}

// TestNothingLeftToWeigh: after full balancing every weight is the same, ln 2 for the study's formula (m = c).
func TestNothingLeftToWeigh(t *testing.T) {
	for _, w := range compute(t, []int{352, 352, 352}, classweight.Options{Method: classweight.Log}) {
		if math.Abs(w-math.Ln2) > 1e-12 {
			t.Errorf("weight %v, want ln 2", w)
		}
	}
}
