package models

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/models/nn"
)

// densenet is a configuration of DenseNet-BC (Huang, Liu, van der Maaten & Weinberger 2017, "Densely Connected
// Convolutional Networks", arXiv:1608.06993): every layer of a dense block reads the concatenation of all features
// before it and adds `growth` new ones; transitions halve channels and resolution.
type densenet struct {
	name    string
	initial int    // channels of the first convolution
	growth  int    // new channels of each layer, k in the paper
	blocks  [4]int // layers of each dense block
	kernel  int    // of the first convolution, odd: 7 in the paper
}

// densenetConventions are torchvision's, on which timm's and Keras's were modelled, and that of keras-contrib, which
// the original study used.
var densenetConventions = []Convention{
	{Source: Torchvision, BN: nn.TorchBN, Preprocess: TorchMode, Pictures: centreCrop(224, 0.875, "bilinear")},
	{Source: Timm, BN: nn.TorchBN, Preprocess: TorchMode, Pictures: centreCrop(224, 0.875, "bicubic")},
	{Source: Keras, BN: nn.BN{Epsilon: 1.001e-5, Momentum: 0.99}, Preprocess: TorchMode, Pictures: square(224)},
	{Source: KerasContrib, BN: nn.BN{Epsilon: 1.1e-5, Momentum: 0.99}, SamePadding: true, Preprocess: KerasContribMode, Pictures: square(224)},
}

// The four of the paper's table 1 (161 is the authors' wide one), and a small one of the same shape for small pictures on laptops.
var (
	densenet121  = densenet{name: "densenet121", initial: 64, growth: 32, kernel: 7, blocks: [4]int{6, 12, 24, 16}}
	densenet161  = densenet{name: "densenet161", initial: 96, growth: 48, kernel: 7, blocks: [4]int{6, 12, 36, 24}}
	densenet169  = densenet{name: "densenet169", initial: 64, growth: 32, kernel: 7, blocks: [4]int{6, 12, 32, 32}}
	densenet201  = densenet{name: "densenet201", initial: 64, growth: 32, kernel: 7, blocks: [4]int{6, 12, 48, 32}}
	densenetMini = densenet{name: "densenet_mini", initial: 24, growth: 16, kernel: 3, blocks: [4]int{3, 4, 6, 4}}
)

const (
	bottleneck  = 4 // a layer's 1×1 convolution gives 4k channels
	compression = 2 // a transition divides the channels by 2

	// The stem halves the size twice, rounding up, and three transitions halve it, rounding down: 29 is the smallest
	// that leaves a pixel.
	minSize = 29
)

// backbone cuts the network into stem, block1, transition1, block2, transition2, block3, transition3, block4 and
// features (the last batch normalisation and ReLU).
func (d densenet) backbone(c Convention) Backbone {
	a := densenetAs{d, c}
	stages := []Stage{{"stem", a.stem}}
	for i, layers := range d.blocks {
		stages = append(stages, Stage{fmt.Sprintf("block%d", i+1), a.denseBlock(layers)})
		if i < len(d.blocks)-1 {
			stages = append(stages, Stage{fmt.Sprintf("transition%d", i+1), a.transition})
		}
	}
	stages = append(stages, Stage{"features", a.normReLU})
	return Backbone{Name: d.name, Stages: stages, MinSize: minSize}
}

// densenetAs builds a configuration under a convention.
type densenetAs struct {
	densenet
	convention Convention
}

// stem is Conv(7×7, stride 2)-BN-ReLU-MaxPool(3, stride 2): [batch, h, w, 3] → [batch, h/4, w/4, initial], rounded up.
func (d densenetAs) stem(b *nn.Builder, x *Node) *Node {
	padding := func(x *Node, window int) nn.Padding {
		if d.convention.SamePadding {
			return nn.SameAs(x, window, 2)
		}
		return nn.Same(window / 2)
	}
	x = nn.Conv2D(b.In("conv"), x, nn.Conv{Filters: d.initial, Kernel: d.kernel, Stride: 2, Padding: padding(x, d.kernel)})
	return nn.MaxPool2D(d.normReLU(b, x), 3, 2, padding(x, 3))
}

// denseBlock keeps the list of all features and concatenates it anew for each layer: XLA compiles that twice as fast
// as a chain of pairwise concatenations.
func (d densenetAs) denseBlock(layers int) func(b *nn.Builder, x *Node) *Node {
	return func(b *nn.Builder, x *Node) *Node {
		features := []*Node{b.Keep(x)}
		for i := range layers {
			layer := b.In(fmt.Sprintf("layer%02d", i+1))
			features = append(features, b.Keep(d.denseLayer(layer, concatenate(features))))
		}
		return b.Kept(concatenate(features))
	}
}

// denseLayer is BN-ReLU-Conv(1×1, 4k)-BN-ReLU-Conv(3×3, k): [batch, h, w, in] → [batch, h, w, k].
func (d densenetAs) denseLayer(b *nn.Builder, x *Node) *Node {
	x = nn.ReLU(nn.BatchNorm(b.In("bn1"), x, d.convention.BN))
	x = nn.Conv2D(b.In("conv1"), x, nn.Conv{Filters: bottleneck * d.growth, Kernel: 1})
	x = nn.ReLU(nn.BatchNorm(b.In("bn2"), x, d.convention.BN))
	return nn.Conv2D(b.In("conv2"), x, nn.Conv{Filters: d.growth, Kernel: 3, Padding: nn.Same(1)})
}

// transition is BN-ReLU-Conv(1×1)-AveragePool(2): [batch, h, w, c] → [batch, h/2, w/2, c/2].
func (d densenetAs) transition(b *nn.Builder, x *Node) *Node {
	x = d.normReLU(b, x)
	x = nn.Conv2D(b.In("conv"), x, nn.Conv{Filters: x.Shape().Dim(-1) / compression, Kernel: 1})
	return nn.AveragePool2D(x, 2, 2, nn.Padding{})
}

func (d densenetAs) normReLU(b *nn.Builder, x *Node) *Node {
	return nn.ReLU(nn.BatchNorm(b.In("bn"), x, d.convention.BN))
}

func concatenate(features []*Node) *Node {
	if len(features) == 1 {
		return features[0]
	}
	return Concatenate(features, -1)
}
