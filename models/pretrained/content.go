package pretrained

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// content is a file's tensors under cleaned names.
type content struct {
	file    *tensorfile.File
	style   *style
	classes bool // Keras: the names are those of classes of layers
	entries map[string]tensorfile.Entry
	names   []string          // in the file's order
	written map[string]string // a name as it is in the file
}

// read cleans the names of a file's tensors and leaves out what is no parameter.
func read(f *tensorfile.File) *content {
	c := &content{file: f, style: styleOf(f), classes: f.Metadata["names"] == "classes",
		entries: make(map[string]tensorfile.Entry), written: make(map[string]string)}
	prefix := ""
	if c.style == torchStyle {
		prefix = commonPrefix(f.Entries)
	}
	ranks := ranks(f.Entries)
	for _, e := range f.Entries {
		name := strings.TrimPrefix(e.Name, prefix)
		switch c.style {
		case ownStyle:
			if strings.HasPrefix(name, optimizerScope) || strings.HasPrefix(name, averageScope) {
				continue
			}
		case torchStyle:
			if strings.HasSuffix(name, "num_batches_tracked") || name == "n_averaged" { // counters, the latter of torch's AveragedModel
				continue
			}
			name = oldDenseLayer.ReplaceAllString(name, "$1$2")
		case kerasStyle:
			name = cleanKeras(name, ranks)
		}
		if _, taken := c.entries[name]; taken { // two spellings of one name: the second has no place, under a name of no network
			name = "\x00" + e.Name
		}
		c.entries[name] = e
		c.names = append(c.names, name)
		c.written[name] = e.Name
	}
	return c
}

// Where a checkpoint of a run keeps the optimizer's state and averages: optim.Scope and optim.AverageScope.
const (
	optimizerScope = "/optimizer/"
	averageScope   = "/average/"
)

// styleOf tells whose tensors these are by the names of most that are kernels; nil if there are none.
func styleOf(f *tensorfile.File) *style {
	kernels := make(map[*style]int)
	for _, e := range f.Entries {
		switch {
		case strings.HasSuffix(e.Name, ".weight"):
			kernels[torchStyle]++
		case strings.HasPrefix(e.Name, "/") && strings.HasSuffix(e.Name, "/kernel"):
			kernels[ownStyle]++
		case strings.HasSuffix(e.Name, "/kernel"):
			kernels[kerasStyle]++
		}
	}
	var most *style
	for _, s := range []*style{torchStyle, ownStyle, kerasStyle} {
		if kernels[s] > kernels[most] {
			most = s
		}
	}
	return most
}

// wrappings are what training programs and torch.compile put before torch's names.
var wrappings = []string{"module.", "model.", "backbone.", "state_dict.", "_orig_mod."}

// commonPrefix is the longest chain of wrappings that the names of most tensors begin with. A program may keep tensors of
// its own beside the network, such as a loss's.
func commonPrefix(entries []tensorfile.Entry) string {
	prefix := ""
	for i := 0; i < len(wrappings); i++ {
		longer := prefix + wrappings[i]
		wrapped := 0
		for _, e := range entries {
			if strings.HasPrefix(e.Name, longer) {
				wrapped++
			}
		}
		if wrapped > 0 && float64(wrapped) >= recognisable*float64(len(entries)) {
			prefix, i = longer, -1
		}
	}
	return prefix
}

var (
	// torchvision's first DenseNet files have norm.1 and conv.1 where all later ones have norm1 and conv1.
	oldDenseLayer = regexp.MustCompile(`(\.denselayer\d+\.(?:norm|conv))\.([12]\.)`)
	// The stem of Keras's DenseNet was called conv1/conv and conv1/bn before Keras 3.
	oldKerasStem = regexp.MustCompile(`^conv1/(conv|bn)/`)
	// What Keras calls a layer that nobody named.
	numberedLayer = regexp.MustCompile(`^(conv2d|batch_normalization)(?:_(\d+))?$`)
)

// cleanKeras replaces the number in the name of a numbered layer by its rank.
func cleanKeras(name string, ranks map[string]string) string {
	name = oldKerasStem.ReplaceAllString(name, "conv1_$1/")
	layer, leaf := splitName(name, "/")
	if ranked, ok := ranks[layer]; ok {
		return ranked + "/" + leaf
	}
	return name
}

// ranks returns the names of numbered layers by rank: numbers start anywhere, and can have gaps.
func ranks(entries []tensorfile.Entry) map[string]string {
	type layer struct {
		name   string
		number uint64
	}
	classes := make(map[string][]layer)
	seen := make(map[string]bool)
	for _, e := range entries {
		name, _ := splitName(e.Name, "/")
		match := numberedLayer.FindStringSubmatch(name)
		if match == nil || seen[name] {
			continue
		}
		seen[name] = true
		number, err := strconv.ParseUint(cmp.Or(match[2], "0"), 10, 64)
		if err == nil {
			classes[match[1]] = append(classes[match[1]], layer{name, number})
		}
	}
	names := make(map[string]string)
	for class, layers := range classes {
		slices.SortStableFunc(layers, func(a, b layer) int { return cmp.Compare(a.number, b.number) })
		for rank, l := range layers {
			names[l.name] = numbered(class, rank)
		}
	}
	return names
}

// splitName splits a tensor's name into the layer's and its own.
func splitName(name, separator string) (layer, leaf string) {
	i := strings.LastIndex(name, separator)
	if i < 0 {
		return "", name
	}
	return name[:i], name[i+len(separator):]
}

// likelySource is the source that a file's name speaks for: torchvision and timm share names of layers; the one
// publishes .pth files, the other model.safetensors and pytorch_model.bin.
func likelySource(path string) string {
	if strings.HasSuffix(path, ".pth") || strings.HasSuffix(path, ".pt") {
		return models.Torchvision
	}
	return models.Timm
}

// asWritten are names as they are in the file.
func (c *content) asWritten(name string) string { return cmp.Or(c.written[name], name) }

// firstFew lists the first names and the number of all.
func firstFew(names []string) string {
	const few = 3
	text := strings.Join(names[:min(few, len(names))], ", ")
	if len(names) > few {
		text += fmt.Sprintf(", … (%d in all)", len(names))
	}
	return text
}
