// Package run reads and writes run directories: everything one training run leaves behind.
//
// A run directory holds the recipe, the environment, one line of metrics for each epoch and phase, checkpoints, and the
// predictions of each evaluated split. Notebook cells are separate processes; the run directory is what they share, and
// it needs no graph library to be read. Every file is whole or absent, so a process killed at any moment leaves a
// directory that can be opened and continued. docs/run-directory.md describes the files.
//
//	r, err := run.Create("runs/garden")
//	if err != nil {
//		return err
//	}
//	err = r.Append(run.Record{Step: 120, Epoch: 1, Phase: run.Valid, Loss: 0.7, Accuracy: 0.8})
package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

const (
	recipeFile      = "recipe.yaml"
	environmentFile = "environment.json"
	dataFile        = "data.json"
	metricsFile     = "metrics.jsonl"
	classesFile     = "classes.csv"
	checkpointsDir  = "checkpoints"
	predictionsDir  = "predictions"
	lockFile        = "lock"
)

// Run is an open run directory. Reading is safe from any number of processes while one writes; take Lock before
// writing. Methods of one Run must not write concurrently.
type Run struct{ dir string }

// Exists says whether dir is a run directory: a folder with a recipe.
func Exists(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, recipeFile))
	return err == nil && info.Mode().IsRegular()
}

// Create makes dir (and its parents) and the folders in it. dir may exist if it is empty or holds nothing but what an
// interrupted Create left; a directory that already holds a run gives an error that wraps fs.ErrExist, any other content
// is refused too. The directory counts as a run once WriteRecipe has been called.
func Create(dir string) (*Run, error) {
	if Exists(dir) {
		return nil, fmt.Errorf("creating run %s: it already holds a run (%w); resume it or choose another directory", dir, fs.ErrExist)
	}
	if err := checkEmpty(dir); err != nil {
		return nil, fmt.Errorf("creating run %s: %w", dir, err)
	}
	for _, sub := range []string{checkpointsDir, predictionsDir} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return nil, fmt.Errorf("creating run %s: %w", dir, err)
		}
	}
	if err := atomicfile.SyncDir(dir); err != nil {
		return nil, fmt.Errorf("creating run %s: %w", dir, err)
	}
	return &Run{dir: dir}, nil
}

func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		switch e.Name() {
		case checkpointsDir, predictionsDir:
			inside, err := os.ReadDir(filepath.Join(dir, e.Name()))
			if err != nil {
				return err
			}
			if len(inside) == 0 {
				continue
			}
		case dataFile, lockFile:
			continue
		}
		if atomicfile.IsTemporary(e.Name()) {
			continue
		}
		return fmt.Errorf("it holds %s and is not a run; choose an empty or new directory", e.Name())
	}
	return nil
}

// Open opens an existing run; a directory without recipe.yaml is an error.
func Open(dir string) (*Run, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("opening run: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("opening run: %s is a file, not a run directory", dir)
	}
	if !Exists(dir) {
		return nil, fmt.Errorf("opening run: %s is not a run directory: it has no %s", dir, recipeFile)
	}
	return &Run{dir: dir}, nil
}

// Dir is the directory as it was given.
func (r *Run) Dir() string { return r.dir }

// RecipePath is the recipe's file.
func (r *Run) RecipePath() string { return filepath.Join(r.dir, recipeFile) }

// DataPath is the file about the pictures. What is in it belongs to the training code.
func (r *Run) DataPath() string { return filepath.Join(r.dir, dataFile) }

// MetricsPath is the log of metrics, one JSON object a line.
func (r *Run) MetricsPath() string { return filepath.Join(r.dir, metricsFile) }

// CheckpointDir is the folder of checkpoints. What is in it belongs to the training code.
func (r *Run) CheckpointDir() string { return CheckpointDirOf(r.dir) }

// CheckpointDirOf is the folder of checkpoints of the run that is, or will be, in dir.
func CheckpointDirOf(dir string) string { return filepath.Join(dir, checkpointsDir) }

// WriteRecipe stores the recipe's text; from then on the directory is a run.
func (r *Run) WriteRecipe(yaml []byte) error { return atomicfile.WriteBytes(r.RecipePath(), yaml) }
