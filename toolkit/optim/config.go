package optim

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Names of optimizers.
const (
	SGD     = "sgd"
	Adam    = "adam"
	AdamW   = "adamw"
	RMSprop = "rmsprop"
)

// Names lists the optimizers.
func Names() []string { return []string{Adam, AdamW, RMSprop, SGD} }

// Conventions: the library whose form of an optimizer is meant, where they differ.
const (
	Torch    = "torch"
	Keras    = "keras"       // Keras 3
	Keras208 = "keras-2.0.8" // Keras of 2017: sgd, adam and rmsprop only, without weight decay; the study's
)

var conventions = []string{Torch, Keras, Keras208}

// Config chooses an optimizer and its settings. A setting of zero is the default; a setting that the optimizer has no
// use for is an error.
type Config struct {
	Name       string `yaml:"name" json:"name"`             // one of Names
	Convention string `yaml:"convention" json:"convention"` // Torch if empty

	LR       float64 `yaml:"lr" json:"lr"`             // peak learning rate, above 0
	Momentum float64 `yaml:"momentum" json:"momentum"` // sgd, rmsprop: in [0, 1)
	Nesterov bool    `yaml:"nesterov" json:"nesterov"` // sgd: look ahead along the momentum
	Beta1    float64 `yaml:"beta1" json:"beta1"`       // adam, adamw: 0.9 if zero
	Beta2    float64 `yaml:"beta2" json:"beta2"`       // adam, adamw: 0.999 if zero
	Rho      float64 `yaml:"rho" json:"rho"`           // rmsprop: 0.99 if zero, 0.9 in Keras's conventions
	Centered bool    `yaml:"centered" json:"centered"` // rmsprop: divide by the deviation instead of the mean square
	Epsilon  float64 `yaml:"epsilon" json:"epsilon"`   // all but sgd: 1e-8 if zero, 1e-7 in the convention Keras

	// WeightDecay times the parameter is added to the gradient. For adamw, and in the convention Keras for all, it is taken
	// off the parameter instead, times the learning rate. Parameters of fewer than two axes, which are biases and the scales
	// and offsets of batch normalisation, have none, unless DecayAll.
	WeightDecay float64 `yaml:"weight_decay" json:"weight_decay"`
	DecayAll    bool    `yaml:"decay_all" json:"decay_all"`

	ClipNorm   float64 `yaml:"clip_norm" json:"clip_norm"`   // largest global norm of the gradient; 0 for any
	Accumulate int     `yaml:"accumulate" json:"accumulate"` // batches to a step, for which their gradients are averaged; 1 if zero

	// LayerDecay is what the learning rate is multiplied by from one part of the network to the one below, in (0, 1]; 1 if
	// zero. Which part a variable is of is for the caller to say: see StepOptions.Multiplier.
	LayerDecay float64 `yaml:"layer_decay" json:"layer_decay"`
}

// setting is a number that some optimizers have.
type setting struct {
	key       string
	value     float64
	low, high float64 // value must be in [low, high)
	of        []string
}

func (c Config) settings() []setting {
	infinity := math.Inf(1)
	return []setting{
		{"momentum", c.Momentum, 0, 1, []string{SGD, RMSprop}},
		{"beta1", c.Beta1, 0, 1, []string{Adam, AdamW}},
		{"beta2", c.Beta2, 0, 1, []string{Adam, AdamW}},
		{"rho", c.Rho, 0, 1, []string{RMSprop}},
		{"epsilon", c.Epsilon, 0, infinity, []string{Adam, AdamW, RMSprop}},
		{"weight_decay", c.WeightDecay, 0, infinity, Names()},
		{"clip_norm", c.ClipNorm, 0, infinity, Names()},
	}
}

// Check returns an error that names the first setting out of range or without effect.
func (c Config) Check() error {
	if !slices.Contains(Names(), c.Name) {
		return fmt.Errorf("unknown optimizer %q; known: %s", c.Name, strings.Join(Names(), ", "))
	}
	if c.Convention != "" && !slices.Contains(conventions, c.Convention) {
		return fmt.Errorf("unknown convention %q; known: %s", c.Convention, strings.Join(conventions, ", "))
	}
	if !(c.LR > 0) || math.IsInf(c.LR, 0) {
		return fmt.Errorf("lr %g is not a number above 0", c.LR)
	}
	for _, s := range c.settings() {
		switch {
		case s.value != 0 && !slices.Contains(s.of, c.Name):
			return fmt.Errorf("%s is a setting of %s, the optimizer is %s", s.key, strings.Join(s.of, " and "), c.Name)
		case !(s.value >= s.low && s.value < s.high):
			return fmt.Errorf("%s %g is outside [%g, %g)", s.key, s.value, s.low, s.high)
		}
	}
	switch {
	case c.Nesterov && c.Name != SGD:
		return fmt.Errorf("nesterov is a setting of %s, the optimizer is %s", SGD, c.Name)
	case c.Nesterov && c.Momentum == 0:
		return fmt.Errorf("nesterov needs a momentum above 0")
	case c.Centered && c.Name != RMSprop:
		return fmt.Errorf("centered is a setting of %s, the optimizer is %s", RMSprop, c.Name)
	case c.DecayAll && c.WeightDecay == 0:
		return fmt.Errorf("decay_all needs a weight_decay above 0")
	case c.Accumulate < 0:
		return fmt.Errorf("accumulate %d is not a number of batches", c.Accumulate)
	case !(c.LayerDecay >= 0 && c.LayerDecay <= 1):
		return fmt.Errorf("layer_decay %g is outside (0, 1]", c.LayerDecay)
	}
	return c.checkKeras208()
}

// checkKeras208 refuses what the optimizers of Keras 2.0.8 did not have.
func (c Config) checkKeras208() error {
	if c.Convention != Keras208 {
		return nil
	}
	missing := ""
	switch {
	case c.Name == AdamW:
		missing = AdamW
	case c.Name == RMSprop && c.Momentum != 0:
		missing = "momentum for rmsprop"
	case c.Centered:
		missing = "centered"
	case c.WeightDecay != 0:
		missing = "weight_decay"
	default:
		return nil
	}
	return fmt.Errorf("convention %s has no %s; take %s or %s", Keras208, missing, Keras, Torch)
}

// filled is the Config with defaults in the place of what is empty.
func (c Config) filled() Config {
	rho, epsilon := 0.99, 1e-8
	if c.likeKeras() {
		rho = 0.9
	}
	if c.Convention == Keras {
		epsilon = 1e-7
	}
	for _, d := range []struct {
		value    *float64
		fallback float64
	}{{&c.Beta1, 0.9}, {&c.Beta2, 0.999}, {&c.Rho, rho}, {&c.Epsilon, epsilon}} {
		if *d.value == 0 {
			*d.value = d.fallback
		}
	}
	return c
}

func (c Config) likeKeras() bool { return c.Convention == Keras || c.Convention == Keras208 }

func (c Config) decoupled() bool { return c.Name == AdamW || c.Convention == Keras }

func (c Config) accumulates() bool { return c.Accumulate > 1 }

// Steps is the number of batches to a step.
func (c Config) Steps() int { return max(1, c.Accumulate) }
