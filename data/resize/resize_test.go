package resize

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"testing"
)

// picture is a source held in memory as RGB.
type picture struct {
	width, height int
	rgb           []byte
}

func (p picture) Size() (width, height int) { return p.width, p.height }

func (p picture) Row(y int, dst []byte) { copy(dst, p.rgb[3*p.width*y:][:3*p.width]) }

// pattern is the picture that testdata/make_golden.py makes.
func pattern(width, height int) picture {
	p := picture{width, height, make([]byte, 0, 3*width*height)}
	for y := range height {
		for x := range width {
			for c := range 3 {
				level := byte(uint32(x*7919+y*104729+c*1299709) * 2654435761 >> 24)
				if (x+y)%4 == 0 {
					level = byte(255 * ((x/5 + y/3 + c) % 2))
				}
				p.rgb = append(p.rgb, level)
			}
		}
	}
	return p
}

func TestEqualsPillow(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		From, To      [2]int
		Interpolation Interpolation
		RGB           []byte
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	var r Resizer // one for all cases: its buffers must not leak from one into the next
	for _, g := range golden {
		t.Run(fmt.Sprintf("%dx%d to %dx%d %s", g.From[0], g.From[1], g.To[0], g.To[1], g.Interpolation), func(t *testing.T) {
			got := make([]byte, 3*g.To[0]*g.To[1])
			r.Interpolation = g.Interpolation
			r.Resize(got, g.To[0], g.To[1], pattern(g.From[0], g.From[1]))
			for i := range got {
				if got[i] != g.RGB[i] { // rounding of coefficients is the same, so not even one level is lost
					t.Fatalf("byte %d is %d; Pillow has %d (testdata/make_golden.py)", i, got[i], g.RGB[i])
				}
			}
		})
	}
}

// TestCropIsPartOfWhole compares every window of a grid with the same place of the whole picture.
func TestCropIsPartOfWhole(t *testing.T) {
	var r Resizer
	for _, c := range []struct{ inWidth, inHeight, width, height int }{
		{83, 47, 29, 31}, {13, 11, 40, 30}, {40, 30, 40, 17}, {40, 30, 17, 30}, {24, 24, 24, 24},
	} {
		src := pattern(c.inWidth, c.inHeight)
		whole := make([]byte, 3*c.width*c.height)
		r.Resize(whole, c.width, c.height, src)
		for _, window := range []image.Rectangle{
			image.Rect(0, 0, 1, 1), image.Rect(3, 5, 17, 12), image.Rect(c.width-5, c.height-3, c.width, c.height), image.Rect(1, 0, 2, c.height),
		} {
			got := make([]byte, 3*window.Dx()*window.Dy())
			r.Crop(got, c.width, c.height, window, src)
			for y := range window.Dy() {
				row := 3 * window.Dx()
				want := whole[3*((window.Min.Y+y)*c.width+window.Min.X):][:row]
				if !bytes.Equal(got[y*row:][:row], want) {
					t.Fatalf("%+v: row %d of window %v differs from the whole picture's", c, y, window)
				}
			}
		}
	}
}

func TestFlatPictureStaysFlat(t *testing.T) {
	var r Resizer
	for _, size := range []struct{ in, out int }{{300, 7}, {7, 300}, {31, 32}, {1, 9}, {65535, 3}} {
		flat := picture{size.in, 5, make([]byte, 3*size.in*5)}
		for i := range flat.rgb {
			flat.rgb[i] = 201
		}
		got := make([]byte, 3*size.out*11)
		r.Resize(got, size.out, 11, flat)
		for i, level := range got {
			if level != 201 {
				t.Fatalf("%d to %d px: byte %d of a flat picture of level 201 became %d", size.in, size.out, i, level)
			}
		}
	}
}

func TestMirroredSourceGivesMirroredResult(t *testing.T) {
	var r Resizer
	src := pattern(83, 47)
	mirrored := picture{src.width, src.height, make([]byte, len(src.rgb))}
	for y := range src.height {
		for x := range src.width {
			copy(mirrored.rgb[3*(y*src.width+x):][:3], src.rgb[3*(y*src.width+src.width-1-x):][:3])
		}
	}
	const width, height = 29, 31
	a, b := make([]byte, 3*width*height), make([]byte, 3*width*height)
	r.Resize(a, width, height, src)
	r.Resize(b, width, height, mirrored)
	for y := range height {
		for x := range width {
			for c := range 3 {
				if got, want := int(b[3*(y*width+x)+c]), int(a[3*(y*width+width-1-x)+c]); got < want-1 || got > want+1 {
					t.Fatalf("(%d,%d) of the mirrored picture is %d, of the other %d", x, y, got, want)
				}
			}
		}
	}
}

func TestImageIgnoresAlphaAndOffsets(t *testing.T) {
	whole := image.NewRGBA(image.Rect(0, 0, 20, 10))
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range whole.Pix {
		whole.Pix[i] = byte(rng.Uint32())
	}
	part := whole.SubImage(image.Rect(3, 2, 18, 9)).(*image.RGBA)
	src := Image(part)
	width, height := src.Size()
	if width != 15 || height != 7 {
		t.Fatalf("size %dx%d, want 15x7", width, height)
	}
	row := make([]byte, 3*width)
	src.Row(4, row)
	for x := range width {
		want := whole.RGBAAt(3+x, 2+4)
		if row[3*x] != want.R || row[3*x+1] != want.G || row[3*x+2] != want.B {
			t.Fatalf("pixel %d is %v, want %v", x, row[3*x:3*x+3], want)
		}
	}
}

func TestWrongSizesPanic(t *testing.T) {
	for name, call := range map[string]func(r *Resizer){
		"short destination": func(r *Resizer) { r.Resize(make([]byte, 5), 2, 2, pattern(3, 3)) },
		"no columns":        func(r *Resizer) { r.Resize(nil, 0, 2, pattern(3, 3)) },
		"window outside":    func(r *Resizer) { r.Crop(make([]byte, 12), 4, 4, image.Rect(3, 0, 5, 2), pattern(3, 3)) },
		"empty window":      func(r *Resizer) { r.Crop(nil, 4, 4, image.Rectangle{}, pattern(3, 3)) },
		"empty source":      func(r *Resizer) { r.Resize(make([]byte, 12), 2, 2, picture{}) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call(&Resizer{})
		})
	}
}

func Example() {
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for i := range img.Pix {
		img.Pix[i] = 200
	}
	var r Resizer
	rgb := make([]byte, 224*224*3)
	r.Resize(rgb, 224, 224, Image(img))
	fmt.Println(len(rgb), rgb[0])
	// Output: 150528 200
}

func BenchmarkResize(b *testing.B) {
	for _, size := range []struct{ width, height, out int }{{640, 480, 224}, {128, 128, 224}, {1024, 768, 452}} {
		b.Run(fmt.Sprintf("%dx%d to %d", size.width, size.height, size.out), func(b *testing.B) {
			src := pattern(size.width, size.height)
			dst := make([]byte, 3*size.out*size.out)
			var r Resizer
			for b.Loop() {
				r.Resize(dst, size.out, size.out, src)
			}
		})
	}
}
