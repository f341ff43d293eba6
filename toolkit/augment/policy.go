package augment

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// Policy says which random changes are made. The zero Policy changes nothing. Settings of zero are defaults; a
// probability of zero is 1 inside a change that is asked for.
type Policy struct {
	Preset string `yaml:"preset,omitempty" json:"preset,omitempty"` // of Presets: sets other keys, which may then not be set beside it

	HorizontalFlip    Chance             `yaml:"horizontal_flip" json:"horizontal_flip"` // mirror left and right
	VerticalFlip      Chance             `yaml:"vertical_flip" json:"vertical_flip"`     // mirror up and down
	Shift             float64            `yaml:"shift" json:"shift"`                     // move along each axis by U(−Shift, Shift) of the size
	Zoom              float64            `yaml:"zoom" json:"zoom"`                       // enlarge each axis by U(1−Zoom, 1+Zoom)
	Affine            *Affine            `yaml:"affine,omitempty" json:"affine,omitempty"`
	RandomResizedCrop *RandomResizedCrop `yaml:"random_resized_crop,omitempty" json:"random_resized_crop,omitempty"`
	Interpolation     Interpolation      `yaml:"interpolation,omitempty" json:"interpolation,omitempty"` // Bilinear if empty
	Border            Border             `yaml:"border,omitempty" json:"border,omitempty"`               // Edge if empty
	Fill              float64            `yaml:"fill,omitempty" json:"fill,omitempty"`                   // of a Constant border, 0 to 255

	Colour       []ColourStep  `yaml:"colour,omitempty" json:"colour,omitempty"` // one after another
	ColourJitter *ColourJitter `yaml:"colour_jitter,omitempty" json:"colour_jitter,omitempty"`
	Round        bool          `yaml:"round,omitempty" json:"round,omitempty"` // to whole numbers after each change

	RandAugment   *RandAugment   `yaml:"rand_augment,omitempty" json:"rand_augment,omitempty"`
	RandomErasing *RandomErasing `yaml:"random_erasing,omitempty" json:"random_erasing,omitempty"`

	Mixup  *Mixup  `yaml:"mixup,omitempty" json:"mixup,omitempty"`
	CutMix *CutMix `yaml:"cutmix,omitempty" json:"cutmix,omitempty"`
}

// Check returns an error that names the first key whose value is out of range or contradicts another.
func (p Policy) Check() error {
	p, err := p.resolved()
	if err != nil {
		return err
	}
	checks := []func() error{
		func() error { return p.HorizontalFlip.check("horizontal_flip") },
		func() error { return p.VerticalFlip.check("vertical_flip") },
		p.checkGeometry,
		func() error { return checkColour(p.Colour) },
		p.ColourJitter.check,
		p.RandAugment.check,
		p.RandomErasing.check,
		p.checkMix,
	}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	if p.Round {
		rest := p
		rest.Round = false
		if reflect.DeepEqual(rest, Policy{}) {
			return errors.New("round: nothing is changed that could be rounded")
		}
	}
	return nil
}

// resolved has the keys of the preset in place.
func (p Policy) resolved() (Policy, error) {
	if p.Preset == "" {
		return p, nil
	}
	preset, known := presets[p.Preset]
	if !known {
		return p, fmt.Errorf("preset: unknown %q; known: %s", p.Preset, strings.Join(Presets(), ", "))
	}
	merged := preset()
	into, own := reflect.ValueOf(&merged).Elem(), reflect.ValueOf(p)
	for i := range own.NumField() {
		field := own.Type().Field(i)
		if field.Name == "Preset" || own.Field(i).IsZero() {
			continue
		}
		if !into.Field(i).IsZero() {
			key, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			return p, fmt.Errorf("%s: is set by preset %s: leave one of the two out", key, p.Preset)
		}
		into.Field(i).Set(own.Field(i))
	}
	return merged, nil
}

// Apply changes pictures, [batch, height, width, 3] float32 in 0..255, by the examples' seeds, [batch, 2] uint32. All but
// mixup and cutmix (Mix) is done. Graph-building: panics on a wrong shape and on what Check refuses.
func (p Policy) Apply(pictures, seeds *Node) *Node {
	if err := p.Check(); err != nil {
		exceptions.Panicf("augment: key %s", err)
	}
	p, _ = p.resolved()
	if s := pictures.Shape(); s.Rank() != 4 || s.Dim(3) != 3 || s.DType != dtypes.Float32 {
		exceptions.Panicf("augment: pictures are %s, need [batch, height, width, 3] float32", s)
	}
	f := newFinish(p.Round, pictures)
	x := p.resample(pictures, seeds, f)
	for i, step := range p.Colour {
		x = step.apply(x, draw(seeds, streamColour+uint32(i), step.draws()), f)
	}
	if p.ColourJitter != nil {
		x = p.ColourJitter.apply(x, p.ColourJitter.draw(seeds), f)
	}
	if p.RandAugment != nil {
		x = p.RandAugment.recolour(x, p.RandAugment.draw(seeds), f)
	}
	if p.RandomErasing != nil {
		x = p.RandomErasing.apply(x, seeds)
	}
	return x
}

func checkName[T ~string](key string, name T, known ...T) error {
	if name == "" || slices.Contains(known, name) {
		return nil
	}
	return fmt.Errorf("%s: %q is none of %v", key, name, known)
}
