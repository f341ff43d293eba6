package augment

import . "github.com/gomlx/gomlx/core/graph"

// hsv is a picture by hue in [0, 180), saturation and value in 0..255, [batch, height, width, 1] each: OpenCV's scale of
// 8 bits. Hue and saturation of what has none are 0.
type hsv struct{ hue, saturation, value *Node }

func channel(x *Node, i int) *Node {
	return Slice(x, AxisRange(), AxisRange(), AxisRange(), AxisRange(i, i+1))
}

// toHSV takes pictures apart. With whole values, hue and saturation are to the digit those of OpenCV on 8 bits, which
// divides by tables of 12 binary digits and rounds halves up.
func toHSV(x *Node, f finish) hsv {
	r, g, b := channel(x, 0), channel(x, 1), channel(x, 2)
	value := Max(r, Max(g, b))
	chroma := Sub(value, Min(r, Min(g, b)))
	divide := func(a *Node, factor float64, b *Node) *Node { // factor·a/b, 0 for b = 0
		inverse := Div(ConstAs(b, factor), Where(GreaterThan(b, ZerosLike(b)), b, OnesLike(b)))
		if !f.whole {
			return Mul(a, inverse)
		}
		const digits = 1 << 12
		return Floor(AddScalar(DivScalar(Mul(a, Round(MulScalar(inverse, digits))), digits), 0.5))
	}
	sextant := func(a, b *Node, number float64) *Node { return Add(Sub(a, b), MulScalar(chroma, number)) }
	hue := Where(Equal(value, r), sextant(g, b, 0), Where(Equal(value, g), sextant(b, r, 2), sextant(r, g, 4)))
	return hsv{turn(divide(hue, 30, chroma)), divide(chroma, 255, value), value}
}

// turn brings hues from −180 to 360 into [0, 180).
func turn(hue *Node) *Node {
	hue = Where(LessThan(hue, ZerosLike(hue)), AddScalar(hue, 180), hue)
	return Where(GreaterOrEqual(hue, MulScalar(OnesLike(hue), 180)), AddScalar(hue, -180), hue)
}

func (p hsv) rgb() *Node {
	chroma := Mul(p.value, DivScalar(p.saturation, 255))
	component := func(offset float64) *Node {
		k := AddScalar(DivScalar(p.hue, 30), offset)
		k = Where(GreaterOrEqual(k, MulScalar(OnesLike(k), 6)), AddScalar(k, -6), k)
		return Sub(p.value, Mul(chroma, ClipScalar(Min(k, AddScalar(Neg(k), 4)), 0, 1)))
	}
	return Concatenate([]*Node{component(5), component(3), component(1)}, 3)
}

// shiftHueSaturation adds to hue and saturation, [batch] each.
func shiftHueSaturation(x, hue, saturation *Node, f finish) *Node {
	p := toHSV(x, f)
	p.hue = turn(Add(p.hue, each(hue, 4)))
	p.saturation = ClipScalar(Add(p.saturation, each(saturation, 4)), 0, 255)
	return p.rgb()
}

// grey is the luma of pictures by torchvision's weights, [batch, height, width, 1].
func grey(x *Node) *Node {
	return Add(Add(MulScalar(channel(x, 0), 0.2989), MulScalar(channel(x, 1), 0.587)), MulScalar(channel(x, 2), 0.114))
}
