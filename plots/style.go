package plots

import (
	"image/color"
	"strings"
	"unicode"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The palette of Okabe & Ito, "Color Universal Design" (2008): told apart by readers with any common colour blindness.
var (
	blue       = color.RGBA{R: 0x00, G: 0x72, B: 0xb2, A: 0xff}
	vermillion = color.RGBA{R: 0xd5, G: 0x5e, B: 0x00, A: 0xff}
	green      = color.RGBA{R: 0x00, G: 0x9e, B: 0x73, A: 0xff}
	orange     = color.RGBA{R: 0xe6, G: 0x9f, B: 0x00, A: 0xff}

	white = color.RGBA{R: 0xff, G: 0xff, B: 0xff, A: 0xff}
	ink   = color.RGBA{R: 0x22, G: 0x22, B: 0x22, A: 0xff} // text
	faded = color.RGBA{R: 0x66, G: 0x66, B: 0x66, A: 0xff} // tick labels and notes
	light = color.RGBA{R: 0xe4, G: 0xe4, B: 0xe4, A: 0xff} // grid
)

// Sizes in px at normal resolution.
const (
	width       = 900 // a notebook's text column
	margin      = 12
	titleSize   = 16
	titleHeight = 32 // title and the space below it
	panelGap    = 28
	labelSize   = 13 // axis labels, panel titles, legends
	tickSize    = 12
	noteSize    = 11 // numbers at bars, names at dots, captions
)

// px converts px at normal resolution (96 to the inch) to points.
func px[N int | float64](n N) vg.Length { return vg.Length(n) * 0.75 }

func textStyle(size float64, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: px(size)}
	if bold {
		f.Weight = stdfont.WeightBold
	}
	return text.Style{Color: ink, Font: f, XAlign: draw.XLeft, YAlign: draw.YBottom, Handler: plot.DefaultTextHandler}
}

func noteStyle() text.Style {
	style := textStyle(noteSize, false)
	style.Color = faded
	return style
}

// newPlot is a plot in our style: no frame, no tick marks, a light grid along the axes named.
func newPlot(xLabel, yLabel string, gridX, gridY bool) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil // the figure has filled it
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		label := textStyle(labelSize, false)
		label.XAlign, label.YAlign = axis.Label.TextStyle.XAlign, axis.Label.TextStyle.YAlign
		axis.Label.TextStyle = label
		axis.Label.Padding = px(6)
		tick := textStyle(tickSize, false)
		tick.XAlign, tick.YAlign = axis.Tick.Label.XAlign, axis.Tick.Label.YAlign
		tick.Color = faded
		if axis == &p.Y {
			tick.YAlign = -0.67 // gonum sets the labels of vertical axes too high by their descent
		}
		axis.Tick.Label = tick
		axis.Tick.Length = 0
		axis.Width = 0
		axis.Padding = px(3)
		axis.Tick.Marker = linearTicks{}
	}
	p.X.Label.Text, p.Y.Label.Text = xLabel, yLabel
	p.Add(grid{x: gridX, y: gridY})
	return p
}

// grid draws a line at every labelled tick.
type grid struct{ x, y bool }

func (g grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := draw.LineStyle{Color: light, Width: px(1)}
	if g.x {
		for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
			if at := x(t.Value); !t.IsMinor() && c.ContainsX(at) {
				c.StrokeLine2(style, at, c.Min.Y, at, c.Max.Y)
			}
		}
	}
	if g.y {
		for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
			if at := y(t.Value); !t.IsMinor() && c.ContainsY(at) {
				c.StrokeLine2(style, c.Min.X, at, c.Max.X, at)
			}
		}
	}
}

// clean makes any string drawable on one line.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == 0xfffe || r == 0xffff { // not allowed in SVG
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.TrimSpace(s)
}

// fit cleans a string and shortens it with an ellipsis until it is at most so wide.
func fit(s string, style text.Style, most vg.Length) string {
	s = clean(s)
	if style.Width(s) <= most {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if short := strings.TrimSpace(string(runes[:n])) + "…"; style.Width(short) <= most {
			return short
		}
	}
	return "…"
}
