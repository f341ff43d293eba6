package pretrained

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// complete returns an error that lists what is missing, misshaped or of no use.
func (w *Weights) complete() error {
	var flaws []string
	for _, flaw := range []struct {
		what  string
		names []string
	}{{"missing", w.Missing}, {"of another shape", w.Misshaped}, {"without a place in the network", w.Unmatched}} {
		if len(flaw.names) > 0 {
			flaws = append(flaws, fmt.Sprintf("%s: %s", flaw.what, firstFew(flaw.names)))
		}
	}
	if len(flaws) == 0 {
		return nil
	}
	return fmt.Errorf("%s: not quite a %s of %s: tensors %s", w.file.Path, w.Model, w.Convention.Source, strings.Join(flaws, "; tensors "))
}

// Check reads the whole file. It returns an error if tensors are missing, misshaped or of no use, if a number is not
// finite, or if a variance is negative.
func (w *Weights) Check() error {
	if err := w.complete(); err != nil {
		return err
	}
	for _, path := range w.order {
		numbers, err := w.places[path].numbers()
		if err != nil {
			return err
		}
		for i, v := range numbers {
			if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) || v < 0 && strings.HasSuffix(path, "/variance") {
				return fmt.Errorf("%s: number %d of %s (our %s) is %g", w.file.Path, i, w.places[path].entry.Name, path, v)
			}
		}
	}
	return nil
}

// StageDifference is how far two files are apart in a stage.
type StageDifference struct {
	Stage   string  `json:"stage"`
	Largest float64 `json:"largest"` // |a − b| of any two numbers
	At      string  `json:"at"`      // the parameter that has it; empty if there is no difference
}

// Compare returns the largest difference of two files' parameters, stage by stage, in the network's order. Files of
// different networks or heads are an error.
func Compare(a, b *Weights) ([]StageDifference, error) {
	for _, w := range []*Weights{a, b} {
		if err := w.complete(); err != nil {
			return nil, err
		}
	}
	if a.Model != b.Model {
		return nil, fmt.Errorf("%s holds a %s, %s a %s", a.Path(), a.Model, b.Path(), b.Model)
	}
	var all []StageDifference
	for _, path := range a.order {
		other, ok := b.places[path]
		if !ok || !slices.Equal(other.dims, a.places[path].dims) {
			return nil, fmt.Errorf("%s has no %s of shape %v", b.Path(), path, a.places[path].dims)
		}
		x, err := a.places[path].numbers()
		if err != nil {
			return nil, err
		}
		y, err := other.numbers()
		if err != nil {
			return nil, err
		}
		stage := strings.Split(path, "/")[1]
		if len(all) == 0 || all[len(all)-1].Stage != stage {
			all = append(all, StageDifference{Stage: stage})
		}
		last := &all[len(all)-1]
		for i := range x {
			if d := math.Abs(float64(x[i]) - float64(y[i])); d > last.Largest || math.IsNaN(d) {
				last.Largest, last.At = d, path
			}
		}
	}
	if len(b.order) != len(a.order) {
		return nil, fmt.Errorf("%s has %d tensors, %s %d", a.Path(), len(a.order), b.Path(), len(b.order))
	}
	return all, nil
}
