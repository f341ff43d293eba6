package colour

import (
	"fmt"
	"math"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/resize"
)

const (
	// Bins is the number of bins of each histogram. They divide the levels [0, 255) evenly; level 255 is in none.
	Bins = 100

	scaledSize = 224 // px: pictures are scaled to this,
	cropSize   = 200 // px: and this is cut out of the middle
	levels     = 255
)

// Histogram counts the pixels of the middle of a picture by hue and by saturation. Levels are OpenCV's of 8-bit HSV:
// hue in half degrees, 0…179, saturation 0…255.
type Histogram struct {
	Hue, Saturation [Bins]uint16
}

// Append appends the 2 × Bins features of the picture to dst: both histograms, each divided by its Euclidean norm. An
// empty histogram, which pixels of level 255 alone leave, gives zeros.
func (h *Histogram) Append(dst []float64) []float64 {
	for _, counts := range [][Bins]uint16{h.Hue, h.Saturation} {
		squares := 0
		for _, n := range counts {
			squares += int(n) * int(n)
		}
		norm := math.Sqrt(float64(max(squares, 1)))
		for _, n := range counts {
			dst = append(dst, float64(n)/norm)
		}
	}
	return dst
}

// extractor makes histograms of pictures. It keeps buffers between calls and is not for use by several goroutines.
type extractor struct {
	decoder data.Decoder
	scaled  []byte // RGB
	middle  []byte
	blur    blur
}

func newExtractor() *extractor {
	return &extractor{
		decoder: data.Decoder{Resize: data.Resize{Interpolation: resize.Bilinear}},
		scaled:  make([]byte, 3*scaledSize*scaledSize),
		middle:  make([]byte, 3*cropSize*cropSize),
	}
}

// histogram describes a picture file.
func (e *extractor) histogram(content []byte) (Histogram, error) {
	if err := e.decoder.Square(e.scaled, scaledSize, content); err != nil {
		return Histogram{}, err
	}
	const margin = (scaledSize - cropSize) / 2
	for y := range cropSize {
		copy(e.middle[3*cropSize*y:][:3*cropSize], e.scaled[3*(scaledSize*(y+margin)+margin):])
	}
	e.blur.apply(e.middle, cropSize, cropSize)
	return count(e.middle), nil
}

// count makes the histogram of RGB pixels, which may be 65,535 at most.
func count(rgb []byte) Histogram {
	if len(rgb) > 3*math.MaxUint16 {
		panic(fmt.Sprintf("colour: %d pixels overflow a histogram", len(rgb)/3))
	}
	var h Histogram
	for ; len(rgb) >= 3; rgb = rgb[3:] {
		hue, saturation := hueSaturation(rgb[0], rgb[1], rgb[2])
		h.Hue[int(hue)*Bins/levels]++
		if saturation < levels {
			h.Saturation[int(saturation)*Bins/levels]++
		}
	}
	return h
}
