package optim

import (
	"fmt"
	"math"
)

// Schedule says how the learning rate moves during a stage, as a factor on the optimizer's rate.
type Schedule struct {
	Name string `yaml:"name" json:"name"` // "constant" (if empty), "cosine" or "step"
	// WarmupEpochs: over so many epochs at the start the factor also grows linearly from 1/steps to 1.
	WarmupEpochs float64 `yaml:"warmup_epochs" json:"warmup_epochs"`
	// Base and Period: a step schedule divides the rate by Base at the start of every Period-th epoch (not the first).
	Base   float64 `yaml:"base" json:"base"`
	Period int     `yaml:"period" json:"period"`
}

// Check returns an error that names the first setting out of range or without effect.
func (s Schedule) Check() error {
	if !(s.WarmupEpochs >= 0) || math.IsInf(s.WarmupEpochs, 0) {
		return fmt.Errorf("warmup_epochs %g is not a number of epochs", s.WarmupEpochs)
	}
	switch s.Name {
	case "", "constant", "cosine":
		if s.Base != 0 || s.Period != 0 {
			return fmt.Errorf("base and period belong to the step schedule, the schedule is %q", s.Name)
		}
	case "step":
		if !(s.Base > 0) || math.IsInf(s.Base, 0) {
			return fmt.Errorf("base %g is not above 0", s.Base)
		}
		if s.Period < 1 {
			return fmt.Errorf("period %d is not a number of epochs", s.Period)
		}
	default:
		return fmt.Errorf("unknown schedule %q; known: constant, cosine, step", s.Name)
	}
	return nil
}

// Factor is the factor at a step, numbered from 0, of a stage of epochs×stepsPerEpoch steps.
func (s Schedule) Factor(step, stepsPerEpoch, epochs int) float64 {
	factor := 1.0
	switch s.Name {
	case "cosine": // Loshchilov & Hutter 2017, arXiv:1608.03983, without restarts
		factor = (1 + math.Cos(math.Pi*float64(step)/float64(stepsPerEpoch*epochs))) / 2
	case "step":
		factor = math.Pow(s.Base, -float64(step/stepsPerEpoch/s.Period))
	}
	if warmup := s.WarmupEpochs * float64(stepsPerEpoch); float64(step+1) < warmup {
		factor *= float64(step+1) / warmup
	}
	return factor
}
