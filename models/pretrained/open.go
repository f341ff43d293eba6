package pretrained

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/longwing-ml/longwing/models/pretrained/kerasfile"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
	"github.com/longwing-ml/longwing/models/pretrained/torchfile"
)

// Open opens a weight file of any format and recognises it. The format is told by the content, not by the name.
func Open(path string) (*Weights, error) {
	open, err := reader(path)
	if err != nil {
		return nil, err
	}
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	weights, err := Recognise(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return weights, nil
}

// reader chooses the reader of a file's format.
func reader(path string) (func(string) (*tensorfile.File, error), error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return nil, fmt.Errorf("%s: not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	first := make([]byte, 9)
	n, err := io.ReadFull(f, first)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	first = first[:n]
	switch {
	case n == 9 && first[8] == '{': // before the others, whose beginnings may be the length of safetensors' header
		return safetensors.Open, nil
	case bytes.HasPrefix(first, []byte("PK\x03\x04")):
		if isKerasArchive(f, info.Size()) {
			return kerasfile.Open, nil
		}
		return torchfile.Open, nil
	case bytes.HasPrefix(first, []byte{0x80}):
		return torchfile.Open, nil
	case isHDF5(f):
		return kerasfile.Open, nil
	}
	return nil, fmt.Errorf("%s: not a weight file: neither safetensors nor torch (.pth, .bin) nor Keras (.h5, .weights.h5, .keras)", path)
}

func isKerasArchive(r io.ReaderAt, size int64) bool {
	archive, err := tensorfile.Zip(r, size)
	return err == nil && slices.ContainsFunc(archive.File, func(f *zip.File) bool { return f.Name == "model.weights.h5" })
}

// isHDF5 looks for the signature where the format allows it: at 0, 512, 1024, 2048 …
func isHDF5(r io.ReaderAt) bool {
	const signature = "\x89HDF\r\n\x1a\n"
	for offset := int64(0); offset <= 1<<20; offset = max(512, 2*offset) {
		found := make([]byte, len(signature))
		if n, _ := r.ReadAt(found, offset); n < len(found) {
			return false
		}
		if string(found) == signature {
			return true
		}
	}
	return false
}
