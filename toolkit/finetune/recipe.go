package finetune

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/gomlx/compute/dtypes"

	"github.com/longwing-ml/longwing/data/store"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/toolkit/augment"
)

// Recipe says how a network is trained. The zero value of a field that is not required is a sensible default.
type Recipe struct {
	Model   string  `yaml:"model"`   // a backbone of models.Names
	Size    int     `yaml:"size"`    // height and width of the pictures, pixels
	Resize  Resize  `yaml:"resize"`  // how pictures of any shape become such squares
	Head    Head    `yaml:"head"`    // the classifier
	Dropout float64 `yaml:"dropout"` // in the head, in [0, 1)
	// Weights are the initial parameters: "random" (if empty), a run directory (its best checkpoint), a weight file of any
	// format that package pretrained reads, or the name of published weights (package hub), which are fetched. A path is
	// of the working folder. The head is taken over only if it tells the same classes apart.
	Weights string `yaml:"weights"`
	// Convention is the library whose layers and preprocessing a network of random weights has: a source of
	// models.Conventions, the model's first if empty. Other weights bring their own, so it must be empty with them.
	Convention string `yaml:"convention"`
	// Compute is what convolutions and hidden layers multiply in: "float32" (if empty) or "bfloat16". Parameters, batch
	// normalisation, classifier, loss and optimizer stay float32.
	Compute string         `yaml:"compute"`
	Seed    uint64         `yaml:"seed"`
	Split   Holdout        `yaml:"split"`
	Augment augment.Policy `yaml:"augment"` // of training pictures only
	Best    Metric         `yaml:"best"`    // chooses the best checkpoint: "valid.accuracy" if empty
	Stages  []Stage        `yaml:"stages"`
}

// Head is the form of the classifier; its classes are those of the pictures.
type Head struct {
	Kind  models.HeadKind `yaml:"kind"`  // models.HeadPool if empty
	Units int             `yaml:"units"` // of the hidden layers of the other kinds
}

// Holdout says which shares of the pictures are held out, class by class.
type Holdout struct {
	Test  float64 `yaml:"test"`  // of a set that has no test set of its own, in (0, 1)
	Outer float64 `yaml:"outer"` // of what is left: neither trained nor validated on, predicted at the end; in [0, 1)
	Valid float64 `yaml:"valid"` // of what is left then, in (0, 1)
}

// ReadRecipe reads a YAML file. An unknown or repeated key, a wrong type or a contradiction is an error that names the
// file and the key, in one line.
func ReadRecipe(path string) (*Recipe, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	recipe, err := ParseRecipe(text)
	if err != nil {
		return nil, fmt.Errorf("recipe %s: %w", path, err)
	}
	return recipe, nil
}

// ParseRecipe is ReadRecipe for text in memory.
func ParseRecipe(text []byte) (*Recipe, error) {
	var recipe Recipe
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := decoder.Decode(&recipe); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("is empty")
		}
		return nil, firstLine(err)
	}
	if err := decoder.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("holds more than one document; a recipe is one")
	}
	if err := checkWhole(text); err != nil {
		return nil, err
	}
	if err := recipe.Check(); err != nil {
		return nil, err
	}
	return &recipe, nil
}

func firstLine(err error) error {
	first, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
	return errors.New(first)
}

// checkWhole refuses fractions where a whole number belongs, which the decoder would cut down in silence.
func checkWhole(text []byte) error {
	var content any
	if err := yaml.Unmarshal(text, &content); err != nil {
		return firstLine(err)
	}
	var check func(content any) error
	check = func(content any) error {
		switch content := content.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(content)) {
				values, isList := content[key].([]any)
				if !isList {
					values = []any{content[key]}
				}
				for _, value := range values {
					if number, isFloat := value.(float64); isFloat && slices.Contains(wholeKeys, key) && number != math.Trunc(number) {
						return fmt.Errorf("key %s: %v is not a whole number", key, number)
					}
				}
				if err := check(content[key]); err != nil {
					return err
				}
			}
		case []any:
			for _, value := range content {
				if err := check(value); err != nil {
					return err
				}
			}
		}
		return nil
	}
	return check(content)
}

var wholeKeys = []string{"size", "units", "seed", "epochs", "passes", "batch", "views", "below", "classes", "period", "stop_after",
	"classes_per_batch", "per_class", "ops", "accumulate", "patience", "cooldown", "from"}

// YAML is the recipe as a file: every key, in a fixed order.
func (r *Recipe) YAML() ([]byte, error) { return yaml.Marshal(r) }

// Epochs is the number of epochs of all stages, if none ends early.
func (r *Recipe) Epochs() int {
	n := 0
	for _, s := range r.Stages {
		n += s.Epochs
	}
	return n
}

// network is the recipe's network for a number of classes.
func (r *Recipe) network(classes int, convention models.Convention) (*models.Network, error) {
	return models.NewAs(r.Model, convention, models.Head{Kind: r.Head.Kind, Units: r.Head.Units, Classes: classes, Dropout: r.Dropout})
}

// compute is the type of Compute.
func (r *Recipe) compute() dtypes.DType {
	if r.Compute == bfloat16Name {
		return dtypes.BFloat16
	}
	return dtypes.Float32
}

// isRandom tells whether the initial parameters are drawn.
func (r *Recipe) isRandom() bool { return r.Weights == "" || r.Weights == RandomWeights }

// Check returns an error that names the first key whose value is missing, out of range or contradicts another.
func (r *Recipe) Check() error {
	net, err := r.checkNetwork()
	if err != nil {
		return err
	}
	if r.Size == 0 {
		return errors.New("key size is missing: the pictures' height and width in pixels")
	}
	if err := net.CheckSize(r.Size); err != nil {
		return fmt.Errorf("key size: %w", err)
	}
	if r.Size > store.MaxSize {
		return fmt.Errorf("key size: %d is above %d", r.Size, store.MaxSize)
	}
	if err := r.Resize.check(); err != nil {
		return fmt.Errorf("key resize: %w", err)
	}
	if !(r.Split.Test >= 0 && r.Split.Test < 1) {
		return fmt.Errorf("key split.test: %g is outside [0, 1)", r.Split.Test)
	}
	if !(r.Split.Outer >= 0 && r.Split.Outer < 1) {
		return fmt.Errorf("key split.outer: %g is outside [0, 1)", r.Split.Outer)
	}
	if !(r.Split.Valid > 0 && r.Split.Valid < 1) {
		return fmt.Errorf("key split.valid: %g is outside (0, 1)", r.Split.Valid)
	}
	if err := r.Augment.Check(); err != nil {
		return fmt.Errorf("key augment: %w", err)
	}
	if err := r.Best.check(); err != nil {
		return fmt.Errorf("key best: %w", err)
	}
	if len(r.Stages) == 0 {
		return errors.New("key stages is missing: a list of at least one stage")
	}
	for i, stage := range r.Stages {
		if err := stage.check(net, i == 0); err != nil {
			return fmt.Errorf("stage %d: %w", i+1, err)
		}
		if stage.TrunkCache.DType == "" {
			continue
		}
		if stage.Views == 0 && !reflect.DeepEqual(r.Augment, augment.Policy{}) {
			return fmt.Errorf("stage %d: key trunk_cache: pictures are augmented: give the number of views", i+1)
		}
		if r.Augment.Mixes() {
			return fmt.Errorf("stage %d: key trunk_cache: pictures are mixed with others of their batch, which can't be computed ahead: leave mixup and cutmix out", i+1)
		}
	}
	return nil
}

// checkNetwork checks the keys that say what the network is.
func (r *Recipe) checkNetwork() (*models.Network, error) {
	if r.Model == "" {
		return nil, fmt.Errorf("key model is missing: one of %s", strings.Join(models.Names(), ", "))
	}
	if _, err := models.New(r.Model, models.Head{Classes: 2}); err != nil {
		return nil, fmt.Errorf("key model: %w", err)
	}
	if !(r.Dropout >= 0 && r.Dropout < 1) {
		return nil, fmt.Errorf("key dropout: %g is outside [0, 1)", r.Dropout)
	}
	if !slices.Contains([]string{"", float32Name, bfloat16Name}, r.Compute) {
		return nil, fmt.Errorf("key compute: %q is neither %s nor %s", r.Compute, float32Name, bfloat16Name)
	}
	convention, err := r.convention()
	if err != nil {
		return nil, err
	}
	net, err := r.network(2, convention)
	if err != nil {
		return nil, fmt.Errorf("key head: %w", err)
	}
	return net, nil
}

// convention is the one that the recipe names, or the model's default.
func (r *Recipe) convention() (models.Convention, error) {
	if r.Convention == "" {
		return models.Conventions(r.Model)[0], nil
	}
	if !r.isRandom() {
		return models.Convention{}, fmt.Errorf("key convention: the weights %s bring their own; leave the key out", r.Weights)
	}
	convention, err := models.ConventionOf(r.Model, r.Convention)
	if err != nil {
		return convention, fmt.Errorf("key convention: %w", err)
	}
	return convention, nil
}
