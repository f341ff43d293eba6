package garden_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/longwing-ml/longwing/data/garden"
)

func Example() {
	dir, err := os.MkdirTemp("", "garden")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	err = garden.Write(context.Background(), dir, garden.Options{Species: 6, Pictures: 60, Size: 32, Seed: 1})
	if err != nil {
		log.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		log.Fatal(err)
	}
	for _, entry := range entries {
		fmt.Println(entry.Name())
	}
	fmt.Println(garden.Draw(4, 0, 256, 1).Bounds().Max)
	// Output:
	// class_codes.csv
	// garden.json
	// imgs
	// test.csv
	// train.csv
	// (256,256)
}
