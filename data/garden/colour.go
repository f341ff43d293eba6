package garden

// colour is red, green, blue, 0…1, as on the screen (not linear light).
type colour struct{ r, g, b float64 }

func (c colour) by(k float64) colour { return colour{mul(c.r, k), mul(c.g, k), mul(c.b, k)} }

func (c colour) add(d colour) colour { return colour{c.r + d.r, c.g + d.g, c.b + d.b} }

func grey(v float64) colour { return colour{v, v, v} }

// mix is c with a share t of d.
func (c colour) mix(d colour, t float64) colour {
	return colour{lerp(c.r, d.r, t), lerp(c.g, d.g, t), lerp(c.b, d.b, t)}
}

// hsl makes a colour from hue (turns: 0 red, 1/6 yellow, 1/3 green, 2/3 blue), saturation and lightness.
func hsl(hue, saturation, lightness float64) colour {
	spread := mul(saturation, min(lightness, 1-lightness))
	channel := func(n float64) float64 {
		k := n + mul(hue, 12)
		k -= mul(12, floor(k/12))
		return lightness - mul(spread, clamp(min(k-3, 9-k), -1, 1))
	}
	return colour{channel(0), channel(8), channel(4)}
}
