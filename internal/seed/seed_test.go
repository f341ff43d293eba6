package seed_test

import (
	"math"
	"testing"

	"github.com/longwing-ml/longwing/internal/seed"
)

// TestStreamsNeverChange holds streams to the numbers that runs were recorded with.
func TestStreamsNeverChange(t *testing.T) {
	for _, c := range []struct {
		got, want uint64
	}{
		{seed.Derive(0), 0x48218226ff3cd4bf},
		{seed.Derive(57, seed.Shuffle, 3), 0x32daab2893e0f1c5},
		{seed.New(57, seed.Shuffle, 3).Uint64(), 0x24a3e735a3d458c7},
	} {
		if c.got != c.want {
			t.Errorf("got %#x, recorded runs have %#x", c.got, c.want)
		}
	}
}

// TestDeriveIsUniform looks at each bit of 4,096 neighbouring paths: a count of ones strays more than 4.9 standard
// deviations once in a million.
func TestDeriveIsUniform(t *testing.T) {
	const n = 4096
	var ones [64]int
	for row := range uint64(n) {
		s := seed.Derive(1, seed.Augment, 0, row)
		for bit := range ones {
			ones[bit] += int(s >> bit & 1)
		}
	}
	for bit, count := range ones {
		if math.Abs(float64(count)-n/2) > 4.9*math.Sqrt(n)/2 {
			t.Errorf("bit %d is set %d times of %d", bit, count, n)
		}
	}
}

func TestPathsAreUnrelated(t *testing.T) {
	seen := map[uint64]string{}
	for name, s := range map[string]uint64{
		"no path": seed.Derive(1), "zero": seed.Derive(1, 0), "two zeros": seed.Derive(1, 0, 0), "another seed": seed.Derive(2),
		"1 2": seed.Derive(1, 1, 2), "2 1": seed.Derive(1, 2, 1),
	} {
		if other, ok := seen[s]; ok {
			t.Errorf("%q and %q are the same stream", name, other)
		}
		seen[s] = name
	}
}
