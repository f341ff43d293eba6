package models

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/models/nn"
)

// vgg16 is configuration D of Simonyan & Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image
// Recognition", arXiv:1409.1556: five blocks of 3×3 convolutions, each ending with a pooling that halves the picture.
// The paper's classifier is Head{Kind: HeadFC, Units: 4096, Dropout: 0.5}.
//
// Paths of the parameters: /block1/conv1/{kernel,bias}, and with batch normalisation /block1/bn1/{scale,offset,mean,variance}.
type vgg16 struct {
	name       string
	batchNorm  bool // after each convolution; the paper has none
	convention Convention
}

// vggBlocks are each block's convolutions and their filters.
var vggBlocks = []struct{ convolutions, filters int }{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}}

var vgg16Conventions = []Convention{
	{Source: Torchvision, Dense: DenseAdaptive, Preprocess: TorchMode, Pictures: centreCrop(224, 0.875, "bilinear")},
	{Source: Timm, Dense: DenseConvolution, Preprocess: TorchMode, Pictures: centreCrop(224, 0.875, "bilinear")},
	{Source: Keras, Dense: DenseFlatten, Preprocess: CaffeMode, Pictures: square(224)},
}

var vgg16BNConventions = []Convention{
	{Source: Torchvision, BN: nn.TorchBN, Dense: DenseAdaptive, Preprocess: TorchMode, Pictures: centreCrop(224, 0.875, "bilinear")},
	{Source: Timm, BN: nn.TorchBN, Dense: DenseConvolution, Preprocess: TorchMode, Pictures: centreCrop(224, 0.875, "bilinear")},
}

func vgg16Backbone(c Convention) Backbone { return vgg16{"vgg16", false, c}.backbone() }

func vgg16BNBackbone(c Convention) Backbone { return vgg16{"vgg16_bn", true, c}.backbone() }

// backbone cuts the network into block1 … block5. Keras's names of the layers that begin and end a block are aliases.
func (v vgg16) backbone() Backbone {
	var stages []Stage
	aliases := make(map[string]string)
	for i, block := range vggBlocks {
		name := fmt.Sprintf("block%d", i+1)
		stages = append(stages, Stage{name, v.block(block.convolutions, block.filters)})
		aliases[name+"_conv1"] = name
		if i > 0 {
			aliases[fmt.Sprintf("block%d_pool", i)] = name
		}
	}
	return Backbone{Name: v.name, Stages: stages, MinSize: 32, Aliases: aliases}
}

// block is [batch, h, w, in] → [batch, h/2, w/2, filters].
func (v vgg16) block(convolutions, filters int) func(b *nn.Builder, x *Node) *Node {
	return func(b *nn.Builder, x *Node) *Node {
		for i := range convolutions {
			x = nn.Conv2D(b.In(fmt.Sprintf("conv%d", i+1)), x, nn.Conv{Filters: filters, Kernel: 3, Padding: nn.Same(1), Bias: true})
			if v.batchNorm {
				x = nn.BatchNorm(b.In(fmt.Sprintf("bn%d", i+1)), x, v.convention.BN)
			}
			x = nn.ReLU(x)
		}
		return nn.MaxPool2D(x, 2, 2, nn.Padding{})
	}
}
