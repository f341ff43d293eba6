package plots_test

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"testing"

	"github.com/longwing-ml/longwing/plots"
	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/run"
)

func drawn(t *testing.T, f *plots.Figure, err error) *image.RGBA {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	img, err := f.Image()
	if err != nil {
		t.Fatal(err)
	}
	pixels := image.NewRGBA(img.Bounds())
	draw.Draw(pixels, pixels.Bounds(), img, img.Bounds().Min, draw.Src)
	return pixels
}

func has(img *image.RGBA, x, y int, c color.RGBA) bool { return img.RGBAAt(x, y) == c }

// barLengths returns the lengths of the horizontal runs of a colour longer than 20 pixels along the rows, one a bar: of
// neighbouring rows with the same run only the first counts.
func barLengths(img *image.RGBA, c color.RGBA) []int {
	var lengths []int
	last := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		longest, current := 0, 0
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if has(img, x, y, c) {
				current++
				longest = max(longest, current)
			} else {
				current = 0
			}
		}
		if longest > 20 && last == 0 {
			lengths = append(lengths, longest)
		}
		last = longest
	}
	return lengths
}

func TestBarsAreAsLongAsTheirCounts(t *testing.T) {
	counts := []int{100, 400, 50, 200}
	f, err := plots.ClassCounts(counts, nil)
	lengths := barLengths(drawn(t, f, err), blue)
	if len(lengths) != len(counts) {
		t.Fatalf("found bars of %v pixels, want %d bars, class 0 at the top", lengths, len(counts))
	}
	for i, n := range counts {
		if want := float64(lengths[1]) * float64(n) / 400; math.Abs(float64(lengths[i])-want) > 3 {
			t.Errorf("bar of %d pictures is %d pixels long, want %.0f beside %d for 400", n, lengths[i], want, lengths[1])
		}
	}
}

func TestBarsAreSorted(t *testing.T) {
	f, err := plots.Bars([]string{"a", "b", "c"}, []float64{10, 40, 20}, "n")
	lengths := barLengths(drawn(t, f, err), blue)
	if len(lengths) != 3 || lengths[0] <= lengths[1] || lengths[1] <= lengths[2] {
		t.Errorf("bars are %v pixels long, want three, longest first", lengths)
	}
}

// With 403 classes every class keeps a row of pixels of its own.
func TestThinBars(t *testing.T) {
	counts := make([]int, 403)
	for i := range counts {
		counts[i] = 1
	}
	counts[0], counts[202], counts[402] = 1000, 1000, 1000
	f, err := plots.ClassCounts(counts, nil)
	img := drawn(t, f, err)
	var first, last []int // rows where a long bar begins and ends
	middle := img.Bounds().Dx() / 2
	for y := 1; y < img.Bounds().Dy(); y++ {
		before, now := has(img, middle, y-1, blue), has(img, middle, y, blue)
		if now && !before {
			first = append(first, y)
		}
		if before && !now {
			last = append(last, y)
		}
	}
	if len(first) != 3 || len(last) != 3 {
		t.Fatalf("long bars begin at rows %v and end at %v, want three", first, last)
	}
	ratio := float64(first[1]-first[0]) / float64(first[2]-first[0])
	if math.Abs(ratio-202.0/402) > 0.003 {
		t.Errorf("bar of class 202 lies at %.4f of the way from 0 to 402, want %.4f", ratio, 202.0/402)
	}
}

func TestLongTailColoursBySize(t *testing.T) {
	f, err := plots.LongTail([]int{5, 500, 50, 5, 5, 5})
	img := drawn(t, f, err)
	y := img.Bounds().Dy() - 140 // just above the axis, where every bar is coloured
	width := func(c color.RGBA) (n int) {
		for x := range img.Bounds().Dx() {
			if has(img, x, y, c) {
				n++
			}
		}
		return n
	}
	many, medium, few := width(blue), width(orange), width(vermillion)
	if many < 100 || math.Abs(float64(medium-many)) > 4 || math.Abs(float64(few-4*many)) > 8 {
		t.Errorf("groups are %d, %d and %d pixels wide, want 1 : 1 : 4", many, medium, few)
	}
}

// blobs counts groups of touching pixels that pass.
func blobs(img *image.RGBA, from image.Rectangle, pass func(x, y int) bool) int {
	seen := make(map[image.Point]bool)
	count := 0
	for y := from.Min.Y; y < from.Max.Y; y++ {
		for x := from.Min.X; x < from.Max.X; x++ {
			if seen[image.Pt(x, y)] || !pass(x, y) {
				continue
			}
			count++
			stack := []image.Point{{X: x, Y: y}}
			for len(stack) > 0 {
				p := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				if seen[p] || !p.In(from) || !pass(p.X, p.Y) {
					continue
				}
				seen[p] = true
				for _, d := range []image.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}} {
					stack = append(stack, p.Add(d))
				}
			}
		}
	}
	return count
}

func TestF1DotsAndTheirColours(t *testing.T) {
	// F1: 1, 1, 0.5, 0; the fifth class is never seen.
	tally := &metric.Tally{
		Count:     []int{10, 10, 10, 10, 0},
		Predicted: []int{10, 10, 10, 10, 0},
		Hits:      []int{10, 10, 5, 0, 0},
	}
	f, err := plots.PerClassF1(tally, []int{1000, 10, 100, 20, 50}, nil, 0)
	img := drawn(t, f, err)
	data := img.Bounds()
	data.Min.Y += 160 // below title and legend
	isBlue := func(x, y int) bool {
		c := img.RGBAAt(x, y)
		return int(c.B) > int(c.R)+0x30 && int(c.B) > int(c.G)+0x10
	}
	isRed := func(x, y int) bool {
		c := img.RGBAAt(x, y)
		return int(c.R) > int(c.B)+0x30 && int(c.R) > int(c.G)+0x10
	}
	if above, below := blobs(img, data, isBlue), blobs(img, data, isRed); above != 2 || below != 2 {
		t.Errorf("%d dots above the line and %d below, want 2 and 2", above, below)
	}
}

func TestCurvesHaveTheirColours(t *testing.T) {
	colours := func(records []run.Record) (found [3]bool) {
		f, err := plots.LearningCurves(records)
		img := drawn(t, f, err)
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				for i, c := range []color.RGBA{blue, vermillion, green} {
					found[i] = found[i] || has(img, x, y, c)
				}
			}
		}
		return found
	}
	both := records(5)
	if got := colours(both); got != [3]bool{true, true, true} {
		t.Errorf("training, validation, F170 drawn: %v, want all", got)
	}
	var train []run.Record
	for _, r := range both {
		if r.Phase == run.Train {
			train = append(train, r)
		}
	}
	if got := colours(train); got != [3]bool{true, false, false} {
		t.Errorf("training, validation, F170 drawn: %v, want training only", got)
	}
}

func TestCurvesBreakAtNaN(t *testing.T) {
	with := func(loss float64) int {
		r := records(5)
		r[4].Loss = loss // epoch 3 of training
		f, err := plots.LearningCurves(r)
		img := drawn(t, f, err)
		n := 0
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() / 3 {
				if has(img, x, y, blue) {
					n++
				}
			}
		}
		return n
	}
	whole, broken := with(1), with(math.NaN())
	if float64(broken) > 0.8*float64(whole) {
		t.Errorf("curve with a gap covers %d pixels, whole one %d", broken, whole)
	}
}

func TestTitleIsDrawn(t *testing.T) {
	f, err := plots.LongTail([]int{1, 2, 3})
	first := drawn(t, f, err)
	f.Title = "Another title"
	second := drawn(t, f, nil)
	changed := image.Rectangle{}
	for y := range first.Bounds().Dy() {
		for x := range first.Bounds().Dx() {
			if first.RGBAAt(x, y) != second.RGBAAt(x, y) {
				changed = changed.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if changed.Empty() || changed.Max.Y > 100 || changed.Max.X > first.Bounds().Dx()/2 {
		t.Errorf("another title changes pixels in %v, want at the top left only", changed)
	}
}

func TestHistogramCounts(t *testing.T) {
	// Bins [0,1) [1,2) [2,3]: 1, 2 and 3 values.
	f, err := plots.Histogram([]float64{0, 1, 1.5, 2, 2.5, 3}, 3, "x")
	img := drawn(t, f, err)
	heights := map[int]int{}
	for i, x := range []int{400, 900, 1500} {
		for y := range img.Bounds().Dy() {
			if has(img, x, y, blue) {
				heights[i]++
			}
		}
	}
	if d := heights[0]; d < 50 || math.Abs(float64(heights[1]-2*d)) > 3 || math.Abs(float64(heights[2]-3*d)) > 4 {
		t.Errorf("bins are %v pixels high, want 1 : 2 : 3", heights)
	}
}

func TestPicturesLieInRows(t *testing.T) {
	red := color.RGBA{0xff, 0, 0, 0xff}
	var pictures []image.Image
	for range 14 {
		p := image.NewRGBA(image.Rect(0, 0, 8, 6))
		for i := range p.Pix {
			p.Pix[i] = []byte{0xff, 0, 0, 0xff}[i%4]
		}
		pictures = append(pictures, p)
	}
	f, err := plots.PictureRows("n=14 | 24 | Robert-le-Diable", pictures, plots.PictureOptions{})
	img := drawn(t, f, err)
	pass := func(x, y int) bool { return has(img, x, y, red) }
	if got := blobs(img, img.Bounds(), pass); got != 14 {
		t.Errorf("%d pictures apart from each other, want 14", got)
	}
	lower := img.Bounds()
	lower.Min.Y = lower.Max.Y - 60
	if got := blobs(img, lower, pass); got != 2 {
		t.Errorf("%d pictures in the second row, want 2", got)
	}
	untitled, err := plots.PictureRows("", pictures, plots.PictureOptions{})
	if err != nil || untitled.Height >= f.Height {
		t.Errorf("without a title the figure is %d px high, with one %d (%v)", untitled.Height, f.Height, err)
	}
}
