package models_test

import (
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models"
)

// TestParameterCounts compares with counts printed by Keras for the same networks: the original study's notebook for
// 161 (512×512, head of 403 classes, trained from the third pooling on) and 169, Keras's documentation for 121 and 201.
func TestParameterCounts(t *testing.T) {
	backend := xlatest.Open(t)
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
			table, err := models.Describe(backend, net, c.size, c.cut)
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

func TestSmallestPictures(t *testing.T) {
	backend := xlatest.Open(t)
	for _, name := range models.Names() {
		net, err := models.New(name, models.Head{Classes: 2})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := models.Describe(backend, net, net.MinSize, "stem"); err != nil {
			t.Errorf("%s at its smallest size %d: %v", name, net.MinSize, err)
		}
		if _, err := models.Describe(backend, net, net.MinSize-1, "stem"); err == nil {
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
		"unknown model":  {"densenet", models.Head{Classes: 2}, `unknown model "densenet"; known: densenet121, densenet161, densenet169, densenet201, densenet_mini`},
		"one class":      {"densenet121", models.Head{Classes: 1}, "model densenet121: a classifier needs at least 2 classes, got 1"},
		"dropout of one": {"densenet121", models.Head{Classes: 2, Dropout: 1}, "model densenet121: dropout 1 is outside [0, 1)"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := models.New(c.model, c.head); err == nil || err.Error() != c.want {
				t.Errorf("got error %v, want %s", err, c.want)
			}
		})
	}
	net, err := models.New("densenet_mini", models.Head{Classes: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := net.CheckCut("block9"); err == nil {
		t.Error("cut point block9 was accepted")
	}
	if err := net.CheckCut(models.LogitsStage); err == nil {
		t.Error("a cut point that freezes everything was accepted")
	}
}
