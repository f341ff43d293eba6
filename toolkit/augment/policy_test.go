package augment

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/internal/xlatest"
)

const everyKey = `
horizontal_flip: true
vertical_flip: 0.25
shift: 0.1
zoom: 0.2
affine: {probability: 0.5, scale: [0.8, 1.2], translate: 0.2, rotate: 45, shear: 5}
random_resized_crop: {scale: [0.1, 1], ratio: [0.5, 2]}
interpolation: bicubic
border: constant
fill: 128
colour:
  - one_of:
      - add: {range: 25, per_channel: true}
        weight: 2
      - contrast: {range: [0.5, 2], per_channel: 0.5}
  - probability: 0.3
    one_of:
      - hue_saturation: {range: 20}
colour_jitter: {brightness: 0.4, contrast: 0.3, saturation: 0.2, hue: 0.1}
round: true
rand_augment: {ops: 2, magnitude: 9}
random_erasing: {probability: 0.5, scale: [0.02, 0.3], ratio: [0.3, 3.3], fill: 10}
mixup: {alpha: 0.2}
cutmix: {alpha: 1, probability: 0.3}
`

func TestYAML(t *testing.T) {
	want := Policy{
		HorizontalFlip: 0.5, VerticalFlip: 0.25, Shift: 0.1, Zoom: 0.2,
		Affine:            &Affine{Probability: 0.5, Scale: Range{0.8, 1.2}, Translate: 0.2, Rotate: 45, Shear: 5},
		RandomResizedCrop: &RandomResizedCrop{Scale: Range{0.1, 1}, Ratio: Range{0.5, 2}},
		Interpolation:     Bicubic, Border: Constant, Fill: 128,
		Colour: []ColourStep{
			{OneOf: []ColourChange{
				{Add: &Additive{Range: 25, PerChannel: 0.5}, Weight: 2},
				{Contrast: &Contrast{Range: Range{0.5, 2}, PerChannel: 0.5}},
			}},
			{Probability: 0.3, OneOf: []ColourChange{{HueSaturation: &HueSaturation{Range: 20}}}},
		},
		ColourJitter: &ColourJitter{Brightness: 0.4, Contrast: 0.3, Saturation: 0.2, Hue: 0.1}, Round: true,
		RandAugment:   &RandAugment{Ops: 2, Magnitude: 9},
		RandomErasing: &RandomErasing{Probability: 0.5, Scale: Range{0.02, 0.3}, Ratio: Range{0.3, 3.3}, Fill: 10},
		Mixup:         &Mixup{Alpha: 0.2}, CutMix: &CutMix{Alpha: 1, Probability: 0.3},
	}
	var got Policy
	if err := yaml.UnmarshalWithOptions([]byte(everyKey), &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
	for name, policy := range map[string]Policy{"every key": want, "no key": {}, "preset": {Preset: "study", Mixup: &Mixup{Alpha: 1}}, "everything": everything()} {
		text, err := yaml.Marshal(policy)
		if err != nil {
			t.Fatal(err)
		}
		var again, byJSON Policy
		if err := yaml.UnmarshalWithOptions(text, &again, yaml.Strict()); err != nil || !reflect.DeepEqual(again, policy) {
			t.Errorf("%s: written and read again it is %+v, %v:\n%s", name, again, err, text)
		}
		if text, err = json.Marshal(policy); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &byJSON); err != nil || !reflect.DeepEqual(byJSON, policy) {
			t.Errorf("%s: by JSON it is %+v, %v", name, byJSON, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for text, want := range map[string]string{
		"horizontal_flip: 1.5":                                      "horizontal_flip: 1.5",
		"vertical_flip: -0.1":                                       "vertical_flip",
		"shift: 1":                                                  "shift: 1",
		"zoom: .nan":                                                "zoom: NaN",
		"affine: {probability: 0.5}":                                "affine: changes nothing",
		"affine: {scale: [1.2, 0.8]}":                               "affine.scale",
		"affine: {scale: [0, 1]}":                                   "affine.scale",
		"affine: {rotate: 200}":                                     "affine.rotate: 200",
		"affine: {shear: -1}":                                       "affine.shear",
		"affine: {translate: 0.1, probability: 2}":                  "affine.probability",
		"{shift: 0.1, interpolation: nearest}":                      `interpolation: "nearest"`,
		"{shift: 0.1, border: wrap}":                                `border: "wrap"`,
		"{shift: 0.1, fill: 3}":                                     "fill: is of border constant",
		"{shift: 0.1, border: constant, fill: 300}":                 "fill: 300",
		"{horizontal_flip: true, interpolation: bicubic}":           "interpolation: nothing is resampled",
		"border: edge":                                              "border: nothing is resampled",
		"round: true":                                               "round: nothing",
		"random_resized_crop: {scale: [0.5, 1.5]}":                  "random_resized_crop.scale",
		"random_resized_crop: {ratio: [-1, 1]}":                     "random_resized_crop.ratio",
		"random_resized_crop: {scale: [0.9, 1], ratio: [3, 4]}":     "random_resized_crop: no part",
		"random_erasing: {scale: [0.9, 0.95], ratio: [3, 4]}":       "random_erasing: no part",
		"random_erasing: {fill: 256}":                               "random_erasing.fill",
		"colour: [{probability: 0.5}]":                              "colour.1.one_of: is missing",
		"colour: [{one_of: [{weight: 1}]}]":                         "colour.1.one_of.1.add, contrast, hue_saturation: need exactly one",
		"colour: [{one_of: [{add: {range: 2.5}}]}]":                 "colour.1.one_of.1.add.range: 2.5 is not a whole number",
		"colour: [{one_of: [{contrast: {range: [0, 2]}}]}]":         "colour.1.one_of.1.contrast.range",
		"colour: [{one_of: [{hue_saturation: {range: 300}}]}]":      "colour.1.one_of.1.hue_saturation.range",
		"colour: [{probability: 3, one_of: [{add: {range: 1}}]}]":   "colour.1.probability",
		"colour_jitter: {}":                                         "colour_jitter: changes nothing",
		"colour_jitter: {hue: 0.6}":                                 "colour_jitter.hue",
		"rand_augment: {ops: 9}":                                    "rand_augment.ops",
		"rand_augment: {magnitude: 31}":                             "rand_augment.magnitude",
		"mixup: {}":                                                 "mixup.alpha",
		"cutmix: {alpha: 11}":                                       "cutmix.alpha",
		"{mixup: {alpha: 1, probability: 0.7}, cutmix: {alpha: 1}}": "mixup.probability, cutmix.probability",
		"preset: mine":                                              `preset: unknown "mine"; known: study, study_light`,
		"{preset: study, border: reflect}":                          "border: is set by preset study",
	} {
		var p Policy
		if err := yaml.UnmarshalWithOptions([]byte(text), &p, yaml.Strict()); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if err := p.Check(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: got %v, want one line with %q", text, err, want)
		}
	}
	for _, text := range []string{"flip: true", "affine: {angle: 3}", "affine: {scale: [1, 2, 3]}", "horizontal_flip: often", "colour: [{one_of: [{blur: {}}]}]"} {
		if err := yaml.UnmarshalWithOptions([]byte(text), &Policy{}, yaml.Strict()); err == nil {
			t.Errorf("%s: was read", text)
		}
	}
	for _, p := range []Policy{{}, {HorizontalFlip: 1}, {Preset: "study"}, {Preset: "study_light", RandomErasing: &RandomErasing{}}, everything()} {
		if err := p.Check(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// TestStudy holds the presets to the study's settings.
func TestStudy(t *testing.T) {
	const study = `
horizontal_flip: 0.5
vertical_flip: 0.5
affine: {probability: 0.5, scale: [0.8, 1.2], translate: 0.2, rotate: 45, shear: 5}
interpolation: bicubic
border: edge
round: true
colour:
  - one_of:
      - add: {range: 25, per_channel: 0.5}
      - contrast: {range: [0.5, 2], per_channel: 0.5}
      - hue_saturation: {range: 20}
`
	const light = `
horizontal_flip: 0.5
vertical_flip: 0.5
affine: {probability: 0.5, scale: [0.85, 1.15], translate: 0.12, rotate: 90, shear: 2}
interpolation: bicubic
border: edge
round: true
`
	for name, text := range map[string]string{"study": study, "study_light": light} {
		var want Policy
		if err := yaml.UnmarshalWithOptions([]byte(text), &want, yaml.Strict()); err != nil {
			t.Fatal(err)
		}
		if got, err := (Policy{Preset: name}).resolved(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %+v, %v, want %+v", name, got, err, want)
		}
	}
}

// TestChangesComeInOrder composes a flip and a move by whole pixels, which do not commute.
func TestChangesComeInOrder(t *testing.T) {
	const height, width, right, down = 6, 9, 2, 1
	got := compile(t, func(x, one *Node) *Node {
		flip := mapping{xx: Neg(one), yy: one}
		move := mapping{xx: one, yy: one, x0: MulScalar(one, -right), y0: MulScalar(one, -down)}
		return sampler{border: Constant, fill: 5}.sample(x, identity(one).then(flip).then(move), nil)
	}).run(photos(height, width, 3), []float32{1})[0]
	original := flipped(photo(3, height, width), height, width, false, true)
	for y := range height {
		for x := range width {
			want := float32(5)
			if y >= down && x >= right {
				want = original[((y-down)*width+x-right)*3]
			}
			if v := got[(y*width+x)*3]; v != want {
				t.Fatalf("pixel %d, %d is %g, want %g", y, x, v, want)
			}
		}
	}
}

// TestTrainsThrough takes the gradient of a loss of changed and mixed pictures.
func TestTrainsThrough(t *testing.T) {
	policy := everything()
	policy.Mixup = &Mixup{Alpha: 1}
	const n = 3
	out := compile(t, func(x, seeds, weights, factor *Node) []*Node {
		m := policy.Mix(policy.Apply(x, seeds), seeds, weights)
		mean := ReduceAllMean(m.Pictures)
		value := Square(Mul(factor, mean))
		return []*Node{Gradient(value, factor)[0], mean}
	}).run(photos(8, 8, upTo(n)...), seedsOf(upTo(n)...), ones(n), float32(3))
	if gradient, mean := out[0][0], out[1][0]; math.Abs(float64(gradient-6*mean*mean)) > 1e-4*float64(gradient) || mean < 20 {
		t.Errorf("the gradient is %g for the mean %g, want 6·mean²", gradient, mean)
	}
}

func TestWrongPicturesAreRefused(t *testing.T) {
	exec, err := NewExec(xlatest.Open(t), Policy{Shift: 0.1}.Apply)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	grey := tensors.FromFlatDataAndDimensions(make([]float32, 16), 1, 4, 4, 1)
	if _, err := exec.Call(grey, seedsOf(0)); err == nil || !strings.Contains(err.Error(), "need [batch, height, width, 3] float32") {
		t.Errorf("got %v", err)
	}
}
