package pretrained

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// recognisable is the share of a backbone's tensors that a file must hold, in the right shapes, to be taken for it.
const recognisable = 0.8

// Recognise tells what network a file's tensors belong to, from their names and shapes. What is wrong with a file that
// is clearly of a known network is told by the result; any other file is an error.
func Recognise(f *tensorfile.File) (*Weights, error) {
	c := read(f)
	described, err := fromMetadata(f)
	if err != nil {
		return nil, err
	}
	var best fit
	for _, candidate := range c.candidates(described) {
		found, err := c.fit(candidate)
		if err != nil {
			return nil, err
		}
		if found.better(best, likelySource(f.Path)) {
			best = found
		}
	}
	if float64(len(best.places)) < recognisable*float64(max(1, best.wanted)) {
		return nil, c.unknown(best)
	}
	return c.weights(best)
}

// candidate is a network that a file could hold, and the names its tensors would have.
type candidate struct {
	model      string
	convention models.Convention
	naming     naming
}

// candidates are the networks with names of the file's style; the described one alone if the file has a description.
func (c *content) candidates(described *description) []candidate {
	var all []candidate
	if described != nil {
		n := ownNaming
		n.source = described.Convention.Source
		return []candidate{{described.Model, described.Convention, n}}
	}
	for _, model := range models.Names() {
		if c.style == ownStyle {
			all = append(all, candidate{model, models.Conventions(model)[0], ownNaming})
			continue
		}
		for _, n := range namings[model] {
			convention, err := models.ConventionOf(model, n.source)
			if err == nil && n.style == c.style && n.classes == c.classes {
				all = append(all, candidate{model, convention, n})
			}
		}
	}
	return all
}

// fit is how a file's tensors fill the places of a network.
type fit struct {
	candidate
	wanted    int // tensors of the network
	named     int // layers of the head that the file has under this library's names
	order     []string
	places    map[string]place
	used      map[string]bool // names of the file's tensors that have a place or a wrong shape
	missing   []string
	misshaped []string
}

// fit looks for the tensors of the candidate's backbone.
func (c *content) fit(of candidate) (fit, error) {
	f := fit{candidate: of, places: make(map[string]place), used: make(map[string]bool)}
	net, err := models.NewAs(of.model, of.convention, models.Head{Classes: 2})
	if err != nil {
		return f, err
	}
	parameters, err := net.Parameters(net.MinSize)
	if err != nil {
		return f, err
	}
	backbone := slices.DeleteFunc(parameters, func(p models.ParameterInfo) bool { return isHead(p.Path) })
	layers := of.naming.layers(backbone)
	for _, p := range backbone {
		layer, leaf := splitPath(p.Path)
		f.take(c, p, of.naming.style.join(layers[layer], leaf), 1)
	}
	for _, stage := range []string{"fc1", "fc2", models.HeadStage} {
		if name, ok := of.naming.headLayer(stage); ok {
			if _, ok := c.entries[of.naming.style.join(name, "kernel")]; ok {
				f.named++
			}
		}
	}
	return f, nil
}

// take gives a parameter the tensor of a name, if the file has it in the right shape.
func (f *fit) take(c *content, p models.ParameterInfo, name string, side int) {
	f.wanted++
	f.order = append(f.order, p.Path)
	entry, ok := c.entries[name]
	if !ok {
		f.missing = append(f.missing, name)
		return
	}
	f.used[name] = true
	at := place{entry: entry, dims: p.Dims, side: side, torch: f.naming.style.torch && len(p.Dims) > 1}
	right := slices.Equal(entry.Dims, p.Dims)
	if at.torch {
		right = isTorchKernel(p.Dims, kernelOf(p.Dims, side), entry.Dims)
	}
	if !right {
		f.misshaped = append(f.misshaped, fmt.Sprintf("%s %v instead of %v", c.asWritten(name), entry.Dims, at.fileDims()))
		return
	}
	f.places[p.Path] = at
}

// fileDims is the shape that a file of this style gives the parameter.
func (p place) fileDims() []int {
	if !p.torch {
		return p.dims
	}
	k := kernelOf(p.dims, p.side)
	if len(p.dims) == 4 {
		return k.convolution()
	}
	return k.dense()
}

// better prefers the fit that fills more places, then the one that leaves fewer empty, then the one whose library calls
// the head's layers so, then the likely source.
func (f fit) better(other fit, likely string) bool {
	order := cmp.Or(cmp.Compare(len(f.places), len(other.places)), cmp.Compare(other.wanted, f.wanted), cmp.Compare(f.named, other.named))
	return order > 0 || order == 0 && f.convention.Source == likely && other.convention.Source != likely
}

// isHead tells whether a parameter belongs to the head, hidden layers included.
func isHead(path string) bool {
	switch strings.Split(path, "/")[1] {
	case "fc1", "fc2", models.HeadStage:
		return true
	}
	return false
}

// unknown is the error for a file that holds no network known here.
func (c *content) unknown(closest fit) error {
	known := strings.Join(models.Names(), ", ")
	if len(closest.places) > 0 {
		return fmt.Errorf("%s: not a network known here: closest is %s of %s, of whose %d tensors it has %d; known: %s", c.file.Path,
			closest.model, closest.convention.Source, closest.wanted, len(closest.places), known)
	}
	if len(c.names) == 0 {
		return fmt.Errorf("%s: holds no tensors", c.file.Path)
	}
	return fmt.Errorf("%s: not a network known here: its tensors are %s; known: %s", c.file.Path, firstFew(c.names), known)
}

// weights is the result for the network that fits best: its head is found, and what is left over told.
func (c *content) weights(f fit) (*Weights, error) {
	head := c.takeHead(&f)
	w := &Weights{Model: f.model, Convention: f.convention, Head: head, Misshaped: f.misshaped, file: c.file, places: f.places, order: f.order}
	for _, name := range f.missing {
		w.Missing = append(w.Missing, c.asWritten(name))
	}
	for _, name := range c.names {
		if !f.used[name] {
			w.Unmatched = append(w.Unmatched, c.written[name])
		}
	}
	for path, p := range w.places {
		n := 1
		for _, d := range p.dims {
			n *= d
		}
		w.Parameters += n
		if models.IsStatistic(path) {
			w.Statistics += n
		}
	}
	return w, c.adoptConfig(w)
}

// takeHead finds the classifier among the tensors that the backbone left, and what it is: the layers of known names or,
// where these are missing, dense layers of any names that fit, such as those of a head that was replaced.
func (c *content) takeHead(f *fit) *models.Head {
	dense := c.denseLayers(f)
	find := func(stage string) *denseLayer {
		name, ok := f.naming.headLayer(stage)
		i := slices.IndexFunc(dense, func(d denseLayer) bool { return ok && d.name == name })
		if i < 0 {
			return nil
		}
		return &dense[i]
	}
	channels := f.channels()
	fc1, fc2, last := find("fc1"), find("fc2"), find(models.HeadStage)
	if last == nil {
		rest := slices.DeleteFunc(slices.Clone(dense), func(d denseLayer) bool { return fc1 != nil && d == *fc1 || fc2 != nil && d == *fc2 })
		switch {
		case len(rest) == 1:
			last = &rest[0]
		case len(rest) == 3 && fc1 == nil && fc2 == nil:
			fc1, fc2, last = &rest[0], &rest[1], &rest[2]
		}
	}
	switch {
	case last == nil:
		if fc1 != nil && fc2 != nil && fc2.in == fc1.out && fc2.out == fc1.out { // timm's VGG16 without classes keeps them
			for _, d := range []*denseLayer{fc1, fc2} {
				f.used[f.naming.style.join(d.name, "kernel")] = true
				f.used[f.naming.style.join(d.name, "bias")] = true
			}
		}
		return nil
	case fc1 == nil && fc2 == nil && last.in == channels:
		f.takeDense(c, models.HeadStage, *last, 1)
		return &models.Head{Kind: models.HeadPool, Classes: last.out}
	case fc1 == nil || fc2 == nil:
		return nil
	}
	side := int(math.Sqrt(float64(fc1.in / channels)))
	if fc1.in != side*side*channels || fc2.in != fc1.out || fc2.out != fc1.out || last.in != fc2.out {
		return nil
	}
	head := &models.Head{Kind: models.HeadFC, Units: fc1.out, Classes: last.out}
	for i, d := range []denseLayer{*fc1, *fc2} {
		stage := fmt.Sprintf("fc%d", i+1)
		f.takeDense(c, stage, d, []int{side, 1}[i])
		if _, ok := c.entries["/"+stage+"/bn/mean"]; ok && f.naming.style == ownStyle {
			head.Kind = models.HeadFCBN
			for _, leaf := range []string{"scale", "offset", "mean", "variance"} {
				path := "/" + stage + "/bn/" + leaf
				f.take(c, models.ParameterInfo{Path: path, Dims: []int{d.out}}, path, 1)
			}
		}
	}
	f.takeDense(c, models.HeadStage, *last, 1)
	return head
}

// channels are those of the backbone's features: its last tensor's.
func (f *fit) channels() int {
	for i := len(f.order) - 1; i >= 0; i-- {
		if p, ok := f.places[f.order[i]]; ok {
			return p.dims[len(p.dims)-1]
		}
	}
	return 0
}

// denseLayer is a layer of the file with a kernel and a bias that could be dense.
type denseLayer struct {
	name    string // of the layer
	in, out int
}

// denseLayers lists those that the backbone left, in the file's order.
func (c *content) denseLayers(f *fit) []denseLayer {
	style := f.naming.style
	var all []denseLayer
	for _, name := range c.names {
		layer, leaf := splitName(name, style.separator)
		bias, ok := c.entries[style.join(layer, "bias")]
		if f.used[name] || leaf != style.leaf["kernel"] || !ok || len(bias.Dims) != 1 {
			continue
		}
		d := denseLayer{name: layer}
		switch dims := c.entries[name].Dims; {
		case style.torch && (len(dims) == 2 || len(dims) == 4 && f.naming.convolutions):
			d.out, d.in = dims[0], product(dims[1:])
		case !style.torch && len(dims) == 2:
			d.in, d.out = dims[0], dims[1]
		default:
			continue
		}
		if d.in > 0 && d.out == bias.Dims[0] {
			all = append(all, d)
		}
	}
	return all
}

func (f *fit) takeDense(c *content, stage string, d denseLayer, side int) {
	f.take(c, models.ParameterInfo{Path: "/" + stage + "/kernel", Dims: []int{d.in, d.out}}, f.naming.style.join(d.name, "kernel"), side)
	f.take(c, models.ParameterInfo{Path: "/" + stage + "/bias", Dims: []int{d.out}}, f.naming.style.join(d.name, "bias"), 1)
}

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}
