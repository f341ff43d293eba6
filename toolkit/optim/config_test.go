package optim_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/longwing-ml/longwing/toolkit/optim"
)

type settings struct {
	Optimizer optim.Config   `yaml:"optimizer" json:"optimizer"`
	Schedule  optim.Schedule `yaml:"schedule" json:"schedule"`
	Average   optim.Average  `yaml:"average" json:"average"`
}

func TestYAML(t *testing.T) {
	const text = `
optimizer: {name: sgd, convention: keras, lr: 0.0012345, momentum: 0.9, nesterov: true, weight_decay: 1e-4, decay_all: true, clip_norm: 1, accumulate: 2, layer_decay: 0.7}
schedule: {name: step, base: 1.2, period: 1, warmup_epochs: 0.5, plateau: {factor: .5, patience: 1, rule: keras-2.0.8, min_delta: 1e-3, relative: true, cooldown: 1, min_factor: 0.01}}
average: {kind: ema, decay: 0.99, warmup: true}
`
	want := settings{
		optim.Config{Name: optim.SGD, Convention: optim.Keras, LR: 0.0012345, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-4, DecayAll: true,
			ClipNorm: 1, Accumulate: 2, LayerDecay: 0.7},
		optim.Schedule{Name: optim.Step, Base: 1.2, Period: 1, WarmupEpochs: 0.5, Plateau: optim.Plateau{Factor: 0.5, Patience: 1,
			Rule: optim.PlateauKeras208, MinDelta: 1e-3, Relative: true, Cooldown: 1, MinFactor: 0.01}},
		optim.Average{Kind: optim.EMA, Decay: 0.99, Warmup: true},
	}
	var got settings
	if err := yaml.NewDecoder(strings.NewReader(text), yaml.Strict()).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("read %+v, want %+v", got, want)
	}
	for _, err := range []error{got.Optimizer.Check(), got.Schedule.Check(), got.Average.Check()} {
		if err != nil {
			t.Error(err)
		}
	}
	for name, code := range map[string]struct {
		write func(any) ([]byte, error)
		read  func([]byte, any) error
	}{
		"YAML": {yaml.Marshal, func(text []byte, to any) error { return yaml.Unmarshal(text, to) }},
		"JSON": {json.Marshal, json.Unmarshal},
	} {
		var again settings
		text, err := code.write(want)
		if err == nil {
			err = code.read(text, &again)
		}
		if err != nil || again != want {
			t.Errorf("through %s %+v became %+v, error %v", name, want, again, err)
		}
	}
}

// TestKeys: a setting has the same key in YAML and JSON.
func TestKeys(t *testing.T) {
	for _, s := range []any{optim.Config{}, optim.Schedule{}, optim.Plateau{}, optim.Average{}, optim.Sweep{}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(s)) {
			key := field.Tag.Get("yaml")
			if key == "" || key != field.Tag.Get("json") || key != strings.ToLower(key) {
				t.Errorf("%T.%s has the keys %q", s, field.Name, field.Tag)
			}
		}
	}
}
