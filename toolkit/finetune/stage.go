package finetune

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/nn"
	"github.com/longwing-ml/longwing/toolkit/classweight"
	"github.com/longwing-ml/longwing/toolkit/loss"
	"github.com/longwing-ml/longwing/toolkit/optim"
	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// Stage is a number of epochs with one cut point, one sampler, one loss and one optimizer. Parameters carry over to the
// next stage.
type Stage struct {
	Name        string    `yaml:"name"`         // in the log; the stage's number if empty
	FreezeBelow string    `yaml:"freeze_below"` // cut point or an alias of one: this part and all above it are trained
	Epochs      int       `yaml:"epochs"`
	Passes      int       `yaml:"passes"` // how often an epoch goes through the sampler's rows; once if zero
	Batch       int       `yaml:"batch"`  // pictures a step
	BN          nn.BNMode `yaml:"bn"`     // of the trained part: "train" (if empty), "frozen-statistics" or "frozen"
	// Recompute keeps only outputs of layers for the gradient and computes what is inside again: less memory, more time,
	// the same numbers.
	Recompute bool `yaml:"recompute"`

	// Views is how many differently augmented views of a picture there are: those of an epoch come again Views epochs
	// later. With 0 every epoch has new ones.
	Views      int        `yaml:"views"`
	TrunkCache TrunkCache `yaml:"trunk_cache"` // computes the frozen part once per picture and view

	Only         Only           `yaml:"only"`          // trains on some classes only
	Sampler      Sampler        `yaml:"sampler"`       // which training pictures an epoch shows
	ClassWeights ClassWeights   `yaml:"class_weights"` // of the loss
	Loss         loss.Config    `yaml:"loss"`
	Optimizer    optim.Config   `yaml:"optimizer"`
	Schedule     optim.Schedule `yaml:"schedule"`
	Average      optim.Average  `yaml:"average"` // of the parameters: validation and the best checkpoint take it

	// StartFrom says with which parameters the stage begins: those the stage before ended with ("last", if empty) or its
	// best ones ("best").
	StartFrom     string `yaml:"start_from"`
	NewHead       bool   `yaml:"new_head"`       // the last layer begins from new random values, as in classifier re-training
	KeepOptimizer bool   `yaml:"keep_optimizer"` // the optimizer goes on from what the stage before left; it starts afresh otherwise

	Monitor   Metric `yaml:"monitor"`    // what schedule.plateau and stop_after watch: "valid.nll" if empty
	StopAfter int    `yaml:"stop_after"` // ends the stage after so many epochs in which Monitor has no new best; 0 for never
}

// TrunkCache says how the outputs of a stage's frozen part are kept: they are computed once, at the stage's start, and
// training goes on from them, to the same losses within rounding as without.
type TrunkCache struct {
	DType   string  `yaml:"dtype"`    // "float32" or "bfloat16", half the size; no cache if empty
	LimitGB float64 `yaml:"limit_gb"` // a larger cache, in 10⁹ bytes, is refused; 10 if zero
}

// Only chooses the classes a stage is trained on; the zero value takes all. The network keeps all its classes.
type Only struct {
	Below       int   `yaml:"below"`             // classes of fewer pictures, training and validation part together
	Classes     []int `yaml:"classes,omitempty"` // numbers of classes
	ValidateAll bool  `yaml:"validate_all"`      // validates on the pictures of all classes, not only on those of these
}

func (o Only) isZero() bool { return o.Below == 0 && len(o.Classes) == 0 && !o.ValidateAll }

// Sampler is a sampler of package sampling and its options.
type Sampler struct {
	Name            string  `yaml:"name"` // of sampling.Names; "shuffle" if empty
	Threshold       float64 `yaml:"threshold"`
	ToThreshold     bool    `yaml:"to_threshold"`
	Clusters        string  `yaml:"clusters"` // CSV file, row,cluster or id,cluster
	Epochs          int     `yaml:"epochs"`   // of progressive; those of the stage if zero
	ClassesPerBatch int     `yaml:"classes_per_batch"`
	PerClass        int     `yaml:"per_class"`
}

// ClassWeights is a method of package classweight and its options.
type ClassWeights struct {
	Method       classweight.Method `yaml:"method"` // "none" if empty
	Beta         float64            `yaml:"beta"`
	IntegerRatio bool               `yaml:"integer_ratio"`
	Normalise    classweight.Scale  `yaml:"normalise"`
	Absent       classweight.Absent `yaml:"absent"`
	// Of says what is counted: the training pictures ("split", if empty), or what the sampler shows of them in its first
	// epoch ("plan").
	Of string `yaml:"of"`
}

const (
	ofSplit = "split"
	ofPlan  = "plan"

	fromLast = "last"
	fromBest = "best"
)

const maxEpochs = 1_000_000 // of a stage, so that sums of epochs and steps stay far from overflowing

// check returns an error that names the first key whose value is missing, out of range or contradicts another. first
// tells that no stage comes before.
func (s Stage) check(net *models.Network, first bool) error {
	if s.FreezeBelow == "" {
		return fmt.Errorf("key freeze_below is missing: one of %s", strings.Join(net.CutPoints(), ", "))
	}
	if err := net.CheckCut(s.FreezeBelow); err != nil {
		return fmt.Errorf("key freeze_below: %w", err)
	}
	if err := s.checkNumbers(); err != nil {
		return err
	}
	switch s.BN {
	case "", nn.BNTrain, nn.BNFrozenStatistics, nn.BNFrozen:
	default:
		return fmt.Errorf("key bn: unknown mode %q; known: %s, %s, %s", s.BN, nn.BNTrain, nn.BNFrozenStatistics, nn.BNFrozen)
	}
	if first && s.StartFrom != "" {
		return errors.New("key start_from: no stage comes before the first; the recipe's key weights says what it starts from")
	}
	if first && s.KeepOptimizer {
		return errors.New("key keep_optimizer: no stage comes before the first")
	}
	if err := s.TrunkCache.check(); err != nil {
		return fmt.Errorf("key trunk_cache: %w", err)
	}
	if !slices.Contains([]string{"", fromLast, fromBest}, s.StartFrom) {
		return fmt.Errorf("key start_from: %q is neither %s nor %s", s.StartFrom, fromLast, fromBest)
	}
	for _, part := range []struct {
		key   string
		check func() error
	}{
		{"only", s.Only.check}, {"sampler", s.Sampler.check}, {"class_weights", s.ClassWeights.check}, {"loss", s.Loss.Check},
		{"optimizer", s.Optimizer.Check}, {"schedule", s.Schedule.Check}, {"average", s.Average.Check}, {"monitor", s.Monitor.check},
	} {
		if err := part.check(); err != nil {
			return fmt.Errorf("key %s: %w", part.key, err)
		}
	}
	return nil
}

func (s Stage) checkNumbers() error {
	for _, n := range []struct {
		key        string
		value, min int
	}{{"epochs", s.Epochs, 1}, {"passes", s.Passes, 0}, {"batch", s.Batch, 1}, {"views", s.Views, 0}, {"stop_after", s.StopAfter, 0}} {
		if n.value < n.min {
			return fmt.Errorf("key %s: %d is below %d", n.key, n.value, n.min)
		}
		if n.value > maxEpochs {
			return fmt.Errorf("key %s: %d is above %d", n.key, n.value, maxEpochs)
		}
	}
	return nil
}

func (c TrunkCache) check() error {
	switch {
	case !slices.Contains([]string{"", float32Name, bfloat16Name}, c.DType):
		return fmt.Errorf("dtype: %q is neither %s nor %s", c.DType, float32Name, bfloat16Name)
	case c.DType == "" && c.LimitGB != 0:
		return errors.New("limit_gb: there is no cache without a dtype")
	case !(c.LimitGB >= 0):
		return fmt.Errorf("limit_gb: %g is below 0", c.LimitGB)
	}
	return nil
}

const (
	float32Name  = "float32"
	bfloat16Name = "bfloat16"
)

func (o Only) check() error {
	switch {
	case o.isZero():
		return nil
	case o.Below < 0:
		return fmt.Errorf("below: %d is below 0", o.Below)
	case o.Below > 0 && len(o.Classes) > 0:
		return errors.New("below and classes are two ways to choose: give one")
	case o.Below == 0 && len(o.Classes) == 0:
		return errors.New("validate_all belongs to below or classes")
	}
	return nil
}

func (s Sampler) name() string {
	if s.Name == "" {
		return "shuffle"
	}
	return s.Name
}

// check leaves the values to sampling.New, which knows the split.
func (s Sampler) check() error {
	if s.name() == progressive && s.Epochs == 0 {
		s.Epochs = 1 // those of the stage
	}
	var given []string
	for option, set := range map[string]bool{
		"threshold": s.Threshold != 0, "to-threshold": s.ToThreshold, "epochs": s.Epochs != 0, "clusters": s.Clusters != "",
		"classes-per-batch": s.ClassesPerBatch != 0, "per-class": s.PerClass != 0,
	} {
		if set {
			given = append(given, option)
		}
	}
	slices.Sort(given)
	return sampling.Check(s.name(), given)
}

const progressive = "progressive"

func (w ClassWeights) options() classweight.Options {
	o := classweight.Options{Method: w.Method, Beta: w.Beta, Normalise: w.Normalise, Absent: w.Absent, IntegerRatio: w.IntegerRatio}
	if o.Method == "" {
		o.Method = classweight.None
	}
	return o
}

func (w ClassWeights) check() error {
	if !slices.Contains([]string{"", ofSplit, ofPlan}, w.Of) {
		return fmt.Errorf("of: %q is neither %s nor %s", w.Of, ofSplit, ofPlan)
	}
	if w.Of != "" && w.options().Method == classweight.None {
		return errors.New("of: method none counts nothing")
	}
	return w.options().Check()
}
