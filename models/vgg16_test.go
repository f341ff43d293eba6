package models_test

import (
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/models"
)

// vggHead is the paper's classifier.
var vggHead = models.Head{Kind: models.HeadFC, Units: 4096, Classes: 1000, Dropout: 0.5}

func TestVGG16ParameterCounts(t *testing.T) {
	for _, source := range []string{models.Torchvision, models.Timm, models.Keras} {
		table := describe(t, "vgg16", source, vggHead, 224, "block1")
		count(t, source+", all", table.Parameters(), 138357544, "torchvision's VGG16_Weights, timm 1.0.31 and Keras 3.15.1 agree")
	}
	bn := describe(t, "vgg16_bn", models.Torchvision, vggHead, 224, "block1")
	count(t, "vgg16_bn, parameters", bn.Total.Trainable, 138365992, "torchvision 0.29.2: parameters() of vgg16_bn")
	count(t, "vgg16_bn, statistics", bn.Total.Statistics, 8448, "torchvision 0.29.2: running means and variances of the same")
}

// TestVGG16Zones are the study's two phases.
func TestVGG16Zones(t *testing.T) {
	head := models.Head{Kind: models.HeadFCBN, Units: 1024, Classes: 403}
	table := describe(t, "vgg16", models.Keras, head, 224, "fc1")
	count(t, "head", table.Total.Trainable, 27157907, "the study's 27 M: the head alone")
	table = describe(t, "vgg16", models.Keras, head, 224, "block5_conv1")
	count(t, "block5 and head", table.Total.Trainable, 34237331, "the study's second phase")
}

// TestVGG16Sizes: the first dense layer is made for 7×7 features, unless the convention says that it follows the size.
func TestVGG16Sizes(t *testing.T) {
	for _, c := range []struct {
		source     string
		size, want int
	}{
		{models.Torchvision, 64, 7 * 7 * 512},
		{models.Torchvision, 299, 7 * 7 * 512},
		{models.Timm, 64, 7 * 7 * 512},
		{models.Timm, 299, 7 * 7 * 512},
		{models.Keras, 64, 2 * 2 * 512},
		{models.Keras, 224, 7 * 7 * 512},
	} {
		convention, err := models.ConventionOf("vgg16", c.source)
		if err != nil {
			t.Fatal(err)
		}
		net, err := models.NewAs("vgg16", convention, vggHead)
		if err != nil {
			t.Fatal(err)
		}
		parameters, err := net.Parameters(c.size)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(parameters, func(p models.ParameterInfo) bool { return p.Path == "/fc1/kernel" })
		if got, want := parameters[i].Dims, []int{c.want, 4096}; !slices.Equal(got, want) {
			t.Errorf("%s at %d: first dense kernel %v, want %v", c.source, c.size, got, want)
		}
		table, err := models.Describe(net, c.size, "head")
		if err != nil {
			t.Fatal(err)
		}
		if got := row(t, table, models.HeadStage).Output; !slices.Equal(got, []int{1000}) {
			t.Errorf("%s at %d: logits of shape %v, want [1000]", c.source, c.size, got)
		}
	}
}
