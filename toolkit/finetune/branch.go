package finetune

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// A DifferentRunError says that a run directory holds a run of another recipe, other pictures or another weight file.
type DifferentRunError struct{ Dir, Difference string }

func (e *DifferentRunError) Error() string {
	return fmt.Sprintf("%s %s; give another --out for a new run, or --force to branch off from there", e.Dir, e.Difference)
}

// besides returns the name of a folder that doesn't exist: dir-2, dir-3, ….
func besides(dir string) string {
	for n := 2; ; n++ {
		name := fmt.Sprintf("%s-%d", filepath.Clean(dir), n)
		if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			return name
		}
	}
}

// inheritOrigin takes the weight file of the run that this one branches off from.
func (e *engine) inheritOrigin() error {
	id, err := readIdentity(e.from)
	e.origin = id.Weights
	return err
}

// takeOver fills the new run r with what a run directory has come to: its newest checkpoint, its best one, and its log.
// An epoch in progress begins anew.
func (e *engine) takeOver(r *run.Run, from string) error {
	newest, err := newestCheckpoint(run.CheckpointDirOf(from), e.observer)
	if err != nil {
		return err
	}
	s, err := e.branched(from, newest)
	if err != nil {
		return err
	}
	if err := restamp(newest.path, filepath.Join(r.CheckpointDir(), s.extent().fileName()), s); err != nil {
		return err
	}
	if s.BestEpoch > 0 {
		path := filepath.Join(run.CheckpointDirOf(from), bestName)
		best, err := readCheckpoint(path)
		if err != nil {
			return fmt.Errorf("best checkpoint: %w", err)
		}
		best.state.Recipe = s.Recipe
		if err := restamp(path, filepath.Join(r.CheckpointDir(), bestName), best.state); err != nil {
			return err
		}
	}
	old, err := run.Open(from)
	if err != nil {
		return err
	}
	records, err := old.Records()
	if err != nil {
		return err
	}
	for _, record := range records {
		if record.Phase == run.Test { // the new run will have its own
			continue
		}
		if err := r.Append(record); err != nil {
			return err
		}
	}
	return nil
}

// branched is the state that a run of this recipe goes on from after a checkpoint of another.
func (e *engine) branched(from string, newest *checkpoint) (state, error) {
	if newest == nil {
		return state{}, fmt.Errorf("%s has no checkpoint to branch off from; give another --out", from)
	}
	s := newest.state
	if s.Classes != e.state.Classes {
		return s, fmt.Errorf("%s tells other classes apart: start a new run with the recipe's weights: %s", from, from)
	}
	if s.Stage >= len(e.recipe.Stages) {
		return s, fmt.Errorf("%s is in stage %d, the recipe has %d: nothing is left to do; start a new run with weights: %s", from, s.Stage+1, len(e.recipe.Stages), from)
	}
	s.Recipe, s.Partial = e.state.Recipe, partial{}
	s.StageDone = s.Within >= e.recipe.Stages[s.Stage].Epochs
	return s, nil
}

// restamp copies a checkpoint with another state.
func restamp(path, to string, s state) error {
	content, metadata, err := safetensors.ReadAll(path)
	if err != nil {
		return err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	metadata[stateKey] = string(text)
	metadata[checksumKey] = checksum(metadata, content)
	return atomicfile.Write(to, func(w io.Writer) error { return safetensors.Write(w, content, metadata) })
}
