package models

import (
	. "github.com/gomlx/gomlx/core/graph"
)

// Preprocess turns pixels into what a network was trained on: (Scale·x − Mean) / Std per channel, in a channel order.
type Preprocess struct {
	Mode  string     `json:"mode"`          // the usual name: "torch", "tf", "caffe" or "keras-contrib"
	Order string     `json:"channel_order"` // "RGB" or "BGR"
	Scale float64    `json:"scale"`         // of pixels in [0, 255]: 1/255 or 1
	Mean  [3]float64 `json:"mean"`          // of the scaled pixels, in Order
	Std   [3]float64 `json:"std"`
}

// The four in use. TorchMode is torchvision's, timm's and Keras's for DenseNet; TFMode gives [−1, 1]; CaffeMode is
// VGG's in Keras; KerasContribMode is keras-contrib's DenseNet, where 0.017 stands for 1/std.
var (
	TorchMode = Preprocess{Mode: "torch", Order: "RGB", Scale: 1.0 / 255,
		Mean: [3]float64{0.485, 0.456, 0.406}, Std: [3]float64{0.229, 0.224, 0.225}}
	TFMode = Preprocess{Mode: "tf", Order: "RGB", Scale: 1.0 / 255,
		Mean: [3]float64{0.5, 0.5, 0.5}, Std: [3]float64{0.5, 0.5, 0.5}}
	CaffeMode = Preprocess{Mode: "caffe", Order: "BGR", Scale: 1,
		Mean: [3]float64{103.939, 116.779, 123.68}, Std: [3]float64{1, 1, 1}}
	KerasContribMode = Preprocess{Mode: "keras-contrib", Order: "BGR", Scale: 1,
		Mean: [3]float64{103.939, 116.779, 123.68}, Std: [3]float64{1 / 0.017, 1 / 0.017, 1 / 0.017}}
)

// Apply takes x [batch, height, width, 3] float32 in [0, 255], RGB, and returns the network's input.
func (p Preprocess) Apply(x *Node) *Node {
	g := x.Graph()
	if p.Order == "BGR" {
		x = Concatenate([]*Node{Slice(x, AxisRange().Spacer(), AxisRange(2, 3)), Slice(x, AxisRange().Spacer(), AxisRange(1, 2)),
			Slice(x, AxisRange().Spacer(), AxisRange(0, 1))}, -1)
	}
	var mean, std [3]float32 // of pixels in [0, 255], so that 0 and 255 come out exactly
	for c := range 3 {
		mean[c], std[c] = float32(p.Mean[c]/p.Scale), float32(p.Std[c]/p.Scale)
	}
	perChannel := func(v [3]float32) *Node { return Reshape(Const(g, v[:]), 1, 1, 1, 3) }
	return Div(Sub(x, perChannel(mean)), perChannel(std))
}
