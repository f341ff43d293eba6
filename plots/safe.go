package plots

import (
	"fmt"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
)

// safeCanvas refuses to draw far outside the figure or at NaN, where the rasteriser below it would not come back: it
// walks over every pixel of a path. The panic becomes an error in Figure.protect.
type safeCanvas struct{ vg.Canvas }

// farthest is well outside of any figure, and still walked over in a moment.
const farthest = vg.Length(4 * maxSide)

func check(p vg.Point) {
	for _, v := range []vg.Length{p.X, p.Y} {
		if !(v >= -farthest && v <= farthest) { // NaN too
			panic(fmt.Sprintf("a point lies at (%g, %g)", p.X, p.Y))
		}
	}
}

func checkPath(path vg.Path) {
	for _, step := range path {
		check(step.Pos)
		for _, control := range step.Control {
			check(control)
		}
	}
}

func (c safeCanvas) Fill(path vg.Path) {
	checkPath(path)
	c.Canvas.Fill(path)
}

func (c safeCanvas) Stroke(path vg.Path) {
	checkPath(path)
	c.Canvas.Stroke(path)
}

func (c safeCanvas) FillString(face font.Face, at vg.Point, text string) {
	check(at)
	c.Canvas.FillString(face, at, text)
}
