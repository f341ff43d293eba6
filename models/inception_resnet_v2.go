package models

import (
	"fmt"
	"strings"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/models/nn"
)

// inceptionResNetV2 builds Inception-ResNet-v2 (Szegedy, Ioffe, Vanhoucke & Alemi 2016, "Inception-v4, Inception-ResNet and
// the Impact of Residual Connections on Learning", arXiv:1602.07261): a block adds to its input what parallel branches
// of convolutions made of it, scaled down, which keeps training stable. It is the network of the published weights, on
// which Keras and timm agree: its stem and mixed_5b are Inception-v3's, simpler than those drawn in the paper.
//
// Paths of the parameters, where `unit` stands for those of Conv-BN-ReLU: `conv/kernel` and `bn/{scale,offset,mean,variance}`,
// without `scale` in Keras's convention. Branches count from 0, as in all published code, convolutions from 1, from the
// input up.
//
//	/stem/{conv_1a,conv_2a,conv_2b,conv_3b,conv_4a}/unit
//	/block35_1/branch0/conv1/unit, /block35_1/branch1/conv1/unit, /block35_1/branch1/conv2/unit, …
//	/block35_1/up/{kernel,bias}
//	/features/unit
//
// The other blocks, mixed_5b, mixed_6a and mixed_7a are named as block35_1 is; the mixed ones have no `up`.
type inceptionResNetV2 struct{ convention Convention }

var inceptionResNetV2Conventions = []Convention{
	{Source: Timm, BN: nn.BN{Epsilon: 1e-3, Momentum: 0.9, Unbiased: true}, Preprocess: TFMode, Pictures: centreCrop(299, 0.8975, "bicubic")},
	{Source: Keras, BN: nn.BN{Epsilon: 1e-3, Momentum: 0.99, NoScale: true}, Preprocess: TFMode, Pictures: square(299)},
}

// inceptionResNetV2Backbone cuts the network into stem, mixed_5b, block35_1 … block35_10, mixed_6a, block17_1 …
// block17_20, mixed_7a, block8_1 … block8_10 and features. The blocks are the paper's Inception-ResNet-A, B and C, named
// by the height of their features at 299×299; mixed_6a and mixed_7a are its Reduction-A and B.
func inceptionResNetV2Backbone(c Convention) Backbone {
	n := inceptionResNetV2{c}
	stages := []Stage{{"stem", n.stem}, {"mixed_5b", n.mixed5b}}
	repeat := func(times int, name string, block func(b *nn.Builder, x *Node) *Node) {
		for i := range times {
			stages = append(stages, Stage{fmt.Sprintf("%s_%d", name, i+1), block})
		}
	}
	repeat(10, "block35", n.block35)
	stages = append(stages, Stage{"mixed_6a", n.mixed6a})
	repeat(20, "block17", n.block17)
	stages = append(stages, Stage{"mixed_7a", n.mixed7a})
	repeat(9, "block8", n.block8)
	stages = append(stages, Stage{"block8_10", n.lastBlock8}, Stage{"features", n.features})

	// Keras's block8_1_ac is the ReLU that ends block8_1: what follows it begins with block8_2. The last block has none.
	aliases := map[string]string{"conv_7b": "features"}
	for i, stage := range stages {
		if strings.HasPrefix(stage.Name, "block") && stage.Name != "block8_10" {
			aliases[stage.Name+"_ac"] = stages[i+1].Name
		}
	}
	return Backbone{Name: "inception_resnet_v2", Stages: stages, MinSize: 75, Aliases: aliases}
}

// stem is [batch, h, w, 3] → [batch, h/8, w/8, 192], less the borders of its unpadded windows: 299 → 35.
func (n inceptionResNetV2) stem(b *nn.Builder, x *Node) *Node {
	x = n.unit(b.In("conv_1a"), x, valid(32, 3, 2))
	x = n.unit(b.In("conv_2a"), x, valid(32, 3, 1))
	x = n.unit(b.In("conv_2b"), x, same(64, 3, 3))
	x = halve(x)
	x = n.unit(b.In("conv_3b"), x, same(80, 1, 1))
	x = n.unit(b.In("conv_4a"), x, valid(192, 3, 1))
	return halve(x)
}

// mixed5b is [batch, h, w, 192] → [batch, h, w, 320].
func (n inceptionResNetV2) mixed5b(b *nn.Builder, x *Node) *Node {
	branches := n.branches(b, x,
		branch{same(96, 1, 1)},
		branch{same(48, 1, 1), same(64, 5, 5)},
		branch{same(64, 1, 1), same(96, 3, 3), same(96, 3, 3)},
	)
	average := nn.AveragePool2D(x, 3, 1, nn.Same(1))
	return concatenate(append(branches, n.unit(b.In("branch3").In("conv1"), average, same(64, 1, 1))))
}

// block35 is Inception-ResNet-A, [batch, h, w, 320] → the same.
func (n inceptionResNetV2) block35(b *nn.Builder, x *Node) *Node {
	return nn.ReLU(n.residual(b, x, 0.17,
		branch{same(32, 1, 1)},
		branch{same(32, 1, 1), same(32, 3, 3)},
		branch{same(32, 1, 1), same(48, 3, 3), same(64, 3, 3)},
	))
}

// mixed6a is Reduction-A, [batch, h, w, 320] → [batch, (h−1)/2, (w−1)/2, 1088].
func (n inceptionResNetV2) mixed6a(b *nn.Builder, x *Node) *Node {
	branches := n.branches(b, x,
		branch{valid(384, 3, 2)},
		branch{same(256, 1, 1), same(256, 3, 3), valid(384, 3, 2)},
	)
	return concatenate(append(branches, halve(x)))
}

// block17 is Inception-ResNet-B, [batch, h, w, 1088] → the same.
func (n inceptionResNetV2) block17(b *nn.Builder, x *Node) *Node {
	return nn.ReLU(n.residual(b, x, 0.1,
		branch{same(192, 1, 1)},
		branch{same(128, 1, 1), same(160, 1, 7), same(192, 7, 1)},
	))
}

// mixed7a is Reduction-B, [batch, h, w, 1088] → [batch, (h−1)/2, (w−1)/2, 2080].
func (n inceptionResNetV2) mixed7a(b *nn.Builder, x *Node) *Node {
	branches := n.branches(b, x,
		branch{same(256, 1, 1), valid(384, 3, 2)},
		branch{same(256, 1, 1), valid(288, 3, 2)},
		branch{same(256, 1, 1), same(288, 3, 3), valid(320, 3, 2)},
	)
	return concatenate(append(branches, halve(x)))
}

// block8 is Inception-ResNet-C, [batch, h, w, 2080] → the same.
func (n inceptionResNetV2) block8(b *nn.Builder, x *Node) *Node {
	return nn.ReLU(n.residual8(b, x, 0.2))
}

// lastBlock8 is neither scaled down nor rectified.
func (n inceptionResNetV2) lastBlock8(b *nn.Builder, x *Node) *Node { return n.residual8(b, x, 1) }

func (n inceptionResNetV2) residual8(b *nn.Builder, x *Node, scale float64) *Node {
	return n.residual(b, x, scale,
		branch{same(192, 1, 1)},
		branch{same(192, 1, 1), same(224, 1, 3), same(256, 3, 1)},
	)
}

// features is [batch, h, w, 2080] → [batch, h, w, 1536].
func (n inceptionResNetV2) features(b *nn.Builder, x *Node) *Node {
	return n.unit(b, x, same(1536, 1, 1))
}

// branch is a chain of convolutions.
type branch []nn.Conv

// residual is x + scale·up(branches), where up is a 1×1 convolution to the channels of x.
func (n inceptionResNetV2) residual(b *nn.Builder, x *Node, scale float64, branches ...branch) *Node {
	up := same(x.Shape().Dim(-1), 1, 1)
	up.Bias = true
	found := nn.Conv2D(b.In("up"), concatenate(n.branches(b, x, branches...)), up)
	return Add(x, MulScalar(found, scale))
}

// branches gives each branch's result.
func (n inceptionResNetV2) branches(b *nn.Builder, x *Node, branches ...branch) []*Node {
	results := make([]*Node, len(branches))
	for i, convolutions := range branches {
		at, y := b.In(fmt.Sprintf("branch%d", i)), x
		for j, c := range convolutions {
			y = n.unit(at.In(fmt.Sprintf("conv%d", j+1)), y, c)
		}
		results[i] = y
	}
	return results
}

// unit is Conv-BN-ReLU.
func (n inceptionResNetV2) unit(b *nn.Builder, x *Node, c nn.Conv) *Node {
	return nn.ReLU(nn.BatchNorm(b.In("bn"), nn.Conv2D(b.In("conv"), x, c), n.convention.BN))
}

// same is a convolution, of an odd height and width, that keeps the size.
func same(filters, height, width int) nn.Conv {
	return nn.Conv{Filters: filters, Kernel: height, Width: width,
		Padding: nn.Padding{Top: height / 2, Bottom: height / 2, Left: width / 2, Right: width / 2}}
}

// valid is a square convolution without padding.
func valid(filters, kernel, stride int) nn.Conv {
	return nn.Conv{Filters: filters, Kernel: kernel, Stride: stride}
}

// halve is a 3×3 max pool of stride 2 without padding: [batch, h, w, c] → [batch, (h−1)/2, (w−1)/2, c].
func halve(x *Node) *Node { return nn.MaxPool2D(x, 3, 2, nn.Padding{}) }
