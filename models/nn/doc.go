// Package nn holds the layers that the backbones are built from: convolution, batch normalisation, pooling, dense and
// dropout, with the paddings, modes and freezing that GoMLX's own layers lack.
//
// Layers are graph-building functions: they take a Builder and nodes, return nodes, and panic on a wrong shape as
// GoMLX's do. A Builder carries what all layers share: where parameters live, whether the part being built is
// trainable, and whether the graph is for training.
//
//	b := nn.NewBuilder(store, nn.Options{Seed: 1, Training: true})
//	x = nn.Conv2D(b.In("conv"), x, nn.Conv{Filters: 64, Kernel: 7, Stride: 2, Padding: nn.Same(3)})
//	x = nn.BatchNorm(b.In("bn"), x, nn.TorchBN)
//	x = nn.ReLU(x)
//
// Pictures are [batch, height, width, channels] float32. Parameters are float32, created on the host: XLA takes
// seconds to compile the initialisation of a deep network, the host milliseconds to do it.
package nn
