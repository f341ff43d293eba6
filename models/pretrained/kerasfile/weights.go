package kerasfile

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/longwing-ml/longwing/models/pretrained/hdf5"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// dependencies is what Keras 2.13 calls the group of layers.
const dependencies = "_layer_checkpoint_dependencies"

// topLevel is called, in legacy files too, what belongs to the model itself and to no layer.
const topLevel = "top_level_model_weights"

// readWeights reads groups called like classes. The configuration of the model is nil if it is not known.
func readWeights(root *hdf5.Group, model *config, out *tensorfile.File) ([]layer, error) {
	out.Metadata = map[string]string{"layout": "weights.h5", "names": "layers"}
	w := walker{}
	if err := w.visit(root, place{config: model, named: true}); err != nil {
		return nil, err
	}
	if w.unnamed {
		out.Metadata["names"] = "classes"
	}
	return w.layers, nil
}

// walker collects the layers of a model.
type walker struct {
	layers  []layer
	unnamed bool // the file lacks the name of a layer
	groups  int
	tensors int
}

// place is what is known of a group.
type place struct {
	path   []string // the names of the layer and of the models around it, none for the whole model
	named  bool     // the last of them is the layer's name, not its class or the attribute that holds it
	class  string   // "conv2d", or empty
	config *config  // or nil
}

// below is the place of a group in this one.
func (p place) below(name string) place {
	return place{path: append(p.path[:len(p.path):len(p.path)], name)}
}

// visit collects the variables of a layer and those of the layers in it.
func (w *walker) visit(g *hdf5.Group, at place) error {
	if w.groups++; w.groups > maxTensors || len(at.path) > maxDepth {
		return fmt.Errorf("more than %d groups, or more than %d in one another", maxTensors, maxDepth)
	}
	members, err := g.Names()
	if err != nil {
		return err
	}
	if slices.Contains(members, "vars") {
		vars, err := g.Group("vars")
		if err != nil {
			return err
		}
		if name, err := vars.Strings("name"); err == nil && len(name) == 1 && len(at.path) > 0 {
			at.path[len(at.path)-1], at.named = name[0], true
		}
		if err := w.variables(vars, at); err != nil {
			return err
		}
	}
	for _, name := range members {
		switch name {
		case "vars", "seed_generator":
			continue
		case "optimizer", "metrics":
			if len(at.path) == 0 {
				continue
			}
		}
		inner, err := g.Group(name)
		if err != nil {
			return err
		}
		if name == "layers" || name == dependencies {
			err = w.visitLayers(inner, name == dependencies, at)
		} else {
			err = w.visit(inner, at.below(name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// visitLayers visits the layers of a model.
func (w *walker) visitLayers(g *hdf5.Group, renumber bool, model place) error {
	groups, err := g.Names()
	if err != nil {
		return err
	}
	for _, c := range inOrder(groups, renumber, model.config) {
		inner, err := g.Group(c.group)
		if err != nil {
			return err
		}
		at := model.below(c.name)
		at.class = c.class
		if at.config = model.config.layer(c.name); at.config != nil {
			at.path[len(at.path)-1], at.named = at.config.name, true
		}
		if err := w.visit(inner, at); err != nil {
			return err
		}
	}
	return nil
}

// variables enters the variables of a layer, which are called "0", "1", …
func (w *walker) variables(vars *hdf5.Group, at place) error {
	keys, err := vars.Names()
	if err != nil || len(keys) == 0 {
		return err
	}
	if w.tensors += len(keys); w.tensors > maxTensors {
		return fmt.Errorf("more than %d tensors", maxTensors)
	}
	slices.SortStableFunc(keys, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	data := make([]*hdf5.Dataset, len(keys))
	for i, key := range keys {
		if data[i], err = vars.Dataset(key); err != nil {
			return err
		}
	}
	l := layer{path: at.path}
	if len(l.path) == 0 {
		l.path = []string{topLevel}
	}
	names := variableNames(at, data)
	if names == nil {
		names = keys
	}
	for i, d := range data {
		l.variables = append(l.variables, variable{names[i], d})
	}
	w.layers = append(w.layers, l)
	w.unnamed = w.unnamed || !at.named
	return nil
}

// child is a layer's group in that of a model.
type child struct {
	group, name string // the name is the group's, but numbers have no gaps
	class       string
	number      int
}

// inOrder returns the layers of a model in its order: that of its configuration, or else that of the groups. Where the
// groups were copied, and so sorted by name, at least the layers of a class come in the order of their numbers.
//
// Keras 2.13 counts a layer with weights twice, so that conv2d_2 follows conv2d; renumber takes that back.
func inOrder(groups []string, renumber bool, model *config) []child {
	byClass := map[string][]child{}
	for _, group := range groups {
		class, n := splitNumber(group)
		byClass[class] = append(byClass[class], child{group, group, class, n})
	}
	for _, children := range byClass {
		slices.SortStableFunc(children, func(a, b child) int { return cmp.Compare(a.number, b.number) })
		for i := range children {
			if renumber {
				children[i].name = numbered(children[i].class, i)
			}
		}
	}
	var out []child
	for _, group := range groups {
		class, _ := splitNumber(group)
		out = append(out, byClass[class][0])
		byClass[class] = byClass[class][1:]
	}
	slices.SortStableFunc(out, func(a, b child) int {
		return cmp.Compare(model.position(a.name), model.position(b.name))
	})
	return out
}

// splitNumber splits the name of a group, conv2d_12. The first of a class has no number.
func splitNumber(group string) (class string, n int) {
	if line := strings.LastIndexByte(group, '_'); line >= 0 {
		if n := number(group[line+1:]); n >= 0 {
			return group[:line], n
		}
	}
	return group, 0
}

// number is the number that a text is, or -1.
func number(text string) int {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return -1
	}
	return int(n)
}

func numbered(class string, n int) string {
	if n == 0 {
		return class
	}
	return fmt.Sprintf("%s_%d", class, n)
}

// variableNames returns the names of a layer's variables, nil if they can't be told from its class, their number and
// their shapes. A batch normalization of three variables has no gamma (scale=False, as in InceptionResNetV2) unless the
// configuration says that it has no beta.
func variableNames(at place, data []*hdf5.Dataset) []string {
	var names []string
	switch at.class {
	case "dense", "conv1d", "conv2d", "conv3d", "conv1d_transpose", "conv2d_transpose", "conv3d_transpose",
		"depthwise_conv1d", "depthwise_conv2d":
		names = []string{"kernel", "bias"}
	case "separable_conv1d", "separable_conv2d":
		names = []string{"depthwise_kernel", "pointwise_kernel", "bias"}
	case "layer_normalization", "group_normalization":
		names = []string{"gamma", "beta"}
	case "batch_normalization":
		names = []string{"gamma", "beta", "moving_mean", "moving_variance"}
		switch {
		case len(data) == 2:
			names = names[2:]
		case len(data) == 3 && at.config != nil && at.config.noBeta:
			names = []string{"gamma", "moving_mean", "moving_variance"}
		case len(data) == 3:
			names = names[1:]
		}
	}
	if len(data) > len(names) {
		return nil
	}
	for i, d := range data {
		if kernel := strings.HasSuffix(names[i], "kernel"); kernel != (len(d.Dims) > 1) {
			return nil
		}
	}
	return names
}
