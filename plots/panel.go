package plots

import (
	"errors"
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// panel is one set of axes with an optional title and a legend above it, where neither can cover data.
type panel struct {
	title  string
	legend []legendEntry
	plot   *plot.Plot
}

// leastRoom is the px that data must have in each direction.
const leastRoom = 20

type legendEntry struct {
	color color.Color
	text  string
}

// draw leaves room for the given number of legend lines, of which the panel may need fewer.
func (p panel) draw(c draw.Canvas, legendLines int) error {
	bold, plain := textStyle(labelSize, true), textStyle(labelSize, false)
	line := px(labelSize + 6)
	y := c.Max.Y - px(labelSize)
	below := c.Max.Y
	if p.title != "" {
		c.FillText(bold, vg.Point{X: c.Min.X, Y: y}, clean(p.title))
		y -= line
		below -= line
	}
	if legendLines > 0 {
		below -= line*vg.Length(legendLines) + px(4)
	}
	for _, row := range p.legendRows(c.Max.X - c.Min.X) {
		x := c.Min.X
		for _, entry := range row {
			c.FillPolygon(entry.color, square(x, y, px(10)))
			c.FillText(plain, vg.Point{X: x + px(15), Y: y}, clean(entry.text))
			x += entryWidth(entry, plain)
		}
		y -= line
	}
	axes := draw.Crop(c, 0, 0, 0, below-c.Max.Y)
	if room := p.plot.DataCanvas(axes).Size(); !(room.X >= px(leastRoom) && room.Y >= px(leastRoom)) {
		return errors.New("it is too small for its axes, titles and legends")
	}
	p.plot.Draw(axes)
	return nil
}

func square(x, y, side vg.Length) []vg.Point {
	return []vg.Point{{X: x, Y: y}, {X: x + side, Y: y}, {X: x + side, Y: y + side}, {X: x, Y: y + side}}
}

func entryWidth(entry legendEntry, style text.Style) vg.Length {
	return px(15+18) + style.Width(clean(entry.text))
}

// legendRows breaks the legend into rows no wider than the panel.
func (p panel) legendRows(most vg.Length) [][]legendEntry {
	style := textStyle(labelSize, false)
	var rows [][]legendEntry
	var used vg.Length
	for _, entry := range p.legend {
		w := entryWidth(entry, style)
		if len(rows) == 0 || used+w > most {
			rows = append(rows, nil)
			used = 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], entry)
		used += w
	}
	return rows
}
