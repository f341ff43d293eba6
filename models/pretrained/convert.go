package pretrained

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
)

// Longwing is the source of files with our own names.
const Longwing = "longwing"

// Targets are what Convert writes.
func Targets() []string { return []string{models.Timm, models.Torchvision, Longwing} }

// Convert returns the tensors and the metadata of a safetensors file under the names of a target: models.Timm,
// models.Torchvision or Longwing. Between conventions that compute the same but for the epsilon of batch normalisation,
// the difference goes into the variances, which is exact where the running statistics are used; a scale that Keras
// leaves out becomes 1. Other differences (another padding or preprocessing) can't be expressed and are an error.
func Convert(w *Weights, to string) ([]safetensors.Tensor, map[string]string, error) {
	if err := w.complete(); err != nil {
		return nil, nil, err
	}
	if to == Longwing {
		var out []safetensors.Tensor
		for _, path := range w.order {
			numbers, err := w.places[path].numbers()
			if err != nil {
				return nil, nil, err
			}
			out = append(out, safetensors.Tensor{Name: path, Dims: w.places[path].dims, Data: numbers})
		}
		return out, metadataOf(description{w.Model, w.Convention, w.Head}), nil
	}
	i := slices.IndexFunc(namings[w.Model], func(n naming) bool { return n.source == to && n.style == torchStyle })
	if i < 0 {
		return nil, nil, fmt.Errorf("%s: can't be written for %q; targets: %s", w.Path(), to, strings.Join(Targets(), ", "))
	}
	convention, err := models.ConventionOf(w.Model, to)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", w.Path(), err)
	}
	if err := w.expressible(convention); err != nil {
		return nil, nil, err
	}
	out, err := w.under(namings[w.Model][i], convention)
	return out, map[string]string{"format": "pt"}, err
}

// expressible returns an error if the file's network can't be computed under another convention by other parameters.
func (w *Weights) expressible(to models.Convention) error {
	from := w.Convention
	what := ""
	switch {
	case from.SamePadding != to.SamePadding:
		what = "the padding of the stem"
	case from.Preprocess != to.Preprocess && from.Preprocess.Mode == to.Preprocess.Mode: // by a config.json
		what = fmt.Sprintf("the preprocessing (mean %g and std %g instead of %g and %g)", from.Preprocess.Mean, from.Preprocess.Std, to.Preprocess.Mean, to.Preprocess.Std)
	case from.Preprocess != to.Preprocess:
		what = fmt.Sprintf("the preprocessing (%s instead of %s)", from.Preprocess.Mode, to.Preprocess.Mode)
	case w.Head != nil && w.Head.Kind == models.HeadFCBN:
		what = "the batch normalisation in the head"
	default:
		return nil
	}
	return fmt.Errorf("%s: a %s of %s can't be written as one of %s: %s differs; write it for %q", w.Path(), w.Model, from.Source, to.Source, what, Longwing)
}

// under reads all parameters and gives them a torch library's names and shapes.
func (w *Weights) under(n naming, convention models.Convention) ([]safetensors.Tensor, error) {
	net, err := models.NewAs(w.Model, convention, models.Head{Classes: 2})
	if err != nil {
		return nil, err
	}
	wanted, err := net.Parameters(net.MinSize)
	if err != nil {
		return nil, err
	}
	wanted = slices.DeleteFunc(wanted, func(p models.ParameterInfo) bool { return isHead(p.Path) })
	layers := n.layers(wanted)
	for _, path := range w.order {
		if isHead(path) {
			layer, _ := splitPath(path)
			name, ok := n.headLayer(strings.TrimPrefix(layer, "/"))
			if !ok { // such as a pooled head on a VGG: the library calls its last layer so
				return nil, fmt.Errorf("%s: %s has no name for the layer %s", w.Path(), n.source, layer)
			}
			layers[layer] = name
			wanted = append(wanted, models.ParameterInfo{Path: path, Dims: w.places[path].dims})
		}
	}
	var out []safetensors.Tensor
	for _, p := range wanted {
		layer, leaf := splitPath(p.Path)
		tensor := safetensors.Tensor{Name: n.style.join(layers[layer], leaf), Dims: p.Dims}
		from, ok := w.places[p.Path]
		if !ok && leaf == "scale" {
			tensor.Data = slices.Repeat([]float32{1}, product(p.Dims))
			out = append(out, tensor)
			continue
		}
		if !ok {
			return nil, fmt.Errorf("%s: has no %s", w.Path(), p.Path)
		}
		numbers, err := from.numbers()
		if err != nil {
			return nil, err
		}
		if leaf == "variance" {
			if err := moveEpsilon(numbers, w.Convention.BN.Epsilon-convention.BN.Epsilon); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", w.Path(), p.Path, err)
			}
		}
		if len(p.Dims) > 1 {
			k := kernelOf(p.Dims, from.side)
			tensor.Dims = k.dense()
			if len(p.Dims) == 4 || n.convolutions && !strings.HasPrefix(p.Path, "/"+models.HeadStage) {
				tensor.Dims = k.convolution()
			}
			tensor.Data = make([]float32, len(numbers))
			k.toTorch(tensor.Data, numbers)
		} else {
			tensor.Data = numbers
		}
		out = append(out, tensor)
	}
	slices.SortFunc(out, func(a, b safetensors.Tensor) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// moveEpsilon adds the difference of two epsilons to variances, so that variance + epsilon stays.
func moveEpsilon(variances []float32, difference float64) error {
	if difference == 0 {
		return nil
	}
	for i, v := range variances {
		moved := float32(float64(v) + difference)
		if moved < 0 {
			return fmt.Errorf("variance %g is smaller than the difference of the epsilons, %g", v, -difference)
		}
		variances[i] = moved
	}
	return nil
}
