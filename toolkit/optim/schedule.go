package optim

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Names of schedules.
const (
	Constant = "constant"
	Cosine   = "cosine"
	Linear   = "linear"
	Step     = "step"
	OneCycle = "one-cycle"
)

var schedules = []string{Constant, Cosine, Linear, OneCycle, Step}

// Schedule says how the learning rate moves during a stage, as a factor on the optimizer's rate. Warm-up and cuts on a
// plateau multiply it.
type Schedule struct {
	Name string `yaml:"name" json:"name"` // Constant if empty
	// WarmupEpochs: over so many epochs at the start the factor also grows linearly from 1/steps to 1.
	WarmupEpochs float64 `yaml:"warmup_epochs" json:"warmup_epochs"`
	// Base and Period: a step schedule divides the rate by Base at the start of every Period-th epoch (not the first).
	Base   float64 `yaml:"base" json:"base"`
	Period int     `yaml:"period" json:"period"`
	End    float64 `yaml:"end" json:"end"` // cosine, linear: the factor at the end of the stage, in [0, 1)
	// One-cycle (Smith & Topin 2017, arXiv:1708.07120, in torch's cosine form; the momentum stays): the factor grows from
	// 1/Div to 1 over the share RiseShare of the steps, then falls to 1/(Div·FinalDiv).
	RiseShare float64 `yaml:"rise_share" json:"rise_share"` // 0.3 if zero
	Div       float64 `yaml:"div" json:"div"`               // 25 if zero
	FinalDiv  float64 `yaml:"final_div" json:"final_div"`   // 1e4 if zero

	Plateau Plateau `yaml:"plateau" json:"plateau"`
}

// Check returns an error that names the first setting out of range or without effect.
func (s Schedule) Check() error {
	if s.Name != "" && !slices.Contains(schedules, s.Name) {
		return fmt.Errorf("unknown schedule %q; known: %s", s.Name, strings.Join(schedules, ", "))
	}
	if !(s.WarmupEpochs >= 0) || math.IsInf(s.WarmupEpochs, 0) {
		return fmt.Errorf("warmup_epochs %g is not a number of epochs", s.WarmupEpochs)
	}
	for _, setting := range []struct {
		key string
		set bool
		of  []string
	}{
		{"base", s.Base != 0, []string{Step}}, {"period", s.Period != 0, []string{Step}}, {"end", s.End != 0, []string{Cosine, Linear}},
		{"rise_share", s.RiseShare != 0, []string{OneCycle}}, {"div", s.Div != 0, []string{OneCycle}}, {"final_div", s.FinalDiv != 0, []string{OneCycle}},
	} {
		if setting.set && !slices.Contains(setting.of, s.Name) {
			return fmt.Errorf("%s is of schedule %s, the schedule is %q", setting.key, strings.Join(setting.of, " and "), s.Name)
		}
	}
	switch {
	case s.Name == Step && (!(s.Base > 0) || math.IsInf(s.Base, 0)):
		return fmt.Errorf("base %g is not above 0", s.Base)
	case s.Name == Step && s.Period < 1:
		return fmt.Errorf("period %d is not a number of epochs", s.Period)
	case !(s.End >= 0 && s.End < 1):
		return fmt.Errorf("end %g is outside [0, 1)", s.End)
	case !(s.RiseShare >= 0 && s.RiseShare < 1):
		return fmt.Errorf("rise_share %g is outside [0, 1)", s.RiseShare)
	case s.Div != 0 && !(s.Div >= 1) || math.IsInf(s.Div, 0):
		return fmt.Errorf("div %g is below 1", s.Div)
	case s.FinalDiv != 0 && !(s.FinalDiv >= 1) || math.IsInf(s.FinalDiv, 0):
		return fmt.Errorf("final_div %g is below 1", s.FinalDiv)
	}
	if err := s.Plateau.Check(); err != nil {
		return fmt.Errorf("plateau: %w", err)
	}
	return nil
}

// Factor is the factor at a step, numbered from 0, of a stage of epochs×stepsPerEpoch steps, at least one, before cuts on
// a plateau. After the stage it stays at its end.
func (s Schedule) Factor(step, stepsPerEpoch, epochs int) float64 {
	factor := 1.0
	all := stepsPerEpoch * epochs
	done := min(1, float64(step)/float64(all))
	switch s.Name {
	case Cosine: // Loshchilov & Hutter 2017, arXiv:1608.03983, without restarts
		factor = s.End + (1-s.End)*(1+math.Cos(math.Pi*done))/2
	case Linear:
		factor = 1 - (1-s.End)*done
	case Step:
		factor = math.Pow(s.Base, -float64(step/stepsPerEpoch/s.Period))
	case OneCycle:
		factor = s.oneCycle(step, all)
	}
	if warmup := s.WarmupEpochs * float64(stepsPerEpoch); float64(step+1) < warmup {
		factor *= float64(step+1) / warmup
	}
	return factor
}

func (s Schedule) oneCycle(step, all int) float64 {
	share, div, finalDiv := s.RiseShare, s.Div, s.FinalDiv
	for _, d := range []struct {
		value    *float64
		fallback float64
	}{{&share, 0.3}, {&div, 25}, {&finalDiv, 1e4}} {
		if *d.value == 0 {
			*d.value = d.fallback
		}
	}
	peak, last := share*float64(all)-1, float64(all-1)
	move := func(from, to, done float64) float64 { return to + (from-to)/2*(1+math.Cos(math.Pi*done)) }
	at := float64(step)
	if peak > 0 && at <= peak {
		return move(1/div, 1, at/peak)
	}
	return move(1, 1/(div*finalDiv), min(1, (at-peak)/(last-peak)))
}
