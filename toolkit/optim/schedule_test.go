package optim_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/optim"
)

func ExampleSchedule_Factor() {
	schedule := optim.Schedule{Name: "step", Base: 10, Period: 2}
	for epoch := range 5 {
		fmt.Printf("%g ", schedule.Factor(epoch*100, 100, 5))
	}
	// Output: 1 1 0.1 0.1 0.01
}

// TestStepEqualsTheStudy compares with the learning rates that the study's settings reach.
func TestStepEqualsTheStudy(t *testing.T) {
	for name, c := range map[string]struct {
		lr, base float64
		period   int
		epoch    int
		want     float64
	}{
		"DenseNet161_imbalanced2a": {1.2345e-3, 1.2, 1, 14, 9.6151e-5},
		"DenseNet169_imbalanced3":  {7.56789e-4, 1.3, 3, 14, 2.64973e-4},
		"DenseNet169_imbalanced2a": {1.2345e-3, 1.3, 3, 24, 1.51337e-4},
	} {
		t.Run(name, func(t *testing.T) {
			s := optim.Schedule{Name: "step", Base: c.base, Period: c.period}
			for _, step := range []int{c.epoch * 584, c.epoch*584 + 583} {
				if got := c.lr * s.Factor(step, 584, 25); math.Abs(got-c.want) > 1e-5*c.want {
					t.Errorf("step %d: learning rate %g, want %g", step, got, c.want)
				}
			}
		})
	}
}

func TestCosineAndWarmup(t *testing.T) {
	cosine := optim.Schedule{Name: "cosine"}
	for step, want := range map[int]float64{0: 1, 50: 0.5, 25: (1 + math.Sqrt2/2) / 2} {
		if got := cosine.Factor(step, 10, 10); math.Abs(got-want) > 1e-12 {
			t.Errorf("cosine at step %d of 100: %g, want %g", step, got, want)
		}
	}
	warm := optim.Schedule{WarmupEpochs: 2}
	for step, want := range map[int]float64{0: 0.05, 9: 0.5, 19: 1, 20: 1, 99: 1} {
		if got := warm.Factor(step, 10, 10); math.Abs(got-want) > 1e-12 {
			t.Errorf("warm-up at step %d: %g, want %g", step, got, want)
		}
	}
}

func TestBadSettings(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"no rate":            {optim.Config{Name: "sgd"}.Check(), "lr 0 is not a number above 0"},
		"rate not a number":  {optim.Config{Name: "sgd", LR: math.NaN()}.Check(), "lr NaN is not a number above 0"},
		"unknown optimizer":  {optim.Config{Name: "lion", LR: 1}.Check(), `unknown optimizer "lion"; known: adam, sgd`},
		"momentum for adam":  {optim.Config{Name: "adam", LR: 1, Momentum: 0.9}.Check(), "momentum and nesterov are sgd's, the optimizer is adam"},
		"epsilon of NaN":     {optim.Config{Name: "adam", LR: 1, Epsilon: math.NaN()}.Check(), "epsilon NaN is not a number from 0 up"},
		"beta for sgd":       {optim.Config{Name: "sgd", LR: 1, Beta1: 0.9}.Check(), "beta1, beta2 and epsilon are adam's, the optimizer is sgd"},
		"nesterov alone":     {optim.Config{Name: "sgd", LR: 1, Nesterov: true}.Check(), "nesterov needs a momentum above 0"},
		"unknown schedule":   {optim.Schedule{Name: "poly"}.Check(), `unknown schedule "poly"; known: constant, cosine, step`},
		"step without base":  {optim.Schedule{Name: "step", Period: 1}.Check(), "base 0 is not above 0"},
		"cosine with period": {optim.Schedule{Name: "cosine", Period: 1}.Check(), `base and period belong to the step schedule, the schedule is "cosine"`},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("%s: got error %v, want %s", name, c.err, c.want)
		}
	}
}
