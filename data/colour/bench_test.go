package colour

import (
	"bytes"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"testing"

	"github.com/longwing-ml/longwing/internal/seed"
)

// jpegFile is a picture of the pattern.
func jpegFile(b testing.TB, width, height int) []byte {
	b.Helper()
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for i, level := range pattern(width, height) {
		img.Pix[i/3*4+i%3] = level
		img.Pix[i/3*4+3] = 255
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, nil); err != nil {
		b.Fatal(err)
	}
	return file.Bytes()
}

func BenchmarkHistogram(b *testing.B) {
	for name, file := range map[string][]byte{"128x128": jpegFile(b, 128, 128), "1024x768": jpegFile(b, 1024, 768)} {
		b.Run(name, func(b *testing.B) {
			e := newExtractor()
			for b.Loop() {
				if _, err := e.histogram(file); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("blur alone", func(b *testing.B) {
		var blur blur
		picture := pattern(cropSize, cropSize)
		for b.Loop() {
			blur.apply(picture, cropSize, cropSize)
		}
	})
}

// BenchmarkClusters is one start on a class as large as the study's largest.
func BenchmarkClusters(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	points := make([][]float64, 4875)
	for i := range points {
		points[i] = make([]float64, 2*Bins)
		for range 40 {
			points[i][rng.IntN(2*Bins)] += 0.1
		}
	}
	for b.Loop() {
		k := newKMeans(points, plusPlus(points, DefaultClusters, seed.New(57)))
		k.run(maxSteps)
	}
}
