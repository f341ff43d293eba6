package data_test

import (
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/data"
)

// Example makes a folder of pictures and looks at it.
func Example() {
	dir, err := os.MkdirTemp("", "insects")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for class, count := range map[string]int{"ant": 6, "bee": 2} {
		for i := range count {
			writePNG(filepath.Join(dir, class, fmt.Sprintf("%d.png", i)))
		}
	}

	pictures, err := data.Open(dir)
	if err != nil {
		log.Fatal(err)
	}
	stats := data.Describe(pictures.Train.Labels, pictures.Train.NumClasses())
	train, valid, err := pictures.Train.Split(0.25, 1)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(pictures.Train.ClassNames, stats.Counts, stats.Imbalance)
	fmt.Println(len(train), "rows to train on,", len(valid), "to validate")
	// Output:
	// [ant bee] [6 2] 3
	// 6 rows to train on, 2 to validate
}

func writePNG(path string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 2, 2))); err != nil {
		log.Fatal(err)
	}
}
