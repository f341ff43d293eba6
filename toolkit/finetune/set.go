package finetune

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// Set returns the recipe with other values: assignments are "key=value", with a value in YAML. A key is one of the recipe
// ("seed", "split.valid"), one of all stages ("optimizer.lr"), or one of a stage by its number from 1
// ("stages.2.epochs"). An unknown key, a value that is not YAML, and what Check refuses are errors.
func (r *Recipe) Set(assignments ...string) (*Recipe, error) {
	text, err := r.YAML()
	if err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	var content map[string]any
	if err := yaml.Unmarshal(text, &content); err != nil {
		return nil, fmt.Errorf("recipe: %w", firstLine(err))
	}
	for _, assignment := range assignments {
		key, value, found := strings.Cut(assignment, "=")
		if !found {
			return nil, fmt.Errorf("%q is not key=value", assignment)
		}
		if err := assign(content, strings.Split(strings.TrimSpace(key), "."), value); err != nil {
			return nil, fmt.Errorf("%s: %w", assignment, err)
		}
	}
	if text, err = yaml.Marshal(content); err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	changed, err := ParseRecipe(text)
	if err != nil {
		return nil, fmt.Errorf("with %s: %w", strings.Join(assignments, ", "), err)
	}
	return changed, nil
}

const stagesKey = "stages"

// assign puts a value into the content of a recipe.
func assign(content map[string]any, key []string, value string) error {
	var parsed any
	if err := yaml.Unmarshal([]byte(value), &parsed); err != nil {
		return firstLine(err)
	}
	stages, _ := content[stagesKey].([]any)
	if _, ofRecipe := content[key[0]]; ofRecipe && (key[0] != stagesKey || len(key) == 1) {
		return put(content, key, parsed)
	}
	if key[0] == stagesKey {
		number, err := strconv.Atoi(key[1])
		if err != nil || number < 1 || number > len(stages) {
			return fmt.Errorf("%q is no stage: they are numbered from 1 to %d", key[1], len(stages))
		}
		stages, key = stages[number-1:number], key[2:]
		if len(key) == 0 {
			return errors.New("names a stage, not one of its keys")
		}
	}
	for _, stage := range stages {
		values, ok := stage.(map[string]any)
		if !ok {
			return errors.New("the recipe's stages are no mappings")
		}
		if err := put(values, key, parsed); err != nil {
			return err
		}
	}
	return nil
}

// put replaces a value of nested mappings. The keys before the last must be there; whether the last is one that a recipe
// has is seen when it is read.
func put(values map[string]any, key []string, value any) error {
	for _, name := range key[:len(key)-1] {
		inner, ok := values[name].(map[string]any)
		if !ok {
			known := make([]string, 0, len(values))
			for k := range values {
				known = append(known, k)
			}
			slices.Sort(known)
			return fmt.Errorf("there is no key %q with keys of its own; known: %s", name, strings.Join(known, ", "))
		}
		values = inner
	}
	values[key[len(key)-1]] = value
	return nil
}
