package plots

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/plot"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		name      string
		ticker    plot.Ticker
		low, high float64
		want      []string
	}{
		{"counts", linearTicks{}, 0, 4972, []string{"0", "1000", "2000", "3000", "4000"}},
		{"shares", linearTicks{}, 0, 1, []string{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"}},
		{"around zero", linearTicks{}, -1, 1.1, []string{"-1.0", "-0.5", "0.0", "0.5", "1.0"}},
		{"few epochs", linearTicks{whole: true}, 1, 3, []string{"1", "2", "3"}},
		{"classes", linearTicks{whole: true, most: 25}, -0.5, 402.5, []string{"0", "20", "40", "60", "80", "100", "120",
			"140", "160", "180", "200", "220", "240", "260", "280", "300", "320", "340", "360", "380", "400"}},
		{"large", linearTicks{}, 0, 6e9, []string{"0", "1e9", "2e9", "3e9", "4e9", "5e9", "6e9"}},
		{"nothing", linearTicks{}, 3, 3, nil},
		{"NaN", linearTicks{}, 0, math.NaN(), nil},
		{"pictures", logTicks{}, 0.8, 6000, []string{"1", "10", "100", "1000"}},
		{"learning rates", logTicks{}, 8e-5, 2.5e-3, []string{"0.0001", "0.0002", "0.0005", "0.001", "0.002"}},
		{"zero has no logarithm", logTicks{}, 0, 10, nil},
		{"with a place for zero", countTicks{}, 0.4, 200, []string{"1", "2", "5", "10", "20", "50", "100", "200", "0"}},
	} {
		var got []string
		for _, tick := range c.ticker.Ticks(c.low, c.high) {
			got = append(got, tick.Label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: from %g to %g: %q, want %q", c.name, c.low, c.high, got, c.want)
		}
	}
	if n := len(logTicks{}.Ticks(1e-300, 1e-10)); n > 10 {
		t.Errorf("%d labels for 290 decades", n)
	}
}
