package kerasfile

import (
	"archive/zip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/longwing-ml/longwing/models/pretrained/hdf5"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// readArchive reads a .keras file: the weights and their model's configuration in a zip.
func readArchive(r io.ReaderAt, size int64, out *tensorfile.File) ([]layer, error) {
	out.Format = "Keras zip"
	archive, err := tensorfile.Zip(r, size)
	if err != nil {
		return nil, err
	}
	parts := map[string]*zip.File{}
	for _, part := range archive.File {
		parts[part.Name] = part
	}
	weights := parts["model.weights.h5"]
	switch {
	case weights != nil:
	case parts["model.weights.npz"] != nil:
		return nil, errors.New("weights as npz, which are not read; save the model with weights_format=\"h5\"")
	case parts["model.weights.json"] != nil:
		return nil, errors.New("sharded weights, which are not read; save the model in one file")
	default:
		return nil, errors.New("a zip without model.weights.h5, so not a .keras file")
	}
	text, err := readPart(parts["config.json"])
	if err != nil {
		return nil, fmt.Errorf("config.json: %w", err)
	}
	model := parseConfig(text, 0)
	var metadata struct {
		Version string `json:"keras_version"`
	}
	if text, err = readPart(parts["metadata.json"]); err != nil {
		return nil, fmt.Errorf("metadata.json: %w", err)
	}
	if err := json.Unmarshal(text, &metadata); err != nil {
		return nil, fmt.Errorf("metadata.json: %w", err)
	}
	content, err := open(r, size, weights, out)
	if err != nil {
		return nil, fmt.Errorf("model.weights.h5: %w", err)
	}
	file, err := hdf5.New(content, int64(weights.UncompressedSize64))
	if err != nil {
		return nil, fmt.Errorf("model.weights.h5: %w", err)
	}
	layers, err := readWeights(file.Root(), model, out)
	if err != nil {
		return nil, fmt.Errorf("model.weights.h5: %w", err)
	}
	out.Metadata["layout"] = "keras"
	out.Metadata["keras_version"] = metadata.Version
	return layers, nil
}

// maxText is ten times the configuration of InceptionResNetV2, which has 780 layers.
const maxText = 8 << 20

func readPart(part *zip.File) ([]byte, error) {
	if part == nil {
		return nil, errors.New("missing")
	}
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if len(text) > maxText {
		return nil, fmt.Errorf("more than %d bytes", maxText)
	}
	return text, err
}

// open gives access to a part of a zip: where it lies, or inflated in a temporary file if it is compressed. Keras does
// not compress.
func open(whole io.ReaderAt, size int64, part *zip.File, out *tensorfile.File) (io.ReaderAt, error) {
	if part.Method == zip.Store {
		start, err := part.DataOffset()
		if err != nil {
			return nil, err
		}
		if start > size || part.UncompressedSize64 > uint64(size-start) {
			return nil, fmt.Errorf("%d bytes at %d in a file of %d", part.UncompressedSize64, start, size)
		}
		return io.NewSectionReader(whole, start, int64(part.UncompressedSize64)), nil
	}
	// Weights hardly get smaller. What grows a hundredfold, and to more than a gigabyte, is there to fill the disk.
	if n := part.UncompressedSize64; n > 1<<30 && n/100 > min(part.CompressedSize64, uint64(size)) {
		return nil, fmt.Errorf("inflates from %d to %d bytes, which is more than weights can", part.CompressedSize64, n)
	}
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	inflated, err := os.CreateTemp("", "longwing-*.h5")
	if err != nil {
		return nil, err
	}
	closeWhole := out.Close
	out.Close = func() error {
		return errors.Join(inflated.Close(), os.Remove(inflated.Name()), closeWhole())
	}
	if _, err := io.Copy(inflated, io.LimitReader(r, int64(part.UncompressedSize64)+1)); err != nil {
		return nil, err
	}
	return inflated, nil
}
