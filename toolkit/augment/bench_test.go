package augment

import (
	"testing"
	"time"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/internal/xlatest"
)

// BenchmarkApply times policies on 32 pictures of 224².
func BenchmarkApply(b *testing.B) {
	const n, size = 32, 224
	x, seeds := photos(size, size, upTo(n)...), seedsOf(upTo(n)...)
	for _, c := range []struct {
		name   string
		policy Policy
	}{
		{"flips", Policy{HorizontalFlip: 0.5, VerticalFlip: 0.5}},
		{"shift, zoom bilinear", Policy{HorizontalFlip: 0.5, Shift: 0.1, Zoom: 0.1}},
		{"affine bilinear", Policy{Affine: &Affine{Rotate: 45, Shear: 5}}},
		{"affine bicubic", Policy{Affine: &Affine{Rotate: 45, Shear: 5}, Interpolation: Bicubic}},
		{"study_light", Policy{Preset: "study_light"}},
		{"study", Policy{Preset: "study"}},
		{"crop, jitter", Policy{RandomResizedCrop: &RandomResizedCrop{}, HorizontalFlip: 0.5, ColourJitter: &ColourJitter{Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Hue: 0.1}}},
		{"rand_augment", Policy{RandAugment: &RandAugment{Magnitude: 9}}},
		{"erasing", Policy{RandomErasing: &RandomErasing{}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			exec, err := NewExec(xlatest.Open(b), func(x, seeds *Node) *Node { return ReduceAllSum(c.policy.Apply(x, seeds)) })
			if err != nil {
				b.Fatal(err)
			}
			defer exec.Finalize()
			call := func() {
				outputs, err := exec.Call(x, seeds)
				if err != nil {
					b.Fatal(err)
				}
				if v := outputs[0].Value().(float32); v <= 0 {
					b.Fatal(v)
				}
				_ = outputs[0].FinalizeAll()
			}
			call() // compiles
			best := time.Hour
			for b.Loop() {
				started := time.Now()
				call()
				best = min(best, time.Since(started))
			}
			b.ReportMetric(n/best.Seconds(), "best-img/s")
		})
	}
}
