package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/longwing-ml/longwing/models/nn"
)

// Convention is what differs between the libraries that a network's weights come from. It belongs to the parameters: the
// same parameters under another convention give other logits.
type Convention struct {
	Source string `json:"source"`              // the library: see the constants
	BN     nn.BN  `json:"batch_norm,omitzero"` // zero if the backbone has none
	// SamePadding: the stem's strided windows are padded as TensorFlow's "same", which for an even size is one pixel
	// off torch's padding. False: half the window on every side.
	SamePadding bool `json:"same_padding"`
	// Dense is how the first dense layer of the original VGG head takes features that are not 7×7.
	Dense      DenseRule  `json:"dense,omitempty"`
	Preprocess Preprocess `json:"preprocess"`
	Pictures   Pictures   `json:"pictures"`
}

// Sources of weights.
const (
	Torchvision  = "torchvision"
	Timm         = "timm"
	Keras        = "keras"
	KerasContrib = "keras-contrib"
)

// DenseRule says how the features of a picture of any size meet a dense layer that was made for 7×7.
type DenseRule string

const (
	DenseFlatten     DenseRule = "flatten"     // they don't: another size is another layer (Keras)
	DenseAdaptive    DenseRule = "adaptive"    // adaptive average pooling to 7×7 (torchvision)
	DenseConvolution DenseRule = "convolution" // a 7×7 convolution, averaged at the end; adaptive pooling below 7 (timm)
)

// Pictures is how pictures became the squares that the weights were measured on.
type Pictures struct {
	Size          int     `json:"size"`           // of the square, pixels
	Resize        string  `json:"resize"`         // "square": straight, aspect distorted; "crop": short side, then centre crop
	Crop          float64 `json:"crop,omitempty"` // of "crop": size / short side
	Interpolation string  `json:"interpolation"`  // "bicubic" or "bilinear"
}

func square(size int) Pictures {
	return Pictures{Size: size, Resize: "square", Interpolation: "bicubic"}
}

func centreCrop(size int, crop float64, interpolation string) Pictures {
	return Pictures{Size: size, Resize: "crop", Crop: crop, Interpolation: interpolation}
}

// Conventions lists those that a model's weights come in; the first is the default, which a network without weights
// uses too. It is empty for an unknown model.
func Conventions(model string) []Convention {
	family, ok := registry[model]
	if !ok {
		return nil
	}
	return family.conventions
}

// ConventionOf returns a model's convention by its source. The error lists the known ones.
func ConventionOf(model, source string) (Convention, error) {
	var known []string
	for _, c := range Conventions(model) {
		if c.Source == source {
			return c, nil
		}
		known = append(known, c.Source)
	}
	if known == nil {
		return Convention{}, unknownModel(model)
	}
	return Convention{}, fmt.Errorf("no weights of %s come from %q; known: %s", model, source, strings.Join(known, ", "))
}

// Check returns an error if the convention can't be one of a model. What a file says of itself may be damaged, or of
// another version, and would give other logits without a word.
func (c Convention) Check(model string) error {
	known, err := ConventionOf(model, c.Source)
	bn, p, pictures := c.BN, c.Preprocess, c.Pictures
	switch {
	case err != nil:
		return err
	case (bn.Epsilon > 0) != (known.BN.Epsilon > 0) || bn.Epsilon < 0 || bn.Momentum < 0 || bn.Momentum > 1:
		return fmt.Errorf("batch normalisation with epsilon %g and momentum %g", bn.Epsilon, bn.Momentum)
	case !slices.Contains([]DenseRule{"", DenseFlatten, DenseAdaptive, DenseConvolution}, c.Dense) || (c.Dense == "") != (known.Dense == ""):
		return fmt.Errorf("unknown rule %q for the first dense layer", c.Dense)
	case p.Order != "RGB" && p.Order != "BGR":
		return fmt.Errorf("unknown channel order %q", p.Order)
	case p.Scale <= 0 || slices.Min(p.Std[:]) <= 0:
		return fmt.Errorf("preprocessing with scale %g and std %g", p.Scale, p.Std)
	case pictures.Size < 1 || pictures.Resize != "square" && !(pictures.Resize == "crop" && pictures.Crop > 0 && pictures.Crop <= 1):
		return fmt.Errorf("pictures of size %d by rule %q with crop %g", pictures.Size, pictures.Resize, pictures.Crop)
	case pictures.Interpolation != "bicubic" && pictures.Interpolation != "bilinear":
		return fmt.Errorf("unknown interpolation %q", pictures.Interpolation)
	}
	return nil
}
