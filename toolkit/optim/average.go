package optim

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
)

// AverageScope is where averages keep their variables in the store.
const AverageScope = "/average"

// Kinds of averages.
const (
	EMA = "ema" // exponential moving average of parameters and running statistics, after each step
	SWA = "swa" // mean of the parameters after each epoch (Izmailov et al., UAI 2018); running statistics must be estimated anew
)

// Average says which average of the parameters is kept and used for predictions. The zero value keeps none.
type Average struct {
	Kind   string  `yaml:"kind" json:"kind"`
	Decay  float64 `yaml:"decay" json:"decay"`   // of ema, in (0, 1): 0.999 if zero
	Warmup bool    `yaml:"warmup" json:"warmup"` // of ema: step t, from 1, has at most the decay (1+t)/(10+t)
	From   int     `yaml:"from" json:"from"`     // of swa: epochs of the stage before the first that counts
}

// Check returns an error that names the first setting out of range or without effect.
func (a Average) Check() error {
	if a == (Average{}) {
		return nil
	}
	switch {
	case !slices.Contains([]string{EMA, SWA}, a.Kind):
		return fmt.Errorf("unknown kind %q; known: %s, %s", a.Kind, EMA, SWA)
	case a.Kind != EMA && (a.Decay != 0 || a.Warmup):
		return errors.New("decay and warmup are of kind " + EMA)
	case !(a.Decay >= 0 && a.Decay < 1):
		return fmt.Errorf("decay %g is outside (0, 1)", a.Decay)
	case a.Kind != SWA && a.From != 0:
		return errors.New("from is of kind " + SWA)
	case a.From < 0:
		return fmt.Errorf("from %d is not a number of epochs", a.From)
	}
	return nil
}

// UpdateEMA builds the update of the moving averages of all variables that the graph has changed so far, but for the
// optimizer's own: the trained ones, if it is called after StepWith, and the running statistics of batch normalisation. An
// average begins with the value before the first step, as in timm. apply is that of StepOptions, nil without accumulation.
// Graph-building.
func (a Average) UpdateEMA(store *model.Store, g *Graph, apply *Node) {
	s := &state{store: store, graph: g, apply: apply}
	decay := Scalar(g, dtypes.Float32, a.Decay)
	if a.Decay == 0 {
		decay = Scalar(g, dtypes.Float32, 0.999)
	}
	if a.Warmup {
		before, set := s.of(variable(store, AverageScope+"/step", tensors.FromScalar(float32(0))))
		step := AddScalar(before, 1)
		set(step)
		decay = Min(decay, Div(AddScalar(step, 1), AddScalar(step, 10)))
	}
	var changed []*model.Variable
	for v := range store.IterVariables() {
		if !isState(v.Path()) && v.DType().IsFloat() && v.ChangedInGraph(g) {
			changed = append(changed, v)
		}
	}
	for _, v := range changed {
		average, set := s.of(averageOf(store, v))
		set(Add(Mul(decay, average), Mul(OneMinus(decay), v.NodeValue(g))))
	}
}

// isState tells whether a variable is one of the optimizer's or of averages.
func isState(path string) bool {
	return strings.HasPrefix(path, Scope+"/") || strings.HasPrefix(path, AverageScope+"/")
}

// averageOf finds the average of a variable, or starts it with the variable's present value.
func averageOf(store *model.Store, v *model.Variable) *model.Variable {
	path := AverageScope + v.Path()
	if average := store.GetVariable(path); average != nil {
		return average.SetTrainable(false)
	}
	value, err := v.MustValue().LocalClone()
	if err != nil {
		panic(err)
	}
	return store.VariableWithValue(path, value).SetTrainable(false)
}

// AddSWA takes the present values of the trainable variables into their means. Running statistics have none: predictions
// with the means need statistics that were estimated with them.
func AddSWA(store *model.Store) error {
	counter := variable(store, AverageScope+"/count", tensors.FromScalar(float32(0)))
	count, err := counter.Value()
	if err != nil {
		return err
	}
	n := tensors.ToScalar[float32](count) + 1
	var trained []*model.Variable
	for v := range store.IterVariables() {
		if v.Trainable {
			trained = append(trained, v)
		}
	}
	for _, v := range trained {
		value, err := v.Value()
		if err != nil {
			return err
		}
		now, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			return fmt.Errorf("average of %s: %w", v.Path(), err)
		}
		average := averageOf(store, v)
		mean, err := tensors.CopyFlatData[float32](average.MustValue())
		if err != nil {
			return fmt.Errorf("average of %s: %w", v.Path(), err)
		}
		for i := range mean {
			mean[i] += (now[i] - mean[i]) / n
		}
		if err := average.SetValue(tensors.FromFlatDataAndDimensions(mean, v.Shape().Dimensions...)); err != nil {
			return err
		}
	}
	return counter.SetValue(tensors.FromScalar(n))
}

// HasAverages tells whether there are averages to use.
func HasAverages(store *model.Store) bool {
	for v := range store.IterVariables() {
		if strings.HasPrefix(v.Path(), AverageScope+"/") {
			return true
		}
	}
	return false
}

// Swap exchanges the variables that have averages with these; doing it twice leaves all as it was, to the bit. No value
// is copied.
func Swap(store *model.Store) error {
	var averages []*model.Variable
	for v := range store.IterVariables() {
		if path, found := strings.CutPrefix(v.Path(), AverageScope); found && store.GetVariable(path) != nil {
			averages = append(averages, v)
		}
	}
	for _, average := range averages {
		v := store.GetVariable(strings.TrimPrefix(average.Path(), AverageScope))
		a, err := average.Value()
		if err != nil {
			return err
		}
		b, err := v.Value()
		if err != nil {
			return err
		}
		if err := average.SetValuePreservingOld(b); err != nil {
			return err
		}
		if err := v.SetValuePreservingOld(a); err != nil {
			return err
		}
	}
	return nil
}
