package plots

import (
	"errors"
	"fmt"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/longwing-ml/longwing/toolkit/run"
)

// curve is one line of a panel; points whose y is NaN are gaps.
type curve struct {
	name  string
	color color.RGBA
	x, y  []float64
}

// LearningCurves draws the records of a run against the epoch: loss; accuracy and F170; learning rate. Training is blue,
// validation vermillion. A panel none of whose numbers was measured is left out; no number at all is an error.
func LearningCurves(records []run.Record) (*Figure, error) {
	f := &Figure{Title: "Learning curves", Width: width, Height: 350}
	loss := []curve{
		series(records, "training", blue, run.Train, func(r run.Record) float64 { return r.Loss }),
		series(records, "validation", vermillion, run.Valid, func(r run.Record) float64 { return r.Loss }),
	}
	scores := []curve{
		series(records, "training", blue, run.Train, func(r run.Record) float64 { return r.Accuracy }),
		withBest(series(records, "validation", vermillion, run.Valid, func(r run.Record) float64 { return r.Accuracy })),
		withBest(series(records, "F170 of validation", green, run.Valid, func(r run.Record) float64 { return r.F170 })),
	}
	rates := []curve{series(records, "", blue, run.Train, func(r run.Record) float64 {
		if r.LR > 0 {
			return r.LR
		}
		return math.NaN() // has no place on a logarithmic axis
	})}
	stages := stageEnds(records)
	for _, p := range []struct {
		title  string
		curves []curve
		set    func(*plot.Plot)
	}{
		{"Loss", loss, func(p *plot.Plot) { p.Y.Min = min(p.Y.Min, 0) }},
		{"Accuracy and F170", scores, func(p *plot.Plot) { p.Y.Min, p.Y.Max = 0, 1 }},
		{"Learning rate", rates, func(p *plot.Plot) {
			p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, logTicks{}
			p.Y.Min, p.Y.Max = p.Y.Min/2, p.Y.Max*2
		}},
	} {
		if made, ok := curvePanel(p.title, p.curves, stages); ok {
			p.set(made.plot)
			f.panels = append(f.panels, made)
		}
	}
	if len(f.panels) == 0 {
		return nil, errors.New("drawing learning curves: the records hold no finite number")
	}
	return f, nil
}

func series(records []run.Record, name string, c color.RGBA, phase string, value func(run.Record) float64) curve {
	s := curve{name: name, color: c}
	for _, r := range records {
		if r.Phase == phase {
			v := value(r)
			if math.Abs(v) > largest {
				v = math.NaN()
			}
			s.x, s.y = append(s.x, float64(r.Epoch)), append(s.y, v)
		}
	}
	return s
}

// withBest puts the curve's highest value into its name.
func withBest(s curve) curve {
	if _, high, ok := s.limits(); ok {
		s.name = fmt.Sprintf("%s, best %.3f", s.name, high)
	}
	return s
}

func (s curve) limits() (low, high float64, ok bool) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, v := range s.y {
		if !math.IsNaN(v) {
			low, high, ok = min(low, v), max(high, v), true
		}
	}
	return low, high, ok
}

// stageEnds returns where to mark the end of every stage but the last: half an epoch after its last epoch.
func stageEnds(records []run.Record) []float64 {
	var ends []float64
	for i := 1; i < len(records); i++ {
		if records[i].Stage != records[i-1].Stage {
			ends = append(ends, float64(records[i-1].Epoch)+0.5)
		}
	}
	return ends
}

func curvePanel(title string, curves []curve, stages []float64) (panel, bool) {
	made := panel{title: title, plot: newPlot("epoch", "", false, true)}
	p := made.plot
	p.X.Tick.Marker = linearTicks{whole: true}
	p.Add(verticals(stages))
	for _, s := range curves {
		low, high, ok := s.limits()
		if !ok {
			continue
		}
		if s.name != "" {
			made.legend = append(made.legend, legendEntry{s.color, s.name})
		}
		p.Y.Min, p.Y.Max = min(p.Y.Min, low), max(p.Y.Max, high)
		for _, x := range s.x {
			p.X.Min, p.X.Max = min(p.X.Min, x), max(p.X.Max, x)
		}
		p.Add(s)
	}
	if len(made.legend) == 0 && math.IsInf(p.Y.Min, 1) {
		return panel{}, false
	}
	if p.X.Min == p.X.Max { // a single epoch
		p.X.Min, p.X.Max = p.X.Min-1, p.X.Max+1
	}
	p.Y.Max += 0.05 * (p.Y.Max - min(p.Y.Min, 0))
	return made, true
}

// verticals are thin lines where a stage ends.
type verticals []float64

func (v verticals) Plot(c draw.Canvas, p *plot.Plot) {
	x, _ := p.Transforms(&c)
	style := draw.LineStyle{Color: faded, Width: px(1), Dashes: []vg.Length{px(2), px(3)}}
	for _, at := range v {
		if at := x(at); c.ContainsX(at) {
			c.StrokeLine2(style, at, c.Min.Y, at, c.Max.Y)
		}
	}
}

func (s curve) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var line []vg.Point
	stroke := func() {
		if len(line) > 1 {
			c.StrokeLines(draw.LineStyle{Color: s.color, Width: px(2)}, line)
		}
		line = nil
	}
	dots := len(s.x) <= 40
	for i := range s.x {
		if math.IsNaN(s.y[i]) {
			stroke()
			continue
		}
		at := vg.Point{X: x(s.x[i]), Y: y(s.y[i])}
		line = append(line, at)
		if dots {
			c.DrawGlyphNoClip(draw.GlyphStyle{Color: s.color, Radius: px(3), Shape: draw.CircleGlyph{}}, at)
		}
	}
	stroke()
}
