// Package torchfile reads the tensors of files that torch.save wrote: a state_dict, or a training checkpoint around one.
//
//	file, err := torchfile.Open("densenet121.pth") // reads names and shapes
//	defer file.Close()
//	kernel, err := file.Entries[0].Load()
//
// Such a file is a pickle, a program that builds Python objects, and data. It is an archive (zip, since torch 1.6) or a
// sequence of pickles followed by the data. Files are treated as untrusted. The pickle is run by a machine of our own
// that knows dicts, lists and tensors: a file that names any other function or class is refused, as with weights_only
// of torch.load. Sizes are checked against the file before anything is allocated, and numbers stay in the file until
// they are asked for.
//
// The library gopickle v0.3.0 (November 2023) was measured first: pickles of three bytes make it panic, one of twelve
// makes it allocate 34 GB, offsets and strides are not checked, and it reads all data on opening.
package torchfile

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// Open reads the names, types and shapes of a file's tensors. Entries of type F16, BF16, F32 and F64 can be loaded,
// also from several goroutines at once; whatever their strides, they come row-major. The error names the file and what
// is wrong with it.
//
// The tensors are those of the dict in the file. If the dict has a key that training programs use ("state_dict_ema",
// "model_ema", "state_dict", "model", "model_state_dict", in this order, which is timm's) with tensors below it, they
// are those below. Values that are not tensors are left out. If all names begin with "module." (of DataParallel) or
// "_orig_mod." (of torch.compile), that is cut off.
//
// Refused are: TorchScript, whole modules, sparse and quantised tensors, big-endian files, compressed archives, torch's
// tar format of before 2017, pickle protocols 0 and 1, and tensors that together take more numbers than the file has
// bytes, as many views of one storage or expanded ones could.
func Open(path string) (*tensorfile.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	file, err := read(path, f, info.Size())
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: not a readable file of torch.save: %w", path, err)
	}
	file.Close = f.Close
	return file, nil
}

// read makes a File, without its Close, of the size bytes of r.
func read(path string, r io.ReaderAt, size int64) (*tensorfile.File, error) {
	var first [4]byte
	if err := tensorfile.ReadFull(r, first[:], 0); err != nil {
		return nil, err
	}
	format, root := "torch (legacy)", readLegacy
	if string(first[:]) == "PK\x03\x04" {
		format, root = "torch (zip)", readZip
	}
	object, err := root(r, size)
	if err != nil {
		return nil, err
	}
	tensors, err := stateDict(object)
	if err != nil {
		return nil, err
	}
	if err := checkTensors(tensors, size); err != nil {
		return nil, err
	}
	file := &tensorfile.File{Path: path, Format: format}
	for _, t := range tensors {
		file.Entries = append(file.Entries, tensorfile.Entry{Name: t.name, Dims: slices.Clone(t.dims), Type: t.numbers.name, Load: func() ([]float32, error) {
			data, err := t.load(r)
			if err != nil {
				return nil, fmt.Errorf("%s: tensor %.200q: %w", path, t.name, err)
			}
			return data, nil
		}})
	}
	return file, nil
}
