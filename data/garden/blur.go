package garden

// blurrer blurs pictures of up to a fixed number of values; it keeps its buffers between calls.
type blurrer struct{ copied, sum []float64 }

func newBlurrer(values, rowValues int) *blurrer {
	return &blurrer{copied: make([]float64, values), sum: make([]float64, rowValues)}
}

// blur is three box blurs, near enough a Gaussian of standard deviation radius + ½: radius is in px, of one box to each
// side, and may be a fraction. Below a pixel, where nobody sees the difference, it is one box of like effect. pix has
// planes values a pixel; the border repeats.
func (b *blurrer) blur(pix []float64, width, height, planes int, radius float64) {
	if radius < 0.05 {
		return
	}
	times := 3
	if radius < 1 {
		times, radius = 1, mul(1.7, radius)
	}
	for range times {
		b.down(pix, width*planes, height, radius)
		b.across(pix, width, height, planes, radius)
	}
}

// down averages every pixel with those up to radius above and below it.
func (b *blurrer) down(pix []float64, rowValues, height int, radius float64) {
	whole := int(floor(radius))
	part := radius - float64(whole)
	weight := 1 / (mul(2, radius) + 1)
	copied := b.copied[:len(pix)]
	copy(copied, pix)
	row := func(y int) []float64 {
		y = max(0, min(height-1, y))
		return copied[y*rowValues : (y+1)*rowValues]
	}
	sum := b.sum[:rowValues]
	clear(sum)
	for y := -whole; y <= whole; y++ {
		for i, v := range row(y) {
			sum[i] += v
		}
	}
	for y := range height {
		out := pix[y*rowValues : (y+1)*rowValues]
		above, below, top := row(y - whole - 1)[:len(out)], row(y + whole + 1)[:len(out)], row(y - whole)[:len(out)]
		total := sum[:len(out)]
		for i := range out {
			t := total[i]
			out[i] = float64(weight * (t + float64(part*(above[i]+below[i]))))
			total[i] = t + (below[i] - top[i])
		}
	}
}

// across averages every pixel with those up to radius to its left and right.
func (b *blurrer) across(pix []float64, width, height, planes int, radius float64) {
	whole := int(floor(radius))
	part := radius - float64(whole)
	weight := 1 / (mul(2, radius) + 1)
	n := width * planes
	line := b.copied[:(width+2*whole+2)*planes] // the row with its ends repeated
	for y := range height {
		row := pix[y*n : (y+1)*n]
		margin := (whole + 1) * planes
		copy(line[margin:], row)
		for i := range margin {
			line[i] = row[i%planes]
			line[margin+n+i] = row[n-planes+i%planes]
		}
		for k := range planes {
			sum := 0.0
			for i := range 2*whole + 1 {
				sum += line[(i+1)*planes+k]
			}
			first, last := k, k+(2*whole+2)*planes // one further out than the box, on either side
			for i := k; i < n; i += planes {
				a, z := line[first], line[last]
				row[i] = float64(weight * (sum + float64(part*(a+z))))
				first += planes
				last += planes
				sum += z - line[first]
			}
		}
	}
}
