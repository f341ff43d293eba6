package finetune

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// identity is what data.json in a run directory records of what a run was given beside its recipe: it continues only with
// the same.
type identity struct {
	Path    string `json:"path"` // where they were, for people; not compared
	Kind    string `json:"kind"`
	Classes int    `json:"classes"`
	Train   string `json:"train"`          // fingerprint
	Test    string `json:"test,omitempty"` // fingerprint of the test set, if they have one of their own
	Pixels  string `json:"pixels"`         // checksum of what was decoded from them
	Rows    string `json:"rows"`           // checksum of the rows that stages begin with
	Weights origin `json:"weights,omitzero"`
}

func (e *engine) identify(p *data.Pictures) identity {
	path, err := filepath.Abs(p.Path)
	if err != nil {
		path = p.Path // as good as it was given
	}
	id := identity{Path: path, Kind: p.Kind, Classes: p.Train.NumClasses(), Train: p.Train.Fingerprint(),
		Pixels: e.stores.checksum(), Rows: fingerprint(e.plans), Weights: e.origin}
	if p.Test != nil {
		id.Test = p.Test.Fingerprint()
	}
	return id
}

// id is the SHA-256 of the recipe's file in a run directory.
func (r *Recipe) id() (string, error) {
	text, err := r.YAML()
	if err != nil {
		return "", fmt.Errorf("recipe: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// classesID identifies class names in their order.
func classesID(names []string) string {
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%q\n", name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// checkRecipe returns an error if the run in dir was made by another recipe.
func checkRecipe(dir string, recipe *Recipe) error {
	r, err := run.Open(dir)
	if err != nil {
		return err
	}
	text, err := recipe.YAML()
	if err != nil {
		return fmt.Errorf("recipe: %w", err)
	}
	before, err := os.ReadFile(r.RecipePath())
	if err != nil {
		return err
	}
	if !bytes.Equal(before, text) {
		return &DifferentRunError{dir, "was made by another recipe: " + firstDifference(before, text)}
	}
	return nil
}

// openRun makes a run directory, or opens one of the same recipe and the same pictures to go on in it, and locks it.
func (e *engine) openRun(dir string, id identity) (r *run.Run, unlock func(), err error) {
	if run.Exists(dir) {
		r, err = run.Open(dir)
	} else {
		r, err = run.Create(dir)
	}
	if err != nil {
		return nil, nil, err
	}
	if unlock, err = r.Lock(); err != nil {
		return nil, nil, err
	}
	if !run.Exists(dir) {
		if e.from != "" {
			err = e.takeOver(r, e.from)
		}
		if err == nil {
			err = start(r, e.recipe, id)
		}
	} else if err = checkRecipe(dir, e.recipe); err == nil {
		err = checkPictures(r, id)
	}
	if err != nil {
		unlock()
		return nil, nil, err
	}
	return r, unlock, nil
}

// checkPictures returns an error if a run was trained on other pictures.
func checkPictures(r *run.Run, id identity) error {
	recorded, err := readIdentity(r.Dir())
	if err != nil {
		return err
	}
	path := recorded.Path
	recorded.Path, recorded.Weights = id.Path, id.Weights // findOrigin has compared the weights
	if rows := recorded.Rows; rows != id.Rows {
		if recorded.Rows = id.Rows; recorded == id {
			return &DifferentRunError{r.Dir(), "was trained on other rows of the same pictures: a file of clusters has changed"}
		}
	}
	if recorded != id {
		return &DifferentRunError{r.Dir(), fmt.Sprintf("was trained on other pictures (those of %s differ from what %s says of %s)", id.Path, r.DataPath(), path)}
	}
	return nil
}

func readIdentity(dir string) (identity, error) {
	var id identity
	r, err := run.Open(dir)
	if err != nil {
		return id, err
	}
	content, err := os.ReadFile(r.DataPath())
	if err != nil {
		return id, fmt.Errorf("run %s: %w", dir, err)
	}
	if err := json.Unmarshal(content, &id); err != nil {
		return id, fmt.Errorf("%s: %w", r.DataPath(), err)
	}
	return id, nil
}

// start writes what makes a directory a run; the recipe comes last, because it marks the run as complete enough to go on.
func start(r *run.Run, recipe *Recipe, id identity) error {
	yaml, err := recipe.YAML()
	if err != nil {
		return fmt.Errorf("recipe: %w", err)
	}
	text, err := json.MarshalIndent(id, "", "  ")
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(r.DataPath(), append(text, '\n')); err != nil {
		return err
	}
	return r.WriteRecipe(yaml)
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
	id, err := readIdentity(dir)
	if err != nil {
		return nil, nil, err
	}
	if id.Path == "" {
		return nil, nil, errors.New(r.DataPath() + ": has no path of pictures")
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
