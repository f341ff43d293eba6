package sampling

import (
	"slices"
	"testing"
)

func TestRoundShares(t *testing.T) {
	for name, test := range map[string]struct {
		shares []float64
		want   []int
	}{
		"whole":              {[]float64{3, 0, 2}, []int{3, 0, 2}},
		"largest remainder":  {[]float64{7.27, 5.09, 3.64}, []int{7, 5, 4}},
		"tie to the lowest":  {[]float64{2.5, 2.5, 5}, []int{3, 2, 5}},
		"rounding errors":    {[]float64{2.9999999999999996, 1, 0.5, 0.5000000000000001}, []int{3, 1, 1, 0}},
		"thirds":             {[]float64{4. / 3, 4. / 3, 4. / 3}, []int{2, 1, 1}},
		"a little too large": {[]float64{3.0000000000000004, 2, 0}, []int{3, 2, 0}},
	} {
		total := 0
		for _, n := range test.want {
			total += n
		}
		if got := roundShares(test.shares, total); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v become %v, want %v", name, test.shares, got, test.want)
		}
	}
}
