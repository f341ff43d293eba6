package augment_test

import (
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/augment"
)

const size = 9

// apply augments copies of one picture, 9×9 with three channels, for seeds of the given rows.
func apply(t *testing.T, policy augment.Policy, pixel func(y, x int) float32, rows ...int) [][]float32 {
	backend := xlatest.Open(t)
	var pixels []float32
	var seeds []uint32
	for _, row := range rows {
		for y := range size {
			for x := range size {
				pixels = append(pixels, pixel(y, x), 2*pixel(y, x), 7)
			}
		}
		halves := augment.Seed(1, 0, row)
		seeds = append(seeds, halves[:]...)
	}
	exec := MustNewExec1(backend, policy.Apply)
	out, err := exec.Call(tensors.FromFlatDataAndDimensions(pixels, len(rows), size, size, 3),
		tensors.FromFlatDataAndDimensions(seeds, len(rows), 2))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(slices.Chunk(tensors.MustCopyFlatData[float32](out), size*size*3))
}

func upTo(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// TestFlipsAreExact checks that every picture is one of the flips, to the last bit, and that each comes up as often as it
// should: a binomial count strays more than 4.4 standard deviations once in 100,000 draws.
func TestFlipsAreExact(t *testing.T) {
	const n = 4000
	pixel := func(y, x int) float32 { return float32(10*y + x) }
	count := map[[2]bool]int{}
	for i, got := range apply(t, augment.Policy{HorizontalFlip: true, VerticalFlip: true}, pixel, upTo(n)...) {
		at := func(y, x int) float32 { return got[(y*size+x)*3] }
		flip := [2]bool{at(0, 0) > at(size-1, 0), at(0, 0) > at(0, size-1)}
		count[flip]++
		for y := range size {
			for x := range size {
				wantY, wantX := y, x
				if flip[0] {
					wantY = size - 1 - y
				}
				if flip[1] {
					wantX = size - 1 - x
				}
				if got := at(y, x); got != pixel(wantY, wantX) {
					t.Fatalf("picture %d: pixel %d, %d is %g, want %g", i, y, x, got, pixel(wantY, wantX))
				}
			}
		}
	}
	for flip, c := range count {
		if math.Abs(float64(c)-n/4) > 4.4*math.Sqrt(n*0.25*0.75) {
			t.Errorf("flips %v came %d times of %d, want a quarter", flip, c, n)
		}
	}
}

// TestShiftAndZoomAreAffine feeds a ramp: away from the border an affine change of a ramp is a ramp, whose value at the
// centre gives the shift and whose slope gives 1/zoom. Both must fill their stated ranges.
func TestShiftAndZoomAreAffine(t *testing.T) {
	const shift, zoom, n = 0.15, 0.2, 2000
	ramp := func(_, x int) float32 { return float32(x) }
	lowShift, highShift, lowZoom, highZoom := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for i, got := range apply(t, augment.Policy{Shift: shift, Zoom: zoom}, ramp, upTo(n)...) {
		at := func(x int) float64 { return float64(got[(4*size+x)*3]) }
		slope := at(5) - at(4)
		if slope2 := at(4) - at(3); math.Abs(slope-slope2) > 1e-4 {
			t.Fatalf("picture %d: slopes %g and %g differ, the change is not affine", i, slope, slope2)
		}
		if colour := got[(4*size+4)*3+2]; math.Abs(float64(colour)-7) > 1e-4 {
			t.Fatalf("picture %d: a constant channel became %g", i, colour)
		}
		moved := (4 - at(4)) / size
		lowShift, highShift = min(lowShift, moved), max(highShift, moved)
		lowZoom, highZoom = min(lowZoom, 1/slope), max(highZoom, 1/slope)
	}
	for name, c := range map[string][2]float64{
		"lowest shift": {lowShift, -shift}, "highest shift": {highShift, shift},
		"lowest zoom": {lowZoom, 1 - zoom}, "highest zoom": {highZoom, 1 + zoom},
	} {
		if math.Abs(c[0]-c[1]) > 0.005 {
			t.Errorf("%s is %.4f, want %.4f", name, c[0], c[1])
		}
	}
}

func TestDependsOnTheRowOnly(t *testing.T) {
	policy := augment.Policy{HorizontalFlip: true, Shift: 0.2, Zoom: 0.2}
	pixel := func(y, x int) float32 { return float32(y*x%7 + x) }
	alone, among := apply(t, policy, pixel, 17), apply(t, policy, pixel, 3, 17, 4)
	if !slices.Equal(alone[0], among[1]) {
		t.Error("row 17 is changed another way beside other rows")
	}
	if slices.Equal(among[0], among[1]) {
		t.Error("rows 3 and 17 are changed the same way")
	}
	if augment.Seed(1, 0, 17) == augment.Seed(1, 1, 17) || augment.Seed(1, 0, 17) == augment.Seed(2, 0, 17) {
		t.Error("the seed does not depend on epoch and run")
	}
}

func TestBadPolicies(t *testing.T) {
	for _, p := range []augment.Policy{{Shift: -0.1}, {Shift: 1}, {Zoom: 1}, {Zoom: math.NaN()}} {
		if p.Check() == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}
