package finetune

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/toolkit/run"
)

// origin is the weight file that a run started from; the zero value if its parameters were drawn.
type origin struct {
	Path   string `json:"path"` // where it was, absolute; not compared
	SHA256 string `json:"sha256"`
}

// findOrigin finds the weight file of a new run, or of the one in dir, whose file must be the one it started from: that
// is looked for where it was. It may be gone if the run doesn't need it any more.
func (e *engine) findOrigin(ctx context.Context, dir string, needed bool) (origin, error) {
	if e.recipe.isRandom() {
		return origin{}, nil
	}
	var before origin
	if run.Exists(dir) {
		recorded, err := readIdentity(dir)
		if err != nil {
			return origin{}, err
		}
		before = recorded.Weights
	}
	path := before.Path
	if _, err := os.Stat(path); err != nil {
		if !needed {
			return before, nil
		}
		if path, err = FindWeights(ctx, e.recipe.Weights, e.observer); err != nil {
			return origin{}, fmt.Errorf("key weights: %w", err)
		}
	}
	now, err := originOf(path)
	if err != nil {
		return origin{}, fmt.Errorf("key weights: %w", err)
	}
	if before != (origin{}) && now.SHA256 != before.SHA256 {
		return origin{}, &DifferentRunError{dir, fmt.Sprintf("was started from another weight file (%s had SHA-256 %.12s…, %s has %.12s…)",
			before.Path, before.SHA256, now.Path, now.SHA256)}
	}
	return now, nil
}

func originOf(path string) (origin, error) {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	f, err := os.Open(path)
	if err != nil {
		return origin{}, err
	}
	defer func() { _ = f.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return origin{}, fmt.Errorf("%s: %w", path, err)
	}
	return origin{path, hex.EncodeToString(h.Sum(nil))}, nil
}
