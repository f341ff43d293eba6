package augment

import (
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// everything changes all that can be changed, on any border.
func everything() Policy {
	return Policy{
		HorizontalFlip: 0.5, VerticalFlip: 0.5, Shift: 0.1, Zoom: 0.1,
		Affine:            &Affine{Probability: 0.7, Scale: Range{0.7, 1.3}, Translate: 0.1, Rotate: 30, Shear: 10},
		RandomResizedCrop: &RandomResizedCrop{Scale: Range{0.3, 1}},
		Interpolation:     Bicubic, Border: Reflect,
		Colour: []ColourStep{
			{OneOf: []ColourChange{{Add: &Additive{Range: 25, PerChannel: 0.5}}, {Contrast: &Contrast{Range: Range{0.5, 2}}}}},
			{Probability: 0.5, OneOf: []ColourChange{{HueSaturation: &HueSaturation{Range: 20, PerChannel: 0.5}}}},
		},
		ColourJitter:  &ColourJitter{Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Hue: 0.1},
		RandAugment:   &RandAugment{Ops: 2, Magnitude: 12},
		RandomErasing: &RandomErasing{Probability: 0.7},
	}
}

func policies() map[string]Policy {
	simple := Policy{HorizontalFlip: 0.5, Shift: 0.2, Zoom: 0.2}
	unrounded := presets["study"]()
	unrounded.Round = false // which would hide small differences
	return map[string]Policy{"study, unrounded": unrounded, "simple": simple, "everything": everything()}
}

// TestDependsOnTheSeedOnly puts the same rows into batches of other sizes and orders: pictures are the same to the bit.
func TestDependsOnTheSeedOnly(t *testing.T) {
	const size = 21
	for name, policy := range policies() {
		t.Run(name, func(t *testing.T) {
			p := compile(t, policy.Apply)
			apply := func(rows ...int) [][]float32 {
				return chunk(p.run(photos(size, size, rows...), seedsOf(rows...))[0], len(rows))
			}
			rows := upTo(33)
			all := apply(rows...)
			backwards := slices.Clone(rows)
			slices.Reverse(backwards)
			for i, picture := range apply(backwards...) {
				if !slices.Equal(picture, all[backwards[i]]) {
					t.Fatalf("row %d is another picture in another order", backwards[i])
				}
			}
			for from := 0; from < 33; from += 3 {
				for i, picture := range apply(rows[from : from+3]...) {
					if !slices.Equal(picture, all[from+i]) {
						difference, _ := largestDifference(picture, all[from+i])
						t.Errorf("row %d is another picture in a smaller batch, by %g levels", from+i, difference)
					}
				}
			}
			for _, row := range []int{0, 17, 32} {
				if picture := apply(row)[0]; !slices.Equal(picture, all[row]) {
					t.Errorf("row %d is another picture alone", row)
				}
			}
			if same := apply(4, 4, 5); !slices.Equal(same[0], same[1]) {
				t.Error("the same row twice gives two pictures")
			}
			for row, picture := range all {
				for _, v := range picture {
					if !(v >= 0 && v <= 255) {
						t.Fatalf("row %d has the value %g", row, v)
					}
				}
			}
			changed := 0
			for row, picture := range all {
				if !slices.Equal(picture, photo(row, size, size)) {
					changed++
				}
			}
			if changed < 16 {
				t.Errorf("only %d of 33 pictures changed", changed)
			}
		})
	}
	if Seed(1, 0, 17) == Seed(1, 1, 17) || Seed(1, 0, 17) == Seed(2, 0, 17) {
		t.Error("the seed does not depend on epoch and run")
	}
}

// TestNoChangeIsExact feeds settings that leave pictures as they are, to the bit, through the whole machinery.
func TestNoChangeIsExact(t *testing.T) {
	always := Range{1, 1}
	tiny := Chance(1e-12) // never happens in 24 bits
	for name, policy := range map[string]Policy{
		"none":          {},
		"bilinear":      {Affine: &Affine{Probability: tiny, Rotate: 45, Shear: 5, Translate: 0.2, Scale: Range{0.5, 2}}},
		"bicubic":       {Affine: &Affine{Probability: tiny, Rotate: 45, Shear: 5}, Interpolation: Bicubic, Border: Reflect},
		"constant":      {Affine: &Affine{Probability: tiny, Rotate: 45}, Interpolation: Bicubic, Border: Constant, Fill: 77, Round: true},
		"whole crop":    {RandomResizedCrop: &RandomResizedCrop{Scale: always, Ratio: always}, Interpolation: Bicubic},
		"weak rand":     {RandAugment: &RandAugment{Ops: 1, Magnitude: 0}},
		"colour":        {Colour: []ColourStep{{OneOf: []ColourChange{{Add: &Additive{Range: 0}}, {Contrast: &Contrast{Range: always}}}}}},
		"unlikely":      {Colour: []ColourStep{{Probability: tiny, OneOf: []ColourChange{{HueSaturation: &HueSaturation{Range: 20}}}}}},
		"unlikely rest": {HorizontalFlip: tiny, RandomErasing: &RandomErasing{Probability: tiny}},
	} {
		t.Run(name, func(t *testing.T) {
			const height, width = 12, 17
			rows := upTo(20)
			if name == "whole crop" { // only squares have a part of this ratio and the whole area
				got := compile(t, policy.Apply).run(photos(height, height, rows...), seedsOf(rows...))[0]
				want := tensors.MustCopyFlatData[float32](photos(height, height, rows...))
				wantSame(t, got, want)
				return
			}
			if name == "weak rand" { // posterize keeps 8 bits, solarize inverts from 255 on; two operations have no strength
				policy.Round = true
				x := compile(t, func(x, seeds *Node) []*Node {
					slots := policy.RandAugment.draw(seeds)
					return []*Node{policy.Apply(x, seeds), slots[0].op}
				}).run(photos(height, width, rows...), seedsOf(rows...))
				for row, picture := range chunk(x[0], len(rows)) {
					if op := operation(x[1][row]); op < opSolarize {
						wantSame(t, picture, photo(row, height, width))
					}
				}
				return
			}
			got := compile(t, policy.Apply).run(photos(height, width, rows...), seedsOf(rows...))[0]
			wantSame(t, got, tensors.MustCopyFlatData[float32](photos(height, width, rows...)))
		})
	}
}

func wantSame(t *testing.T, got, want []float32) {
	t.Helper()
	if !slices.Equal(got, want) {
		difference, at := largestDifference(got, want)
		t.Errorf("value %d is %g, want %g: %g levels apart", at, got[at], want[at], difference)
	}
}

// TestFlipsAreExact checks that every picture is one of the flips, with and without resampling.
func TestFlipsAreExact(t *testing.T) {
	const height, width, n = 5, 7, 64
	flips := Policy{HorizontalFlip: 0.5, VerticalFlip: 0.5}
	resampled := flips
	resampled.Affine = &Affine{Probability: 1e-12, Rotate: 30}
	a := compile(t, flips.Apply).run(photos(height, width, upTo(n)...), seedsOf(upTo(n)...))[0]
	b := compile(t, resampled.Apply).run(photos(height, width, upTo(n)...), seedsOf(upTo(n)...))[0]
	wantSame(t, b, a)
	seen := map[[2]bool]int{}
	for row, picture := range chunk(a, n) {
		var found [][2]bool
		for _, ud := range []bool{false, true} {
			for _, lr := range []bool{false, true} {
				if slices.Equal(picture, flipped(photo(row, height, width), height, width, ud, lr)) {
					found = append(found, [2]bool{ud, lr})
				}
			}
		}
		if len(found) != 1 {
			t.Fatalf("picture %d is %d of its flips, want one", row, len(found))
		}
		seen[found[0]]++
	}
	if len(seen) != 4 {
		t.Errorf("of the four flips there came %v", seen)
	}
}

func flipped(pixels []float32, height, width int, ud, lr bool) []float32 {
	var result []float32
	for y := range height {
		for x := range width {
			if ud {
				y = height - 1 - y
			}
			from := x
			if lr {
				from = width - 1 - x
			}
			result = append(result, pixels[(y*width+from)*3:][:3]...)
			if ud {
				y = height - 1 - y
			}
		}
	}
	return result
}
