package plots_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/plots"
	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/run"
)

var (
	blue       = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	vermillion = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	green      = color.RGBA{0x00, 0x9e, 0x73, 0xff}
	orange     = color.RGBA{0xe6, 0x9f, 0x00, 0xff}
)

func Example() {
	figure, err := plots.ClassCounts([]int{1052, 984, 784}, []string{"dandelion", "tulip", "rose"})
	if err != nil {
		fmt.Println(err)
		return
	}
	figure.Title = "Flowers"
	content, err := figure.PNG()
	fmt.Println(figure.Width, len(content) > 1000, err)
	// Output: 900 true <nil>
}

// figures makes one figure of every kind.
func figures(t *testing.T) map[string]*plots.Figure {
	t.Helper()
	made := make(map[string]*plots.Figure)
	add := func(name string) func(*plots.Figure, error) {
		return func(f *plots.Figure, err error) {
			t.Helper()
			if err != nil {
				t.Errorf("%s: %v", name, err)
				return
			}
			made[name] = f
		}
	}
	many := make([]int, 403)
	for i := range many {
		many[i] = 4875 / (i + 1)
	}
	names := []string{"with <tags> & \"quotes\"", "été", "a name that is much too long to be written out in full beside its bar", "bad \xff\x00\n"}
	add("class counts, few")(plots.ClassCounts([]int{4, 3, 0, 1}, names))
	add("class counts, many")(plots.ClassCounts(many, nil))
	add("class counts, all empty")(plots.ClassCounts([]int{0, 0}, nil))
	add("long tail")(plots.LongTail(many))
	add("bars")(plots.Bars(names, []float64{1, 0, 2.5, 2.5}, "pictures"))
	add("bars, none above zero")(plots.Bars([]string{""}, []float64{0}, ""))
	add("bars in columns")(plots.Bars(slices.Repeat([]string{"x"}, 81), make([]float64, 81), "pictures"))
	add("learning curves")(plots.LearningCurves(records(12)))
	add("learning curves, one record")(plots.LearningCurves(records(1)[:1]))
	tally, err := metric.PerClass([]int32{0, 1, 2}, []int32{0, 1, 1}, 4)
	if err != nil {
		t.Fatal(err)
	}
	add("F1 per class")(plots.PerClassF1(tally, []int{100, 10, 0, 1}, names, 3))
	add("histogram")(plots.Histogram([]float64{1, 2, 2, 3}, 3, "size (px)"))
	add("histogram, one value")(plots.Histogram([]float64{7}, 10, ""))
	add("pictures")(plots.PictureRows("n=2 | 0 | été", []image.Image{image.NewGray(image.Rect(5, 5, 9, 8)), image.NewRGBA(image.Rect(0, 0, 1, 300))},
		plots.PictureOptions{Captions: names[:2]}))
	return made
}

func records(epochs int) []run.Record {
	var all []run.Record
	for epoch := 1; epoch <= epochs; epoch++ {
		x := float64(epoch)
		all = append(all,
			run.Record{Epoch: epoch, Phase: run.Train, Loss: 3 / x, Accuracy: 1 - 1/x, LR: 0.1 / x, NLL: math.NaN(), F170: math.NaN()},
			run.Record{Epoch: epoch, Phase: run.Valid, Loss: 4 / x, Accuracy: 0.9 - 0.9/x, F170: 0.5 - 0.5/x, LR: math.NaN()})
	}
	return all
}

func TestPNGHasTheStatedSize(t *testing.T) {
	for name, f := range figures(t) {
		if name != "pictures" {
			f.Width, f.Height = 880, 200
		}
		content, err := f.PNG()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		img, err := png.Decode(bytes.NewReader(content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if size := img.Bounds().Size(); size.X != plots.Scale*f.Width || size.Y/plots.Scale != f.Height {
			t.Errorf("%s: PNG of %v for a figure of %d by %d", name, size, f.Width, f.Height)
		}
	}
}

// At any size a figure is drawn or refused; it must neither panic nor take forever.
func TestEverySizeIsDrawnOrRefused(t *testing.T) {
	for name, f := range figures(t) {
		for _, size := range [][2]int{{100, 60}, {100, 150}, {130, 300}, {300, 60}, {300, 90}, {300, 110}} {
			f.Width, f.Height = size[0], size[1]
			if _, err := f.Image(); err != nil && !strings.Contains(err.Error(), "too small") {
				t.Errorf("%s at %v px: %v", name, size, err)
			}
		}
	}
}

func TestExtremeNumbersAreDrawnOrRefused(t *testing.T) {
	for _, v := range []float64{1e-320, 1e-300, 1e300, math.MaxFloat64, -math.MaxFloat64} {
		r := records(3)
		r[2].Loss, r[3].Loss, r[2].LR = v, -v, math.Abs(v)
		for name, make := range map[string]func() (*plots.Figure, error){
			"curves":    func() (*plots.Figure, error) { return plots.LearningCurves(r) },
			"bars":      func() (*plots.Figure, error) { return plots.Bars([]string{"a", "b"}, []float64{v, 1}, "") },
			"bars, all": func() (*plots.Figure, error) { return plots.Bars([]string{"a"}, []float64{v}, "") },
			"histogram": func() (*plots.Figure, error) { return plots.Histogram([]float64{v, 0, 1}, 5, "") },
			"narrow":    func() (*plots.Figure, error) { return plots.Histogram([]float64{1e17, 1e17 + 32}, 5, "") },
			"one value": func() (*plots.Figure, error) { return plots.Histogram([]float64{v}, 5, "") },
			"counts":    func() (*plots.Figure, error) { return plots.ClassCounts([]int{math.MaxInt, 1}, nil) },
			"tail":      func() (*plots.Figure, error) { return plots.LongTail([]int{math.MaxInt, 1}) },
		} {
			f, err := make()
			if err != nil {
				continue // refused in time
			}
			f.Height = min(f.Height, 250)
			f.Width = 880
			if _, err := f.SVG(); err != nil { // the same path as PNG up to the pixels, and quick
				t.Errorf("%s with %g: %v", name, v, err)
			}
		}
	}
}

func TestDrawnAgainItIsTheSame(t *testing.T) {
	f, err := plots.LearningCurves(records(3))
	if err != nil {
		t.Fatal(err)
	}
	f.Width, f.Height = 500, 200
	first, err := f.PNG()
	if err != nil {
		t.Fatal(err)
	}
	if second, err := f.PNG(); err != nil || !bytes.Equal(first, second) {
		t.Errorf("drawn again it differs (%v)", err)
	}
}

func TestSVGIsXML(t *testing.T) {
	for name, f := range figures(t) {
		content, err := f.SVG()
		if name == "pictures" {
			if err == nil {
				t.Error("pictures have an SVG")
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		decoder := xml.NewDecoder(bytes.NewReader(content))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
	}
}

func TestSave(t *testing.T) {
	f, err := plots.LongTail([]int{5, 50, 500})
	if err != nil {
		t.Fatal(err)
	}
	f.Width, f.Height = 400, 200
	dir := t.TempDir()
	for _, name := range []string{"a.png", "b.SVG"} {
		if err := f.Save(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	for name, start := range map[string]string{"a.png": "\x89PNG", "b.SVG": "<?xml"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !strings.HasPrefix(string(content), start) {
			t.Errorf("%s starts with %.5q, %v", name, content, err)
		}
	}
	refused(t, f.Save(filepath.Join(dir, "c.jpg")), "c.jpg", ".png or .svg")
	refused(t, f.Save(filepath.Join(dir, "none", "c.png")), "none")
	f.Width = 20
	refused(t, f.Save(filepath.Join(dir, "d.png")), "20 by 200 px")
	f.Width = 1 << 30
	refused(t, f.Save(filepath.Join(dir, "d.png")), "px")
	refused(t, new(plots.Figure).Save(filepath.Join(dir, "d.png")), "px")
	refused(t, (&plots.Figure{Width: 900, Height: 300}).Save(filepath.Join(dir, "d.png")), "no content")
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("refused figures left files: %v, %v", entries, err)
	}
}

func refused(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want one that says %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q, want one line that says %q", err, part)
		}
	}
}

func TestRefusedInput(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	tally := metric.NewTally(2)
	picture := image.NewGray(image.Rect(0, 0, 2, 2))
	second := func(_ *plots.Figure, err error) error { return err }
	for name, err := range map[string]error{
		"counts: none":           second(plots.ClassCounts(nil, nil)),
		"counts: negative":       second(plots.ClassCounts([]int{-1}, nil)),
		"counts: names":          second(plots.ClassCounts([]int{1}, []string{"a", "b"})),
		"tail: none":             second(plots.LongTail(nil)),
		"tail: empty":            second(plots.LongTail([]int{0, 0})),
		"bars: none":             second(plots.Bars(nil, nil, "")),
		"bars: lengths":          second(plots.Bars([]string{"a"}, nil, "")),
		"bars: NaN":              second(plots.Bars([]string{"a"}, []float64{nan}, "")),
		"bars: infinite":         second(plots.Bars([]string{"a"}, []float64{inf}, "")),
		"bars: negative":         second(plots.Bars([]string{"a"}, []float64{-1}, "")),
		"bars: too many":         second(plots.Bars(make([]string, 9000), make([]float64, 9000), "")),
		"curves: none":           second(plots.LearningCurves(nil)),
		"curves: nothing finite": second(plots.LearningCurves([]run.Record{{Phase: run.Train, Loss: nan, Accuracy: inf}})),
		"F1: no tally":           second(plots.PerClassF1(nil, []int{1}, nil, 0)),
		"F1: counts":             second(plots.PerClassF1(tally, []int{1}, nil, 0)),
		"F1: nothing seen":       second(plots.PerClassF1(tally, []int{1, 1}, nil, 0)),
		"histogram: none":        second(plots.Histogram(nil, 3, "")),
		"histogram: NaN":         second(plots.Histogram([]float64{1, nan}, 3, "")),
		"histogram: no bins":     second(plots.Histogram([]float64{1}, 0, "")),
		"pictures: none":         second(plots.PictureRows("", nil, plots.PictureOptions{})),
		"pictures: nil":          second(plots.PictureRows("", []image.Image{nil}, plots.PictureOptions{})),
		"pictures: empty":        second(plots.PictureRows("", []image.Image{image.NewGray(image.Rectangle{})}, plots.PictureOptions{})),
		"pictures: captions":     second(plots.PictureRows("", []image.Image{picture}, plots.PictureOptions{Captions: []string{}})),
		"pictures: per row":      second(plots.PictureRows("", []image.Image{picture}, plots.PictureOptions{PerRow: -1})),
		"pictures: too many":     second(plots.PictureRows("", slices.Repeat([]image.Image{picture}, 2001), plots.PictureOptions{})),
	} {
		if err == nil {
			t.Errorf("%s: was drawn", name)
		} else if strings.Contains(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "drawing ") {
			t.Errorf("%s: error %q", name, err)
		}
	}
}
