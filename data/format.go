package data

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// format is a file format that Decode reads.
type format struct {
	name        string
	config      func(io.Reader) (image.Config, error)
	decode      func(io.Reader) (image.Image, error)
	orientation func(content []byte) int // EXIF orientation, 1…8; nil where the format has none

	// pixelBytes is how much memory the decoder takes at most, bytes a pixel.
	pixelBytes func(config image.Config, start []byte) int
}

var formats = map[string]*format{
	"JPEG": {"JPEG", jpeg.DecodeConfig, jpeg.Decode, jpegOrientation, jpegBytes},
	"PNG":  {"PNG", png.DecodeConfig, png.Decode, pngOrientation, pngBytes},
	"GIF":  {"GIF", gif.DecodeConfig, gif.Decode, nil, constant(2)},
	"WebP": {"WebP", webp.DecodeConfig, webp.Decode, webpOrientation, constant(8)},
	"BMP":  {"BMP", bmp.DecodeConfig, bmp.Decode, nil, constant(4)},
	"TIFF": {"TIFF", tiff.DecodeConfig, tiff.Decode, exifOrientation, constant(16)},
}

func constant(n int) func(image.Config, []byte) int {
	return func(image.Config, []byte) int { return n }
}

// jpegBytes counts the samples, their coefficients (4 bytes each) if the file is progressive, and a converted copy.
func jpegBytes(config image.Config, start []byte) int {
	const progressive = 0xc2
	samples, copied := 3, 0
	switch config.ColorModel {
	case color.GrayModel:
		samples = 1
	case color.RGBAModel:
		copied = 4
	case color.CMYKModel:
		samples, copied = 4, 4
	}
	for marker := range jpegSegments(start) {
		if marker == progressive {
			return 5*samples + copied
		}
	}
	return samples + copied
}

// pngBytes counts the pixels, twice if the file is interlaced.
func pngBytes(config image.Config, start []byte) int {
	const interlace = 28 // where the header says so
	n := 8
	switch config.ColorModel {
	case color.GrayModel:
		n = 1
	case color.Gray16Model:
		n = 2
	case color.RGBAModel, color.NRGBAModel:
		n = 4
	}
	if _, ok := config.ColorModel.(color.Palette); ok {
		n = 1
	}
	if len(start) > interlace && start[interlace] != 0 {
		n *= 2
	}
	return n
}

// sniffLen is how many bytes sniff looks at.
const sniffLen = 16

// sniff names the format of a file by its first bytes; "" if it is none of the formats that Decode reads.
func sniff(start []byte) string {
	has := func(at int, magic string) bool {
		return len(start) >= at+len(magic) && string(start[at:at+len(magic)]) == magic
	}
	switch {
	case has(0, "\xff\xd8\xff"):
		return "JPEG"
	case has(0, "\x89PNG\r\n\x1a\n"):
		return "PNG"
	case has(0, "GIF87a"), has(0, "GIF89a"):
		return "GIF"
	case has(0, "RIFF") && has(8, "WEBP"):
		return "WebP"
	case has(0, "BM") && has(6, "\x00\x00\x00\x00"):
		return "BMP"
	case has(0, "II*\x00"), has(0, "MM\x00*"):
		return "TIFF"
	}
	return ""
}

// unknownFormat says what a file that sniff does not know seems to be.
func unknownFormat(content []byte) error {
	if len(content) == 0 {
		return fmt.Errorf("the file is empty")
	}
	const known = "not a JPEG, PNG, GIF, WebP, BMP or TIFF picture"
	start := bytes.ToLower(bytes.TrimLeft(content[:min(len(content), 256)], " \t\r\n\ufeff"))
	for _, guess := range []struct{ prefix, name string }{
		{"<!doctype html", "an HTML page"}, {"<html", "an HTML page"}, {"<svg", "an SVG drawing"}, {"<?xml", "an XML file"},
		{"version https://git-lfs", "a Git LFS pointer, not the picture it stands for"},
	} {
		if bytes.HasPrefix(start, []byte(guess.prefix)) {
			return fmt.Errorf("%s but %s", known, guess.name)
		}
	}
	if len(content) >= 12 && string(content[4:8]) == "ftyp" {
		return fmt.Errorf("%s but a file of type %q (HEIC, AVIF and videos are not read)", known, content[8:12])
	}
	return fmt.Errorf("%s: it starts with %q", known, content[:min(len(content), 8)])
}
