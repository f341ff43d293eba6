package torchfile

import (
	"errors"
	"fmt"
	"strings"
)

type namedTensor struct {
	name string
	*tensor
}

// wrappers are the keys under which training programs keep the state_dict, in timm's order of preference
// (timm.models.load_state_dict); the last is that of PyTorch's tutorial on saving checkpoints.
var wrappers = []string{"state_dict_ema", "model_ema", "state_dict", "model", "model_state_dict"}

// prefixes are what wrapped modules put before the names of their parameters. The two nest either way.
var prefixes = []string{"_orig_mod.", "module.", "_orig_mod."}

// stateDict lists the tensors of what a file holds.
func stateDict(object any) ([]namedTensor, error) {
	root, ok := object.(*dict)
	if !ok {
		return nil, fmt.Errorf("it holds a value of type %s, not a dict of tensors", kind(object))
	}
	for _, key := range wrappers {
		if inner, ok := root.get(key).(*dict); ok {
			if found := tensorsOf(inner); len(found) > 0 {
				return withoutPrefix(found), nil
			}
		}
	}
	if found := tensorsOf(root); len(found) > 0 {
		return withoutPrefix(found), nil
	}
	return nil, errors.New("its dict holds no tensors under names: save them with torch.save(model.state_dict(), path)")
}

func tensorsOf(d *dict) []namedTensor {
	var found []namedTensor
	for i, key := range d.keys {
		name, ok := key.(string)
		if t, isTensor := d.values[i].(*tensor); ok && isTensor {
			found = append(found, namedTensor{name, t})
		}
	}
	return found
}

// withoutPrefix cuts a prefix off if all names have it, so that names stay different.
func withoutPrefix(tensors []namedTensor) []namedTensor {
	for _, prefix := range prefixes {
		all := true
		for _, t := range tensors {
			all = all && strings.HasPrefix(t.name, prefix)
		}
		for i := 0; all && i < len(tensors); i++ {
			tensors[i].name = strings.TrimPrefix(tensors[i].name, prefix)
		}
	}
	return tensors
}

// checkTensors checks each tensor against its storage. All together may take as many numbers as the file has bytes:
// enough for four views of every float32, and a bound for what views can ask for that are expanded (stride 0) or pick a
// few numbers of a long storage.
func checkTensors(tensors []namedTensor, fileSize int64) error {
	left := uint64(fileSize)
	for _, t := range tensors {
		numbers, err := t.check()
		if err != nil {
			return fmt.Errorf("tensor %.200q: %w", t.name, err)
		}
		if numbers > left {
			return fmt.Errorf("tensor %.200q of shape %v: the tensors up to it take more numbers than the file has bytes, %d: save clones of them", t.name, t.dims, fileSize)
		}
		left -= numbers
	}
	return nil
}
