package data

import (
	"fmt"
	"image"
	"math"

	"github.com/longwing-ml/longwing/data/resize"
)

// Resize says how a picture of any shape becomes a square. The zero value is what the study did: straight to the square,
// bicubic.
type Resize struct {
	// Rule is ResizeSquare (if empty) or ResizeCrop.
	Rule string `yaml:"rule" json:"rule"`
	// Crop is, under ResizeCrop, the share of the short side that is kept: size / short side before cropping.
	// DefaultCrop if zero.
	Crop          float64              `yaml:"crop" json:"crop,omitempty"`
	Interpolation resize.Interpolation `yaml:"interpolation" json:"interpolation"` // resize.Bicubic if empty
}

const (
	// ResizeSquare scales to the square; the aspect ratio is given up.
	ResizeSquare = "square"
	// ResizeCrop scales the short side to floor(size / Crop), keeps the aspect ratio, and cuts the square out of the
	// middle, to the pixel as timm and torchvision do.
	ResizeCrop = "crop"

	DefaultCrop = 0.875
	minCrop     = 0.1
)

// Complete fills in what is left out, so that equal rules are equal values.
func (r Resize) Complete() Resize {
	if r.Rule == "" {
		r.Rule = ResizeSquare
	}
	if r.Rule == ResizeCrop && r.Crop == 0 {
		r.Crop = DefaultCrop
	}
	if r.Interpolation == "" {
		r.Interpolation = resize.Bicubic
	}
	return r
}

// Check returns an error that names the first value that is unknown, out of range or contradicts another.
func (r Resize) Check() error {
	r = r.Complete()
	switch r.Rule {
	case ResizeSquare:
		if r.Crop != 0 {
			return fmt.Errorf("crop %g belongs to rule %s, not to %s", r.Crop, ResizeCrop, ResizeSquare)
		}
	case ResizeCrop:
		if !(r.Crop >= minCrop && r.Crop <= 1) {
			return fmt.Errorf("crop %g is outside [%g, 1]", r.Crop, minCrop)
		}
	default:
		return fmt.Errorf("unknown rule %q; known: %s, %s", r.Rule, ResizeSquare, ResizeCrop)
	}
	switch r.Interpolation {
	case resize.Bicubic, resize.Bilinear:
		return nil
	}
	return fmt.Errorf("unknown interpolation %q; known: %s, %s", r.Interpolation, resize.Bicubic, resize.Bilinear)
}

// String is the rule in a few words: "square bicubic", "crop 0.875 bilinear".
func (r Resize) String() string {
	r = r.Complete()
	if r.Rule == ResizeCrop {
		return fmt.Sprintf("%s %g %s", r.Rule, r.Crop, r.Interpolation)
	}
	return fmt.Sprintf("%s %s", r.Rule, r.Interpolation)
}

// window says to what size, px, a picture of width × height px is scaled, and which size × size px of that are kept.
func (r Resize) window(width, height, size int) (newWidth, newHeight int, kept image.Rectangle) {
	r = r.Complete()
	if r.Rule != ResizeCrop {
		return size, size, image.Rect(0, 0, size, size)
	}
	short := int(math.Floor(float64(size) / r.Crop))
	newWidth, newHeight = short, short
	if width < height {
		newHeight = short * height / width
	} else {
		newWidth = short * width / height
	}
	middle := func(side int) int { return int(math.RoundToEven(float64(side-size) / 2)) } // Python's round
	corner := image.Pt(middle(newWidth), middle(newHeight))
	return newWidth, newHeight, image.Rectangle{corner, corner.Add(image.Pt(size, size))}
}
