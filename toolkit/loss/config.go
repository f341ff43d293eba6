package loss

import (
	"fmt"
	"slices"
	"strings"

	"github.com/longwing-ml/longwing/toolkit/classweight"
)

// Name is a kind of loss. With p = softmax(logits) and, for the class of a picture, n training pictures of N:
type Name string

const (
	CrossEntropy       Name = "cross-entropy"         // −log p
	Focal              Name = "focal"                 // −(1−p)^γ·log p: Lin et al., ICCV 2017, with softmax
	ClassBalancedFocal Name = "class-balanced-focal"  // focal, weighted by (1−β)/(1−β^n) scaled to sum to the number of classes: Cui et al., CVPR 2019
	LDAM               Name = "ldam"                  // cross-entropy of s·(logits − margin of the own class): Cao et al., NeurIPS 2019
	BalancedSoftmax    Name = "balanced-softmax"      // cross-entropy of logits + log n: Ren et al., NeurIPS 2020
	LogitAdjusted      Name = "logit-adjusted"        // cross-entropy of logits + τ·log(n/N): Menon et al., ICLR 2021
	SoftF1             Name = "soft-f1"               // 1 − F1 of the batch, see below
	CrossEntropySoftF1 Name = "cross-entropy+soft-f1" // −log p + λ·(1 − F1 of the batch)
)

// Names lists the losses.
func Names() []Name {
	return []Name{CrossEntropy, Focal, ClassBalancedFocal, LDAM, BalancedSoftmax, LogitAdjusted, SoftF1, CrossEntropySoftF1}
}

// Convention says how class weights act; see the package's comment.
type Convention string

const (
	Torch Convention = "torch"
	Keras Convention = "keras"
)

// Config chooses a loss and its settings. The zero Config is cross-entropy. A setting of zero is the default; a setting
// that the loss has no use for is an error.
type Config struct {
	Name Name `yaml:"name" json:"name"` // CrossEntropy if empty
	// Convention is Torch if empty, but Keras for the two focal losses, whose papers average plainly.
	Convention Convention `yaml:"convention" json:"convention"`
	Smoothing  float64    `yaml:"smoothing" json:"smoothing"`   // share of the target spread over all classes, in [0, 1)
	Gamma      float64    `yaml:"gamma" json:"gamma"`           // γ of focal: 2 if zero
	Beta       float64    `yaml:"beta" json:"beta"`             // β of class-balanced-focal, in (0, 1): 0.999 if zero
	Tau        float64    `yaml:"tau" json:"tau"`               // τ of logit-adjusted: 1 if zero
	MaxMargin  float64    `yaml:"max_margin" json:"max_margin"` // ldam: margin of the rarest class, 0.5 if zero; others have n^(−¼) times as much as a class of one picture
	Scale      float64    `yaml:"scale" json:"scale"`           // s of ldam: 30 if zero, for logits that are cosines; ordinary logits want about 1
	F1Weight   float64    `yaml:"f1_weight" json:"f1_weight"`   // λ of cross-entropy+soft-f1: 2 if zero, as in the study

	// Absent says what becomes of a class without training pictures where the loss depends on their number: an error
	// if empty. With classweight.AbsentZero the class is left out of the softmax, and a picture of it weighs 0.
	Absent classweight.Absent `yaml:"absent" json:"absent"`
}

// setting is a number that some losses have.
type setting struct {
	key   string
	value *float64
	below float64 // value must be above zero and below this
	empty float64 // what zero stands for
	of    []Name
}

const tooLarge = 10_000 // for a factor: far above any use, and far from overflowing float32

func (c *Config) settings() []setting {
	return []setting{
		{"smoothing", &c.Smoothing, 1, 0, []Name{CrossEntropy, BalancedSoftmax, LogitAdjusted, CrossEntropySoftF1}},
		{"gamma", &c.Gamma, tooLarge, 2, []Name{Focal, ClassBalancedFocal}},
		{"beta", &c.Beta, 1, 0.999, []Name{ClassBalancedFocal}},
		{"tau", &c.Tau, tooLarge, 1, []Name{LogitAdjusted}},
		{"max_margin", &c.MaxMargin, tooLarge, 0.5, []Name{LDAM}},
		{"scale", &c.Scale, tooLarge, 30, []Name{LDAM}},
		{"f1_weight", &c.F1Weight, tooLarge, 2, []Name{CrossEntropySoftF1}},
	}
}

// Check returns an error that names the first key that is unknown, out of range or of another loss.
func (c Config) Check() error {
	name := c.name()
	if !slices.Contains(Names(), name) {
		return fmt.Errorf("name: unknown loss %q; known: %s", name, list(Names()))
	}
	for _, s := range c.settings() {
		switch {
		case *s.value == 0:
		case !slices.Contains(s.of, name):
			return fmt.Errorf("%s: loss %s has none; it is of %s", s.key, name, list(s.of))
		case !(*s.value > 0 && *s.value < s.below):
			return fmt.Errorf("%s: %g is not above 0 and below %g", s.key, *s.value, s.below)
		}
	}
	if known := []Convention{"", Torch, Keras}; !slices.Contains(known, c.Convention) {
		return fmt.Errorf("convention: %q is none of %s", c.Convention, list(known[1:]))
	}
	switch {
	case c.Convention != "" && !name.takesWeights() && name != ClassBalancedFocal:
		return fmt.Errorf("convention: loss %s has no class weights", name)
	case c.Absent != "" && !slices.Contains(classweight.Absents(), c.Absent):
		return fmt.Errorf("absent: %q is none of %s", c.Absent, list(classweight.Absents()))
	case c.Absent != "" && !name.NeedsCounts():
		return fmt.Errorf("absent: loss %s does not depend on training pictures", name)
	}
	return nil
}

// NeedsCounts tells whether a loss depends on the number of training pictures of each class.
func (n Name) NeedsCounts() bool {
	return slices.Contains([]Name{ClassBalancedFocal, LDAM, BalancedSoftmax, LogitAdjusted}, n)
}

// takesWeights tells whether a loss takes class weights: soft F1 counts classes alike, class-balanced focal has its own.
func (n Name) takesWeights() bool { return n != SoftF1 && n != ClassBalancedFocal }

func (c Config) name() Name {
	if c.Name == "" {
		return CrossEntropy
	}
	return c.Name
}

// filled is the Config with defaults in the place of what is empty.
func (c Config) filled() Config {
	c.Name = c.name()
	for _, s := range c.settings() {
		if *s.value == 0 && slices.Contains(s.of, c.Name) {
			*s.value = s.empty
		}
	}
	if c.Convention == "" {
		c.Convention = Torch
		if c.Name == Focal || c.Name == ClassBalancedFocal {
			c.Convention = Keras
		}
	}
	return c
}

func list[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ", ")
}
