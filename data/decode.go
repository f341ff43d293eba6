package data

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"

	"github.com/longwing-ml/longwing/data/resize"
)

// Limits of what Decode takes on.
const (
	DefaultMaxPixels = 50_000_000 // pixels of one picture
	MaxSide          = 65_535     // px; also what JPEG allows
	MaxFileBytes     = 256 << 20  // bytes of one file
)

// Limits are checked from a picture's header, before any pixel is decoded. The zero value means the defaults.
type Limits struct {
	MaxPixels int64 // width × height; 0 = DefaultMaxPixels
}

func (l Limits) maxPixels() int64 {
	if l.MaxPixels == 0 {
		return DefaultMaxPixels
	}
	return l.MaxPixels
}

// ErrTooLarge is wrapped by the errors for pictures beyond the limits.
var ErrTooLarge = errors.New("too large")

// Header is what the first bytes of a picture say about it.
type Header struct {
	Format        string // "JPEG", "PNG", "GIF", "WebP", "BMP" or "TIFF"
	Width, Height int    // px, as stored: before EXIF orientation is applied
	Memory        int64  // bytes that decoding needs at most, without the file itself
}

// ReadHeader reads a picture's header from the start of its file and checks it against the limits. It does not touch
// the pixels; the rest of the file may be missing.
func ReadHeader(start []byte, limits Limits) (Header, error) {
	format := formats[sniff(start)]
	if format == nil {
		return Header{}, unknownFormat(start)
	}
	var config image.Config
	err := guard(func() (err error) {
		config, err = format.config(bytes.NewReader(start))
		return err
	})
	if err != nil {
		return Header{}, fmt.Errorf("broken %s: %w", format.name, plainEOF(err))
	}
	width, height := int64(config.Width), int64(config.Height)
	switch {
	case width < 1 || height < 1:
		return Header{}, fmt.Errorf("broken %s: its size is %dx%d px", format.name, width, height)
	case width > MaxSide || height > MaxSide:
		return Header{}, fmt.Errorf("%w: %dx%d px, a side is above the limit of %d", ErrTooLarge, width, height, MaxSide)
	case width*height > limits.maxPixels():
		return Header{}, fmt.Errorf("%w: %dx%d px are %.1f megapixels, above the limit of %.4g",
			ErrTooLarge, width, height, float64(width*height)/1e6, float64(limits.maxPixels())/1e6)
	}
	return Header{format.name, config.Width, config.Height, width * height * int64(format.pixelBytes(config, start))}, nil
}

// Decode reads a JPEG, PNG, GIF (its first frame), WebP, BMP or TIFF (its first page) picture as 8-bit RGB; all alpha
// values of the result are 255.
//
// Alpha is dropped, not blended, as in the study; what a GIF leaves transparent becomes black. 16-bit samples are cut
// to their upper 8 bits, grey, palette and CMYK colours converted without colour profiles. EXIF orientation is applied.
//
// Errors: another format, a broken or truncated file, a picture beyond the limits (wraps ErrTooLarge).
func Decode(r io.Reader, limits Limits) (*image.RGBA, error) {
	content, err := ReadFile(r)
	if err != nil {
		return nil, err
	}
	source, orientation, err := decode(content, limits)
	if err != nil {
		return nil, err
	}
	width, height := source.Size()
	pix := make([]byte, 4*width*height)
	row := make([]byte, 3*width)
	for y := range height {
		source.Row(y, row)
		out := pix[4*width*y:][:4*width]
		for x := range width {
			out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = row[3*x], row[3*x+1], row[3*x+2], 255
		}
	}
	pix, width, height = orient(pix, width, height, 4, orientation)
	return &image.RGBA{Pix: pix, Stride: 4 * width, Rect: image.Rect(0, 0, width, height)}, nil
}

// Decoder turns picture files into pictures of a fixed size. Its zero value is ready; it keeps buffers between calls
// and is not for use by several goroutines at once.
type Decoder struct {
	Limits  Limits
	Resize  Resize // of which Check approves
	resizer resize.Resizer
}

// Square decodes a picture file, as Decode does, and makes it size × size px of RGB by the rule d.Resize, size·size·3
// bytes written to dst. Package resize says which filters are used. It panics if dst has another length.
func (d *Decoder) Square(dst []byte, size int, content []byte) error {
	source, orientation, err := decode(content, d.Limits)
	if err != nil {
		return err
	}
	// The picture is turned when it is small, which comes to the same; the rule is about the turned one.
	width, height := source.Size()
	if swapsSides(orientation) {
		width, height = height, width
	}
	width, height, kept := d.Resize.window(width, height, size)
	if swapsSides(orientation) {
		width, height = height, width
	}
	d.resizer.Interpolation = d.Resize.Interpolation
	d.resizer.Crop(dst, width, height, storedWindow(kept, width, height, orientation), source)
	if orientation > 1 {
		turned, _, _ := orient(dst, size, size, 3, orientation)
		copy(dst, turned)
	}
	return nil
}

// ReadFile reads a picture file whole, up to MaxFileBytes.
func ReadFile(r io.Reader) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxFileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(content) > MaxFileBytes {
		return nil, fmt.Errorf("%w: the file has more than %d MiB", ErrTooLarge, MaxFileBytes>>20)
	}
	return content, nil
}

// decode returns the pixels as stored and how they are to be turned.
func decode(content []byte, limits Limits) (source resize.Source, orientation int, err error) {
	header, err := ReadHeader(content, limits)
	if err != nil {
		return nil, 0, err
	}
	format := formats[header.Format]
	var img image.Image
	err = guard(func() (err error) {
		img, err = format.decode(bytes.NewReader(content))
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("broken %s: %w", header.Format, plainEOF(err))
	}
	orientation = 1
	if format.orientation != nil {
		orientation = format.orientation(content)
	}
	return newSource(img, header), orientation, nil
}

// guard turns a decoder's panic on a damaged file into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the decoder failed: %v", p)
		}
	}()
	return f()
}

// plainEOF puts the usual cause of a broken picture in plain words.
func plainEOF(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("the file is cut off: %w", err)
	}
	return err
}
