package pretrained

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/longwing-ml/longwing/models"
)

// style is how a family of libraries lays out its files: the names of a layer's tensors and the axes of kernels.
type style struct {
	separator string            // between the names of a layer and of its tensor
	leaf      map[string]string // a tensor's name by ours
	torch     bool              // kernels are [out, in, height, width], not [height, width, in, out]
}

var (
	torchStyle = &style{separator: ".", torch: true, leaf: map[string]string{"kernel": "weight", "bias": "bias",
		"scale": "weight", "offset": "bias", "mean": "running_mean", "variance": "running_var"}}
	kerasStyle = &style{separator: "/", leaf: map[string]string{"kernel": "kernel", "bias": "bias",
		"scale": "gamma", "offset": "beta", "mean": "moving_mean", "variance": "moving_variance"}}
	ownStyle = &style{separator: "/", leaf: map[string]string{"kernel": "kernel", "bias": "bias",
		"scale": "scale", "offset": "offset", "mean": "mean", "variance": "variance"}}
)

// join is the file's name of a layer's tensor that we call leaf.
func (s *style) join(layer, leaf string) string { return layer + s.separator + s.leaf[leaf] }

// naming is how a library names the layers of a network.
type naming struct {
	source string // of models.Convention
	style  *style
	rules  []rule
	// number puts the layers without a rule, which are given in the network's order, into the order of the file's
	// numbered layers. Nil if it has none.
	number func(layers []string) []string
	// classes: the file has no names of layers, only those of their classes.
	classes bool
	// convolutions: the head's hidden layers are kept as convolutions.
	convolutions bool
}

// namings are those of each model's sources. Where two fit equally, the likely source decides, else the first.
var namings = map[string][]naming{
	"densenet_mini":       densenetNamings,
	"densenet121":         densenetNamings,
	"densenet161":         densenetNamings,
	"densenet169":         densenetNamings,
	"densenet201":         densenetNamings,
	"inception_resnet_v2": inceptionNamings,
	"vgg16":               vggNamings(false),
	"vgg16_bn":            vggNamings(true),
}

// ownNaming is longwing's own, where a tensor is called by its path.
var ownNaming = naming{style: ownStyle}

// layers returns the file's names of the network's layers, such as /block1/layer01/conv1. The parameters are in the
// network's order.
func (n naming) layers(parameters []models.ParameterInfo) map[string]string {
	names := make(map[string]string)
	var unnamed []string
	kind := make(map[string]string) // what Keras calls the class
	for _, p := range parameters {
		layer, leaf := splitPath(p.Path)
		switch {
		case leaf == "variance":
			kind[layer] = "batch_normalization"
		case len(p.Dims) == 4:
			kind[layer] = "conv2d"
		}
		if _, done := names[layer]; done {
			continue
		}
		names[layer] = ""
		if n.style == ownStyle {
			names[layer] = layer
		} else if name, ok := rename(n.rules, layer); ok {
			names[layer] = name
		} else {
			unnamed = append(unnamed, layer)
		}
	}
	if n.number == nil {
		return names
	}
	count := make(map[string]int)
	for _, layer := range n.number(unnamed) {
		if k, ok := kind[layer]; ok {
			names[layer] = numbered(k, count[k])
			count[k]++
		}
	}
	return names
}

// headLayer is the library's name of a layer of the head.
func (n naming) headLayer(stage string) (name string, ok bool) {
	if n.style == ownStyle {
		return "/" + stage, true
	}
	return rename(n.rules, "/"+stage)
}

// numbered is the name under which content keeps the layer of a class that has the rank-th number.
func numbered(class string, rank int) string { return fmt.Sprintf("%s number %d", class, rank+1) }

func splitPath(path string) (layer, leaf string) {
	i := strings.LastIndexByte(path, '/')
	return path[:i], path[i+1:]
}

// rule gives the name of layers by their path. Each # in ours is a number. In theirs, # is the next of these numbers, and
// ~ the next one less 1, for libraries that count from 0.
type rule struct{ ours, theirs string }

func rename(rules []rule, layer string) (string, bool) {
	for _, r := range rules {
		if name, ok := r.rename(layer); ok {
			return name, true
		}
	}
	return "", false
}

func (r rule) rename(layer string) (string, bool) {
	name := r.theirs
	for pattern := r.ours; ; {
		literal, rest, more := strings.Cut(pattern, "#")
		after, ok := strings.CutPrefix(layer, literal)
		if !ok {
			return "", false
		}
		if !more {
			return name, after == ""
		}
		digits := len(after) - len(strings.TrimLeft(after, "0123456789"))
		number, err := strconv.Atoi(after[:digits])
		if err != nil {
			return "", false
		}
		at := strings.IndexAny(name, "#~")
		if name[at] == '~' {
			number--
		}
		name = name[:at] + strconv.Itoa(number) + name[at+1:]
		layer, pattern = after[digits:], rest
	}
}

// units doubles rules for layers of a convolution and a batch normalisation.
func units(rules []rule) []rule {
	var all []rule
	for _, r := range rules {
		all = append(all, rule{r.ours + "/conv", r.theirs + ".conv"}, rule{r.ours + "/bn", r.theirs + ".bn"})
	}
	return all
}
