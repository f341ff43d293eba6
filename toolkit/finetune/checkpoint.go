package finetune

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

const (
	bestName        = "best.safetensors"
	checkpointsKept = 2 // so that a damaged newest one costs one epoch
)

// state is what a run needs, beside the store's variables, to go on as if it had never stopped. Shuffling, augmentation
// and dropout need nothing: they follow from seed, epoch and row.
type state struct {
	Model     string  `json:"model"`
	Classes   string  `json:"classes"` // SHA-256 of the class names, in order: what the head tells apart
	Epoch     int     `json:"epoch"`   // finished epochs
	Step      int     `json:"step"`    // finished steps
	BestEpoch int     `json:"best_epoch"`
	BestValue float64 `json:"best_value"`
}

const (
	stateKey    = "longwing"
	checksumKey = "sha256" // of the state, names, shapes and values
)

// saveCheckpoint writes all variables of the store and the state to one file, or leaves the old file.
func saveCheckpoint(path string, store *model.Store, s state) error {
	var content []pretrained.Tensor
	for v := range store.IterVariables() {
		t, err := current(v)
		if err != nil {
			return fmt.Errorf("checkpoint %s: %w", path, err)
		}
		content = append(content, t)
	}
	slices.SortFunc(content, func(a, b pretrained.Tensor) int { return strings.Compare(a.Name, b.Name) })
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", path, err)
	}
	metadata := map[string]string{stateKey: string(text), checksumKey: checksum(string(text), content)}
	return atomicfile.Write(path, func(w io.Writer) error {
		return pretrained.WriteSafetensors(w, content, metadata)
	})
}

// readCheckpoint reads a file that saveCheckpoint wrote and verifies its checksum.
func readCheckpoint(path string) ([]pretrained.Tensor, state, error) {
	var s state
	file, err := pretrained.ReadSafetensors(path)
	if err != nil {
		return nil, s, err
	}
	text, ok := file.Metadata[stateKey]
	if !ok {
		return nil, s, fmt.Errorf("%s: not a checkpoint of longwing: it has no metadata %q", path, stateKey)
	}
	if checksum(text, file.Tensors) != file.Metadata[checksumKey] {
		return nil, s, fmt.Errorf("%s: damaged: its content does not match its checksum", path)
	}
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, s, fmt.Errorf("%s: metadata %q: %w", path, stateKey, err)
	}
	return file.Tensors, s, nil
}

func checksum(state string, content []pretrained.Tensor) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", state)
	buffer := make([]byte, 0, 1<<16)
	for _, t := range content {
		fmt.Fprintf(h, "%s %v\n", t.Name, t.Dims)
		for chunk := range slices.Chunk(t.Data, 1<<14) {
			buffer = buffer[:0]
			for _, v := range chunk {
				buffer = binary.LittleEndian.AppendUint32(buffer, math.Float32bits(v))
			}
			h.Write(buffer)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// current copies a variable's value to the host.
func current(v *model.Variable) (pretrained.Tensor, error) {
	value, err := v.Value()
	if err != nil {
		return pretrained.Tensor{}, err
	}
	flat, err := tensors.CopyFlatData[float32](value)
	if err != nil {
		return pretrained.Tensor{}, fmt.Errorf("variable %s: %w", v.Path(), err)
	}
	return pretrained.Tensor{Name: v.Path(), Dims: v.Shape().Dimensions, Data: flat}, nil
}

func epochName(epoch int) string { return fmt.Sprintf("epoch-%05d.safetensors", epoch) }

// epochCheckpoints lists the finished epochs that have a checkpoint in dir, newest first.
func epochCheckpoints(dir string) ([]int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var epochs []int
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), "epoch-")
		number, ok2 := strings.CutSuffix(number, ".safetensors")
		if epoch, err := strconv.Atoi(number); ok && ok2 && err == nil {
			epochs = append(epochs, epoch)
		}
	}
	slices.Sort(epochs)
	slices.Reverse(epochs)
	return epochs, nil
}

// prune removes all but the newest checkpoints of epochs, and what a kill left of unfinished ones.
func prune(dir string) error {
	epochs, err := epochCheckpoints(dir)
	if err != nil {
		return err
	}
	for _, epoch := range epochs[min(checkpointsKept, len(epochs)):] {
		if err := os.Remove(filepath.Join(dir, epochName(epoch))); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if atomicfile.IsTemporary(e.Name()) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// restore puts a checkpoint's values into the store, whose network parameters exist already: each of them must be in
// the checkpoint with its shape.
func restore(store *model.Store, content []pretrained.Tensor) error {
	missing := make(map[string]bool)
	for v := range store.IterVariables() {
		if !isOptimizer(v.Path()) {
			missing[v.Path()] = true
		}
	}
	for _, t := range content {
		if missing[t.Name] {
			delete(missing, t.Name)
			if want := store.GetVariable(t.Name).Shape().Dimensions; !slices.Equal(want, t.Dims) {
				return fmt.Errorf("parameter %s has shape %v, the network wants %v", t.Name, t.Dims, want)
			}
		} else if !isOptimizer(t.Name) {
			return fmt.Errorf("parameter %s is not one of the network's", t.Name)
		}
		if err := setValue(store, t); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		names := slices.Sorted(maps.Keys(missing))
		return fmt.Errorf("%d parameters are missing, the first is %s", len(names), names[0])
	}
	return nil
}

func isOptimizer(path string) bool { return strings.HasPrefix(path, optim.Scope+"/") }

// setValue gives a variable of the store a new value, or creates it. Trainable flags are in no checkpoint: nn.Builder
// and optim set them at every graph build.
func setValue(store *model.Store, t pretrained.Tensor) error {
	value := tensors.FromFlatDataAndDimensions(t.Data, t.Dims...)
	v := store.GetVariable(t.Name)
	if v == nil {
		store.VariableWithValue(t.Name, value).SetTrainable(false)
		return nil
	}
	return v.SetValue(value)
}
