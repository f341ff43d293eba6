package resize

import "math"

// Interpolation says how a pixel is made of those around its place, by the names that Pillow has.
type Interpolation string

const (
	Bicubic  Interpolation = "bicubic"  // Keys' cubic with a = −0.5; also what the empty string means
	Bilinear Interpolation = "bilinear" // a triangle
)

// radius is the distance, in pixels, from which on the weight is zero.
func (i Interpolation) radius() float64 {
	if i == Bilinear {
		return 1
	}
	return 2
}

// weight of a pixel at a distance from the wanted place.
func (i Interpolation) weight(distance float64) float64 {
	x := math.Abs(distance)
	if i == Bilinear {
		return max(1-x, 0)
	}
	return cubic(x)
}

// cubic is Keys' interpolation kernel (IEEE Trans. ASSP 29, 1981) with a = −1/2, for x not below 0.
func cubic(x float64) float64 {
	const a = -0.5
	switch {
	case x < 1:
		return float64(float64(float64(float64((a+2)*x)-(a+3))*x)*x) + 1
	case x < 2:
		return float64((float64(float64(float64(x-5)*x+8)*x) - 4) * a)
	}
	return 0
}
