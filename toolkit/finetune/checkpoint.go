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
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

const (
	bestName        = "best.safetensors"
	checkpointsKept = 2 // so that a damaged newest one costs one epoch
)

// state is what a run needs, beside the store's variables, to go on as if it had never stopped. Shuffling, augmentation
// and dropout need nothing: they follow from seed, epoch and row.
type state struct {
	Classes   string  `json:"classes"` // SHA-256 of the class names, in order: what the head tells apart
	Recipe    string  `json:"recipe"`  // SHA-256 of the run's recipe.yaml
	Epoch     int     `json:"epoch"`   // finished epochs
	Step      int     `json:"step"`    // finished steps
	BestEpoch int     `json:"best_epoch"`
	BestValue float64 `json:"best_value"`
}

const (
	stateKey    = "longwing"
	checksumKey = "sha256" // of the other metadata, names, shapes and values
)

// saveCheckpoint writes all variables of the store, the state and what network they are of to one file, or leaves the old
// file.
func saveCheckpoint(path string, store *model.Store, net *models.Network, s state) error {
	var content []safetensors.Tensor
	for v := range store.IterVariables() {
		t, err := current(v)
		if err != nil {
			return fmt.Errorf("checkpoint %s: %w", path, err)
		}
		content = append(content, t)
	}
	slices.SortFunc(content, func(a, b safetensors.Tensor) int { return strings.Compare(a.Name, b.Name) })
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w", path, err)
	}
	metadata := pretrained.Metadata(net)
	metadata[stateKey] = string(text)
	metadata[checksumKey] = checksum(metadata, content)
	return atomicfile.Write(path, func(w io.Writer) error {
		return safetensors.Write(w, content, metadata)
	})
}

// checkpoint is the content of a file that saveCheckpoint wrote.
type checkpoint struct {
	path    string
	state   state
	content []safetensors.Tensor
}

// readCheckpoint reads a checkpoint and verifies its checksum.
func readCheckpoint(path string) (*checkpoint, error) {
	content, metadata, err := safetensors.ReadAll(path)
	if err != nil {
		return nil, err
	}
	text, ok := metadata[stateKey]
	if !ok {
		return nil, fmt.Errorf("%s: not a checkpoint of longwing: it has no metadata %q", path, stateKey)
	}
	if checksum(metadata, content) != metadata[checksumKey] {
		return nil, fmt.Errorf("%s: damaged: its content does not match its checksum", path)
	}
	c := &checkpoint{path: path, content: content}
	if err := json.Unmarshal([]byte(text), &c.state); err != nil {
		return nil, fmt.Errorf("%s: metadata %q: %w", path, stateKey, err)
	}
	return c, nil
}

// newestCheckpoint returns the newest checkpoint in dir that is whole, nil if there is none at all. The observer is told
// of damaged ones; it is an error if all are.
func newestCheckpoint(dir string, observer Observer) (*checkpoint, error) {
	epochs, err := epochCheckpoints(dir)
	if err != nil || len(epochs) == 0 {
		return nil, err
	}
	for _, epoch := range epochs {
		c, err := readCheckpoint(filepath.Join(dir, epochName(epoch)))
		if err == nil {
			return c, nil
		}
		observer.Say(fmt.Sprintf("passing over %v", err))
	}
	return nil, fmt.Errorf("%s: none of its %d checkpoints can be read; start again in another directory", dir, len(epochs))
}

// classesOf tells what the head of a weight file tells apart; empty if that is not a checkpoint.
func classesOf(path string) string {
	file, err := safetensors.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }()
	var s state
	if json.Unmarshal([]byte(file.Metadata[stateKey]), &s) != nil {
		return ""
	}
	return s.Classes
}

func checksum(metadata map[string]string, content []safetensors.Tensor) string {
	h := sha256.New()
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if key != checksumKey {
			fmt.Fprintf(h, "%q %q\n", key, metadata[key])
		}
	}
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
func current(v *model.Variable) (safetensors.Tensor, error) {
	value, err := v.Value()
	if err != nil {
		return safetensors.Tensor{}, err
	}
	flat, err := tensors.CopyFlatData[float32](value)
	if err != nil {
		return safetensors.Tensor{}, fmt.Errorf("variable %s: %w", v.Path(), err)
	}
	return safetensors.Tensor{Name: v.Path(), Dims: v.Shape().Dimensions, Data: flat}, nil
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

// convention is that of the network the checkpoint is of.
func (c *checkpoint) convention() (models.Convention, error) {
	w, err := pretrained.Open(c.path)
	if err != nil {
		return models.Convention{}, err
	}
	return w.Convention, w.Close()
}

// restore puts a checkpoint's parameters and what the optimizer remembers into the store.
func (c *checkpoint) restore(store *model.Store, net *models.Network, size int) error {
	w, err := pretrained.Open(c.path)
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	loaded, err := w.Load(store, net, size, 0)
	if err != nil {
		return err
	}
	if loaded.NewHead || w.Convention != net.Convention {
		return fmt.Errorf("%s is of another run", c.path)
	}
	for _, t := range c.content {
		if isOptimizer(t.Name) {
			if err := setValue(store, t); err != nil {
				return fmt.Errorf("%s: %w", c.path, err)
			}
		}
	}
	return nil
}

func isOptimizer(path string) bool { return strings.HasPrefix(path, optim.Scope+"/") }

// setValue gives a variable of the store a new value, or creates it. Trainable flags are in no checkpoint: nn.Builder
// and optim set them at every graph build.
func setValue(store *model.Store, t safetensors.Tensor) error {
	value := tensors.FromFlatDataAndDimensions(t.Data, t.Dims...)
	v := store.GetVariable(t.Name)
	if v == nil {
		store.VariableWithValue(t.Name, value).SetTrainable(false)
		return nil
	}
	return v.SetValue(value)
}
