package store_test

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/store"
)

// Example stores a folder with one grey picture.
func Example() {
	dir, err := os.MkdirTemp("", "insects")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	writeGrey(filepath.Join(dir, "ant", "1.png"))

	set, err := data.OpenFolder(dir)
	if err != nil {
		log.Fatal(err)
	}
	pictures, err := store.Build(context.Background(), set, filepath.Join(dir, "insects.store"), store.Options{Size: 16})
	if err != nil {
		log.Fatal(err)
	}
	defer pictures.Close()
	rgb, ok := pictures.Pixels(0)
	fmt.Println(pictures.Len(), len(rgb), rgb[:3], ok, pictures.Broken())
	// Output: 1 768 [77 77 77] true []
}

func writeGrey(path string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		log.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	img := image.NewGray(image.Rect(0, 0, 20, 30))
	for i := range img.Pix {
		img.Pix[i] = 77
	}
	if err := png.Encode(f, img); err != nil {
		log.Fatal(err)
	}
}
