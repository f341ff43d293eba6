package finetune

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
)

// RandomWeights as a recipe's weights starts from initial values drawn from the seed.
const RandomWeights = "random"

// loadWeights puts the parameters of an earlier run into the store, whose network parameters exist already, and says
// what was taken over. A head that was trained for other classes is left at its initial values: the one difference
// allowed.
func loadWeights(weights string, store *model.Store, want state) (string, error) {
	if weights == "" || weights == RandomWeights {
		return "initial parameters are random", nil
	}
	path := weights
	if info, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("key weights: %w", err)
	} else if info.IsDir() {
		path = filepath.Join(weights, "checkpoints", bestName)
	}
	content, from, err := readCheckpoint(path)
	if err != nil {
		return "", fmt.Errorf("key weights: %w", err)
	}
	if from.Model != want.Model {
		return "", fmt.Errorf("key weights: %s holds a %s, the recipe wants a %s", path, from.Model, want.Model)
	}
	newHead := from.Classes != want.Classes
	content = slices.DeleteFunc(content, func(t pretrained.Tensor) bool {
		return isOptimizer(t.Name) || newHead && isHead(t.Name)
	})
	if newHead {
		for v := range store.IterVariables() {
			if !isHead(v.Path()) {
				continue
			}
			initial, err := current(v)
			if err != nil {
				return "", err
			}
			content = append(content, initial)
		}
	}
	if err := restore(store, content); err != nil {
		return "", fmt.Errorf("key weights: %s: %w", path, err)
	}
	if newHead {
		return fmt.Sprintf("initial parameters from %s, with a new head", filepath.Base(weights)), nil
	}
	return fmt.Sprintf("initial parameters from %s, head included", filepath.Base(weights)), nil
}

func isHead(path string) bool { return strings.HasPrefix(path, "/"+models.HeadStage+"/") }
