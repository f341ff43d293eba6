package finetune_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/studydata"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// TestStudyRecipes previews every recipe of the study on its tables, and holds what is known of some to its numbers.
func TestStudyRecipes(t *testing.T) {
	pictures := open(t, filepath.Dir(studydata.Path(t, "train.csv")))
	known := map[string]struct {
		stage, trainable, steps int
		last                    float64 // learning rate of the last epoch
	}{
		"densenet161-imbalanced2a":          {0, 10_381_363, 1167, 9.6151e-5},
		"densenet169-imbalanced2":           {0, 5_916_928 + 1664*403 + 403, 511, 1.51337e-4},
		"densenet169-imbalanced2a":          {0, 5_916_928 + 1664*403 + 403, 584, 1.51337e-4},
		"densenet169-imbalanced3":           {0, 0, 3112, 2.64973e-4},
		"inception-resnet-v2-imbalanced3c4": {0, 22_126_867, 511, 1e-3},
		"inception-resnet-v2-4c":            {1, 22_126_867, 511, 1e-3 / 16},
		"vgg16-finetunning":                 {0, 27_157_907, (123318 + 63) / 64, 0.05},
	}
	recipes, err := filepath.Glob("../../recipes/study/*.yaml")
	if err != nil || len(recipes) < 25 {
		t.Fatalf("%d recipes: %v", len(recipes), err)
	}
	for _, path := range recipes {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			recipe, err := finetune.ReadRecipe(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := range recipe.Stages {
				if recipe.Stages[i].Sampler.Clusters != "" { // a file that is made from pictures
					recipe.Stages[i].Sampler.Clusters = clustersOf(t, recipe, pictures.Train.Labels)
				}
			}
			preview, err := recipe.Preview(pictures)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "outer pictures", preview.Outer, 11671)
			want, isKnown := known[name]
			if !isKnown {
				return
			}
			s := preview.Stages[want.stage]
			if want.trainable > 0 {
				equal(t, "trained parameters", s.Table.Total.Trainable, want.trainable)
			}
			equal(t, "steps", s.Steps, want.steps)
			near(t, "last rate", s.Rates[len(s.Rates)-1].First, want.last)
		})
	}
	for name := range known {
		if _, err := os.Stat(filepath.Join("../../recipes/study", name+".yaml")); err != nil {
			t.Error(err)
		}
	}
}

// clustersOf writes a file that puts the training rows of each class into fifteen clusters, in turn.
func clustersOf(t *testing.T, recipe *finetune.Recipe, labels []int32) string {
	rows, err := recipe.Divide(open(t, filepath.Dir(studydata.Path(t, "train.csv"))))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "clusters.csv")
	var text strings.Builder
	text.WriteString("row,cluster\n")
	seen := make(map[int32]int)
	for _, row := range rows.Train {
		class := labels[row]
		fmt.Fprintf(&text, "%d,%d\n", row, seen[class]%15)
		seen[class]++
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
