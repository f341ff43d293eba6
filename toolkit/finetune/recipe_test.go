package finetune_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/finetune"
)

const goodRecipe = `model: densenet_mini
size: 32
seed: 1
split: {test: 0.2, valid: 0.2}
stages:
  - freeze_below: block4
    epochs: 2
    batch: 8
    optimizer: {name: sgd, lr: 0.1}
`

func TestBadRecipes(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string // a change of goodRecipe
		want     string
	}{
		"unknown key":           {"seed: 1", "sead: 1", `[3:1] unknown field "sead"`},
		"unknown inner key":     {"lr: 0.1", "rate: 0.1", `unknown field "rate"`},
		"repeated key":          {"seed: 1", "seed: 1\nseed: 2", "seed"},
		"wrong type":            {"size: 32", "size: big", "Recipe.Size of type int"},
		"negative seed":         {"seed: 1", "seed: -1", "seed"},
		"not YAML":              {goodRecipe, "[", "sequence"},
		"empty":                 {goodRecipe, "", "is empty"},
		"unknown model":         {"densenet_mini", "resnet50", `key model: unknown model "resnet50"`},
		"no model":              {"model: densenet_mini\n", "", "key model is missing: one of densenet121"},
		"unknown head":          {"seed: 1", "head: {kind: mlp}", `key head: model densenet_mini: unknown head "mlp"; known: pool, fc, fc-bn`},
		"head without units":    {"seed: 1", "head: {kind: fc}", `key head: model densenet_mini: head "fc" needs the units`},
		"units of no layer":     {"seed: 1", "head: {units: 9}", `key head: model densenet_mini: head "pool" has no hidden layers, got 9 units`},
		"fraction of a unit":    {"seed: 1", "head: {kind: fc, units: 9.5}", "key units: 9.5 is not a whole number"},
		"unknown convention":    {"seed: 1", "convention: caffe", `key convention: no weights of densenet_mini come from "caffe"; known: torchvision`},
		"convention of weights": {"seed: 1", "convention: torchvision\nweights: w.pth", "key convention: the weights w.pth bring their own; leave the key out"},
		"unknown resize rule":   {"seed: 1", "resize: {rule: fit}", `key resize: unknown rule "fit"; known: square, crop`},
		"crop of a square":      {"seed: 1", "resize: {crop: 0.9}", "key resize: crop 0.9 belongs to rule crop"},
		"crop of the model":     {"seed: 1", "resize: {rule: model, crop: 0.9}", "key resize: rule model takes crop and interpolation from the weights"},
		"unknown filter":        {"seed: 1", "resize: {interpolation: nearest}", `key resize: unknown interpolation "nearest"`},
		"no size":               {"size: 32\n", "", "key size is missing"},
		"too small":             {"size: 32", "size: 8", "key size: densenet_mini needs pictures of at least 29 pixels, got 8"},
		"dropout":               {"seed: 1", "dropout: 1", "key dropout: 1 is outside [0, 1)"},
		"test share":            {"test: 0.2", "test: 1.5", "key split.test: 1.5 is outside [0, 1)"},
		"valid share":           {"valid: 0.2", "valid: 0", "key split.valid: 0 is outside (0, 1)"},
		"no stages":             {goodRecipe[strings.Index(goodRecipe, "stages"):], "", "key stages is missing"},
		"no cut point":          {"freeze_below: block4\n    ", "", "stage 1: key freeze_below is missing"},
		"unknown cut point":     {"block4", "block5", `stage 1: key freeze_below: unknown cut point "block5" of densenet_mini; known: stem, block1`},
		"freezes everything":    {"block4", "logits", "stage 1: key freeze_below: cut point \"logits\" freezes everything"},
		"no epochs":             {"epochs: 2", "epochs: 0", "stage 1: key epochs: 0 is below 1"},
		"no batch":              {"batch: 8", "batch: 0", "stage 1: key batch: 0 is below 1"},
		"batch norm":            {"batch: 8", "batch: 8\n    bn: off", `stage 1: key bn: unknown mode "off"`},
		"optimizer":             {"name: sgd", "name: lion", `stage 1: key optimizer: unknown optimizer "lion"`},
		"best metric":           {"seed: 1", "best: loss", `key best: unknown metric "loss"`},
		"augmentation":          {"seed: 1", "augment: {zoom: 2}", "key augment: zoom: 2 is outside [0, 1)"},
		"dropout of NaN":        {"seed: 1", "dropout: .nan", "key dropout: NaN is outside [0, 1)"},
		"too large":             {"size: 32", "size: 100000", "key size: 100000 is above 4096"},
		"fraction of a pixel":   {"size: 32", "size: 32.5", "key size: 32.5 is not a whole number"},
		"fraction of an epoch":  {"epochs: 2", "epochs: 1.5", "key epochs: 1.5 is not a whole number"},
		"epochs without end":    {"epochs: 2", "epochs: 9223372036854775807", "stage 1: key epochs: 9223372036854775807 is above 1000000"},
		"cache without views":   {goodRecipe, strings.Replace(goodRecipe, "batch: 8", "batch: 8\n    trunk_cache: {dtype: float32}", 1) + "augment: {horizontal_flip: true}\n", "stage 1: key trunk_cache: pictures are augmented: give the number of views"},
		"cache of mixtures":     {goodRecipe, strings.Replace(goodRecipe, "batch: 8", "batch: 8\n    views: 2\n    trunk_cache: {dtype: float32}", 1) + "augment: {mixup: {alpha: 1}}\n", "stage 1: key trunk_cache: pictures are mixed"},
		"cache of no type":      {"batch: 8", "batch: 8\n    trunk_cache: {dtype: float16}", `stage 1: key trunk_cache: dtype: "float16" is neither float32 nor bfloat16`},
		"best before the first": {"batch: 8", "batch: 8\n    start_from: best", "stage 1: key start_from: no stage comes before the first"},
		"only nothing":          {"batch: 8", "batch: 8\n    only: {validate_all: true}", "stage 1: key only: validate_all belongs to below or classes"},
		"unknown sampler":       {"batch: 8", "batch: 8\n    sampler: {name: smote}", `stage 1: key sampler: plan: option sampler: "smote" is none of shuffle`},
		"sampler's option":      {"batch: 8", "batch: 8\n    sampler: {name: under-over}", "stage 1: key sampler: under-over: option threshold: is missing"},
		"weights' method":       {"batch: 8", "batch: 8\n    class_weights: {method: inverse}", `stage 1: key class_weights: method: "inverse" is none of none, balanced`},
		"loss's setting":        {"batch: 8", "batch: 8\n    loss: {gamma: 2}", "stage 1: key loss: gamma: loss cross-entropy has none"},
		"monitor of test":       {"batch: 8", "batch: 8\n    monitor: test.nll", `stage 1: key monitor: "test.nll" is neither of train nor of valid`},
		"average":               {"batch: 8", "batch: 8\n    average: {kind: ema, from: 2}", "stage 1: key average: from is of kind swa"},
		"fraction of a class":   {"batch: 8", "batch: 8\n    only: {classes: [1, 2.5]}", "key classes: 2.5 is not a whole number"},
		"two documents":         {goodRecipe, goodRecipe + "---\nsize: 64\n", "more than one document"},
		"alias of nothing":      {"seed: 1", "seed: *n", `could not find alias "n"`},
		"infinite rate":         {"lr: 0.1", "lr: .inf", "lr +Inf"},
		"schedule of no shape":  {"batch: 8", "batch: 8\n    schedule: {name: step}", "key schedule: base 0 is not above 0"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.yaml")
			if err := os.WriteFile(path, []byte(strings.Replace(goodRecipe, c.old, c.new, 1)), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := finetune.ReadRecipe(path)
			if err == nil {
				t.Fatal("was accepted")
			}
			got := err.Error()
			if !strings.Contains(got, c.want) || !strings.Contains(got, path) || strings.Contains(got, "\n") {
				t.Errorf("got error %q, want one line with the file and %q", got, c.want)
			}
		})
	}
	if _, err := finetune.ReadRecipe(filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a missing file was accepted")
	}
}

// TestRecipesOfTheProject reads every recipe of the repository, and each again from what YAML writes.
func TestRecipesOfTheProject(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../../recipes", func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		found++
		recipe, err := finetune.ReadRecipe(path)
		if err != nil {
			return err
		}
		text, err := recipe.YAML()
		if err != nil {
			return err
		}
		again, err := finetune.ParseRecipe(text)
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(recipe, again) {
			t.Errorf("%s: written and read again it differs: %+v", path, again)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if found == 0 {
		t.Error("no recipe was found")
	}
}
