package plots

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// largest is the greatest number that is drawn; beyond it, axes with some room at the end would reach infinity.
const largest = 1e300

// linearTicks labels multiples of 1, 2 or 5 times a power of ten.
type linearTicks struct {
	whole bool // only whole numbers
	most  int  // about so many labels at most; 0 means 6
}

func (l linearTicks) Ticks(low, high float64) []plot.Tick {
	span := high - low
	if !(span > 0) || math.IsInf(span, 0) {
		return nil
	}
	wanted := 6.0
	if l.most > 0 {
		wanted = float64(l.most)
	}
	step := math.Pow(10, math.Floor(math.Log10(span/wanted)))
	for _, factor := range []float64{1, 2, 5, 10} {
		if span/(step*factor) <= wanted {
			step *= factor
			break
		}
	}
	if l.whole {
		step = max(step, 1)
	}
	label := number
	if digits := int(-math.Floor(math.Log10(step) + 1e-9)); digits <= 4 && max(math.Abs(low), math.Abs(high)) < 1e7 {
		label = func(v float64) string { return strconv.FormatFloat(v, 'f', max(digits, 0), 64) }
	}
	var ticks []plot.Tick
	first := math.Ceil(low/step - 1e-9)
	for i := range int(wanted) + 2 { // counted, because a large value plus a step may be the same value
		value := (first+float64(i))*step + 0 // no negative zero
		if value > high+step*1e-9 {
			break
		}
		ticks = append(ticks, plot.Tick{Value: value, Label: label(value)})
	}
	return ticks
}

// logTicks labels powers of ten, and 2 and 5 times them where the axis covers little more than two decades.
type logTicks struct{}

func (logTicks) Ticks(low, high float64) []plot.Tick {
	if low <= 0 || high <= low || math.IsInf(high/low, 0) {
		return nil
	}
	factors := []float64{1}
	if high/low < 300 {
		factors = []float64{1, 2, 5}
	}
	var ticks []plot.Tick
	every := math.Ceil(math.Log10(high/low) / 8) // decades from label to label
	for decade := math.Floor(math.Log10(low)); decade <= math.Log10(high); decade += max(every, 1) {
		for _, factor := range factors {
			value := factor * math.Pow(10, decade)
			if value >= low*(1-1e-9) && value <= high*(1+1e-9) {
				ticks = append(ticks, plot.Tick{Value: value, Label: number(value)})
			}
		}
	}
	return ticks
}

// number writes a value as short as it can be read: 5, 0.25, 1e-5.
func number(v float64) string {
	return strings.NewReplacer("e-0", "e-", "e+0", "e").Replace(strconv.FormatFloat(v, 'g', 6, 64))
}
