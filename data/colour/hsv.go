package colour

import "math"

// Reciprocals in 12-bit fixed point, as OpenCV has them: 255/v, and 180/6 half degrees by the largest difference.
const hsvShift = 12

var byValue, byDifference = func() (value, difference [256]int) {
	for i := 1; i < 256; i++ {
		value[i] = int(math.RoundToEven(float64(255<<hsvShift) / float64(i)))
		difference[i] = int(math.RoundToEven(float64(180<<hsvShift) / float64(6*i)))
	}
	return value, difference
}()

// hueSaturation returns a colour's hue in half degrees, 0…179, and its saturation, 0…255, to the bit as OpenCV's
// COLOR_RGB2HSV does for 8-bit pictures. Greys have hue 0.
func hueSaturation(red, green, blue byte) (hue, saturation byte) {
	const half = 1 << (hsvShift - 1)
	r, g, b := int(red), int(green), int(blue)
	value := max(r, g, b)
	difference := value - min(r, g, b)
	var h int
	switch value {
	case r:
		h = g - b
	case g:
		h = b - r + 2*difference
	default:
		h = r - g + 4*difference
	}
	h = (h*byDifference[difference] + half) >> hsvShift
	if h < 0 {
		h += 180
	}
	return byte(h), byte((difference*byValue[value] + half) >> hsvShift)
}
