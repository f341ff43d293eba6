package models_test

import (
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/models"
)

// describe is the table of a model under the convention of a source.
func describe(t *testing.T, name, source string, head models.Head, size int, cut string) *models.Table {
	t.Helper()
	convention, err := models.ConventionOf(name, source)
	if err != nil {
		t.Fatal(err)
	}
	net, err := models.NewAs(name, convention, head)
	if err != nil {
		t.Fatal(err)
	}
	table, err := models.Describe(net, size, cut)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// row is a table's row of a stage.
func row(t *testing.T, table *models.Table, stage string) models.StageRow {
	t.Helper()
	i := slices.IndexFunc(table.Rows, func(r models.StageRow) bool { return r.Stage == stage })
	if i < 0 {
		t.Fatalf("%s has no stage %s", table.Model, stage)
	}
	return table.Rows[i]
}

// count compares a number of scalars with one from elsewhere.
func count(t *testing.T, what string, got, want int, source string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d (%s)", what, got, want, source)
	}
}

// TestParameterCounts compares with counts printed by Keras for the same networks: the original study's notebook for
// 161 (512×512, head of 403 classes, trained from the third pooling on) and 169, Keras's documentation for 121 and 201.
func TestParameterCounts(t *testing.T) {
	head := func(features, classes int) int { return features*classes + classes }
	for _, c := range []struct {
		model, cut       string
		size             int
		total, trainable int
		features         int
	}{
		{"densenet161", "block4", 512, 27582163, 10381363, 2208},
		{"densenet169", "block4", 224, 12642880 + head(1664, 403), 5916928 + head(1664, 403), 1664},
		{"densenet121", "head", 224, 7037504 + head(1024, 403), head(1024, 403), 1024},
		{"densenet201", "head", 224, 18321984 + head(1920, 403), head(1920, 403), 1920},
	} {
		t.Run(c.model, func(t *testing.T) {
			net, err := models.New(c.model, models.Head{Classes: 403, Dropout: 0.8})
			if err != nil {
				t.Fatal(err)
			}
			table, err := models.Describe(net, c.size, c.cut)
			if err != nil {
				t.Fatal(err)
			}
			if got := table.Parameters(); got != c.total {
				t.Errorf("%d parameters, want %d", got, c.total)
			}
			if got := table.Total.Trainable; got != c.trainable {
				t.Errorf("%d trainable from %s on, want %d", got, c.cut, c.trainable)
			}
			features := table.Rows[len(table.Rows)-2]
			if want := []int{c.size / 32, c.size / 32, c.features}; !slices.Equal(features.Output, want) {
				t.Errorf("features of shape %v, want %v", features.Output, want)
			}
		})
	}
}

// TestAliases checks which stage is the first to be trained.
func TestAliases(t *testing.T) {
	for alias, c := range map[string]struct{ model, want string }{
		"block35_1_ac":  {"inception_resnet_v2", "block35_2"},
		"block35_10_ac": {"inception_resnet_v2", "mixed_6a"},
		"block17_20_ac": {"inception_resnet_v2", "mixed_7a"},
		"block8_9_ac":   {"inception_resnet_v2", "block8_10"},
		"block8_10":     {"inception_resnet_v2", "block8_10"},
		"conv_7b":       {"inception_resnet_v2", "features"},
		"block5_conv1":  {"vgg16", "block5"},
		"block4_pool":   {"vgg16", "block5"},
	} {
		t.Run(alias, func(t *testing.T) {
			table := describe(t, c.model, models.Timm, models.Head{Classes: 10}, 75, alias)
			i := slices.IndexFunc(table.Rows, func(r models.StageRow) bool { return r.Trainable > 0 })
			if got := table.Rows[i].Stage; got != c.want {
				t.Errorf("trained from %s on, want %s", got, c.want)
			}
		})
	}
	for _, name := range models.Names() {
		net, err := models.New(name, models.Head{Classes: 2})
		if err != nil {
			t.Fatal(err)
		}
		for alias, stage := range net.Aliases {
			if slices.Contains(net.CutPoints(), alias) || !slices.Contains(net.CutPoints(), stage) {
				t.Errorf("%s: the alias %s of %s hides a stage or names none", name, alias, stage)
			}
		}
	}
}

func TestSmallestPictures(t *testing.T) {
	for _, name := range models.Names() {
		net, err := models.New(name, models.Head{Classes: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := models.Describe(net, net.MinSize, models.HeadStage); err != nil {
			t.Errorf("%s at its smallest size %d: %v", name, net.MinSize, err)
		}
		if _, err := models.Describe(net, net.MinSize-1, models.HeadStage); err == nil {
			t.Errorf("%s took pictures of %d pixels", name, net.MinSize-1)
		}
	}
}

func TestBadNetworks(t *testing.T) {
	for name, c := range map[string]struct {
		model string
		head  models.Head
		want  string
	}{
		"unknown model":  {"densenet", models.Head{Classes: 2}, `unknown model "densenet"; known: densenet121, densenet161, densenet169, densenet201, densenet_mini, inception_resnet_v2, vgg16, vgg16_bn`},
		"one class":      {"densenet121", models.Head{Classes: 1}, "model densenet121: a classifier needs at least 2 classes, got 1"},
		"dropout of one": {"densenet121", models.Head{Classes: 2, Dropout: 1}, "model densenet121: dropout 1 is outside [0, 1)"},
		"unknown head":   {"vgg16", models.Head{Kind: "mlp", Classes: 2}, `model vgg16: unknown head "mlp"; known: pool, fc, fc-bn`},
		"no units":       {"vgg16", models.Head{Kind: models.HeadFC, Classes: 2}, `model vgg16: head "fc" needs the units of its hidden layers (4096 in VGG16), got 0`},
		"units unused":   {"vgg16", models.Head{Classes: 2, Units: 9}, `model vgg16: head "pool" has no hidden layers, got 9 units`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := models.New(c.model, c.head); err == nil || err.Error() != c.want {
				t.Errorf("got error %v, want %s", err, c.want)
			}
		})
	}
	if _, err := models.ConventionOf("vgg16_bn", models.Keras); err == nil || err.Error() != `no weights of vgg16_bn come from "keras"; known: torchvision, timm` {
		t.Errorf("convention of weights that don't exist: got error %v", err)
	}
	net, err := models.New("densenet_mini", models.Head{Classes: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := net.CheckCut("block9"); err == nil {
		t.Error("cut point block9 was accepted")
	}
	if err := net.CheckCut(models.LogitsCut); err == nil {
		t.Error("a cut point that freezes everything was accepted")
	}
}
