package plots

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"maps"
	"slices"
)

// reduce maps a drawn figure to the 256 colours it uses most, which makes its PNG several times smaller. What is left
// out is rare shades at the edges of letters and lines; each becomes the nearest colour kept.
func reduce(img *image.RGBA) *image.Paletted {
	count := make(map[color.RGBA]int)
	eachRun(img, func(c color.RGBA, from, to int) { count[c] += to - from })
	colors := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colors[:min(256, len(colors))] {
		palette = append(palette, c)
	}
	index := make(map[color.RGBA]uint8, len(colors))
	for _, c := range colors {
		index[c] = uint8(palette.Index(c))
	}
	reduced := image.NewPaletted(img.Bounds(), palette)
	eachRun(img, func(c color.RGBA, from, to int) {
		i := index[c]
		for at := from; at < to; at++ {
			reduced.Pix[at] = i
		}
	})
	return reduced
}

// eachRun calls do for every run of pixels of one colour, numbered row by row. Figures are mostly long runs.
func eachRun(img *image.RGBA, do func(c color.RGBA, from, to int)) {
	pixels := len(img.Pix) / 4
	for from := 0; from < pixels; {
		pixel := img.Pix[4*from : 4*from+4]
		to := from + 1
		for to < pixels && bytes.Equal(img.Pix[4*to:4*to+4], pixel) {
			to++
		}
		do(color.RGBA{R: pixel[0], G: pixel[1], B: pixel[2], A: pixel[3]}, from, to)
		from = to
	}
}
