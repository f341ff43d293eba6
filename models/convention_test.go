package models

import (
	"strings"
	"testing"
)

func TestConventionCheck(t *testing.T) {
	for _, model := range Names() {
		for _, c := range Conventions(model) {
			if err := c.Check(model); err != nil {
				t.Errorf("%s of %s: %v", model, c.Source, err)
			}
		}
	}
	for want, damage := range map[string]func(c *Convention){
		`"slim"; known: torchvision`:      func(c *Convention) { c.Source = "slim" },
		"epsilon 0":                       func(c *Convention) { c.BN.Epsilon = 0 },
		"momentum 2":                      func(c *Convention) { c.BN.Momentum = 2 },
		`rule "flatten"`:                  func(c *Convention) { c.Dense = DenseFlatten },
		`channel order "rgb"`:             func(c *Convention) { c.Preprocess.Order = "rgb" },
		"scale 0":                         func(c *Convention) { c.Preprocess.Scale = 0 },
		"std [1 0 1]":                     func(c *Convention) { c.Preprocess.Std = [3]float64{1, 0, 1} },
		"size 0":                          func(c *Convention) { c.Pictures.Size = 0 },
		`rule "crop" with crop 1.5`:       func(c *Convention) { c.Pictures.Crop = 1.5 },
		`rule "pad"`:                      func(c *Convention) { c.Pictures.Resize = "pad" },
		`unknown interpolation "lanczos"`: func(c *Convention) { c.Pictures.Interpolation = "lanczos" },
	} {
		c := Conventions("densenet121")[0]
		damage(&c)
		if err := c.Check("densenet121"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
