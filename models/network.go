package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/models/nn"
)

// HeadStage is the cut point that leaves the whole backbone frozen.
const HeadStage = "head"

// LogitsStage names the network's output. As a cut point it would freeze everything, which CheckCut refuses.
const LogitsStage = "logits"

// Stage is a named part of a backbone: [batch, height, width, channels] in and out. Its name is a cut point and the
// first element of its parameters' paths.
type Stage struct {
	Name  string
	Build func(b *nn.Builder, x *Node) *Node
}

// Backbone is a convolutional network without its classifier.
type Backbone struct {
	Name       string
	Stages     []Stage // in order, from the pixels up
	MinSize    int     // smallest height and width it takes, pixels
	Preprocess Preprocess
}

// Head is the classifier on top: global average pooling → dropout → dense, as in the study.
type Head struct {
	Classes int
	Dropout float64 // share of features set to zero while training, in [0, 1); the study used 0.8
}

// Network is a backbone and its head.
type Network struct {
	Backbone
	Head Head
}

// New returns the network of the given backbone name (see Names) with a head.
// The error of an unknown name lists the known ones.
func New(name string, head Head) (*Network, error) {
	backbone, ok := registry[name]
	if !ok {
		return nil, fmt.Errorf("unknown model %q; known: %s", name, strings.Join(Names(), ", "))
	}
	if head.Classes < 2 {
		return nil, fmt.Errorf("model %s: a classifier needs at least 2 classes, got %d", name, head.Classes)
	}
	if !(head.Dropout >= 0 && head.Dropout < 1) {
		return nil, fmt.Errorf("model %s: dropout %g is outside [0, 1)", name, head.Dropout)
	}
	return &Network{Backbone: backbone(), Head: head}, nil
}

// Names lists the backbones in alphabetical order.
func Names() []string {
	names := make([]string, 0, len(registry))
	for name := range registry {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// registry maps a name to its backbone. Each family's file adds its own in densenet.go and the like.
var registry = map[string]func() Backbone{
	"densenet_mini": densenetMini.backbone,
	"densenet121":   densenet121.backbone,
	"densenet161":   densenet161.backbone,
	"densenet169":   densenet169.backbone,
	"densenet201":   densenet201.backbone,
}

// CutPoints lists the names that training can start from, in order: the stages, then "head".
func (n *Network) CutPoints() []string {
	names := make([]string, 0, len(n.Stages)+1)
	for _, s := range n.Stages {
		names = append(names, s.Name)
	}
	return append(names, HeadStage)
}

// CheckCut returns an error if cut is not a cut point, or if nothing would be trained.
func (n *Network) CheckCut(cut string) error {
	if cut == LogitsStage {
		return fmt.Errorf("cut point %q freezes everything: nothing would be trained; the last one that trains is %q", cut, HeadStage)
	}
	if !slices.Contains(n.CutPoints(), cut) {
		return fmt.Errorf("unknown cut point %q of %s; known: %s", cut, n.Name, strings.Join(n.CutPoints(), ", "))
	}
	return nil
}

// CheckSize returns an error if pictures of size×size pixels are too small for the backbone.
func (n *Network) CheckSize(size int) error {
	if size < n.MinSize {
		return fmt.Errorf("%s needs pictures of at least %d pixels, got %d", n.Name, n.MinSize, size)
	}
	return nil
}

// Logits builds the whole network on pictures, [batch, height, width, 3], uint8 or float32 in [0, 255], and returns
// logits, [batch, classes] float32. What lies before the cut point is frozen. Graph-building: panics on an error.
func (n *Network) Logits(b *nn.Builder, pictures *Node, cut string) *Node {
	return n.build(b, pictures, cut, func(string, *Node) {})
}

// build is Logits that also shows each stage's output to visit, in order, ending with LogitsStage.
func (n *Network) build(b *nn.Builder, pictures *Node, cut string, visit func(stage string, output *Node)) *Node {
	if err := n.CheckCut(cut); err != nil {
		panic(err)
	}
	x := n.Preprocess.Apply(ConvertDType(pictures, dtypes.Float32))
	at := b.Frozen()
	for _, stage := range n.Stages {
		if stage.Name == cut {
			at = b
		}
		x = stage.Build(at.In(stage.Name), x)
		visit(stage.Name, x)
	}
	head := b.In(HeadStage)
	features := nn.Dropout(head, nn.GlobalAveragePool(x), n.Head.Dropout)
	logits := nn.Dense(head, features, n.Head.Classes)
	visit(LogitsStage, logits)
	return logits
}
