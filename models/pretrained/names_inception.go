package pretrained

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/longwing-ml/longwing/models"
)

// The names of timm 1.0.31 and of Keras 3.15.1, which names few layers and numbers the others in the order in which it
// made them.
var inceptionNamings = []naming{
	{source: models.Timm, style: torchStyle, rules: inceptionTimm},
	{source: models.Keras, style: kerasStyle, rules: inceptionKeras, number: inOrder},
	{source: models.Keras, style: kerasStyle, number: byDepth, classes: true},
}

var (
	// A branch of one convolution is not counted; the pooling of mixed_5b's last branch is.
	inceptionTimm = append(units([]rule{
		{"/stem/conv_#a", "conv2d_#a"},
		{"/stem/conv_#b", "conv2d_#b"},
		{"/mixed_5b/branch0/conv1", "mixed_5b.branch0"},
		{"/mixed_5b/branch3/conv1", "mixed_5b.branch3.1"},
		{"/mixed_5b/branch#/conv#", "mixed_5b.branch#.~"},
		{"/block35_#/branch0/conv1", "repeat.~.branch0"},
		{"/block35_#/branch#/conv#", "repeat.~.branch#.~"},
		{"/mixed_6a/branch0/conv1", "mixed_6a.branch0"},
		{"/mixed_6a/branch#/conv#", "mixed_6a.branch#.~"},
		{"/block17_#/branch0/conv1", "repeat_1.~.branch0"},
		{"/block17_#/branch#/conv#", "repeat_1.~.branch#.~"},
		{"/mixed_7a/branch#/conv#", "mixed_7a.branch#.~"},
		{"/block8_10/branch0/conv1", "block8.branch0"},
		{"/block8_10/branch#/conv#", "block8.branch#.~"},
		{"/block8_#/branch0/conv1", "repeat_2.~.branch0"},
		{"/block8_#/branch#/conv#", "repeat_2.~.branch#.~"},
		{"/features", "conv2d_7b"},
	}),
		rule{"/block35_#/up", "repeat.~.conv2d"},
		rule{"/block17_#/up", "repeat_1.~.conv2d"},
		rule{"/block8_10/up", "block8.conv2d"},
		rule{"/block8_#/up", "repeat_2.~.conv2d"},
		rule{"/head", "classif"},
	)
	inceptionKeras = []rule{
		{"/block#_#/up", "block#_#_conv"},
		{"/features/conv", "conv_7b"},
		{"/features/bn", "conv_7b_bn"},
		{"/head", "predictions"},
	}
)

// byDepth is the order of Keras's model.layers: within a stage, what is further from its end comes first, whichever
// branch it is in.
func byDepth(layers []string) []string {
	type branch struct{ stage, name string }
	longest := make(map[branch]int)
	place := func(layer string) (b branch, number int) { // of /block35_1/branch2/conv3/bn: 3; 0 outside of branches
		parts := strings.Split(layer, "/")
		if len(parts) == 5 {
			number, _ = strconv.Atoi(strings.TrimPrefix(parts[3], "conv"))
			b = branch{parts[1], parts[2]}
		}
		return b, number
	}
	stage := make(map[string]int)
	for i, layer := range layers {
		b, number := place(layer)
		longest[b] = max(longest[b], number)
		if _, known := stage[stageOf(layer)]; !known {
			stage[stageOf(layer)] = i
		}
	}
	toEnd := func(layer string) int {
		b, number := place(layer)
		if number == 0 { // what joins the branches
			return -1
		}
		return longest[b] - number
	}
	return slices.SortedStableFunc(slices.Values(layers), func(a, b string) int {
		return cmp.Or(cmp.Compare(stage[stageOf(a)], stage[stageOf(b)]), cmp.Compare(toEnd(b), toEnd(a)))
	})
}

// stageOf is the first element of a path such as /block1/layer01/bn1/mean.
func stageOf(path string) string { return strings.Split(path, "/")[1] }
