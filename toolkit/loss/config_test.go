package loss_test

import (
	"math"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/classweight"
	"github.com/longwing-ml/longwing/toolkit/loss"
)

func TestYAML(t *testing.T) {
	text := "{name: logit-adjusted, tau: 1.5, smoothing: 0.1, convention: keras, absent: zero}"
	var got loss.Config
	if err := yaml.UnmarshalWithOptions([]byte(text), &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	want := loss.Config{Name: loss.LogitAdjusted, Tau: 1.5, Smoothing: 0.1, Convention: loss.Keras, Absent: classweight.AbsentZero}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if err := got.Check(); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		config loss.Config
		want   string // "" for no error
	}{
		{"empty", loss.Config{}, ""},
		{"smoothing", loss.Config{Smoothing: 0.1}, ""},
		{"focal by torch's convention", loss.Config{Name: loss.Focal, Convention: loss.Torch}, ""},
		{"unknown", loss.Config{Name: "focus"}, `name: unknown loss "focus"; known: cross-entropy, focal`},
		{"of another loss", loss.Config{Name: loss.Focal, Tau: 1}, "tau: loss focal has none; it is of logit-adjusted"},
		{"smoothing of focal", loss.Config{Name: loss.Focal, Smoothing: 0.1}, "smoothing: loss focal has none"},
		{"all smoothed", loss.Config{Smoothing: 1}, "smoothing: 1 is not above 0 and below 1"},
		{"negative", loss.Config{Name: loss.LDAM, Scale: -1}, "scale: -1 is not"},
		{"not a number", loss.Config{Name: loss.Focal, Gamma: math.NaN()}, "gamma: NaN is not"},
		{"infinite", loss.Config{Name: loss.CrossEntropySoftF1, F1Weight: math.Inf(1)}, "f1_weight: +Inf is not"},
		{"beta", loss.Config{Name: loss.ClassBalancedFocal, Beta: 1}, "beta: 1 is not above 0 and below 1"},
		{"convention", loss.Config{Convention: "jax"}, `convention: "jax" is none of torch, keras`},
		{"convention of soft F1", loss.Config{Name: loss.SoftF1, Convention: loss.Keras}, "convention: loss soft-f1 has no class weights"},
		{"absent", loss.Config{Name: loss.LDAM, Absent: "one"}, `absent: "one" is none of error, zero`},
		{"absent of cross-entropy", loss.Config{Absent: classweight.AbsentZero}, "absent: loss cross-entropy does not"},
	} {
		t.Run(c.name, func(t *testing.T) { wantError(t, c.config.Check(), c.want) })
	}
}

func TestNewRefuses(t *testing.T) {
	ldam := loss.Config{Name: loss.LDAM}
	for _, c := range []struct {
		name    string
		config  loss.Config
		classes int
		counts  []int
		weights []float64
		want    string
	}{
		{"config", loss.Config{Tau: 1}, 2, nil, nil, "loss: key tau: "},
		{"one class", loss.Config{}, 1, nil, nil, "loss cross-entropy: 1 classes, need at least 2"},
		{"no counts", ldam, 2, nil, nil, "loss ldam: needs the training pictures of 2 classes, got those of 0"},
		{"negative count", ldam, 2, []int{1, -1}, nil, "class 1 has -1 training pictures"},
		{"absent class", ldam, 2, []int{1, 0}, nil, "class 1 has no training pictures: set absent to zero"},
		{"all absent", loss.Config{Name: loss.LDAM, Absent: classweight.AbsentZero}, 2, []int{0, 0}, nil, "no class has training pictures"},
		{"fewer weights", loss.Config{}, 2, nil, []float64{1}, "1 class weights for 2 classes"},
		{"negative weight", loss.Config{}, 2, nil, []float64{1, -1}, "class 1 weighs -1"},
		{"weight not a number", loss.Config{}, 2, nil, []float64{math.NaN(), 1}, "class 0 weighs NaN"},
		{"huge weight", loss.Config{}, 2, nil, []float64{1e300, 1}, "class 0 weighs 1e+300"},
		{"all weigh 0", loss.Config{}, 2, nil, []float64{0, 0}, "every class weighs 0"},
		{"only absent classes weigh", loss.Config{Name: loss.LDAM, Absent: classweight.AbsentZero}, 2, []int{1, 0}, []float64{0, 1}, "every class weighs 0"},
		{"weights of soft F1", loss.Config{Name: loss.SoftF1}, 2, nil, []float64{1, 1}, "takes no class weights"},
		{"weights of class-balanced focal", loss.Config{Name: loss.ClassBalancedFocal}, 2, []int{1, 1}, []float64{1, 1}, "takes no class weights"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := loss.New(c.config, c.classes, c.counts, c.weights)
			wantError(t, err, c.want)
		})
	}
}

func TestWrongShapesNameTheLoss(t *testing.T) {
	l := newLoss(t, loss.Config{}, longTail, nil)
	logits, labels, examples := [][]float32{{1, 2, 3}}, []int32{1}, []float32{1}
	for _, c := range []struct {
		name                      string
		logits, targets, examples any
		want                      string
	}{
		{"classes", [][]float32{{1, 2}}, labels, examples, "loss cross-entropy: logits are"},
		{"targets", logits, []int32{1, 2}, examples, "loss cross-entropy: targets are"},
		{"targets of floats", logits, []float32{1}, examples, "loss cross-entropy: targets are"},
		{"examples", logits, labels, []float32{1, 2}, "loss cross-entropy: weights of examples are"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := CallOnce(xlatest.Open(t), l.Mean, c.logits, c.targets, c.examples)
			wantError(t, err, c.want)
		})
	}
	softF1 := newLoss(t, loss.Config{Name: loss.SoftF1}, longTail, nil)
	_, err := CallOnce(xlatest.Open(t), softF1.PerExample, logits, labels)
	wantError(t, err, "loss soft-f1 is of a batch")
}

// The counts of the study's largest and rarest class: margins of 0.5 and 0.5·(4/4875)^¼.
func TestMarginsOfTheStudy(t *testing.T) {
	l := newLoss(t, loss.Config{Name: loss.LDAM, Scale: 1}, []int{4875, 4}, nil)
	each, err := CallOnce(xlatest.Open(t), l.PerExample, tensorOf(dtypes.Float32, make([]float64, 4), 2, 2), []int32{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	// For equal logits the loss is log(1 + e^margin).
	want := []float64{math.Log1p(math.Exp(0.5 * math.Pow(4./4875, 0.25))), math.Log1p(math.Exp(0.5))}
	compare(t, "losses", flat(t, each), want, 1e-6)
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v, want no error", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want one that says %q", err, want)
	}
}
