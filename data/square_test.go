package data

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/data/resize"
)

// patternFile is a PNG of the picture that testdata/make_crops.py draws.
func patternFile(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		x, y, c := i/4%width, i/4/width, i%4
		img.Pix[i] = byte(uint32(x*7919+y*104729+c*1299709) * 2654435761 >> 24)
		if c == 3 {
			img.Pix[i] = 255
		}
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestCropEqualsTimm(t *testing.T) {
	text, err := os.ReadFile("testdata/crops.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Picture       [2]int
		File          string
		Size          int
		Crop          float64
		Interpolation resize.Interpolation
		RGB           []byte
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	var decoder Decoder // one for all cases: its buffers must not leak from one into the next
	for _, g := range golden {
		name, content, tolerance := g.File, []byte(nil), 0
		if name == "" {
			name, content = fmt.Sprintf("%dx%d", g.Picture[0], g.Picture[1]), patternFile(t, g.Picture[0], g.Picture[1])
		} else {
			content, tolerance = readPicture(t, name), 1 // turned after scaling, so rows and columns change places
			if strings.HasSuffix(name, ".jpg") {
				tolerance = 2
			}
		}
		t.Run(fmt.Sprintf("%s to %d, %g %s", name, g.Size, g.Crop, g.Interpolation), func(t *testing.T) {
			decoder.Resize = Resize{ResizeCrop, g.Crop, g.Interpolation}
			got := make([]byte, 3*g.Size*g.Size)
			if err := decoder.Square(got, g.Size, content); err != nil {
				t.Fatal(err)
			}
			compare(t, "cropped", got, g.RGB, tolerance)
		})
	}
}

func TestResizeRules(t *testing.T) {
	for name, c := range map[string]struct {
		rule Resize
		want string // of String, or of the error
	}{
		"zero":                {Resize{}, "square bicubic"},
		"bilinear":            {Resize{Interpolation: "bilinear"}, "square bilinear"},
		"crop by default":     {Resize{Rule: "crop"}, "crop 0.875 bicubic"},
		"crop":                {Resize{"crop", 0.95, "bilinear"}, "crop 0.95 bilinear"},
		"unknown rule":        {Resize{Rule: "fit"}, `unknown rule "fit"; known: square, crop`},
		"unknown filter":      {Resize{Interpolation: "lanczos"}, `unknown interpolation "lanczos"; known: bicubic, bilinear`},
		"square with crop":    {Resize{Crop: 0.9}, "crop 0.9 belongs to rule crop"},
		"crop of nothing":     {Resize{Rule: "crop", Crop: -1}, "crop -1 is outside [0.1, 1]"},
		"crop beyond a whole": {Resize{Rule: "crop", Crop: 1.2}, "crop 1.2 is outside [0.1, 1]"},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.rule.String()
			if err := c.rule.Check(); err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestLongThinPicture scales a line of 60,000 px whose short side becomes 36: only what is kept may be computed.
func TestLongThinPicture(t *testing.T) {
	content := patternFile(t, 60_000, 1)
	decoder := Decoder{Resize: Resize{Rule: ResizeCrop}}
	dst := make([]byte, 32*32*3)
	if err := decoder.Square(dst, 32, content); err != nil {
		t.Fatal(err)
	}
}
