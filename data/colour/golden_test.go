package colour

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func readJSON(t *testing.T, path string, value any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, value); err != nil {
		t.Fatal(err)
	}
}

// unpack reads base64 of zlib.
func unpack(t *testing.T, text string) []byte {
	t.Helper()
	reader, err := zlib.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// pattern is the picture that testdata/make_golden.py draws.
func pattern(width, height int) []byte {
	rgb := make([]byte, 3*width*height)
	for i := range rgb {
		x, y, c := i/3%width, i/3/width, i%3
		noise := int(uint32(x*7919+y*104729+c*1299709) * 2654435761 >> 27)
		rgb[i] = byte(x*(c+1)*3 + y*(5-c) + c*60 + noise)
	}
	return rgb
}

func TestStepsEqualOpenCV(t *testing.T) {
	var golden struct {
		HSV, Blurred string
		Pictures     []struct {
			Name            string
			Hue, Saturation []uint16
			Features        []float64
		}
	}
	readJSON(t, "testdata/histograms.json", &golden)

	want := unpack(t, golden.HSV)
	for i := 0; i < len(want); i += 2 { // red, green, blue in steps of 15, blue fastest
		n := i / 2
		red, green, blue := byte(n/18/18*15), byte(n/18%18*15), byte(n%18*15)
		if hue, saturation := hueSaturation(red, green, blue); hue != want[i] || saturation != want[i+1] {
			t.Fatalf("colour %d,%d,%d has hue %d and saturation %d, in OpenCV %d and %d", red, green, blue, hue, saturation, want[i], want[i+1])
		}
	}
	if len(want) != 2*18*18*18 {
		t.Errorf("%d colours were compared", len(want)/2)
	}

	var blur blur
	blur.apply(pattern(40, 30), 40, 30) // buffers must not leak into the next call
	small := pattern(23, 11)
	if blur.apply(small, 23, 11); !bytes.Equal(small, unpack(t, golden.Blurred)) {
		t.Error("the blurred picture differs from OpenCV's")
	}

	pictures := map[string][]byte{
		"pattern": pattern(200, 200), "red": bytes.Repeat([]byte{255, 0, 0}, 200*200), "grey": bytes.Repeat([]byte{99}, 3*200*200),
	}
	for _, g := range golden.Pictures {
		t.Run(g.Name, func(t *testing.T) {
			picture := pictures[g.Name]
			blur.apply(picture, 200, 200)
			h := count(picture)
			if !slices.Equal(h.Hue[:], g.Hue) || !slices.Equal(h.Saturation[:], g.Saturation) {
				t.Errorf("histograms %v, in OpenCV %v and %v", h, g.Hue, g.Saturation)
			}
			features := h.Append(nil)
			if len(features) != len(g.Features) {
				t.Fatalf("%d features, want %d", len(features), len(g.Features))
			}
			for i, x := range features {
				if math.Abs(x-g.Features[i]) > 1e-12 {
					t.Errorf("feature %d is %v, in NumPy %v", i, x, g.Features[i])
				}
			}
		})
	}
}

func TestKMeansEqualsScikitLearn(t *testing.T) {
	var golden struct {
		Cases []struct {
			Name            string
			Points, Centres [][]float64
			States          []struct {
				Steps   int
				Labels  []int32
				Centres [][]float64
				Inertia float64
			}
		}
	}
	readJSON(t, "testdata/kmeans.json", &golden)
	for _, g := range golden.Cases {
		for _, want := range g.States {
			centres := make([][]float64, len(g.Centres))
			for i := range centres {
				centres[i] = slices.Clone(g.Centres[i])
			}
			k := newKMeans(g.Points, centres)
			inertia := k.run(want.Steps)
			if !slices.Equal(k.nearest, want.Labels) {
				t.Errorf("%s, %d steps: clusters %v, in scikit-learn %v", g.Name, want.Steps, k.nearest, want.Labels)
			}
			if math.Abs(inertia-want.Inertia) > 1e-9*want.Inertia {
				t.Errorf("%s, %d steps: inertia %v, in scikit-learn %v", g.Name, want.Steps, inertia, want.Inertia)
			}
			for c := range centres {
				for d, x := range centres[c] {
					if math.Abs(x-want.Centres[c][d]) > 1e-9 {
						t.Errorf("%s, %d steps: centre %d is %v, in scikit-learn %v", g.Name, want.Steps, c, centres[c], want.Centres[c])
						break
					}
				}
			}
		}
	}
}
