package classweight

import (
	"fmt"
	"slices"
	"strings"
)

// Method is a formula. With n rows of k classes, c rows of a class and m of the largest class:
type Method string

const (
	None      Method = "none"      // 1
	Balanced  Method = "balanced"  // n/(k·c), as scikit-learn
	Log       Method = "log"       // ln(1+(m/c)²), the study's
	Linear    Method = "linear"    // 1+m/c, the study's
	Ratio     Method = "ratio"     // m/(c+10⁻⁷), the study's
	Effective Method = "effective" // (1−β)/(1−β^c), Cui et al., CVPR 2019
)

// Methods lists the methods by name.
func Methods() []Method { return []Method{None, Balanced, Log, Linear, Ratio, Effective} }

// Scale says what all weights are multiplied by.
type Scale string

const (
	Unscaled Scale = "none"     // 1
	MeanOne  Scale = "mean-one" // so that the weights of the rows have mean 1: Σ c·w = Σ c
	SumK     Scale = "sum-k"    // so that the weights of the classes sum to k, the number of classes that have rows
)

// Scales lists the scales by name.
func Scales() []Scale { return []Scale{Unscaled, MeanOne, SumK} }

// Absent says what becomes of a class without rows. It counts for nothing in a formula either way: k is the number of
// classes that have rows.
type Absent string

const (
	AbsentError Absent = "error" // refuse
	AbsentZero  Absent = "zero"  // weight 0
)

// Absents lists the choices by name.
func Absents() []Absent { return []Absent{AbsentError, AbsentZero} }

// Options say how weights are computed. Method is required; empty Normalise and Absent stand for Unscaled and
// AbsentError.
type Options struct {
	Method    Method
	Beta      float64 // β of Effective, in (0, 1); other methods take none
	Normalise Scale
	Absent    Absent

	// IntegerRatio rounds m/c down, as Python 2 did in the study's Log and Linear weights.
	IntegerRatio bool
}

// An OptionError says which option is wrong, whatever the counts.
type OptionError struct{ Option, Problem string }

func (e *OptionError) Error() string { return e.Option + ": " + e.Problem }

// Check reports options that are unknown or contradict each other as an *OptionError.
func (o Options) Check() error {
	if err := oneOf("method", o.Method, Methods()); err != nil {
		return err
	}
	if o.Normalise != "" {
		if err := oneOf("normalise", o.Normalise, Scales()); err != nil {
			return err
		}
	}
	if o.Absent != "" {
		if err := oneOf("absent", o.Absent, Absents()); err != nil {
			return err
		}
	}
	switch {
	case o.Method == Effective && !(o.Beta > 0 && o.Beta < 1):
		return &OptionError{"beta", fmt.Sprintf("%v is not between 0 and 1", o.Beta)}
	case o.Method != Effective && o.Beta != 0:
		return &OptionError{"beta", fmt.Sprintf("method %s takes none; it is of %s", o.Method, Effective)}
	case o.IntegerRatio && o.Method != Log && o.Method != Linear:
		return &OptionError{"integer-ratio", fmt.Sprintf("method %s has no ratio to round; it is of %s and %s", o.Method, Log, Linear)}
	}
	return nil
}

func oneOf[T ~string](option string, value T, known []T) error {
	if slices.Contains(known, value) {
		return nil
	}
	names := make([]string, len(known))
	for i, name := range known {
		names[i] = string(name)
	}
	return &OptionError{option, fmt.Sprintf("%q is none of %s", value, strings.Join(names, ", "))}
}
