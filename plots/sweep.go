package plots

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
)

// RateSweep draws the losses of a learning-rate sweep, and their smoothed course, against the rate on a logarithmic axis.
// The two rates that are advised, where the loss falls fastest and a tenth of where it is smallest, are vertical lines if
// they lie between the rates; 0 is none. No finite loss, and slices of different lengths, are errors.
func RateSweep(rates, losses, smooth []float64, steepest, tenth float64) (*Figure, error) {
	if len(rates) != len(losses) || len(rates) != len(smooth) {
		return nil, fmt.Errorf("drawing a sweep: %d rates, %d losses and %d smoothed losses", len(rates), len(losses), len(smooth))
	}
	p := newPlot("learning rate", "loss", false, true)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, logTicks{}
	made := panel{plot: p}
	p.Y.Min, p.X.Min, p.X.Max = 0, math.Inf(1), math.Inf(-1)
	high := 0.0
	for i, rate := range rates {
		if !(rate > 0) || math.IsInf(rate, 0) {
			return nil, fmt.Errorf("drawing a sweep: rate %g is not a number above 0", rate)
		}
		p.X.Min, p.X.Max = min(p.X.Min, rate), max(p.X.Max, rate)
		if math.Abs(smooth[i]) < largest {
			high = max(high, smooth[i])
		}
	}
	if high == 0 {
		return nil, errors.New("drawing a sweep: there is no finite loss")
	}
	if p.X.Min == p.X.Max {
		p.X.Min, p.X.Max = p.X.Min/2, p.X.Max*2
	}
	p.Y.Max = 1.3 * high // single losses may leave the frame
	clipped := make([]float64, len(losses))
	for i, loss := range losses {
		clipped[i] = loss
		if !(math.Abs(loss) <= p.Y.Max) {
			clipped[i] = math.NaN()
		}
	}
	p.Add(curve{color: orange, x: rates, y: clipped}, curve{color: blue, x: rates, y: smooth})
	made.legend = []legendEntry{{orange, "each step"}, {blue, "smoothed"}}
	for _, advice := range []struct {
		name string
		rate float64
	}{{"steepest at", steepest}, {"a tenth of the lowest's", tenth}} {
		if advice.rate >= p.X.Min && advice.rate <= p.X.Max {
			p.Add(verticals{advice.rate})
			made.legend = append(made.legend, legendEntry{faded, fmt.Sprintf("%s %.2g", advice.name, advice.rate)})
		}
	}
	return &Figure{Title: "Learning-rate sweep", Width: width, Height: 380, panels: []panel{made}}, nil
}
