package pretrained

import (
	"fmt"

	"github.com/longwing-ml/longwing/models"
)

// vggNamings are the names of torchvision 0.29.2, timm 1.0.31 and Keras 3.15.1, which has no batch normalisation.
func vggNamings(batchNorm bool) []naming {
	features := vggTorch(batchNorm)
	all := []naming{
		{source: models.Torchvision, style: torchStyle, rules: append(features[:len(features):len(features)],
			rule{"/fc1", "classifier.0"}, rule{"/fc2", "classifier.3"}, rule{"/head", "classifier.6"})},
		{source: models.Timm, style: torchStyle, convolutions: true, rules: append(features[:len(features):len(features)],
			rule{"/fc1", "pre_logits.fc1"}, rule{"/fc2", "pre_logits.fc2"}, rule{"/head", "head.fc"})},
	}
	if batchNorm {
		return all
	}
	return append(all,
		naming{source: models.Keras, style: kerasStyle, rules: vggKeras},
		naming{source: models.Keras, style: kerasStyle, number: inOrder, classes: true})
}

var vggKeras = []rule{{"/block#/conv#", "block#_conv#"}, {"/fc1", "fc1"}, {"/fc2", "fc2"}, {"/head", "predictions"}}

// vggTorch counts the layers of torch's `features`: convolutions, batch normalisations, ReLUs and poolings.
func vggTorch(batchNorm bool) []rule {
	var rules []rule
	number := 0
	add := func(layer string) {
		rules = append(rules, rule{layer, fmt.Sprintf("features.%d", number)})
		number++
	}
	for i, convolutions := range []int{2, 2, 3, 3, 3} {
		for j := range convolutions {
			add(fmt.Sprintf("/block%d/conv%d", i+1, j+1))
			if batchNorm {
				add(fmt.Sprintf("/block%d/bn%d", i+1, j+1))
			}
			number++ // ReLU
		}
		number++ // pooling
	}
	return rules
}
