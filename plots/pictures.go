package plots

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	stddraw "image/draw"

	xdraw "golang.org/x/image/draw"
	stdfont "golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
)

// PictureOptions lay out rows of pictures; the zero value is 12 pictures a row, filling a notebook's width.
type PictureOptions struct {
	PerRow   int      // pictures in a row; 0 means 12
	Captions []string // one a picture, below it; nil means none
}

const (
	pictureGap    = 3  // px between pictures
	captionHeight = 16 // px
	mostPerRow    = 60
	mostPictures  = 2000
)

// PictureRows sets pictures side by side below a title. Each is scaled to the same longer side, keeping its shape, and
// centred in its place. The last row may be short. The figure's size is fixed when it is made; it can be saved as PNG only.
func PictureRows(title string, pictures []image.Image, opt PictureOptions) (*Figure, error) {
	if err := opt.check(pictures); err != nil {
		return nil, fmt.Errorf("drawing pictures %q: %w", title, err)
	}
	perRow := opt.PerRow
	if perRow == 0 {
		perRow = 12
	}
	l := pictureLayout{
		perRow: perRow,
		side:   (Scale*(width-2*margin) - (perRow-1)*Scale*pictureGap) / perRow,
		top:    Scale * margin,
	}
	for _, picture := range pictures {
		l.cellHeight = max(l.cellHeight, fitted(l.side, picture.Bounds()).Y)
	}
	l.rowHeight = l.cellHeight + Scale*pictureGap
	if opt.Captions != nil {
		l.rowHeight += Scale * captionHeight
	}
	if title != "" {
		l.top += Scale * titleHeight
	}
	rows := (len(pictures) + perRow - 1) / perRow
	height := l.top + rows*l.rowHeight - Scale*pictureGap + Scale*margin
	if height > Scale*maxSide {
		return nil, fmt.Errorf("drawing pictures %q: %d pictures don't fit a figure, draw fewer or more in a row", title, len(pictures))
	}
	canvas := image.NewRGBA(image.Rect(0, 0, Scale*width, height))
	stddraw.Draw(canvas, canvas.Bounds(), image.NewUniform(white), image.Point{}, stddraw.Src)

	heading := textStyle(titleSize, true)
	if title != "" {
		most := px(width - 2*margin)
		drawText(canvas, heading, Scale*margin, Scale*(margin+titleSize), fit(title, heading, most))
	}
	note := noteStyle()
	for i, picture := range pictures {
		cell := l.cell(i)
		drawPicture(canvas, inside(cell, picture.Bounds()), picture)
		if opt.Captions != nil {
			caption := fit(opt.Captions[i], note, px(float64(l.side)/Scale))
			drawText(canvas, note, cell.Min.X, cell.Max.Y+Scale*(noteSize+1), caption)
		}
	}
	return &Figure{Title: title, Width: width, Height: height / Scale, picture: canvas}, nil
}

func (o PictureOptions) check(pictures []image.Image) error {
	switch {
	case len(pictures) == 0:
		return errors.New("there are none")
	case len(pictures) > mostPictures:
		return fmt.Errorf("%d pictures, at most %d fit", len(pictures), mostPictures)
	case o.PerRow < 0 || o.PerRow > mostPerRow:
		return fmt.Errorf("%d pictures a row, need 1 to %d", o.PerRow, mostPerRow)
	case o.Captions != nil && len(o.Captions) != len(pictures):
		return fmt.Errorf("%d captions for %d pictures", len(o.Captions), len(pictures))
	}
	for i, picture := range pictures {
		if picture == nil || picture.Bounds().Empty() {
			return fmt.Errorf("picture %d is empty", i)
		}
	}
	return nil
}

// pictureLayout is in PNG pixels. Cells are as wide as side and as high as the highest picture.
type pictureLayout struct{ perRow, side, cellHeight, top, rowHeight int }

func (l pictureLayout) cell(i int) image.Rectangle {
	x := Scale*margin + (i%l.perRow)*(l.side+Scale*pictureGap)
	y := l.top + (i/l.perRow)*l.rowHeight
	return image.Rect(x, y, x+l.side, y+l.cellHeight)
}

// inside is where a picture goes: the middle of the cell, in its own shape.
func inside(cell, picture image.Rectangle) image.Rectangle {
	size := fitted(cell.Dx(), picture)
	corner := cell.Min.Add(cell.Size().Sub(size).Div(2))
	return image.Rectangle{Min: corner, Max: corner.Add(size)}
}

// fitted is the picture's size with its longer side scaled to side.
func fitted(side int, picture image.Rectangle) image.Point {
	w, h := picture.Dx(), picture.Dy()
	if w >= h {
		return image.Pt(side, max(1, side*h/w))
	}
	return image.Pt(max(1, side*w/h), side)
}

// drawPicture scales a picture to place at normal resolution and doubles its pixels: sharper ones would make a figure of
// photographs, and so a notebook full of them, three times as large.
func drawPicture(canvas *image.RGBA, place image.Rectangle, picture image.Image) {
	size := place.Size().Div(Scale)
	small := image.NewRGBA(image.Rect(0, 0, max(1, size.X), max(1, size.Y)))
	xdraw.CatmullRom.Scale(small, small.Bounds(), picture, picture.Bounds(), xdraw.Over, nil)
	xdraw.NearestNeighbor.Scale(canvas, place, small, small.Bounds(), xdraw.Over, nil)
}

// drawText writes one line with its baseline at y.
func drawText(canvas *image.RGBA, style text.Style, x, y int, line string) {
	fontFace := font.DefaultCache.Lookup(style.Font, style.Font.Size)
	face := fontFace.FontFace(96 * Scale)
	defer func() { _ = face.Close() }()
	drawer := stdfont.Drawer{Dst: canvas, Src: image.NewUniform(color.Color(style.Color)), Face: face, Dot: fixed.P(x, y)}
	drawer.DrawString(line)
}
