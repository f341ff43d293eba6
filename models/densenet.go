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
	name   string
	stem   int    // channels of the first convolution
	growth int    // new channels of each layer, k in the paper
	blocks [4]int // layers of each dense block
	kernel int    // of the first convolution, odd: 7 in the paper
}

// The four of the paper's table 1 (161 is the authors' wide one), and a small one of the same shape for small pictures on laptops.
var (
	densenet121  = densenet{name: "densenet121", stem: 64, growth: 32, kernel: 7, blocks: [4]int{6, 12, 24, 16}}
	densenet161  = densenet{name: "densenet161", stem: 96, growth: 48, kernel: 7, blocks: [4]int{6, 12, 36, 24}}
	densenet169  = densenet{name: "densenet169", stem: 64, growth: 32, kernel: 7, blocks: [4]int{6, 12, 32, 32}}
	densenet201  = densenet{name: "densenet201", stem: 64, growth: 32, kernel: 7, blocks: [4]int{6, 12, 48, 32}}
	densenetMini = densenet{name: "densenet_mini", stem: 24, growth: 16, kernel: 3, blocks: [4]int{3, 4, 6, 4}}
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
func (d densenet) backbone() Backbone {
	stages := []Stage{{"stem", d.buildStem}}
	for i, layers := range d.blocks {
		stages = append(stages, Stage{fmt.Sprintf("block%d", i+1), d.denseBlock(layers)})
		if i < len(d.blocks)-1 {
			stages = append(stages, Stage{fmt.Sprintf("transition%d", i+1), d.transition})
		}
	}
	stages = append(stages, Stage{"features", normReLU})
	return Backbone{Name: d.name, Stages: stages, MinSize: minSize, Preprocess: TorchImageNet}
}

func (d densenet) buildStem(b *nn.Builder, x *Node) *Node {
	x = nn.Conv2D(b.In("conv"), x, nn.Conv{Filters: d.stem, Kernel: d.kernel, Stride: 2, Padding: nn.Same(d.kernel / 2)})
	return nn.MaxPool2D(normReLU(b, x), 3, 2, nn.Same(1))
}

// denseBlock keeps the list of all features and concatenates it anew for each layer: XLA compiles that twice as fast
// as a chain of pairwise concatenations.
func (d densenet) denseBlock(layers int) func(b *nn.Builder, x *Node) *Node {
	return func(b *nn.Builder, x *Node) *Node {
		features := []*Node{x}
		for i := range layers {
			layer := b.In(fmt.Sprintf("layer%02d", i+1))
			features = append(features, d.denseLayer(layer, concatenate(features)))
		}
		return concatenate(features)
	}
}

// denseLayer is BN-ReLU-Conv(1×1, 4k)-BN-ReLU-Conv(3×3, k): [batch, h, w, in] → [batch, h, w, k].
func (d densenet) denseLayer(b *nn.Builder, x *Node) *Node {
	x = nn.ReLU(nn.BatchNorm(b.In("bn1"), x, nn.TorchBN))
	x = nn.Conv2D(b.In("conv1"), x, nn.Conv{Filters: bottleneck * d.growth, Kernel: 1})
	x = nn.ReLU(nn.BatchNorm(b.In("bn2"), x, nn.TorchBN))
	return nn.Conv2D(b.In("conv2"), x, nn.Conv{Filters: d.growth, Kernel: 3, Padding: nn.Same(1)})
}

// transition is BN-ReLU-Conv(1×1)-AveragePool(2): [batch, h, w, c] → [batch, h/2, w/2, c/2].
func (d densenet) transition(b *nn.Builder, x *Node) *Node {
	x = normReLU(b, x)
	x = nn.Conv2D(b.In("conv"), x, nn.Conv{Filters: x.Shape().Dim(-1) / compression, Kernel: 1})
	return nn.AveragePool2D(x, 2, 2)
}

func normReLU(b *nn.Builder, x *Node) *Node {
	return nn.ReLU(nn.BatchNorm(b.In("bn"), x, nn.TorchBN))
}

func concatenate(features []*Node) *Node {
	if len(features) == 1 {
		return features[0]
	}
	return Concatenate(features, -1)
}
