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
	"strings"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

const bestName = "best.safetensors"

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
	all, err := checkpoints(dir)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	for _, p := range all {
		c, err := readCheckpoint(filepath.Join(dir, p.fileName()))
		if err == nil {
			return c, nil
		}
		observer.Say(fmt.Sprintf("passing over %v", err))
	}
	return nil, fmt.Errorf("%s: none of its %d checkpoints can be read; start again in another directory", dir, len(all))
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

// checkpoints lists those in dir, newest first.
func checkpoints(dir string) ([]extent, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []extent
	for _, e := range entries {
		if p, ok := parseExtent(e.Name()); ok {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, func(a, b extent) int { return b.compare(a) })
	return all, nil
}

// partialsKept is the number of checkpoints within an epoch that stay, so that a damaged newest one costs little.
const partialsKept = 2

// prune removes what is not needed to go on from newest, or from what came before it should that be damaged: all but the
// last keep checkpoints of finished epochs, and those within finished epochs.
func prune(dir string, newest extent, keep int) error {
	all, err := checkpoints(dir)
	if err != nil {
		return err
	}
	finished, partials := 0, 0
	for _, p := range all {
		stays := false
		switch {
		case p.compare(newest) > 0: // written before an older one was gone back to
		case p.steps == 0:
			finished++
			stays = finished <= keep
		case p.epochs == newest.epochs:
			partials++
			stays = partials <= partialsKept
		}
		if stays {
			continue
		}
		if err := os.Remove(filepath.Join(dir, p.fileName())); err != nil {
			return err
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

// restore puts a checkpoint's parameters, what the optimizer remembers and averages into the store.
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
		if isState(t.Name) {
			if err := setValue(store, t); err != nil {
				return fmt.Errorf("%s: %w", c.path, err)
			}
		}
	}
	return nil
}

func isState(path string) bool {
	return strings.HasPrefix(path, optim.Scope+"/") || strings.HasPrefix(path, optim.AverageScope+"/")
}

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
