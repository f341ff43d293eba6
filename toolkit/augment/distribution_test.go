package augment

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
)

// Limits that a right distribution passes with a probability of 0.9999. Seeds are fixed: a test passes always or never.
const (
	samples           = 4096
	kolmogorovSmirnov = 2.23 // of √n·D
	normal            = 3.9  // of a standardised mean, two-sided
)

// parameter is something drawn.
type parameter struct {
	name  string
	value *Node                   // [batch]
	cdf   func(x float64) float64 // of a continuous distribution
	whole map[float64]float64     // of a discrete one: the probability of each value
}

func uniform(low, high float64) func(float64) float64 {
	return func(x float64) float64 { return min(1, max(0, (x-low)/(high-low))) }
}

func equally(low, high int) map[float64]float64 {
	shares := map[float64]float64{}
	for v := low; v <= high; v++ {
		shares[float64(v)] = 1 / float64(high-low+1)
	}
	return shares
}

// half is a distribution that is neutral in half of the cases.
func half(neutral float64, cdf func(float64) float64) func(float64) float64 {
	return func(x float64) float64 {
		if x < neutral {
			return cdf(x) / 2
		}
		return cdf(x)/2 + 0.5
	}
}

func certainly(p float64) map[float64]float64 { return map[float64]float64{0: 1 - p, 1: p} }

func parameters(seeds *Node) []parameter {
	number := func(b *Node) *Node { return ConvertDType(b, draw(seeds, 0, 1).u.DType()) }
	simple := draw(seeds, streamSimple, simpleDraws)
	list := []parameter{
		{name: "flip x", value: number(happens(simple.at(drawFlipX), 0.5)), whole: certainly(0.5)},
		{name: "flip y", value: number(happens(simple.at(drawFlipY), 0.3)), whole: certainly(0.3)},
	}
	moved := Policy{Shift: 0.15, Zoom: 0.2}.shiftAndZoom(simple, 10, 20)
	list = append(list,
		parameter{name: "shift x", value: moved.x0, cdf: uniform(-3, 3)}, parameter{name: "shift y", value: moved.y0, cdf: uniform(-1.5, 1.5)},
		parameter{name: "zoom x", value: Reciprocal(moved.xx), cdf: uniform(0.8, 1.2)}, parameter{name: "zoom y", value: Reciprocal(moved.yy), cdf: uniform(0.8, 1.2)})

	a := presets["study"]().Affine.draw(seeds)
	degrees := func(x *Node) *Node { return MulScalar(x, 180/math.Pi) }
	list = append(list,
		parameter{name: "scale x", value: a.scaleX, cdf: half(1, uniform(0.8, 1.2))}, parameter{name: "scale y", value: a.scaleY, cdf: half(1, uniform(0.8, 1.2))},
		parameter{name: "translate x", value: a.moveX, cdf: half(0, uniform(-0.2, 0.2))}, parameter{name: "translate y", value: a.moveY, cdf: half(0, uniform(-0.2, 0.2))},
		parameter{name: "rotate", value: degrees(a.angle), cdf: half(0, uniform(-45, 45))}, parameter{name: "shear", value: degrees(a.shear), cdf: half(0, uniform(-5, 5))})

	step := presets["study"]().Colour[0]
	colours := draw(seeds, streamColour, step.draws())
	column := func(x *Node, i int) *Node { return Squeeze(Slice(x, AxisRange(), AxisRange(i, i+1)), 1) }
	added, contrast, hue := step.OneOf[0].Add.draw(colours, 2), step.OneOf[1].Contrast.draw(colours, 6), step.OneOf[2].HueSaturation.draw(colours, 10)
	weighted := ColourStep{Probability: 0.8, OneOf: []ColourChange{{Add: &Additive{}}, {Add: &Additive{}, Weight: 3}}}
	list = append(list,
		parameter{name: "choice", value: number(step.choose(colours)), whole: equally(0, 2)},
		parameter{name: "weighted choice", value: number(weighted.choose(colours)), whole: map[float64]float64{-1: 0.2, 0: 0.2, 1: 0.6}},
		parameter{name: "add red", value: column(added, 0), whole: equally(-25, 25)}, parameter{name: "add blue", value: column(added, 2), whole: equally(-25, 25)},
		parameter{name: "add alike", value: number(Equal(column(added, 0), column(added, 1))), whole: certainly(0.5 + 0.5/51)},
		parameter{name: "contrast green", value: column(contrast, 1), cdf: uniform(0.5, 2)},
		parameter{name: "contrast alike", value: number(Equal(column(contrast, 0), column(contrast, 2))), whole: certainly(0.5)},
		parameter{name: "hue", value: column(hue, 0), whole: equally(-20, 20)}, parameter{name: "saturation", value: column(hue, 1), whole: equally(-20, 20)},
		parameter{name: "hue and saturation alike", value: number(Equal(column(hue, 0), column(hue, 1))), whole: map[float64]float64{1: 1}})

	j := (&ColourJitter{Brightness: 0.4, Contrast: 0.3, Saturation: 1.5, Hue: 0.1}).draw(seeds)
	list = append(list,
		parameter{name: "jitter brightness", value: j.brightness, cdf: uniform(0.6, 1.4)}, parameter{name: "jitter contrast", value: j.contrast, cdf: uniform(0.7, 1.3)},
		parameter{name: "jitter saturation", value: j.saturation, cdf: uniform(0, 2.5)}, parameter{name: "jitter hue", value: j.hue, cdf: uniform(-0.1, 0.1)})

	for _, s := range (&RandAugment{}).draw(seeds) {
		list = append(list, parameter{name: "operation", value: s.op, whole: equally(0, 13)}, parameter{name: "sign", value: s.sign, whole: map[float64]float64{-1: 0.5, 1: 0.5}})
	}

	erased := draw(seeds, streamErasing, partDraws+1)
	mixed := draw(seeds, streamMix, 5)
	cut := cutWindow(ZerosLike(mixed.at(3)), mixed.at(3), mixed.at(4), 40, 60) // reaches 30 and 20 pixels from a middle
	list = append(list,
		parameter{name: "erasing", value: number(happens(erased.at(partDraws), 0.25)), whole: certainly(0.25)},
		parameter{name: "mixup's lambda", value: betaQuantiles(0.5).at(mixed.at(1)), cdf: betaHalf},
		parameter{name: "cutmix's lambda", value: betaQuantiles(2).at(mixed.at(2)), cdf: betaTwo},
		parameter{name: "cutmix's middle x", value: Sub(Add(MulScalar(cut.left, 2), cut.width), ConstAs(cut.left, 60)), whole: middles(60)},
		parameter{name: "cutmix's middle y", value: Sub(Add(MulScalar(cut.top, 2), cut.height), ConstAs(cut.top, 40)), whole: middles(40)})
	return list
}

// middles are twice the distances, from the middle of an axis, of that of a rectangle of the whole size cut at the border.
func middles(size int) map[float64]float64 {
	shares := map[float64]float64{}
	for middle := range size {
		low, high := max(0, middle-size/2), min(size, middle+size/2)
		shares[float64(low+high-size)] += 1 / float64(size)
	}
	return shares
}

func betaHalf(x float64) float64 { return 2 / math.Pi * math.Asin(math.Sqrt(min(1, max(0, x)))) }
func betaTwo(x float64) float64  { return x * x * (3 - 2*x) }

func TestDistributions(t *testing.T) {
	var list []parameter
	values := compile(t, func(seeds *Node) []*Node {
		list = parameters(seeds)
		var nodes []*Node
		for _, p := range list {
			nodes = append(nodes, p.value)
		}
		return nodes
	}).run(seedsOf(upTo(samples)...))
	for i, p := range list {
		if p.cdf != nil {
			testContinuous(t, p.name, values[i], p.cdf)
		} else {
			testDiscrete(t, p.name, values[i], p.whole)
		}
	}
}

func testContinuous(t *testing.T, name string, values []float32, cdf func(float64) float64) {
	t.Helper()
	slices.Sort(values)
	distance, n := 0.0, float64(len(values))
	for i, v := range values {
		// Below v there are the values before the first equal one, up to v all to the last equal one.
		if i == 0 || values[i-1] != v {
			below := math.Nextafter(float64(v), math.Inf(-1)) - 1e-7*math.Abs(float64(v))
			distance = max(distance, math.Abs(cdf(below)-float64(i)/n))
		}
		if i == len(values)-1 || values[i+1] != v {
			distance = max(distance, math.Abs(cdf(float64(v)+1e-7*math.Abs(float64(v)))-float64(i+1)/n))
		}
	}
	if scaled := distance * math.Sqrt(n); !(scaled < kolmogorovSmirnov) {
		t.Errorf("%s: Kolmogorov–Smirnov's √n·D is %.2f, want below %.2f", name, scaled, kolmogorovSmirnov)
	}
}

func testDiscrete(t *testing.T, name string, values []float32, shares map[float64]float64) {
	t.Helper()
	counts := map[float64]float64{}
	for _, v := range values {
		counts[float64(v)]++
	}
	n, chi2, freedom := float64(len(values)), 0.0, float64(len(shares)-1)
	for v := range counts {
		if shares[v] == 0 {
			t.Errorf("%s: drew %g, which must not come", name, v)
			return
		}
	}
	for v, share := range shares {
		chi2 += (counts[v] - n*share) * (counts[v] - n*share) / (n * share)
	}
	if freedom == 0 {
		return
	}
	// Wilson and Hilferty's approximation.
	z := (math.Cbrt(chi2/freedom) - (1 - 2/(9*freedom))) / math.Sqrt(2/(9*freedom))
	if !(z < normal) {
		t.Errorf("%s: χ² is %.1f with %.0f degrees of freedom, %.1f standard deviations", name, chi2, freedom, z)
	}
}

// TestDrawsAreIndependent correlates each two numbers that an example uses.
func TestDrawsAreIndependent(t *testing.T) {
	const perStream = 14
	var streams int
	values := compile(t, func(seeds *Node) []*Node {
		var nodes []*Node
		for stream := uint32(streamSimple); stream <= streamColour; stream++ {
			for i := range perStream {
				nodes = append(nodes, draw(seeds, stream, perStream).at(i))
			}
			streams++
		}
		return nodes
	}).run(seedsOf(upTo(samples)...))
	const limit = 5 // of √n·r: with 6,216 pairs one above it comes once in 280 sets of seeds
	for i := range values {
		for j := range i {
			sum := 0.0
			for k := range samples {
				sum += (float64(values[i][k]) - 0.5) * (float64(values[j][k]) - 0.5)
			}
			if z := sum * 12 / math.Sqrt(samples); math.Abs(z) > limit {
				t.Errorf("numbers %d and %d of %d streams: √n·r is %.1f", i, j, streams, z)
			}
		}
	}
}

// TestPartsAreTorchvisions compares with torchvision's loop: draw a share and a ratio until they fit.
func TestPartsAreTorchvisions(t *testing.T) {
	for _, c := range []struct {
		name          string
		p             part
		height, width int
		margin        int
	}{
		{"crop", (&RandomResizedCrop{}).filled(), 1000, 1000, 0},
		{"crop of a wide picture", (&RandomResizedCrop{Scale: Range{0.4, 1}, Ratio: Range{0.5, 3}}).filled(), 600, 1500, 0},
		{"crop of one ratio", (&RandomResizedCrop{Scale: Range{0.4, 1}, Ratio: Range{2, 2}}).filled(), 1500, 1500, 0},
		{"erasing", (&RandomErasing{}).filled(), 1000, 800, 1},
	} {
		drawn := compile(t, func(seeds *Node) []*Node {
			w := c.p.draw(draw(seeds, streamCrop, partDraws), c.height, c.width, c.margin)
			return []*Node{w.width, w.height, Mul(w.width, w.height), w.left, w.top}
		}).run(seedsOf(upTo(samples)...))
		for k := range drawn[0] {
			if drawn[3][k]+drawn[0][k] > float32(c.width) || drawn[4][k]+drawn[1][k] > float32(c.height) {
				t.Fatalf("%s: %g×%g at %g, %g is not inside", c.name, drawn[0][k], drawn[1][k], drawn[3][k], drawn[4][k])
			}
		}
		rng := rand.New(rand.NewPCG(1, 2))
		reference := make([][]float32, len(drawn))
		for len(reference[0]) < 20*samples {
			area := float64(c.height*c.width) * (c.p.scale[0] + rng.Float64()*(c.p.scale[1]-c.p.scale[0]))
			ratio := math.Exp(math.Log(c.p.ratio[0]) + rng.Float64()*math.Log(c.p.ratio[1]/c.p.ratio[0]))
			w, h := int(math.Round(math.Sqrt(area*ratio))), int(math.Round(math.Sqrt(area/ratio)))
			if w > c.width-c.margin || h > c.height-c.margin {
				continue
			}
			for i, v := range []int{w, h, w * h, rng.IntN(c.width - w + 1), rng.IntN(c.height - h + 1)} {
				reference[i] = append(reference[i], float32(v))
			}
		}
		for i, what := range []string{"width", "height", "area", "left", "top"} {
			if low := slices.Min(drawn[i]); low < 0 || i < 2 && low < 1 {
				t.Errorf("%s: %s is %g", c.name, what, low)
			}
			if d := twoSamples(drawn[i], reference[i]); !(d < kolmogorovSmirnov) {
				t.Errorf("%s: %s: the two-sample Kolmogorov–Smirnov statistic is %.2f, want below %.2f", c.name, what, d, kolmogorovSmirnov)
			}
		}
	}
}

func twoSamples(a, b []float32) float64 {
	slices.Sort(a)
	slices.Sort(b)
	n, m, distance := float64(len(a)), float64(len(b)), 0.0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		v := min(a[i], b[j])
		for i < len(a) && a[i] == v {
			i++
		}
		for j < len(b) && b[j] == v {
			j++
		}
		distance = max(distance, math.Abs(float64(i)/n-float64(j)/m))
	}
	return distance * math.Sqrt(n*m/(n+m))
}

// TestBetaQuantiles checks the tables where the distribution function has a closed form, and by the variance 1/(8α+4).
func TestBetaQuantiles(t *testing.T) {
	for alpha, cdf := range map[float64]func(float64) float64{0.5: betaHalf, 1: func(x float64) float64 { return x }, 2: betaTwo} {
		q := betaQuantiles(alpha)
		for i, x := range q[:len(q)/2+1] {
			if other := q[len(q)-1-i]; other != 1-x {
				t.Fatalf("α = %g: quantiles %d from each end, %g and %g, are not symmetric", alpha, i, x, other)
			}
			if want := float64(i) / float64(len(q)-1); math.Abs(cdf(float64(x))-want) > 2e-6 {
				t.Fatalf("α = %g: the quantile of %g is %g, whose probability is %g", alpha, want, x, cdf(float64(x)))
			}
		}
	}
	for _, alpha := range []float64{0.05, 0.2, 0.4, 0.5, 1, 2, 10} {
		q, variance := betaQuantiles(alpha), 0.0
		for i := range len(q) - 1 { // the mean of a square along a line
			a, b := float64(q[i])-0.5, float64(q[i+1])-0.5
			variance += (a*a + a*b + b*b) / 3
			if b < a {
				t.Fatalf("α = %g: quantile %d is below the one before", alpha, i+1)
			}
		}
		variance /= float64(len(q) - 1)
		if want := 1 / (8*alpha + 4); math.Abs(variance-want) > 2e-3*want {
			t.Errorf("α = %g: the variance is %g, want %g", alpha, variance, want)
		}
	}
}
