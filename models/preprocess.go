package models

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Preprocess turns pixels into what a network was trained on: (x/255 − Mean) / Std, per channel, RGB.
type Preprocess struct {
	Mean, Std [3]float32 // of pixels scaled to [0, 1]
}

// TorchImageNet is the convention of torchvision's and timm's ImageNet weights.
var TorchImageNet = Preprocess{Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225}}

// Apply takes x [batch, height, width, 3] float32 in [0, 255], RGB, and returns the network's input.
func (p Preprocess) Apply(x *Node) *Node {
	g := x.Graph()
	var scale, shift [3]float32
	for c := range 3 {
		scale[c] = 1 / (255 * p.Std[c])
		shift[c] = -p.Mean[c] / p.Std[c]
	}
	perChannel := func(v [3]float32) *Node { return Reshape(Const(g, v[:]), 1, 1, 1, 3) }
	return Add(Mul(x, perChannel(scale)), perChannel(shift))
}
