package optim

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Rules of a Plateau: how many epochs without a new best it takes.
const (
	PlateauKeras    = "keras"       // Patience
	PlateauKeras208 = "keras-2.0.8" // Patience+1 before the first cut, then Patience, as its counter starts again from 1; the study's
	PlateauTorch    = "torch"       // Patience+1
)

var plateauRules = []string{PlateauKeras, PlateauKeras208, PlateauTorch}

// Plateau cuts the learning rate where a metric stops getting better. The zero value never does.
type Plateau struct {
	Factor    float64 `yaml:"factor" json:"factor"`         // of each cut, in (0, 1)
	Patience  int     `yaml:"patience" json:"patience"`     // epochs; see Rule
	Rule      string  `yaml:"rule" json:"rule"`             // PlateauKeras if empty
	MinDelta  float64 `yaml:"min_delta" json:"min_delta"`   // by how much a new best is better; 1e-4 if zero
	Relative  bool    `yaml:"relative" json:"relative"`     // MinDelta is a share of the best, as is torch's default
	Cooldown  int     `yaml:"cooldown" json:"cooldown"`     // epochs after a cut that don't count
	MinFactor float64 `yaml:"min_factor" json:"min_factor"` // cuts together don't go below it
}

// Check returns an error that names the first setting out of range or without effect.
func (p Plateau) Check() error {
	if p == (Plateau{}) {
		return nil
	}
	switch {
	case !(p.Factor > 0 && p.Factor < 1):
		return fmt.Errorf("factor %g is outside (0, 1)", p.Factor)
	case p.Patience < 0:
		return fmt.Errorf("patience %d is not a number of epochs", p.Patience)
	case p.Rule != "" && !slices.Contains(plateauRules, p.Rule):
		return fmt.Errorf("unknown rule %q; known: %s", p.Rule, strings.Join(plateauRules, ", "))
	case !(p.MinDelta >= 0) || math.IsInf(p.MinDelta, 0):
		return fmt.Errorf("min_delta %g is not a number from 0 up", p.MinDelta)
	case p.Cooldown < 0:
		return fmt.Errorf("cooldown %d is not a number of epochs", p.Cooldown)
	case !(p.MinFactor >= 0 && p.MinFactor < 1):
		return fmt.Errorf("min_factor %g is outside [0, 1)", p.MinFactor)
	}
	return nil
}

// PlateauState is what a Plateau has seen so far; the zero value is nothing.
type PlateauState struct {
	Epochs   int     `json:"epochs"` // that had a value
	Best     float64 `json:"best"`
	Wait     int     `json:"wait"`
	Cooldown int     `json:"cooldown"` // epochs left of it
	Cuts     float64 `json:"cuts"`     // their product; 0 before the first
}

// Factor is what the learning rate is multiplied by.
func (s PlateauState) Factor() float64 {
	if s.Cuts == 0 {
		return 1
	}
	return s.Cuts
}

// See takes the value of the metric after an epoch, larger is better, and tells whether the rate was cut. A value that is
// not finite is no new best.
func (p Plateau) See(s *PlateauState, value float64) (cut bool) {
	if p == (Plateau{}) {
		return false
	}
	delta := p.MinDelta
	if delta == 0 {
		delta = 1e-4
	}
	if p.Relative {
		delta *= math.Abs(s.Best)
	}
	isFinite := !math.IsNaN(value) && !math.IsInf(value, 0)
	better := isFinite && (s.Epochs == 0 || value > s.Best+delta)
	if isFinite {
		s.Epochs++
	}
	cooling := s.Cooldown > 0
	if cooling {
		s.Cooldown--
		s.Wait = 0
		cooling = p.Rule == PlateauTorch || s.Cooldown > 0 // Keras counts the epoch that ends it
	}
	if better {
		s.Best, s.Wait = value, 0
		return false
	}
	if cooling {
		return false
	}
	switch p.Rule {
	case PlateauKeras208: // compares before it counts, and counts after a cut too
		cut = s.Wait >= p.Patience
		if cut {
			s.Wait = 0
		}
		s.Wait++
	case PlateauTorch:
		s.Wait++
		if cut = s.Wait > p.Patience; cut {
			s.Wait = 0
		}
	default:
		s.Wait++
		if cut = s.Wait >= p.Patience; cut {
			s.Wait = 0
		}
	}
	if !cut {
		return false
	}
	s.Cooldown = p.Cooldown
	before := s.Factor()
	s.Cuts = max(before*p.Factor, p.MinFactor)
	return s.Cuts < before
}
