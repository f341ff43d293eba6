package optim_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
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
		"unknown optimizer":  {optim.Config{Name: "lion", LR: 1}.Check(), `unknown optimizer "lion"; known: adam, adamw, rmsprop, sgd`},
		"momentum for adam":  {optim.Config{Name: "adam", LR: 1, Momentum: 0.9}.Check(), "momentum is a setting of sgd and rmsprop, the optimizer is adam"},
		"epsilon of NaN":     {optim.Config{Name: "adam", LR: 1, Epsilon: math.NaN()}.Check(), "epsilon NaN is outside [0, +Inf)"},
		"beta for sgd":       {optim.Config{Name: "sgd", LR: 1, Beta1: 0.9}.Check(), "beta1 is a setting of adam and adamw, the optimizer is sgd"},
		"nesterov alone":     {optim.Config{Name: "sgd", LR: 1, Nesterov: true}.Check(), "nesterov needs a momentum above 0"},
		"unknown schedule":   {optim.Schedule{Name: "poly"}.Check(), `unknown schedule "poly"; known: constant, cosine, linear, one-cycle, step`},
		"step without base":  {optim.Schedule{Name: "step", Period: 1}.Check(), "base 0 is not above 0"},
		"layer decay":        {optim.Config{Name: "sgd", LR: 1, LayerDecay: 1.5}.Check(), "layer_decay 1.5 is outside (0, 1]"},
		"decay of nothing":   {optim.Config{Name: "sgd", LR: 1, DecayAll: true}.Check(), "decay_all needs a weight_decay above 0"},
		"convention":         {optim.Config{Name: "sgd", LR: 1, Convention: "jax"}.Check(), `unknown convention "jax"; known: torch, keras, keras-2.0.8`},
		"decay in 2017":      {optim.Config{Name: "adam", LR: 1, Convention: "keras-2.0.8", WeightDecay: 0.1}.Check(), "convention keras-2.0.8 has no weight_decay; take keras or torch"},
		"adamw in 2017":      {optim.Config{Name: "adamw", LR: 1, Convention: "keras-2.0.8"}.Check(), "convention keras-2.0.8 has no adamw; take keras or torch"},
		"centered sgd":       {optim.Config{Name: "sgd", LR: 1, Centered: true}.Check(), "centered is a setting of rmsprop, the optimizer is sgd"},
		"accumulating":       {optim.Config{Name: "sgd", LR: 1, Accumulate: -1}.Check(), "accumulate -1 is not a number of batches"},
		"end above the peak": {optim.Schedule{Name: "cosine", End: 1}.Check(), "end 1 is outside [0, 1)"},
		"plateau":            {optim.Schedule{Plateau: optim.Plateau{Patience: 2}}.Check(), "plateau: factor 0 is outside (0, 1)"},
		"plateau's rule":     {optim.Schedule{Plateau: optim.Plateau{Factor: 0.5, Rule: "timm"}}.Check(), `plateau: unknown rule "timm"; known: keras, keras-2.0.8, torch`},
		"average":            {optim.Average{Kind: "mean"}.Check(), `unknown kind "mean"; known: ema, swa`},
		"swa with decay":     {optim.Average{Kind: "swa", Decay: 0.9}.Check(), "decay and warmup are of kind ema"},
		"sweep":              {optim.Sweep{Low: 1, High: 0.1, Steps: 9}.Check(), "rates from 1 to 0.1: need 0 < low < high"},
		"cosine with period": {optim.Schedule{Name: "cosine", Period: 1}.Check(), `period is of schedule step, the schedule is "cosine"`},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("%s: got error %v, want %s", name, c.err, c.want)
		}
	}
}

// TestSchedulesEqualTorch compares factors of 40 epochs of one step.
func TestSchedulesEqualTorch(t *testing.T) {
	var golden map[string][]float64
	read(t, "schedules.json", &golden)
	for name, schedule := range map[string]optim.Schedule{
		"one-cycle":                 {Name: optim.OneCycle},
		"one-cycle, other settings": {Name: optim.OneCycle, RiseShare: 0.25, Div: 10, FinalDiv: 100},
		"cosine":                    {Name: optim.Cosine, End: 0.1},
		"linear":                    {Name: optim.Linear, End: 0.1},
	} {
		if err := schedule.Check(); err != nil {
			t.Fatal(err)
		}
		if len(golden[name]) != 40 {
			t.Fatalf("schedules.json has %d epochs of %s", len(golden[name]), name)
		}
		for epoch, want := range golden[name] {
			if got := schedule.Factor(epoch, 1, 40); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: epoch %d: %g, torch has %g", name, epoch, got, want)
			}
		}
	}
}

// TestPlateausEqualTorchAndKeras follows the same losses.
func TestPlateausEqualTorchAndKeras(t *testing.T) {
	var torch, keras, keras208 map[string][]float64
	read(t, "schedules.json", &torch)
	read(t, "plateaus.json", &keras)
	read(t, "plateaus-2.0.8.json", &keras208)
	losses := torch["losses"]
	for _, c := range []struct {
		name    string
		plateau optim.Plateau
		want    []float64
	}{
		{"torch", optim.Plateau{Factor: 0.5, Patience: 2, Rule: optim.PlateauTorch}, torch["plateau"]},
		{"torch with cooldown", optim.Plateau{Factor: 0.5, Patience: 1, Rule: optim.PlateauTorch, Cooldown: 2, MinFactor: 0.2}, torch["plateau with cooldown"]},
		{"torch, relative", optim.Plateau{Factor: 0.5, Patience: 2, Rule: optim.PlateauTorch, MinDelta: 0.1, Relative: true}, torch["plateau, relative"]},
		{"keras", optim.Plateau{Factor: 0.5, Patience: 2}, keras["plateau"]},
		{"keras with cooldown", optim.Plateau{Factor: 0.5, Patience: 2, Cooldown: 2, MinFactor: 0.2}, keras["plateau with cooldown"]},
		{"keras 2.0.8", optim.Plateau{Factor: 0.5, Patience: 1, Rule: optim.PlateauKeras208}, keras208["plateau"]},
		{"keras 2.0.8 with patience", optim.Plateau{Factor: 0.5, Patience: 2, Rule: optim.PlateauKeras208}, keras208["plateau with patience"]},
		{"keras 2.0.8 with cooldown", optim.Plateau{Factor: 0.5, Patience: 1, Rule: optim.PlateauKeras208, Cooldown: 2, MinFactor: 0.2}, keras208["plateau with cooldown"]},
	} {
		if len(c.want) != len(losses) {
			t.Fatalf("%s: %d factors of %d epochs", c.name, len(c.want), len(losses))
		}
		var state optim.PlateauState
		for epoch, loss := range losses {
			before := state.Factor()
			if cut := c.plateau.See(&state, -loss); cut != (state.Factor() < before) {
				t.Errorf("%s: epoch %d: cut is %v, factor %g after %g", c.name, epoch, cut, state.Factor(), before)
			}
			if got := state.Factor(); math.Abs(got-c.want[epoch]) > 1e-12 {
				t.Errorf("%s: epoch %d: factor %g, want %g", c.name, epoch, got, c.want[epoch])
			}
		}
	}
}

// TestPlateauOfTheStudy: in Keras 2.0.8 the first cut comes after patience+1 bad epochs, later ones after patience.
func TestPlateauOfTheStudy(t *testing.T) {
	plateau := optim.Plateau{Factor: 0.5, Patience: 2, Rule: optim.PlateauKeras208}
	var state optim.PlateauState
	var cuts []int
	for epoch := range 12 {
		if plateau.See(&state, 1) { // the first epoch is the best
			cuts = append(cuts, epoch)
		}
	}
	if want := []int{3, 5, 7, 9, 11}; !slices.Equal(cuts, want) {
		t.Errorf("cuts after epochs %v, want %v", cuts, want)
	}
}

// TestPlateauWithoutAValue: a metric that is not finite is a bad epoch, and the state stays one that JSON can hold.
func TestPlateauWithoutAValue(t *testing.T) {
	plateau := optim.Plateau{Factor: 0.5, Patience: 2}
	var state optim.PlateauState
	for epoch, c := range []struct{ value, factor float64 }{
		{math.NaN(), 1}, {-5, 1}, {math.Inf(-1), 1}, {math.NaN(), 0.5}, {-4, 0.5}, {-4, 0.5}, {math.Inf(1), 0.25}, {-3, 0.25},
	} {
		plateau.See(&state, c.value)
		text, err := json.Marshal(state)
		if err != nil {
			t.Fatal(err)
		}
		state = optim.PlateauState{}
		if err := json.Unmarshal(text, &state); err != nil {
			t.Fatal(err)
		}
		if state.Factor() != c.factor {
			t.Errorf("epoch %d: factor %g, want %g", epoch, state.Factor(), c.factor)
		}
	}
}

// TestFactorsAreFinite follows schedules of hardly any steps, and beyond their end.
func TestFactorsAreFinite(t *testing.T) {
	for _, schedule := range []optim.Schedule{
		{Name: optim.OneCycle}, {Name: optim.OneCycle, RiseShare: 0.1}, {Name: optim.OneCycle, RiseShare: 0.999}, {Name: optim.Cosine, End: 0.1},
		{Name: optim.Linear, WarmupEpochs: 3}, {Name: optim.Step, Base: 2, Period: 1}, {},
	} {
		if err := schedule.Check(); err != nil {
			t.Fatal(err)
		}
		for _, all := range []int{1, 2, 3, 10, 100} {
			for step := range all + 3 {
				got := schedule.Factor(step, 1, all)
				if !(got >= 0 && got <= 1) {
					t.Errorf("%+v: step %d of %d: factor %g", schedule, step, all, got)
				}
				if schedule.Name == optim.Cosine && step >= all && got != 0.1 {
					t.Errorf("cosine at step %d of %d: factor %g, want its end", step, all, got)
				}
			}
		}
	}
}

// TestSweep finds the rates of a loss with a known shape: flat, falling fastest at 1e-2, smallest at 1e-1, then growing.
func TestSweep(t *testing.T) {
	sweep := optim.Sweep{Low: 1e-5, High: 10, Steps: 601}
	if first, last := sweep.Rate(0), sweep.Rate(600); math.Abs(first-1e-5) > 1e-15 || math.Abs(last-10) > 1e-9 {
		t.Errorf("rates from %g to %g", first, last)
	}
	var losses []float64
	for step := range sweep.Steps {
		x := math.Log10(sweep.Rate(step))
		losses = append(losses, 2-1/(1+math.Exp(-4*(x+2)))+math.Exp(4*(x+0.2)))
		if optim.RunsAway(optim.Smooth(losses)) {
			break
		}
	}
	if len(losses) == sweep.Steps {
		t.Error("the loss did not run away")
	}
	advice, err := sweep.Suggest(optim.Smooth(losses))
	if err != nil {
		t.Fatal(err)
	}
	if advice.Steepest < 7e-3 || advice.Steepest > 2e-2 || advice.Tenth < 5e-3 || advice.Tenth > 2e-2 {
		t.Errorf("advice is %+v", advice)
	}
	if _, err := sweep.Suggest([]float64{1, 1, 1, 1}); err == nil {
		t.Error("a loss that never falls gave advice")
	}
	for _, c := range []struct {
		losses []float64
		want   bool
	}{{nil, false}, {[]float64{2}, false}, {[]float64{2, 0.5, 2}, false}, {[]float64{2, 0.5, 2.1}, true}, {[]float64{math.NaN()}, true}, {[]float64{math.Inf(1)}, true}} {
		if got := optim.RunsAway(c.losses); got != c.want {
			t.Errorf("smoothed losses %v run away: %v, want %v", c.losses, got, c.want)
		}
	}
}
