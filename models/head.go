package models

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/models/nn"
)

// HeadKind is the form of a classifier.
type HeadKind string

const (
	// HeadPool is global average pooling → dropout → dense, the study's head for DenseNet and Inception-ResNet-v2.
	HeadPool HeadKind = "pool"
	// HeadFC is VGG's own: dense → ReLU → dropout, twice, → dense. Units is 4096 in the paper.
	HeadFC HeadKind = "fc"
	// HeadFCBN is the study's for VGG16: dense → batch normalisation → ReLU, twice, → dropout → dense. Units is 1024 or
	// 512 in the study, Dropout zero.
	HeadFCBN HeadKind = "fc-bn"
)

// Head is the classifier on top of a backbone. The two with hidden layers have the cut points "fc1" and "fc2" before
// "head". The first of these layers is made for one size of pictures, except where a convention's DenseRule lets HeadFC
// take others.
type Head struct {
	Kind    HeadKind `json:"kind"`            // HeadPool if empty
	Units   int      `json:"units,omitempty"` // of the hidden layers
	Classes int      `json:"classes"`
	Dropout float64  `json:"dropout"` // share of features set to zero while training, in [0, 1); the study used 0.8
}

// HeadStage is the cut point that leaves the whole backbone, and a head's hidden layers, frozen.
const HeadStage = "head"

func (h Head) check() error {
	if h.Classes < 2 {
		return fmt.Errorf("a classifier needs at least 2 classes, got %d", h.Classes)
	}
	if !(h.Dropout >= 0 && h.Dropout < 1) {
		return fmt.Errorf("dropout %g is outside [0, 1)", h.Dropout)
	}
	switch h.Kind {
	case "", HeadPool:
		if h.Units != 0 {
			return fmt.Errorf("head %q has no hidden layers, got %d units", HeadPool, h.Units)
		}
	case HeadFC, HeadFCBN:
		if h.Units < 1 {
			return fmt.Errorf("head %q needs the units of its hidden layers (4096 in VGG16), got %d", h.Kind, h.Units)
		}
	default:
		return fmt.Errorf("unknown head %q; known: %s, %s, %s", h.Kind, HeadPool, HeadFC, HeadFCBN)
	}
	return nil
}

// stages are the head's parts: the first takes the backbone's features [batch, height, width, channels], the last gives
// logits [batch, classes].
func (h Head) stages(rule DenseRule) []Stage {
	dense := Stage{HeadStage, func(b *nn.Builder, x *Node) *Node { return nn.Dense(b.Float32(), x, h.Classes) }}
	switch h.Kind {
	case HeadFC:
		return []Stage{
			{"fc1", func(b *nn.Builder, x *Node) *Node {
				return nn.Dropout(b, nn.ReLU(firstDense(b, x, h.Units, rule)), h.Dropout, 0)
			}},
			{"fc2", func(b *nn.Builder, x *Node) *Node {
				return nn.Dropout(b, meanOfPlaces(nn.ReLU(nn.Dense(b, x, h.Units))), h.Dropout, 1)
			}},
			dense,
		}
	case HeadFCBN:
		return []Stage{
			{"fc1", func(b *nn.Builder, x *Node) *Node { return h.normalised(b, flatten(x)) }},
			{"fc2", func(b *nn.Builder, x *Node) *Node { return nn.Dropout(b, h.normalised(b, x), h.Dropout, 0) }},
			dense,
		}
	}
	return []Stage{{HeadStage, func(b *nn.Builder, x *Node) *Node {
		return nn.Dense(b.Float32(), nn.Dropout(b, nn.GlobalAveragePool(x), h.Dropout, 0), h.Classes)
	}}}
}

func (h Head) normalised(b *nn.Builder, x *Node) *Node {
	return nn.ReLU(nn.BatchNorm(b.In("bn"), nn.Dense(b, x, h.Units), nn.KerasBN))
}

const grid = 7 // height and width of the features that VGG's dense layers were made for

// firstDense is the dense layer on a backbone's features, [batch, height, width, channels]. Its kernel is
// [height·width·channels, units]; what happens to features that are not 7×7 is the rule's. The result is
// [batch, units], or [batch, height−6, width−6, units] under DenseConvolution if they are larger than 7×7.
func firstDense(b *nn.Builder, x *Node, units int, rule DenseRule) *Node {
	height, width, channels := x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	switch rule {
	case DenseAdaptive:
		x = nn.AdaptiveAveragePool2D(x, grid, grid)
	case DenseConvolution:
		x = nn.AdaptiveAveragePool2D(x, max(height, grid), max(width, grid))
		if max(height, width) > grid {
			x = b.Low(x)
			kernel := b.Low(b.Param(x.Graph(), "kernel", nn.GlorotUniform, grid*grid*channels, units))
			bias := b.Low(b.Param(x.Graph(), "bias", nn.Constant(0), units))
			x = Convolve(x, Reshape(kernel, grid, grid, channels, units)).NoPadding().Done()
			return Add(x, Reshape(bias, 1, 1, 1, units))
		}
	}
	return nn.Dense(b, flatten(x), units)
}

// meanOfPlaces averages [batch, height, width, units] over height and width, and leaves [batch, units] as it is.
func meanOfPlaces(x *Node) *Node {
	if x.Rank() == 2 {
		return x
	}
	return nn.GlobalAveragePool(x)
}

// flatten is [batch, height, width, channels] → [batch, height·width·channels], in that order.
func flatten(x *Node) *Node { return Reshape(x, x.Shape().Dim(0), -1) }
