package plots

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	barHeight  = 18  // px a labelled bar takes
	mostLabels = 80  // bars that can be labelled one below the other; more are set in columns or get thin
	thinHeight = 900 // px of a figure of thin bars
)

// ClassCounts draws one horizontal bar a class, class 0 at the top, as long as the class has pictures. names may be nil.
//
// Up to 80 classes get their name, number and count written out; more are drawn as thin bars on a numbered axis.
func ClassCounts(counts []int, names []string) (*Figure, error) {
	if err := checkCounts(counts, names); err != nil {
		return nil, fmt.Errorf("drawing class counts: %w", err)
	}
	values := make([]float64, len(counts))
	for i, n := range counts {
		values[i] = float64(n)
	}
	f := &Figure{Title: "Class counts", Width: width}
	if len(counts) > mostLabels {
		p := newPlot("pictures", "class number", true, false)
		p.Y.Tick.Marker = linearTicks{whole: true, most: 25}
		addBars(p, bars{values: values})
		f.panels, f.Height = []panel{{plot: p}}, thinHeight
		return f, nil
	}
	labels := make([]string, len(counts))
	for i := range labels {
		labels[i] = strconv.Itoa(i)
		if names != nil {
			// Two spaces are as wide as a digit.
			padding := 3 + 2*(len(strconv.Itoa(len(counts)-1))-len(labels[i]))
			labels[i] = fit(names[i], textStyle(tickSize, false), px(260)) + strings.Repeat(" ", padding) + labels[i]
		}
	}
	f.panels = []panel{{plot: labelledBars("pictures", labels, values, slices.Max(values))}}
	f.Height = labelledHeight(len(counts))
	return f, nil
}

// Bars draws one horizontal bar a label, longest at the top, equal ones in the order given. Values must be finite and
// not negative. More than 80 are set in columns.
func Bars(labels []string, values []float64, axis string) (*Figure, error) {
	if len(labels) == 0 || len(labels) != len(values) {
		return nil, fmt.Errorf("drawing bars: %d labels and %d values, need as many of each and at least one", len(labels), len(values))
	}
	for i, v := range values {
		if !(v >= 0 && v <= largest) {
			return nil, fmt.Errorf("drawing bars: value %d (%s) is %v, need a number in [0, %g]", i, clean(labels[i]), v, largest)
		}
	}
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[b], values[a]) })

	columns := min((len(values)+mostLabels-1)/mostLabels, 4)
	rows := (len(values) + columns - 1) / columns
	f := &Figure{Width: width, Height: labelledHeight(rows)}
	labelWidth := px([]float64{260, 170, 120, 90}[columns-1])
	for start := 0; start < len(order); start += rows {
		var someLabels []string
		var someValues []float64
		for _, i := range order[start:min(start+rows, len(order))] {
			someLabels = append(someLabels, fit(labels[i], textStyle(tickSize, false), labelWidth))
			someValues = append(someValues, values[i])
		}
		p := labelledBars(axis, someLabels, someValues, values[order[0]])
		p.Y.Max = float64(rows) - 0.5 // the last column may be shorter
		f.panels = append(f.panels, panel{plot: p})
	}
	if f.Height > maxSide {
		return nil, fmt.Errorf("drawing bars: %d bars don't fit a figure, draw the largest only", len(values))
	}
	return f, nil
}

func checkCounts(counts []int, names []string) error {
	if len(counts) == 0 {
		return errors.New("there are no classes")
	}
	if names != nil && len(names) != len(counts) {
		return fmt.Errorf("%d names for %d classes", len(names), len(counts))
	}
	for class, n := range counts {
		if n < 0 {
			return fmt.Errorf("class %d has %d pictures", class, n)
		}
	}
	return nil
}

func labelledHeight(rows int) int {
	return 2*margin + titleHeight + 50 + barHeight*rows
}

// labelledBars is a plot of bars with their names at the left and their values at the right end; longest is the value
// that fills the width.
func labelledBars(axis string, labels []string, values []float64, longest float64) *plot.Plot {
	p := newPlot(axis, "", true, false)
	p.Y.Tick.Marker = plot.ConstantTicks(nameTicks(labels))
	p.Y.Tick.Label.Color = ink
	addBars(p, bars{values: values, thickness: 0.72, written: true})
	p.X.Max = scaleTo(longest) * 1.08 // room for the longest bar's number
	return p
}

func nameTicks(labels []string) []plot.Tick {
	ticks := make([]plot.Tick, len(labels))
	for i, label := range labels {
		ticks[i] = plot.Tick{Value: float64(i), Label: cmp.Or(label, " ")} // an empty label would be a minor tick
	}
	return ticks
}

// bars are horizontal, value i at height i, downwards.
type bars struct {
	values    []float64
	thickness float64 // share of the space of a bar; 0 means one closed outline without gaps
	written   bool    // write the value at the end
}

func addBars(p *plot.Plot, b bars) {
	p.Y.Scale = plot.InvertedScale{Normalizer: plot.LinearScale{}}
	p.Y.Min, p.Y.Max = -0.5, float64(len(b.values))-0.5
	p.X.Min, p.X.Max = 0, scaleTo(slices.Max(b.values))*1.02
	p.Add(b)
}

// scaleTo is the value that the axis ends at: the longest bar, or 1 if all bars are empty.
func scaleTo(longest float64) float64 {
	if longest == 0 {
		return 1
	}
	return longest
}

func (b bars) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	if b.thickness == 0 {
		// One outline: neighbouring polygons would show hairlines between them.
		outline := []vg.Point{{X: x(0), Y: y(-0.5)}}
		for i, v := range b.values {
			at := float64(i)
			outline = append(outline, vg.Point{X: x(v), Y: y(at - 0.5)}, vg.Point{X: x(v), Y: y(at + 0.5)})
		}
		outline = append(outline, vg.Point{X: x(0), Y: y(float64(len(b.values)) - 0.5)})
		c.FillPolygon(blue, outline)
		return
	}
	note := noteStyle()
	note.YAlign = draw.YCenter
	for i, v := range b.values {
		top, bottom := y(float64(i)-b.thickness/2), y(float64(i)+b.thickness/2)
		c.FillPolygon(blue, []vg.Point{{X: x(0), Y: top}, {X: x(v), Y: top}, {X: x(v), Y: bottom}, {X: x(0), Y: bottom}})
		if b.written {
			c.FillText(note, vg.Point{X: x(v) + px(4), Y: (top+bottom)/2 + px(1)}, number(v))
		}
	}
}
