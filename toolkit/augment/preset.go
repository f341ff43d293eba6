package augment

import (
	"maps"
	"slices"
)

// presets are policies by name.
var presets = map[string]func() Policy{
	// The study's: a flip of each axis, one affine change, exactly one change of colour.
	"study": func() Policy {
		return Policy{
			HorizontalFlip: 0.5, VerticalFlip: 0.5,
			Affine:        &Affine{Probability: 0.5, Scale: Range{0.8, 1.2}, Translate: 0.2, Rotate: 45, Shear: 5},
			Interpolation: Bicubic, Border: Edge, Round: true,
			Colour: []ColourStep{{OneOf: []ColourChange{
				{Add: &Additive{Range: 25, PerChannel: 0.5}},
				{Contrast: &Contrast{Range: Range{0.5, 2}, PerChannel: 0.5}},
				{HueSaturation: &HueSaturation{Range: 20}},
			}}},
		}
	},
	// The study's for training of all layers (Xception and the eighth Inception-ResNet-v2): colours stay.
	"study_light": func() Policy {
		return Policy{
			HorizontalFlip: 0.5, VerticalFlip: 0.5,
			Affine:        &Affine{Probability: 0.5, Scale: Range{0.85, 1.15}, Translate: 0.12, Rotate: 90, Shear: 2},
			Interpolation: Bicubic, Border: Edge, Round: true,
		}
	},
}

// Presets lists the names that Policy.Preset knows.
func Presets() []string { return slices.Sorted(maps.Keys(presets)) }
