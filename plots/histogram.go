package plots

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Histogram draws how many values fall into each of equally wide bins from the smallest value to the largest (the last
// bin holds its upper edge). bins lies in [1, 1000]; NaN or an infinity among the values is an error. Values that are
// all equal fill one bin.
func Histogram(values []float64, bins int, axis string) (*Figure, error) {
	if len(values) == 0 {
		return nil, errors.New("drawing a histogram: there are no values")
	}
	if bins < 1 || bins > 1000 {
		return nil, fmt.Errorf("drawing a histogram: %d bins, need 1 to 1000", bins)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.Abs(v) > largest {
			return nil, fmt.Errorf("drawing a histogram: value %d is %v", i, v)
		}
	}
	h := histogram{low: slices.Min(values), high: slices.Max(values)}
	if h.low == h.high {
		spread := max(math.Abs(h.low)*1e-3, 0.5)
		h.low, h.high, bins = h.low-spread, h.high+spread, 1
	}
	h.counts = make([]int, bins)
	for _, v := range values {
		h.counts[min(int((v-h.low)/(h.high-h.low)*float64(bins)), bins-1)]++
	}
	p := newPlot(axis, "count", false, true)
	p.X.Min, p.X.Max = h.low, h.high
	p.Y.Min, p.Y.Max = 0, float64(slices.Max(h.counts))*1.05
	p.Y.Tick.Marker = linearTicks{whole: true}
	p.Add(h)
	return &Figure{Width: width, Height: 360, panels: []panel{{plot: p}}}, nil
}

type histogram struct {
	low, high float64
	counts    []int
}

func (h histogram) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	wide := (h.high - h.low) / float64(len(h.counts))
	gap := px(0.5)
	if len(h.counts) > 200 {
		gap = 0
	}
	for i, n := range h.counts {
		if n == 0 {
			continue
		}
		left, right := x(h.low+wide*float64(i))+gap, x(h.low+wide*float64(i+1))-gap
		c.FillPolygon(blue, []vg.Point{{X: left, Y: y(0)}, {X: left, Y: y(float64(n))}, {X: right, Y: y(float64(n))}, {X: right, Y: y(0)}})
	}
}
