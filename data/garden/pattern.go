package garden

// banding is the colours of an abdomen, front to rear: bands or pairs of spots across, and a tail.
type banding struct {
	base, ink, tail colour
	count           int     // bands of ink
	width           float64 // share of a period that is ink
	front, rear     float64 // where the bands lie, v
	notch           float64 // 0 whole bands … 1 parted in the middle: pairs of spots
	bow             float64 // bands bend towards the rear at the sides
	tailFrom        float64 // the tail's front edge, v; below −1 = no tail
	soft            float64 // softness of edges
}

// vary is the pattern of one individual.
func (b banding) vary(d dice) banding {
	b.width = clamp(mul(b.width, d.around(1, 0.22)), 0.12, 0.92)
	b.notch = unit(b.notch + d.around(0, 0.12))
	b.tailFrom += d.around(0, 0.1)
	b.bow += d.around(0, 0.08)
	b.base, b.ink, b.tail = d.jitter(b.base, 0.18), d.jitter(b.ink, 0.18), d.jitter(b.tail, 0.18)
	return b
}

func (b banding) at(u, v float64) colour {
	c := b.base
	w := v + mul(b.bow, mul(u, u))
	if b.count > 0 && w < b.front && w > b.rear {
		period := (b.front - b.rear) / float64(b.count)
		place := (b.front - w) / period
		place -= floor(place)
		middle := 1 - smooth(0.1, 0.42, abs(u))
		width := mul(b.width, 1-mul(b.notch, mul(1.2, middle)))
		if b.notch > 0.6 { // spots end before the side as well
			width = mul(width, 1-smooth(0.78, 0.95, abs(u)))
		}
		c = c.mix(b.ink, bump(0.5, max(0, width)/2, mul(0.5, b.soft)+0.06, place)-mul(0.5, smooth(0.06, 0, width)))
	}
	return c.mix(b.tail, smooth(b.tailFrom+b.soft, b.tailFrom-b.soft, w))
}

// spot is a round mark on wing cases or wings, in part coordinates.
type spot struct{ u, v, size float64 }

// spots is the share of ink at a place, each mark mirrored to the other side.
func spotted(marks []spot, u, v, aspect float64) float64 {
	share := 0.0
	for _, s := range marks {
		du, dv := abs(u)-s.u, mul(v-s.v, aspect)
		distance := mul(du, du) + mul(dv, dv)
		share = max(share, smooth(mul(1.3, mul(s.size, s.size)), mul(0.75, mul(s.size, s.size)), distance))
	}
	return share
}
