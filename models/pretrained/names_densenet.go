package pretrained

import "github.com/longwing-ml/longwing/models"

// The names of torchvision 0.29.2 and timm 1.0.31, which are the same; of Keras 3.15.1; of keras-contrib's
// keras_contrib/applications/densenet.py at commit 7aa43dd; and of the files that it fetches
// (github.com/titu1994/DenseNet, release v3.0), which are older and name the first convolution only.
var densenetNamings = []naming{
	{source: models.Torchvision, style: torchStyle, rules: densenetTorch},
	{source: models.Timm, style: torchStyle, rules: densenetTorch},
	{source: models.Keras, style: kerasStyle, rules: densenetKeras},
	{source: models.Keras, style: kerasStyle, number: inOrder, classes: true},
	{source: models.KerasContrib, style: kerasStyle, rules: densenetContrib},
	{source: models.KerasContrib, style: kerasStyle, rules: densenetContrib[:1], number: inOrder},
	{source: models.KerasContrib, style: kerasStyle, number: inOrder},
}

var (
	densenetTorch = []rule{
		{"/stem/conv", "features.conv0"},
		{"/stem/bn", "features.norm0"},
		{"/block#/layer#/bn#", "features.denseblock#.denselayer#.norm#"},
		{"/block#/layer#/conv#", "features.denseblock#.denselayer#.conv#"},
		{"/transition#/bn", "features.transition#.norm"},
		{"/transition#/conv", "features.transition#.conv"},
		{"/features/bn", "features.norm5"},
		{"/head", "classifier"},
	}
	densenetKeras = []rule{
		{"/stem/conv", "conv1_conv"},
		{"/stem/bn", "conv1_bn"},
		{"/block1/layer#/bn1", "conv2_block#_0_bn"},
		{"/block1/layer#/bn2", "conv2_block#_1_bn"},
		{"/block1/layer#/conv#", "conv2_block#_#_conv"},
		{"/block2/layer#/bn1", "conv3_block#_0_bn"},
		{"/block2/layer#/bn2", "conv3_block#_1_bn"},
		{"/block2/layer#/conv#", "conv3_block#_#_conv"},
		{"/block3/layer#/bn1", "conv4_block#_0_bn"},
		{"/block3/layer#/bn2", "conv4_block#_1_bn"},
		{"/block3/layer#/conv#", "conv4_block#_#_conv"},
		{"/block4/layer#/bn1", "conv5_block#_0_bn"},
		{"/block4/layer#/bn2", "conv5_block#_1_bn"},
		{"/block4/layer#/conv#", "conv5_block#_#_conv"},
		{"/transition1/bn", "pool2_bn"},
		{"/transition1/conv", "pool2_conv"},
		{"/transition2/bn", "pool3_bn"},
		{"/transition2/conv", "pool3_conv"},
		{"/transition3/bn", "pool4_bn"},
		{"/transition3/conv", "pool4_conv"},
		{"/features/bn", "bn"},
		{"/head", "predictions"},
	}
	densenetContrib = []rule{
		{"/stem/conv", "initial_conv2D"},
		{"/stem/bn", "initial_bn"},
		{"/block#/layer#/bn1", "dense_~_~_bn"},
		{"/block#/layer#/conv1", "dense_~_~_bottleneck_conv2D"},
		{"/block#/layer#/bn2", "dense_~_~_bottleneck_bn"},
		{"/block#/layer#/conv2", "dense_~_~_conv2D"},
		{"/transition#/bn", "tr_~_bn"},
		{"/transition#/conv", "tr_~_conv2D"},
		{"/features/bn", "final_bn"},
	}
)

// inOrder numbers layers as the network has them, which is also the order in which Keras made them.
func inOrder(layers []string) []string { return layers }
