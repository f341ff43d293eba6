package models_test

import (
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/models"
)

func TestInceptionResNetV2ParameterCounts(t *testing.T) {
	imagenet := models.Head{Classes: 1000}
	keras := describe(t, "inception_resnet_v2", models.Keras, imagenet, 299, "stem")
	count(t, "all", keras.Parameters(), 55873736, "Keras 3.15.1: InceptionResNetV2(weights=None).count_params()")
	count(t, "all trainable", keras.Total.Trainable, 55813192, "Keras 3.15.1: trainable_weights of the same")
	top := row(t, keras, models.HeadStage).Trainable
	count(t, "backbone", keras.Parameters()-top, 54336736, "Keras 3.15.1: the same with include_top=False")

	timm := describe(t, "inception_resnet_v2", models.Timm, imagenet, 299, "stem")
	count(t, "parameters", timm.Total.Trainable, 55843464, "timm 1.0.31: parameters() of inception_resnet_v2")
	count(t, "statistics", timm.Total.Statistics, 60544, "timm 1.0.31: running means and variances of the same")
}

// TestInceptionResNetV2Zone is the study's fine-tuning zone: Keras's layers from block8_1_ac on, 147 of 780.
func TestInceptionResNetV2Zone(t *testing.T) {
	table := describe(t, "inception_resnet_v2", models.Keras, models.Head{Classes: 403, Dropout: 0.8}, 299, "block8_1_ac")
	count(t, "trainable", table.Total.Trainable, 22126867, "the study's 22 M: nine C blocks, conv_7b and the head")
	count(t, "block8_1", row(t, table, "block8_1").Trainable, 0, "its ReLU is where the zone begins")
	for _, stage := range []string{"block8_2", "block8_9", "block8_10"} {
		count(t, stage, row(t, table, stage).Trainable, 2034560, "Keras's layers of a C block")
	}
	count(t, "features", row(t, table, "features").Trainable, 3196416, "Keras's conv_7b and conv_7b_bn")
	count(t, "head", row(t, table, models.HeadStage).Trainable, 619411, "1536·403 + 403")
}

// TestInceptionResNetV2Shapes compares with the shapes noted in Keras's source and in the paper's figures.
func TestInceptionResNetV2Shapes(t *testing.T) {
	table := describe(t, "inception_resnet_v2", models.Timm, models.Head{Classes: 10}, 299, "stem")
	for stage, want := range map[string][]int{
		"stem": {35, 35, 192}, "mixed_5b": {35, 35, 320}, "block35_10": {35, 35, 320}, "mixed_6a": {17, 17, 1088},
		"block17_20": {17, 17, 1088}, "mixed_7a": {8, 8, 2080}, "block8_10": {8, 8, 2080}, "features": {8, 8, 1536},
	} {
		if got := row(t, table, stage).Output; !slices.Equal(got, want) {
			t.Errorf("%s gives %v, want %v", stage, got, want)
		}
	}
	if got, want := len(table.Rows), 1+1+10+1+20+1+10+1+1; got != want {
		t.Errorf("%d stages, want %d", got, want)
	}
}
