// Package kerasfile reads the weight files of Keras 1 to 3.
//
//	file, err := kerasfile.Open("densenet121.keras")
//	defer file.Close()
//	for _, e := range file.Entries {
//		fmt.Println(e.Name, e.Dims) // conv1_conv/kernel [7 7 3 64], conv1_bn/gamma [64], …
//	}
//
// Three layouts are told apart by their content, and named in Metadata["layout"]:
//
//	legacy h5    save_weights of Keras 1 and 2, and save("x.h5") of any version: groups called like the layers
//	weights.h5   save_weights("x.weights.h5") since Keras 2.13: groups called like the classes of the layers
//	keras        save("x.keras"): a zip of the second kind and the model's configuration
//
// A tensor is called after its layer and variable, conv1_conv/kernel, the layer's own name being kept as it is, also with
// a "/" in it. Variables have today's names: kernel, bias, gamma, beta, moving_mean, moving_variance; those of Keras 1
// (conv1_W, conv1_b, conv1_running_mean, and conv1_running_std, which was a variance) are translated. Values are not:
// a file of Keras 1 for Theano has its kernels in Theano's order.
//
// A weights.h5 knows the names of its layers since Keras 3.6. Before, only .keras does, and layers are called after their
// class: conv2d, conv2d_1, … Metadata["names"] is "layers" or "classes". The variables of such files are numbered; they
// get their names from the class of the layer (see variableNames), or keep the number where the class is not known.
//
// Layers inside of a model that is a layer itself, such as a backbone in a Sequential, have the name that they have in
// there; where two layers would have the same, both get the names of the models around them in front: "mini/conv1".
//
// Entries are in the order of model.layers. Two kinds of files don't have all of it: in a legacy file, the layers of a
// nested model are ordered by their first variable, trainable ones first; in a weights.h5 that another program has
// copied, layers are in the right order only among those of the same class.
//
// Left out: the optimizer's weights, the metrics' (groups optimizer_weights, optimizer, metrics) and the state of random
// generators (seed_generator). Other metadata: "keras_version" ("1" where a legacy file has none) and "backend", as far
// as the file has them.
package kerasfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/longwing-ml/longwing/models/pretrained/hdf5"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// layer is a layer with variables.
type layer struct {
	path      []string // the names of the models around it, and its own
	variables []variable
}

type variable struct {
	name string
	data *hdf5.Dataset
}

const (
	maxTensors = 1 << 16 // more than any model has; with fewer, a damaged file can't take long
	maxDepth   = 16      // of models in models
	maxName    = 1024    // bytes of a tensor's name
)

// Open opens a weight file of Keras. Tensors stay in the file until they are loaded. The error names the file.
func Open(path string) (*tensorfile.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	out := &tensorfile.File{Path: path, Close: f.Close}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("a folder; name the model.weights.h5 in it")
	default:
		err = read(f, info.Size(), out)
	}
	if err != nil {
		out.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return out, nil
}

// read enters what r, of size bytes, has into out. It extends out.Close, also if it fails, where there is more to close.
func read(r io.ReaderAt, size int64, out *tensorfile.File) error {
	beginning := make([]byte, 4)
	if err := tensorfile.ReadFull(r, beginning, 0); err != nil {
		return fmt.Errorf("too short for a weight file: %w", err)
	}
	var layers []layer
	var err error
	switch {
	case string(beginning) == "PK\x03\x04":
		layers, err = readArchive(r, size, out)
	case beginning[0] == '{':
		return errors.New("JSON, perhaps the index of sharded weights, which are not read; save the model in one file")
	default:
		layers, err = readHDF5(r, size, out)
	}
	if err != nil {
		return err
	}
	return enter(layers, out)
}

// readHDF5 reads a legacy file or a weights.h5.
func readHDF5(r io.ReaderAt, size int64, out *tensorfile.File) ([]layer, error) {
	out.Format = "Keras HDF5"
	file, err := hdf5.New(r, size)
	if err != nil {
		return nil, err
	}
	root := file.Root()
	members, err := root.Names()
	if err != nil {
		return nil, err
	}
	if slices.Contains(members, "model_weights") {
		if root, err = root.Group("model_weights"); err != nil {
			return nil, err
		}
		return readLegacy(root, out)
	}
	_, err = list(root, "layer_names")
	if errors.Is(err, hdf5.ErrNotFound) && slices.ContainsFunc(members, func(name string) bool {
		return name == "layers" || name == dependencies || name == "vars"
	}) {
		return readWeights(root, nil, out)
	}
	return readLegacy(root, out)
}

// enter makes entries of layers.
func enter(layers []layer, out *tensorfile.File) error {
	count := map[string]int{}
	for _, l := range layers {
		count[l.path[len(l.path)-1]]++
	}
	taken := map[string]bool{}
	for _, l := range layers {
		name := l.path[len(l.path)-1]
		if count[name] > 1 {
			name = strings.Join(l.path, "/")
		}
		for _, v := range l.variables {
			if n := len(name) + len(v.name); n >= maxName {
				return fmt.Errorf("the name of a tensor has %d bytes, at most %d are read", n+1, maxName)
			}
			e := tensorfile.Entry{Name: name + "/" + v.name, Dims: v.data.Dims, Type: v.data.Type}
			if taken[e.Name] {
				return fmt.Errorf("two tensors are called %s", e.Name)
			}
			taken[e.Name] = true
			e.Load = func() ([]float32, error) {
				values, err := v.data.Floats()
				if err != nil {
					return nil, fmt.Errorf("%s: tensor %s: %w", out.Path, e.Name, err)
				}
				return values, nil
			}
			out.Entries = append(out.Entries, e)
		}
	}
	if len(out.Entries) == 0 {
		return errors.New("a Keras file without weights")
	}
	return nil
}
