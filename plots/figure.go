package plots

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// Scale is the number of PNG pixels a figure's pixel has in each direction, so that figures are sharp on fine screens.
const Scale = 2

// maxSide bounds Width and Height: beyond it a PNG would take more than 1.6 GB to draw.
const maxSide = 10000

// Figure is something to look at. Title, Width and Height may be changed before it is drawn, except those of a figure
// made of pictures.
type Figure struct {
	Title  string // above the figure, left; may be empty
	Width  int    // px at normal resolution; PNGs have Scale times as many
	Height int    // px at normal resolution

	panels  []panel
	picture *image.RGBA // a figure made of pictures; it has no panels, and no SVG
}

// PNG draws the figure as a PNG of Scale·Width by Scale·Height pixels.
func (f *Figure) PNG() ([]byte, error) {
	img, err := f.Image()
	if err != nil {
		return nil, err
	}
	var buffer bytes.Buffer
	if err := png.Encode(&buffer, img); err != nil {
		return nil, fmt.Errorf("figure %q: encoding PNG: %w", f.Title, err)
	}
	return buffer.Bytes(), nil
}

// Image draws the figure at the resolution of its PNG.
func (f *Figure) Image() (image.Image, error) {
	if f.picture != nil {
		return f.picture, nil
	}
	var canvas *vgimg.Canvas
	err := f.protect(func() error {
		canvas = vgimg.NewWith(vgimg.UseWH(px(f.Width), px(f.Height)), vgimg.UseDPI(96*Scale))
		return f.draw(canvas)
	})
	if err != nil {
		return nil, err
	}
	if drawn, ok := canvas.Image().(*image.RGBA); ok {
		return reduce(drawn), nil
	}
	return canvas.Image(), nil
}

// SVG draws the figure as an SVG document. Text stays text, in Liberation Sans or what the reader has that is like it.
// A figure made of pictures gives an error.
func (f *Figure) SVG() ([]byte, error) {
	if f.picture != nil {
		return nil, fmt.Errorf("figure %q is made of pictures and has no SVG; save it as PNG", f.Title)
	}
	var buffer bytes.Buffer
	err := f.protect(func() error {
		canvas := vgsvg.New(px(f.Width), px(f.Height))
		if err := f.draw(canvas); err != nil {
			return err
		}
		_, err := canvas.WriteTo(&buffer)
		return err
	})
	if err != nil {
		return nil, err
	}
	// Readers without the font take what has letters of the same width.
	return bytes.ReplaceAll(buffer.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;")), nil
}

// Save writes the figure to a file, atomically; the name must end in .png or .svg.
func (f *Figure) Save(path string) error {
	var content []byte
	var err error
	switch extension := strings.ToLower(filepath.Ext(path)); extension {
	case ".png":
		content, err = f.PNG()
	case ".svg":
		content, err = f.SVG()
	default:
		return fmt.Errorf("saving figure as %s: the name must end in .png or .svg", path)
	}
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, content)
}

// protect turns what the drawing library panics about into an error.
func (f *Figure) protect(drawing func() error) (err error) {
	if f.Width < 100 || f.Height < 60 || f.Width > maxSide || f.Height > maxSide {
		return fmt.Errorf("figure %q: %d by %d px can't be drawn, need 100 by 60 to %d by %d",
			f.Title, f.Width, f.Height, maxSide, maxSide)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("figure %q: drawing failed: %v", f.Title, r)
		}
	}()
	return drawing()
}

// draw lays the title and the panels out, left to right.
func (f *Figure) draw(canvas vg.Canvas) error {
	if len(f.panels) == 0 {
		return errors.New("figure has no content; make it with a function of package plots")
	}
	c := draw.NewCanvas(safeCanvas{canvas}, px(f.Width), px(f.Height))
	c.SetColor(white)
	c.Fill(c.Path())
	c = draw.Crop(c, px(margin), -px(margin), px(margin), -px(margin))
	if title := clean(f.Title); title != "" {
		style := textStyle(titleSize, true)
		style.YAlign = draw.YTop
		c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y}, title)
		c = draw.Crop(c, 0, 0, 0, -px(titleHeight))
	}
	gap := px(panelGap)
	width := (c.Max.X - c.Min.X - gap*vg.Length(len(f.panels)-1)) / vg.Length(len(f.panels))
	legendLines := 0 // room for as many above every panel, so that their axes line up
	for _, p := range f.panels {
		legendLines = max(legendLines, len(p.legendRows(width)))
	}
	for i, p := range f.panels {
		left := (width + gap) * vg.Length(i)
		right := c.Max.X - c.Min.X - left - width
		if err := p.draw(draw.Crop(c, left, -right, 0, 0), legendLines); err != nil {
			return fmt.Errorf("figure %q: %w", f.Title, err)
		}
	}
	return nil
}
