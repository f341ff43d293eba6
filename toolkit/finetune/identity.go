package finetune

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// dataIdentity is what data.json in a run directory records about the pictures: a run continues only on the same ones.
type dataIdentity struct {
	Path    string `json:"path"` // where they were, for people; not compared
	Kind    string `json:"kind"`
	Classes int    `json:"classes"`
	Train   string `json:"train"`          // fingerprint
	Test    string `json:"test,omitempty"` // fingerprint of the test set, if they have one of their own
}

func identify(p *data.Pictures) dataIdentity {
	path, err := filepath.Abs(p.Path)
	if err != nil {
		path = p.Path // as good as it was given
	}
	id := dataIdentity{Path: path, Kind: p.Kind, Classes: p.Train.NumClasses(), Train: p.Train.Fingerprint()}
	if p.Test != nil {
		id.Test = p.Test.Fingerprint()
	}
	return id
}

const dataFile = "data.json"

// openRun makes a run directory, or opens one of the same recipe and the same pictures to go on in it.
func openRun(dir string, recipe *Recipe, pictures *data.Pictures) (*run.Run, error) {
	text, err := recipe.YAML()
	if err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	id := identify(pictures)
	if !run.Exists(dir) {
		r, err := run.Create(dir)
		if err != nil {
			return nil, err
		}
		return r, start(r, text, id)
	}

	r, err := run.Open(dir)
	if err != nil {
		return nil, err
	}
	before, err := os.ReadFile(r.RecipePath())
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(before, text) {
		return nil, fmt.Errorf("%s was made by another recipe: %s; give another --out for a new run", dir, firstDifference(before, text))
	}
	var recorded dataIdentity
	content, err := os.ReadFile(filepath.Join(dir, dataFile))
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", dir, err)
	}
	if err := json.Unmarshal(content, &recorded); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, dataFile), err)
	}
	recorded.Path = id.Path
	if recorded != id {
		return nil, fmt.Errorf("%s was trained on other pictures (%s differs from those of %s)", dir, dataFile, id.Path)
	}
	return r, nil
}

// start writes what makes a directory a run; the recipe comes last, because it marks the run as complete enough to go on.
func start(r *run.Run, recipe []byte, id dataIdentity) error {
	text, err := json.MarshalIndent(id, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(filepath.Join(r.Dir(), dataFile), append(text, '\n')); err != nil {
		return err
	}
	return r.WriteRecipe(recipe)
}

// Resume reads the recipe and the pictures of an existing run.
func Resume(dir string) (*Recipe, *data.Pictures, error) {
	r, err := run.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	recipe, err := ReadRecipe(r.RecipePath())
	if err != nil {
		return nil, nil, err
	}
	content, err := os.ReadFile(filepath.Join(dir, dataFile))
	if err != nil {
		return nil, nil, fmt.Errorf("run %s: %w", dir, err)
	}
	var id dataIdentity
	if err := json.Unmarshal(content, &id); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", filepath.Join(dir, dataFile), err)
	}
	if id.Path == "" {
		return nil, nil, errors.New(filepath.Join(dir, dataFile) + ": has no path of pictures")
	}
	pictures, err := data.Open(id.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("the pictures of run %s: %w", dir, err)
	}
	return recipe, pictures, nil
}

// firstDifference shows the first line that differs between two recipes.
func firstDifference(before, now []byte) string {
	a, b := bytes.Split(before, []byte("\n")), bytes.Split(now, []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Sprintf("line %d is %q there and %q here", i+1, bytes.TrimSpace(a[i]), bytes.TrimSpace(b[i]))
		}
	}
	return fmt.Sprintf("it has %d lines there and %d here", len(a), len(b))
}
