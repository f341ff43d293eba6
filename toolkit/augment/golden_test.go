package augment

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// goldenCase is one of testdata/golden.json: what another library makes of the picture with the parameters.
type goldenCase struct {
	Name, Kind    string
	Tolerance     float64 // grey levels
	Want          []float32
	Interpolation Interpolation
	Border        Border
	Fill          float64
	Matrix        []float32 // output position → input position, from the centre of the top left pixel
	Parameters    []float32
}

func TestEqualsOtherLibraries(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		Height, Width int
		Picture       []float32
		Cases         []goldenCase
		Equalize      struct {
			Height, Width int
			Picture, Want []float32
		}
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	if len(g.Cases) < 40 {
		t.Errorf("only %d cases", len(g.Cases))
	}
	for _, c := range g.Cases {
		t.Run(c.Name, func(t *testing.T) {
			p := compile(t, func(x, parameters *Node) *Node { return c.build(t, x, parameters) })
			parameters := c.Parameters
			if c.Kind == "warp" {
				parameters = c.Matrix
			}
			got := p.run(tensors.FromFlatDataAndDimensions(g.Picture, 1, g.Height, g.Width, 3), parameters)[0]
			compare(t, got, c.Want, c.Tolerance)
		})
	}
	t.Run("Equalize", func(t *testing.T) {
		e := g.Equalize
		got := compile(t, equalize).run(tensors.FromFlatDataAndDimensions(e.Picture, 1, e.Height, e.Width, 3))[0]
		compare(t, got, e.Want, 0)
	})
}

func compare(t *testing.T, got, want []float32, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d values, want %d", len(got), len(want))
	}
	difference, at := largestDifference(got, want)
	t.Logf("largest difference %.3g levels", difference)
	if !(difference <= tolerance) {
		t.Errorf("value %d: got %g, the other library has %g: more than %g levels apart", at, got[at], want[at], tolerance)
	}
}

// build makes the case's change with its explicit parameters, a vector.
func (c goldenCase) build(t *testing.T, x, parameters *Node) *Node {
	at := func(i int) *Node { return Slice(parameters, AxisRange(i, i+1)) } // [1]
	row := func() *Node { return ExpandAxes(parameters, 0) }                // [1, n]
	height, width := x.Shape().Dim(1), x.Shape().Dim(2)
	s := sampler{c.Interpolation, c.Border, c.Fill}
	float, eightBits := newFinish(false, x), newFinish(true, x)
	switch c.Kind {
	case "warp":
		cx, cy := float64(width-1)/2, float64(height-1)/2
		offset := func(a, b, o *Node, middle float64) *Node {
			return AddScalar(Add(Add(MulScalar(a, cx), MulScalar(b, cy)), o), -middle)
		}
		m := mapping{xx: at(0), xy: at(1), x0: offset(at(0), at(1), at(2), cx), yx: at(3), yy: at(4), y0: offset(at(3), at(4), at(5), cy)}
		return float.settle(s.sample(x, m, nil))
	case "affine":
		a := affine{scaleX: at(0), scaleY: at(1), moveX: at(2), moveY: at(3)}
		if c.Parameters[4] != 0 || c.Parameters[5] != 0 {
			a.angle, a.shear = MulScalar(at(4), math.Pi/180), MulScalar(at(5), math.Pi/180)
		}
		return float.settle(sampler{interpolation: Bicubic}.sample(x, a.mapping(height, width), nil))
	case "add":
		return eightBits.settle(shift(x, row()))
	case "contrast":
		return eightBits.settle(stretch(x, row()))
	case "hue_saturation":
		return eightBits.settle(shiftHueSaturation(x, at(0), at(1), eightBits))
	case "jitter_brightness":
		return (&ColourJitter{Brightness: 1}).apply(x, jitter{brightness: at(0)}, float)
	case "jitter_contrast":
		return (&ColourJitter{Contrast: 1}).apply(x, jitter{contrast: at(0)}, float)
	case "jitter_saturation":
		return (&ColourJitter{Saturation: 1}).apply(x, jitter{saturation: at(0)}, float)
	case "jitter_hue":
		return (&ColourJitter{Hue: 0.5}).apply(x, jitter{hue: at(0)}, float)
	case "crop":
		w := &window{left: at(0), top: at(1), width: at(2), height: at(3)}
		return float.settle(s.sample(x, w.mapping(height, width), w))
	case "erase":
		return (&window{left: at(0), top: at(1), width: at(2), height: at(3)}).erase(x, 90)
	case "rand_augment", "rand_augment_geometry":
		r := &RandAugment{Ops: 1, Magnitude: 12}
		slots := []slot{{op: MulScalar(OnesLike(at(0)), float64(torchvisionOps[c.Name])), sign: at(0)}}
		moved := sampler{border: Constant}.sample(x, r.move(identity(at(0)), slots, height, width), nil)
		return r.recolour(moved, slots, newFinish(c.Kind == "rand_augment", x))
	}
	t.Fatalf("unknown kind %q", c.Kind)
	return nil
}

// torchvisionOps are the operations by the names of the cases.
var torchvisionOps = map[string]operation{
	"ShearX": opShearX, "ShearY": opShearY, "TranslateX": opTranslateX, "TranslateY": opTranslateY, "Rotate": opRotate,
	"Brightness +1": opBrightness, "Color -1": opColour, "Contrast +1": opContrast, "Sharpness +1": opSharpness,
	"Sharpness -1": opSharpness, "Posterize +1": opPosterize, "Solarize +1": opSolarize, "AutoContrast +1": opAutoContrast,
}
