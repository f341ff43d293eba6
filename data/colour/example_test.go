package colour_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/colour"
)

// Example finds the red and the blue ones among five pictures of a class.
func Example() {
	dir, err := os.MkdirTemp("", "beetles")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for i, shade := range []color.RGBA{{200, 20, 20, 255}, {18, 18, 180, 255}, {190, 19, 19, 255}, {230, 23, 23, 255}, {20, 20, 200, 255}} {
		writePNG(filepath.Join(dir, "beetle", fmt.Sprintf("%d.png", i)), shade)
	}
	pictures, err := data.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	set, rows := pictures.Train, []int{0, 1, 2, 3, 4}
	histograms, broken, err := colour.Histograms(context.Background(), set, rows, colour.Options{})
	if err != nil {
		log.Fatal(err)
	}
	clusters, err := colour.Clusters(context.Background(), set.Labels, histograms, 2, 57, 0, nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(clusters, len(broken))
	// Output: [1 0 1 1 0] 0
}

func writePNG(path string, shade color.RGBA) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	img := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for i := range 256 {
		img.SetRGBA(i%16, i/16, shade)
	}
	f, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		log.Fatal(err)
	}
}
