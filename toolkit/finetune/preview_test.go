package finetune_test

import (
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/studydata"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// studyRecipe is an experiment of the study, at the two-level split of its submissions.
const studyRecipe = `model: densenet161
size: 452
dropout: 0.8
weights: keras-contrib/densenet161-notop
seed: 123456789
split: {outer: 0.2, valid: 0.3}
stages:
  - freeze_below: block4
    epochs: 15
    passes: 2
    batch: 64
    class_weights: {method: balanced}
    optimizer: {name: adam, lr: 0.0012345}
    schedule: {name: step, base: 1.2, period: 1}
`

// TestPreviewOfTheStudy holds a preview to numbers that the study printed, or that were computed from its tables with
// scikit-learn.
func TestPreviewOfTheStudy(t *testing.T) {
	pictures := open(t, filepath.Dir(studydata.Path(t, "train.csv")))
	for name, c := range map[string]struct {
		set   []string
		check func(t *testing.T, p *finetune.Preview)
	}{
		"imbalanced": {nil, func(t *testing.T, p *finetune.Preview) {
			equal(t, "training pictures", p.Train, 32676)
			equal(t, "validation pictures", p.Valid, 14004)
			equal(t, "outer pictures", p.Outer, 11671)
			equal(t, "test pictures", p.Test, 14588)
			s := p.Stages[0]
			equal(t, "steps", s.Steps, (2*32676+63)/64)
			equal(t, "trainable parameters", s.Table.Total.Trainable, 10_381_363)
			near(t, "smallest weight", s.Weights[0], 0.029700324489)
			near(t, "largest weight", s.Weights[1], 40.540942928)
			near(t, "last rate", s.Rates[14].First, 9.6151e-5)
		}},
		"one pass": {[]string{"passes=1"}, func(t *testing.T, p *finetune.Preview) { equal(t, "steps", p.Stages[0].Steps, 511) }},
		"under and over": {[]string{"split.valid=0.2", "sampler={name: under-over, threshold: 350}", "class_weights.method=none", "passes=1"},
			func(t *testing.T, p *finetune.Preview) {
				equal(t, "shown", p.Stages[0].Shown.Shown, 143871)
				equal(t, "distinct", p.Stages[0].Shown.Distinct, 27940) // scikit-learn, which breaks ties otherwise: 27937
			}},
		"rare classes": {[]string{"only={below: 75}", "sampler.name=over", "class_weights={method: ratio, absent: zero}", "passes=1"},
			func(t *testing.T, p *finetune.Preview) {
				equal(t, "classes", p.Stages[0].Shown.ClassesMet, 274)
				if shown, each := p.Stages[0].Shown.Shown, 51; shown != 274*each {
					t.Errorf("%d pictures shown, want %d of each of 274 classes", shown, each)
				}
				if valid := p.Stages[0].Valid; valid < 2001 || valid > 2007 { // ties are broken otherwise
					t.Errorf("%d validation pictures", valid)
				}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			recipe, err := finetune.ParseRecipe([]byte(studyRecipe))
			if err != nil {
				t.Fatal(err)
			}
			if recipe, err = recipe.Set(c.set...); err != nil {
				t.Fatal(err)
			}
			preview, err := recipe.Preview(pictures)
			if err != nil {
				t.Fatal(err)
			}
			c.check(t, preview)
			if text := preview.String(); !strings.Contains(text, "densenet161 at 452×452 as in keras-contrib") || !strings.Contains(text, "rates") {
				t.Error(text)
			}
		})
	}
}

func equal(t *testing.T, what string, got, want int) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-5*want {
		t.Errorf("%s: %g, want %g", what, got, want)
	}
}

func TestSet(t *testing.T) {
	recipe, err := finetune.ReadRecipe(filepath.Join("..", "..", "recipes", "garden", "fine-tune.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := recipe.Set("seed=9", "split.valid=0.3", "optimizer.lr=1e-4", "stages.2.epochs=4", "loss={name: focal, gamma: 1.5}")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := changed.Stages[0], changed.Stages[1]; changed.Seed != 9 || changed.Split.Valid != 0.3 || a.Optimizer.LR != 1e-4 || b.Optimizer.LR != 1e-4 ||
		a.Epochs != recipe.Stages[0].Epochs || b.Epochs != 4 || b.Loss.Gamma != 1.5 || a.Optimizer.Name != recipe.Stages[0].Optimizer.Name {
		t.Errorf("got %+v", changed)
	}
	for assignment, want := range map[string]string{
		"seed":                `"seed" is not key=value`,
		"sead=1":              `unknown field "sead"`,
		"optimizer.rate=1":    `unknown field "rate"`,
		"rates.lr=1":          `there is no key "rates" with keys of its own; known: average, batch`,
		"stages.3.epochs=1":   `"3" is no stage: they are numbered from 1 to 2`,
		"stages.x=1":          `"x" is no stage`,
		"stages.1={}":         "names a stage, not one of its keys",
		"size=[":              "size=[: ",
		"split.test=2":        "key split.test: 2 is outside [0, 1)",
		"optimizer.lr=":       "lr 0 is not a number above 0",
		"stages=[]":           "key stages is missing",
		"optimizer.lr.high=1": `there is no key "lr" with keys of its own`,
		"=1":                  "unknown field",
	} {
		_, err := recipe.Set(assignment)
		wantError(t, err, want)
	}
}
