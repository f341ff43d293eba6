package plots

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/longwing-ml/longwing/toolkit/metric"
)

// The size groups of classes, from the most pictures to the fewest, as toolkit/metric defines them.
var shotGroups = []struct {
	shot  metric.Shot
	color color.RGBA
	text  string
}{
	{metric.Many, blue, "many (over 100)"},
	{metric.Medium, orange, "medium (20 to 100)"},
	{metric.Few, vermillion, "few (under 20)"},
}

// LongTail draws the pictures of each class from the most frequent class to the rarest, on a logarithmic axis, coloured
// by size group. Classes without pictures take their place on the axis but have no bar; all empty is an error.
func LongTail(counts []int) (*Figure, error) {
	if err := checkCounts(counts, nil); err != nil {
		return nil, fmt.Errorf("drawing the long tail: %w", err)
	}
	sorted := slices.Clone(counts)
	slices.SortFunc(sorted, func(a, b int) int { return b - a })
	total := 0
	for _, n := range sorted {
		total += n
	}
	if total == 0 {
		return nil, fmt.Errorf("drawing the long tail: none of the %d classes has a picture", len(counts))
	}
	p := newPlot("classes, most frequent first", "pictures", false, true)
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
	p.Y.Min, p.Y.Max = 0.8, float64(sorted[0])*1.3
	p.X.Tick.Marker = linearTicks{whole: true}
	p.X.Min, p.X.Max = 0, float64(len(sorted))
	p.Add(staircase(sorted))

	f := &Figure{Title: "Pictures per class", Width: width, Height: 420, panels: []panel{{plot: p}}}
	for _, g := range shotGroups {
		classes, pictures := 0, 0
		for _, n := range sorted {
			if metric.ShotOf(n) == g.shot {
				classes++
				pictures += n
			}
		}
		f.panels[0].legend = append(f.panels[0].legend, legendEntry{g.color,
			fmt.Sprintf("%s: %d classes, %.1f %% of all", g.text, classes, 100*float64(pictures)/float64(total))})
	}
	return f, nil
}

// staircase is filled down to the axis, one closed outline a size group.
type staircase []int

func (s staircase) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	bottom := c.Min.Y
	for _, g := range shotGroups {
		var outline []vg.Point
		for i, n := range s {
			if n == 0 || metric.ShotOf(n) != g.shot {
				continue
			}
			if outline == nil {
				outline = append(outline, vg.Point{X: x(float64(i)), Y: bottom})
			}
			top := y(float64(n))
			outline = append(outline, vg.Point{X: x(float64(i)), Y: top}, vg.Point{X: x(float64(i + 1)), Y: top})
		}
		if outline != nil {
			outline = append(outline, vg.Point{X: outline[len(outline)-1].X, Y: bottom})
			c.FillPolygon(g.color, outline)
		}
	}
}
