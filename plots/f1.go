package plots

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/longwing-ml/longwing/toolkit/metric"
)

// emptyAt is where classes without training pictures are drawn on the logarithmic axis.
const emptyAt = 0.5

const dotRadius = 4 // px

// PerClassF1 draws a dot a class: F1 against the number of training pictures, with the line at 0.7 that F170 counts
// from. Classes that are neither true nor predicted are left out. names, which may be nil, label the `worst` classes
// with the lowest F1 (of equals: the most training pictures) as far as there is room.
func PerClassF1(tally *metric.Tally, trainingCounts []int, names []string, worst int) (*Figure, error) {
	if tally == nil {
		return nil, errors.New("drawing F1 per class: there is no tally")
	}
	if err := checkCounts(trainingCounts, names); err != nil {
		return nil, fmt.Errorf("drawing F1 per class: %w", err)
	}
	if len(trainingCounts) != tally.NumClasses() {
		return nil, fmt.Errorf("drawing F1 per class: training counts of %d classes for a tally of %d", len(trainingCounts), tally.NumClasses())
	}
	var dots []dot
	above := 0
	for class, n := range trainingCounts {
		if !tally.Seen(class) {
			continue
		}
		d := dot{x: max(float64(n), emptyAt), y: tally.F1(class), color: vermillion}
		if d.y > metric.F170Threshold {
			above++
			d.color = blue
		}
		if names != nil {
			d.name = names[class]
		}
		dots = append(dots, d)
	}
	if len(dots) == 0 {
		return nil, errors.New("drawing F1 per class: no class is true or predicted")
	}
	slices.SortStableFunc(dots, func(a, b dot) int { return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(b.x, a.x)) })
	for i := range dots {
		if i >= worst {
			dots[i].name = ""
		}
	}
	p := newPlot("training pictures", "F1", false, true)
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, countTicks{}
	p.X.Min, p.X.Max = dots[0].x, dots[0].x
	for _, d := range dots {
		p.X.Min, p.X.Max = min(p.X.Min, d.x), max(p.X.Max, d.x)
	}
	p.X.Min, p.X.Max = p.X.Min/1.3, p.X.Max*1.3
	p.Y.Min, p.Y.Max = -0.03, 1.03
	p.Add(threshold(metric.F170Threshold), scatter(dots))
	legend := []legendEntry{
		{blue, fmt.Sprintf("F1 above 0.7: %d classes", above)},
		{vermillion, fmt.Sprintf("0.7 or below: %d", len(dots)-above)},
	}
	title := fmt.Sprintf("F1 of each class (F170 = %.3f)", tally.F170())
	return &Figure{Title: title, Width: width, Height: 500, panels: []panel{{legend: legend, plot: p}}}, nil
}

// countTicks are logTicks with a place for zero.
type countTicks struct{}

func (countTicks) Ticks(low, high float64) []plot.Tick {
	ticks := logTicks{}.Ticks(max(low, emptyAt*1.5), high)
	if low < emptyAt {
		ticks = append(ticks, plot.Tick{Value: emptyAt, Label: "0"})
	}
	return ticks
}

type dot struct {
	x, y  float64
	color color.RGBA
	name  string
}

type threshold float64

func (t threshold) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	style := draw.LineStyle{Color: ink, Width: px(1), Dashes: []vg.Length{px(6), px(4)}}
	c.StrokeLine2(style, c.Min.X, y(float64(t)), c.Max.X, y(float64(t)))
}

type scatter []dot

func (s scatter) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, d := range s {
		half := color.NRGBA{R: d.color.R, G: d.color.G, B: d.color.B, A: 0xa0} // overlapping dots stay visible
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: half, Radius: px(dotRadius), Shape: draw.CircleGlyph{}}, vg.Point{X: x(d.x), Y: y(d.y)})
	}
	s.writeNames(c, x, y)
}

// writeNames sets each name right or left of its dot, or leaves it out where it would cover a dot or another name.
func (s scatter) writeNames(c draw.Canvas, x, y func(float64) vg.Length) {
	note := noteStyle()
	note.YAlign = draw.YCenter
	radius := px(dotRadius)
	var taken []vg.Rectangle
	for _, d := range s {
		at := vg.Point{X: x(d.x), Y: y(d.y)}
		taken = append(taken, vg.Rectangle{
			Min: vg.Point{X: at.X - radius, Y: at.Y - radius},
			Max: vg.Point{X: at.X + radius, Y: at.Y + radius},
		})
	}
	for _, d := range s {
		if d.name == "" {
			continue
		}
		name := fit(d.name, note, px(170))
		wide := note.Width(name)
		for _, left := range []vg.Length{x(d.x) + px(7), x(d.x) - px(7) - wide} {
			at := vg.Point{X: left, Y: y(d.y) + px(1)}
			box := vg.Rectangle{
				Min: vg.Point{X: at.X, Y: at.Y - px(noteSize)/2},
				Max: vg.Point{X: at.X + wide, Y: at.Y + px(noteSize)/2},
			}
			if box.Min.X < c.Min.X || box.Max.X > c.Max.X ||
				slices.ContainsFunc(taken, func(other vg.Rectangle) bool { return overlap(box, other) }) {
				continue
			}
			taken = append(taken, box)
			c.FillText(note, at, name)
			break
		}
	}
}

func overlap(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}
