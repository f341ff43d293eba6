package garden

import "math"

// Same bytes everywhere. Go may compute x*y + z with one rounding (a fused multiply-add) on arm64, ppc64le, s390x and
// riscv64 but not on amd64, and math.Sin, Exp, Log and the like differ between platforms. An explicit conversion forbids
// fusing (Go specification, "Floating-point operators"), so every product of floats in this package is written
// float64(a*b) or mul(a, b), which a test checks, and only Sqrt and Floor, exactly rounded everywhere, are taken from
// package math. (Compilers do turn x/2 into x·0.5 and fuse that; a product with a power of two is exact, so it changes
// nothing.)

// mul is a product that is rounded before anything is added to it.
func mul(a, b float64) float64 { return float64(a * b) }

func clamp(x, low, high float64) float64 { return max(low, min(high, x)) }

func unit(x float64) float64 { return clamp(x, 0, 1) }

func lerp(a, b, t float64) float64 { return a + mul(b-a, t) }

// smooth rises from 0 at a to 1 at b without a kink. a may be the larger one: it then falls.
func smooth(a, b, x float64) float64 {
	t := unit((x - a) / (b - a))
	return mul(mul(t, t), 3-mul(2, t))
}

// bump is 1 at centre and falls smoothly to 0 at a distance of halfWidth, with an edge that takes soft of it.
func bump(centre, halfWidth, soft, x float64) float64 {
	return 1 - smooth(halfWidth-soft, halfWidth+soft, abs(x-centre))
}

func sqrt(x float64) float64 { return math.Sqrt(x) }

func floor(x float64) float64 { return math.Floor(x) }

func abs(x float64) float64 {
	if x < 0 {
		return -x
	}
	return x
}

func sign(x float64) float64 {
	if x < 0 {
		return -1
	}
	return 1
}

// sin of an angle in turns (1 = full circle); error below 1e-7.
func sin(turns float64) float64 {
	t := turns - math.Floor(turns+0.5) // [-½, ½)
	if t > 0.25 {
		t = 0.5 - t
	} else if t < -0.25 {
		t = -0.5 - t
	}
	x := mul(2*math.Pi, t)
	s := mul(x, x)
	p := 1.0 / 362880
	for _, c := range [...]float64{-1.0 / 5040, 1.0 / 120, -1.0 / 6, 1} {
		p = mul(p, s) + c
	}
	return mul(p, x)
}

// cos of an angle in turns.
func cos(turns float64) float64 { return sin(turns + 0.25) }

// atan2 is the angle of (x, y) in turns, in (-½, ½]; error below 2e-6 turns. (Polynomial: Abramowitz & Stegun 4.4.49.)
func atan2(y, x float64) float64 {
	ax, ay := abs(x), abs(y)
	if ax == 0 && ay == 0 {
		return 0
	}
	z := min(ax, ay) / max(ax, ay)
	s := mul(z, z)
	p := 0.0028662257
	for _, c := range [...]float64{-0.0161657367, 0.0429096138, -0.0752896400, 0.1065626393, -0.1420889944, 0.1999355085, -0.3333314528, 1} {
		p = mul(p, s) + c
	}
	a := mul(p, z) / (2 * math.Pi)
	if ay > ax {
		a = 0.25 - a
	}
	if x < 0 {
		a = 0.5 - a
	}
	if y < 0 {
		a = -a
	}
	return a
}

// pow is x to the power y for x > 0 and a y of moderate size; relative error below 1e-9.
func pow(x, y float64) float64 { return exp2(mul(y, log2(x))) }

func log2(x float64) float64 {
	whole := 0.0
	for ; x >= 1.5; x /= 2 {
		whole++
	}
	for ; x < 0.75; x = mul(x, 2) {
		whole--
	}
	z := (x - 1) / (x + 1) // ln x = 2 artanh z, |z| ≤ 0.2
	s := mul(z, z)
	p := 0.0
	for k := 21; k >= 1; k -= 2 {
		p = mul(p, s) + 1/float64(k)
	}
	return whole + mul(2/math.Ln2, mul(p, z))
}

func exp2(y float64) float64 {
	whole := math.Floor(y + 0.5)
	x := mul(y-whole, math.Ln2) // |x| ≤ 0.35
	p := 1.0
	for k := 14; k >= 1; k-- {
		p = 1 + mul(p, x)/float64(k)
	}
	for ; whole > 0; whole-- {
		p = mul(p, 2)
	}
	for ; whole < 0; whole++ {
		p /= 2
	}
	return p
}

// power is x to a whole power of two: power(x, 3) = x^8. A cheap highlight.
func power(x float64, doublings int) float64 {
	for range doublings {
		x = mul(x, x)
	}
	return x
}

// point is a place or a direction: y grows downwards in pictures, towards the head in an insect's own frame.
type point struct{ x, y float64 }

func (p point) add(q point) point      { return point{p.x + q.x, p.y + q.y} }
func (p point) sub(q point) point      { return point{p.x - q.x, p.y - q.y} }
func (p point) by(k float64) point     { return point{mul(p.x, k), mul(p.y, k)} }
func (p point) dot(q point) float64    { return mul(p.x, q.x) + mul(p.y, q.y) }
func (p point) length() float64        { return math.Sqrt(p.dot(p)) }
func (p point) side() point            { return point{-p.y, p.x} }
func (p point) mirror(s float64) point { return point{mul(p.x, s), p.y} }

func (p point) direction() point {
	if n := p.length(); n > 0 {
		return point{p.x / n, p.y / n}
	}
	return point{0, 1}
}

// polar is the point at an angle (turns, counter-clockwise from +x) and distance.
func polar(turns, radius float64) point {
	return point{mul(radius, cos(turns)), mul(radius, sin(turns))}
}

func between(p, q point, t float64) point { return point{lerp(p.x, q.x, t), lerp(p.y, q.y, t)} }

// affine maps (x, y) to (ax + by + c, dx + ey + f).
type affine struct{ a, b, c, d, e, f float64 }

func (m affine) at(p point) point {
	return point{mul(m.a, p.x) + mul(m.b, p.y) + m.c, mul(m.d, p.x) + mul(m.e, p.y) + m.f}
}

// vector maps a direction: without the shift.
func (m affine) vector(p point) point {
	return point{mul(m.a, p.x) + mul(m.b, p.y), mul(m.d, p.x) + mul(m.e, p.y)}
}

// then is m first, n after it.
func (m affine) then(n affine) affine {
	return affine{
		mul(n.a, m.a) + mul(n.b, m.d), mul(n.a, m.b) + mul(n.b, m.e), mul(n.a, m.c) + mul(n.b, m.f) + n.c,
		mul(n.d, m.a) + mul(n.e, m.d), mul(n.d, m.b) + mul(n.e, m.e), mul(n.d, m.c) + mul(n.e, m.f) + n.f,
	}
}

func (m affine) inverse() affine {
	det := mul(m.a, m.e) - mul(m.b, m.d)
	a, b, d, e := m.e/det, -m.b/det, -m.d/det, m.a/det
	return affine{a, b, -(mul(a, m.c) + mul(b, m.f)), d, e, -(mul(d, m.c) + mul(e, m.f))}
}

// scale is the mean linear magnification.
func (m affine) scale() float64 { return math.Sqrt(abs(mul(m.a, m.e) - mul(m.b, m.d))) }

func shift(p point) affine { return affine{a: 1, c: p.x, e: 1, f: p.y} }

func stretch(x, y float64) affine { return affine{a: x, e: y} }

func rotation(turns float64) affine {
	c, s := cos(turns), sin(turns)
	return affine{a: c, b: -s, d: s, e: c}
}
