package kerasfile

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/longwing-ml/longwing/models/pretrained/hdf5"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// readLegacy reads groups called like the layers. Attributes list the layers, and the weights of each.
func readLegacy(root *hdf5.Group, out *tensorfile.File) ([]layer, error) {
	names, err := list(root, "layer_names")
	if errors.Is(err, hdf5.ErrNotFound) {
		return nil, errors.New("an HDF5 file, but not one of Keras 1 or later: there is neither a list of layer_names nor a group of layers")
	}
	if err != nil {
		return nil, err
	}
	out.Metadata = map[string]string{"layout": "legacy h5", "names": "layers", "keras_version": "1"}
	for _, key := range []string{"keras_version", "backend"} {
		if value, err := root.Strings(key); err == nil && len(value) == 1 {
			out.Metadata[key] = value[0]
		}
	}
	members, err := root.Names()
	if err != nil {
		return nil, err
	}
	for _, name := range members {
		if name == topLevel {
			names = append(names, name)
		}
	}
	var layers []layer
	seen := map[string]bool{}
	count := 0
	for _, name := range names {
		if seen[name] {
			return nil, fmt.Errorf("two layers are called %s", name)
		}
		seen[name] = true
		group, err := root.Group(name)
		if err != nil {
			return nil, err
		}
		weights, err := list(group, "weight_names")
		if err != nil {
			return nil, err
		}
		if count += len(weights); count > maxTensors {
			return nil, fmt.Errorf("more than %d tensors", maxTensors)
		}
		inner, err := legacyLayers(name, weights, group)
		if err != nil {
			return nil, err
		}
		layers = append(layers, inner...)
	}
	return layers, nil
}

// list reads an attribute that is a list of names. Keras splits one that is too long: layer_names0, layer_names1, …
func list(g *hdf5.Group, attribute string) ([]string, error) {
	names, missing := g.Strings(attribute)
	if !errors.Is(missing, hdf5.ErrNotFound) {
		return names, missing
	}
	for i := 0; ; i++ {
		part, err := g.Strings(fmt.Sprint(attribute, i))
		switch {
		case i == 0 && errors.Is(err, hdf5.ErrNotFound):
			return nil, missing
		case errors.Is(err, hdf5.ErrNotFound):
			return names, nil
		case err != nil:
			return nil, err
		}
		names = append(names, part...)
	}
}

// legacyLayers returns the layer that a group stands for, or the layers of the model that it stands for. Those are known
// by the names of their weights: conv1/kernel:0 and conv2/kernel:0 can't be of one layer.
func legacyLayers(name string, weights []string, g *hdf5.Group) ([]layer, error) {
	var layers []layer
	number := map[string]int{} // of a layer in layers, by what is before the variable in the names of its weights
	for _, weight := range weights {
		data, err := g.Dataset(weight)
		if err != nil {
			return nil, err
		}
		owner, variableName := splitWeight(name, weight)
		i, ok := number[owner]
		if !ok {
			i = len(layers)
			number[owner] = i
			path := []string{name}
			if inner := within(name, owner); inner != "" {
				path = append(path, inner)
			}
			layers = append(layers, layer{path: path})
		}
		layers[i].variables = append(layers[i].variables, variable{variableName, data})
	}
	if len(layers) == 1 {
		// Weights of one layer can be called after an earlier name of it, or after nothing.
		layers[0].path = []string{name}
	}
	return layers, nil
}

var (
	outputNumber = regexp.MustCompile(`:\d+$`) // of a TensorFlow operation

	// Keras 1 wrote conv1_W, or conv1_W_1 where TensorFlow knew a conv1_W already.
	keras1Weight    = regexp.MustCompile(`^(.+)_(W|b|gamma|beta|running_mean|running_std)(?:_\d+)?$`)
	keras1Variables = map[string]string{"W": "kernel", "b": "bias", "gamma": "gamma", "beta": "beta",
		"running_mean": "moving_mean", "running_std": "moving_variance"}
)

// splitWeight splits the name of a weight: conv1/bn/gamma:0 and Keras 1's bn_gamma belong to the layer before the
// variable; the first versions of Keras 3 wrote gamma only.
func splitWeight(layerName, weight string) (owner, name string) {
	weight = outputNumber.ReplaceAllString(weight, "")
	if slash := strings.LastIndexByte(weight, '/'); slash >= 0 {
		return weight[:slash], weight[slash+1:]
	}
	if m := keras1Weight.FindStringSubmatch(weight); m != nil {
		return m[1], keras1Variables[m[2]]
	}
	return layerName, weight
}

// within returns the name of a layer in a model, from the path of its variables: "sequential/mini/conv1" in mini is conv1.
func within(model, path string) string {
	if path == model || strings.HasSuffix(path, "/"+model) {
		return ""
	}
	if inner, ok := strings.CutPrefix(path, model+"/"); ok {
		return inner
	}
	if _, inner, ok := strings.Cut(path, "/"+model+"/"); ok {
		return inner
	}
	return path
}
