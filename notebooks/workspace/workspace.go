// Package workspace gives notebook cells the pictures they look at and the places they write to.
//
// Each cell is a program of its own, so what outlives a cell is on disk: pictures, decoded stores and run directories.
//
//	pictures, err := workspace.Pictures()        // DATA of `make notebooks`, or the drawn garden
//	dir := workspace.RunDir("pretext", recipe)   // the same place for the same recipe, another for a changed one
package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/garden"
	"github.com/longwing-ml/longwing/internal/checkout"
	"github.com/longwing-ml/longwing/internal/progress"
)

// DataVariable names the environment variable that chooses a notebook's pictures: an image folder or a kit.
const DataVariable = "LONGWING_DATA"

// TinyVariable names the environment variable that asks for small gardens and short trainings, for trying out that a
// notebook runs at all.
const TinyVariable = "LONGWING_TINY"

// Tiny tells whether TinyVariable is set.
func Tiny() bool { return os.Getenv(TinyVariable) != "" }

// Pictures opens the pictures of $LONGWING_DATA, or without it the default garden, which is drawn when it is first
// asked for.
func Pictures() (*data.Pictures, error) {
	if path := os.Getenv(DataVariable); path != "" {
		return data.Open(path)
	}
	return Garden("garden", garden.Options{Seed: 2})
}

// Garden opens a garden of the cache, and draws it first if it is not there yet.
func Garden(name string, options garden.Options) (*data.Pictures, error) {
	cache, err := checkout.CacheDir()
	if err != nil {
		return nil, err
	}
	if Tiny() {
		name += "-tiny"
		options.Species, options.Pictures, options.Size = 6, 150, 48
		if options.TrainCounts != nil {
			options.TrainCounts, options.TestCounts, options.Pictures = slices.Repeat([]int{16}, options.Species), nil, 0
		}
	}
	dir := filepath.Join(cache, "gardens", name)
	var bar *progress.Bar
	options.Progress = func(done, total int) {
		if done < total && bar == nil {
			bar = progress.New(os.Stdout, "drawing the garden", total)
		}
		bar.Set(done)
	}
	err = garden.Write(context.Background(), dir, options)
	bar.Done()
	if err != nil {
		return nil, err
	}
	return data.Open(dir)
}

// RunDir is a folder of the cache for a run. Its name holds a hash of what the run depends on (a recipe's text, the
// fingerprint of the pictures, …), so that a changed recipe never meets the results of another.
func RunDir(name string, dependsOn ...any) (string, error) {
	cache, err := checkout.CacheDir()
	if err != nil {
		return "", err
	}
	if Tiny() {
		name += "-tiny"
	}
	hash := sha256.New()
	for _, part := range dependsOn {
		fmt.Fprintf(hash, "%+v\n", part)
	}
	dir := filepath.Join(cache, "runs", name+"-"+hex.EncodeToString(hash.Sum(nil))[:8])
	return dir, os.MkdirAll(filepath.Dir(dir), 0o755)
}

// studyTrain is the SHA-256 of the study's train.csv: 58,351 rows, 403 classes.
const studyTrain = "01a6d5a52636afb317412f242f066828d1d808b10144c0d9783e7f45e923a6ce"

// IsStudy tells whether pictures are the study's own, whose published numbers a notebook can then be held to.
func IsStudy(pictures *data.Pictures) bool {
	content, err := os.ReadFile(filepath.Join(pictures.Path, "train.csv"))
	if err != nil {
		return false
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]) == studyTrain
}

// Expect returns an error if pictures are the study's and got is not the number that the study published. Of other
// pictures it asks nothing.
func Expect[T comparable](pictures *data.Pictures, what string, got, published T) error {
	if got != published && IsStudy(pictures) {
		return fmt.Errorf("%s: got %v, the study has %v", what, got, published)
	}
	return nil
}
