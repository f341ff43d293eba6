package pretrained

import (
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// Weights is a weight file whose network and source have been recognised.
type Weights struct {
	Model      string
	Convention models.Convention
	Head       *models.Head // as in the file, without dropout; nil if it holds the backbone only

	Unmatched []string // tensors of the file that the network has no place for
	Missing   []string // tensors that the network needs and the file lacks, under the file's names
	Misshaped []string // tensors of a wrong shape, with both shapes

	Parameters int // numbers in all tensors that have a place, statistics included
	Statistics int // running means and variances of batch normalisation among them

	file   *tensorfile.File
	places map[string]place // by the path of the network's parameter
	order  []string         // the paths in the network's order
}

// Path is the file's.
func (w *Weights) Path() string { return w.file.Path }

// Format is the file's, for people.
func (w *Weights) Format() string { return w.file.Format }

// Close frees the file. Parameters can't be loaded after it.
func (w *Weights) Close() error { return w.file.Close() }

// place is where a parameter's numbers are.
type place struct {
	entry tensorfile.Entry
	dims  []int // of the parameter
	side  int   // of a dense layer's kernel: height and width of the features it flattens, else 1
	torch bool  // a kernel with torch's order of axes
}

// numbers reads the parameter's values in our order.
func (p place) numbers() ([]float32, error) {
	numbers, err := p.entry.Load()
	if err != nil || !p.torch {
		return numbers, err
	}
	ours := make([]float32, len(numbers))
	kernelOf(p.dims, p.side).fromTorch(ours, numbers)
	return ours, nil
}
