package garden

// membrane is a clear wing with veins, as of bees, flies and damselflies.
type membrane struct {
	root          point   // right side
	angle         float64 // turns from +x towards the head when spread
	swing         float64 // turns it goes back when folded
	length, width float64
	tint          colour
	alpha         float64
	tip           colour // smoke at the tip or a band, by share
	smoke         float64
	stigma        colour
	narrow        float64 // 0 fly … 1 damselfly: stalked, parallel edges
}

var membraneOutline = rounded([]point{
	{0, 0.07}, {0.25, 0.17}, {0.6, 0.22}, {0.88, 0.17}, {1, 0}, {0.92, -0.17}, {0.7, -0.28}, {0.4, -0.26}, {0.15, -0.14}, {0, -0.05},
}, 3)

var paddleOutline = rounded([]point{
	{0, 0.04}, {0.2, 0.08}, {0.5, 0.2}, {0.85, 0.23}, {1, 0.06}, {0.93, -0.17}, {0.65, -0.26}, {0.35, -0.17}, {0.15, -0.06}, {0, -0.03},
}, 3)

var veins = [][]point{
	{{0, 0.05}, {0.3, 0.15}, {0.6, 0.19}, {0.9, 0.14}},
	{{0, 0.02}, {0.45, 0.03}, {0.96, -0.03}},
	{{0, 0}, {0.35, -0.1}, {0.72, -0.26}},
	{{0.45, 0.03}, {0.5, 0.19}},
	{{0.68, 0.01}, {0.64, -0.22}},
	{{0.42, 0.02}, {0.4, -0.12}},
	{{0.72, 0.01}, {0.78, 0.17}},
}

// membranes draws a pair of them.
func (c *canvas) membranes(w membrane) {
	outline := membraneOutline
	if w.narrow > 0.5 {
		outline = paddleOutline
	}
	for _, s := range [...]float64{1, -1} {
		angle := w.angle - mul(w.swing, 1-c.open) + c.dice.around(0, 0.012)
		foreshortened := 1 - mul(mul(0.5, s), c.roll)
		m := stretch(mul(w.length, foreshortened), w.width).then(rotation(angle)).then(shift(w.root)).then(stretch(s, 1)).then(c.frame)
		sheenAt, sheenTilt := c.dice.between(0.2, 0.8), c.dice.between(-0.8, 0.8)
		glint := c.dice.between(0.15, 0.6)
		c.mapped(m, outline, func(q point) (colour, float64) {
			smoke := mul(w.smoke, smooth(0.55, 0.85, q.x+mul(0.35, q.y)))
			sheen := mul(glint, bump(sheenAt, 0.12, 0.14, q.x+mul(sheenTilt, q.y)))
			ink := w.tint.mix(w.tip, unit(mul(1.3, smoke)))
			ink = ink.mix(hsl(0.5+mul(0.5, q.x), 0.35, 0.86), sheen)
			return ink, unit(w.alpha + mul(0.6, smoke) + mul(0.45, sheen))
		})
		dark := w.stigma
		for i, vein := range veins {
			thick := 0.016
			if i == 0 {
				thick = 0.028
			}
			c.strokePxIn(m, vein, mul(thick, w.length), dark, 0.62)
		}
		c.strokePxIn(m, []point{{0.62, 0.185}, {0.74, 0.175}}, mul(0.055, w.length), dark, 0.85)
	}
}

// strokePxIn strokes a line given in frame m with a width given in the insect's frame.
func (c *canvas) strokePxIn(m affine, line []point, width float64, ink colour, alpha float64) {
	drawn := make([]point, len(line))
	for i, q := range line {
		drawn[i] = m.at(q)
	}
	px := max(0.3, mul(width, c.frame.scale()))
	c.strokePx(drawn, px, px, ink, alpha)
}
