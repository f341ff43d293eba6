package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/models/nn"
)

// Stage is a named part of a network. Its name is a cut point and the first element of its parameters' paths. A
// backbone's stages take and give [batch, height, width, channels].
type Stage struct {
	Name  string
	Build func(b *nn.Builder, x *Node) *Node
}

// Backbone is a convolutional network without its classifier.
type Backbone struct {
	Name    string
	Stages  []Stage // in order, from the network's input up
	MinSize int     // smallest height and width it takes, pixels
	// Aliases are other names of cut points, such as those of Keras's layers, and the stage each begins.
	Aliases map[string]string
}

// Network is a backbone under a convention, and its head.
type Network struct {
	Backbone
	Convention Convention
	Head       Head
	stages     []Stage // the backbone's and the head's
}

// New returns the network of the given backbone name (see Names) with a head, under the model's default convention.
// The error of an unknown name lists the known ones.
func New(name string, head Head) (*Network, error) {
	conventions := Conventions(name)
	if conventions == nil {
		return nil, unknownModel(name)
	}
	return NewAs(name, conventions[0], head)
}

// NewAs is New under another convention, that of the weights to be loaded.
func NewAs(name string, convention Convention, head Head) (*Network, error) {
	family, ok := registry[name]
	if !ok {
		return nil, unknownModel(name)
	}
	if err := head.check(); err != nil {
		return nil, fmt.Errorf("model %s: %w", name, err)
	}
	n := &Network{Backbone: family.backbone(convention), Convention: convention, Head: head}
	n.stages = slices.Concat(n.Stages, head.stages(convention.Dense))
	return n, nil
}

func unknownModel(name string) error {
	return fmt.Errorf("unknown model %q; known: %s", name, strings.Join(Names(), ", "))
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

// family is how a backbone is made, and the conventions that its weights come in.
type family struct {
	backbone    func(Convention) Backbone
	conventions []Convention
}

// registry maps a name to its backbone.
var registry = map[string]family{
	"densenet_mini": {densenetMini.backbone, densenetConventions},
	"densenet121":   {densenet121.backbone, densenetConventions},
	"densenet161":   {densenet161.backbone, densenetConventions},
	"densenet169":   {densenet169.backbone, densenetConventions},
	"densenet201":   {densenet201.backbone, densenetConventions},

	"inception_resnet_v2": {inceptionResNetV2Backbone, inceptionResNetV2Conventions},

	"vgg16":    {vgg16Backbone, vgg16Conventions},
	"vgg16_bn": {vgg16BNBackbone, vgg16BNConventions},
}

// CutPoints lists the names that training can start from, in order: the backbone's stages, then the head's, which
// end with "head".
func (n *Network) CutPoints() []string {
	names := make([]string, len(n.stages))
	for i, s := range n.stages {
		names[i] = s.Name
	}
	return names
}

// FrozenStages lists the stages before a cut point. It panics if that is none.
func (n *Network) FrozenStages(cut string) []string { return n.CutPoints()[:n.index(cut)] }

// LogitsCut would freeze everything, which CheckCut refuses.
const LogitsCut = "logits"

// CheckCut returns an error if cut is neither a cut point nor another name of one, or if nothing would be trained.
func (n *Network) CheckCut(cut string) error {
	if cut == LogitsCut {
		return fmt.Errorf("cut point %q freezes everything: nothing would be trained; the last one that trains is %q", cut, HeadStage)
	}
	if !slices.Contains(n.CutPoints(), n.resolve(cut)) {
		return fmt.Errorf("unknown cut point %q of %s; known: %s", cut, n.Name, strings.Join(n.CutPoints(), ", "))
	}
	return nil
}

// resolve returns the stage that a cut point begins.
func (n *Network) resolve(cut string) string {
	if stage, ok := n.Aliases[cut]; ok {
		return stage
	}
	return cut
}

// CheckSize returns an error if pictures of size×size pixels are too small for the backbone.
func (n *Network) CheckSize(size int) error {
	if size < n.MinSize {
		return fmt.Errorf("%s needs pictures of at least %d pixels, got %d", n.Name, n.MinSize, size)
	}
	return nil
}

// Logits builds the whole network on pictures, [batch, height, width, 3], uint8 or float32 in [0, 255], RGB, and
// returns logits, [batch, classes] float32. What lies before the cut point is frozen. Graph-building: panics on an
// error.
func (n *Network) Logits(b *nn.Builder, pictures *Node, cut string) *Node {
	return n.Forward(b, n.Input(pictures), cut)
}

// Input preprocesses pictures, [batch, height, width, 3], uint8 or float32 in [0, 255], RGB, to the network's input,
// float32 of the same shape.
func (n *Network) Input(pictures *Node) *Node {
	return n.Convention.Preprocess.Apply(ConvertDType(pictures, dtypes.Float32))
}

// Forward is Logits for what Input returned.
func (n *Network) Forward(b *nn.Builder, input *Node, cut string) *Node {
	return n.Tail(b, n.Trunk(b, input, cut), cut)
}

// Trunk builds what lies before the cut point, frozen, on what Input returned, and returns its output: what Tail takes,
// [batch, height, width, channels], or [batch, units] above a head's hidden layers. Graph-building: panics on an error.
func (n *Network) Trunk(b *nn.Builder, input *Node, cut string) *Node {
	return run(b.Frozen(), input, n.stages[:n.index(cut)], ignore)
}

// Tail builds what lies behind the cut point on what Trunk returned, and returns logits, [batch, classes] float32.
// Graph-building: panics on an error.
func (n *Network) Tail(b *nn.Builder, x *Node, cut string) *Node {
	return run(b, x, n.stages[n.index(cut):], ignore)
}

// Features builds the backbone alone, frozen, on what Input returned, and returns the mean of its features over height
// and width, [batch, channels].
func (n *Network) Features(b *nn.Builder, input *Node) *Node {
	return nn.GlobalAveragePool(run(b.Frozen(), input, n.Stages, ignore))
}

// index is the number of the stage that a cut point begins.
func (n *Network) index(cut string) int {
	if err := n.CheckCut(cut); err != nil {
		panic(err)
	}
	return slices.Index(n.CutPoints(), n.resolve(cut))
}

// run builds stages one after the other and shows each one's output to visit.
func run(b *nn.Builder, x *Node, stages []Stage, visit func(stage string, output *Node)) *Node {
	for _, stage := range stages {
		x = b.Kept(stage.Build(b.In(stage.Name), b.Keep(x)))
		visit(stage.Name, x)
	}
	return x
}

func ignore(string, *Node) {}
