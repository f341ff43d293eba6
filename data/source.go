package data

import (
	"image"
	"image/color"

	"github.com/longwing-ml/longwing/data/resize"
)

// source reads a decoded image's rows as RGB, without alpha.
type source struct {
	width, height int
	row           func(y int, dst []byte)
}

func (s *source) Size() (width, height int) { return s.width, s.height }

func (s *source) Row(y int, dst []byte) { s.row(y, dst) }

// newSource picks the fast way for the image types that decoders return.
func newSource(img image.Image, header Header) resize.Source {
	bounds := img.Bounds()
	s := &source{width: bounds.Dx(), height: bounds.Dy()}
	switch img := img.(type) {
	case *image.YCbCr:
		s.row = newLumaChroma(img, header.Format).row
	case *image.NYCbCrA:
		s.row = newLumaChroma(&img.YCbCr, header.Format).row
	case *image.RGBA:
		s.row = packedRows(img.Pix, img.Stride, 4, 1)
	case *image.NRGBA:
		s.row = packedRows(img.Pix, img.Stride, 4, 1)
	case *image.RGBA64: // the upper byte comes first
		s.row = packedRows(img.Pix, img.Stride, 8, 2)
	case *image.NRGBA64:
		s.row = packedRows(img.Pix, img.Stride, 8, 2)
	case *image.Gray:
		s.row = greyRows(img.Pix, img.Stride, 1)
	case *image.Gray16:
		s.row = greyRows(img.Pix, img.Stride, 2)
	case *image.CMYK:
		s.row = cmykRows(img)
	case *image.Paletted:
		s.row = paletteRows(img)
	default:
		s.row = anyRows(img)
	}
	if header.Format == "GIF" { // whose first frame may be smaller than the picture
		return onCanvas(s, bounds.Min, header)
	}
	return s
}

// packedRows reads pixels of step bytes whose red, green and blue are sample bytes apart.
func packedRows(pix []byte, stride, step, sample int) func(int, []byte) {
	return func(y int, dst []byte) {
		from := pix[y*stride:]
		for x := 0; x < len(dst)/3; x++ {
			p := from[x*step : x*step+3*sample]
			dst[3*x], dst[3*x+1], dst[3*x+2] = p[0], p[sample], p[2*sample]
		}
	}
}

func greyRows(pix []byte, stride, step int) func(int, []byte) {
	return func(y int, dst []byte) {
		from := pix[y*stride:]
		for x := 0; x < len(dst)/3; x++ {
			level := from[x*step]
			dst[3*x], dst[3*x+1], dst[3*x+2] = level, level, level
		}
	}
}

func cmykRows(img *image.CMYK) func(int, []byte) {
	return func(y int, dst []byte) {
		from := img.Pix[y*img.Stride:]
		for x := 0; x < len(dst)/3; x++ {
			ink := from[4*x : 4*x+4]
			dst[3*x], dst[3*x+1], dst[3*x+2] = color.CMYKToRGB(ink[0], ink[1], ink[2], ink[3])
		}
	}
}

func paletteRows(img *image.Paletted) func(int, []byte) {
	var table [256][3]byte // indices beyond the palette stay black
	for i, c := range img.Palette {
		if i < len(table) {
			table[i] = rgb(c)
		}
	}
	return func(y int, dst []byte) {
		for x, index := range img.Pix[y*img.Stride:][:len(dst)/3] {
			copy(dst[3*x:3*x+3], table[index][:])
		}
	}
}

func anyRows(img image.Image) func(int, []byte) {
	origin := img.Bounds().Min
	return func(y int, dst []byte) {
		for x := 0; x < len(dst)/3; x++ {
			pixel := rgb(img.At(origin.X+x, origin.Y+y))
			copy(dst[3*x:3*x+3], pixel[:])
		}
	}
}

// rgb drops a colour's alpha.
func rgb(c color.Color) [3]byte {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	return [3]byte{n.R, n.G, n.B}
}

// onCanvas puts a frame at its place on a black canvas of the size in the header.
func onCanvas(frame *source, at image.Point, header Header) *source {
	if at == (image.Point{}) && frame.width == header.Width && frame.height == header.Height {
		return frame
	}
	row := make([]byte, 3*frame.width)
	place := image.Rectangle{at, at.Add(image.Pt(frame.width, frame.height))}
	visible := place.Intersect(image.Rect(0, 0, header.Width, header.Height))
	return &source{header.Width, header.Height, func(y int, dst []byte) {
		clear(dst)
		if y < visible.Min.Y || y >= visible.Max.Y {
			return
		}
		frame.row(y-at.Y, row)
		copy(dst[3*visible.Min.X:3*visible.Max.X], row[3*(visible.Min.X-at.X):])
	}}
}
