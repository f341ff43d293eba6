package sampling_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

func TestNewErrors(t *testing.T) {
	p := populate(t, 9, 4, 2)
	clusters := p.clusterOf(2)
	for name, test := range map[string]struct {
		sampler  string
		options  sampling.Options
		says     []string
		isOption bool
	}{
		"unknown":            {"overr", sampling.Options{}, []string{`"overr"`, "under-over"}, true},
		"no threshold":       {"under-over", sampling.Options{}, []string{"under-over: option threshold: is missing"}, true},
		"no clusters":        {"clusters", sampling.Options{Threshold: 3}, []string{"clusters: option clusters: is missing"}, true},
		"no epochs":          {"progressive", sampling.Options{}, []string{"epochs: is missing"}, true},
		"stray threshold":    {"over", sampling.Options{Threshold: 3}, []string{"over: option threshold: this sampler takes none"}, true},
		"stray cut":          {"clusters", sampling.Options{Threshold: 3, ClusterOf: clusters, ToThreshold: true}, []string{"to-threshold"}, true},
		"stray epochs":       {"shuffle", sampling.Options{Epochs: 3}, []string{"epochs"}, true},
		"fraction":           {"under-over", sampling.Options{Threshold: 3.5}, []string{"threshold: 3.5"}, true},
		"negative":           {"under-over", sampling.Options{Threshold: -3}, []string{"threshold: -3"}, true},
		"not a number":       {"clusters", sampling.Options{Threshold: math.NaN(), ClusterOf: clusters}, []string{"NaN"}, true},
		"share":              {"repeat-factor", sampling.Options{Threshold: 1.5}, []string{"threshold: 1.5"}, true},
		"one epoch":          {"progressive", sampling.Options{Epochs: 1}, []string{"epochs: 1"}, true},
		"negative epochs":    {"progressive", sampling.Options{Epochs: -1}, []string{"epochs: -1"}, true},
		"no class per batch": {"class-aware", sampling.Options{ClassesPerBatch: -1, PerClass: 1}, []string{"classes-per-batch: -1"}, true},
		"no row per class":   {"class-aware", sampling.Options{ClassesPerBatch: 1, PerClass: -1}, []string{"per-class: -1"}, true},
		"nothing to cut":     {"under-over", sampling.Options{Threshold: 9}, []string{"more than the threshold of 9", "largest has 9"}, false},
		"few classes":        {"class-aware", sampling.Options{ClassesPerBatch: 4, PerClass: 1}, []string{"4 classes", "3 classes"}, false},
		"vast batches":       {"class-aware", sampling.Options{ClassesPerBatch: 1, PerClass: math.MaxInt}, []string{"an epoch can have"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sampling.New(test.sampler, p.split, test.options)
			wantError(t, err, test.says...)
			var wrong *sampling.OptionError
			if errors.As(err, &wrong) != test.isOption {
				t.Errorf("error %v is an OptionError: %v", err, !test.isOption)
			}
		})
	}
}

// TestProgressiveSaysWhen: epochs are numbered from 0, so classes of n epochs are equal in epoch n−1.
func TestProgressiveSaysWhen(t *testing.T) {
	p := populate(t, 9, 3)
	plan, err := sampling.Progressive(p.split, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(plan.String(), "to equal in the last of 5 epochs") {
		t.Errorf("the plan calls itself %q", plan)
	}
	last, err := p.split.Describe(plan.Rows(4))
	if err != nil || last.PerClass[0] != 6 || last.PerClass[1] != 6 {
		t.Errorf("epoch 4 shows %v of the classes: %v", last.PerClass, err)
	}
}

// TestEpochsThatDoNotFit: 20,000 single rows beside a class of 20,000 would make 400 million.
func TestEpochsThatDoNotFit(t *testing.T) {
	const half = 20_000
	labels, rows := make([]int32, 2*half), make([]int, 2*half)
	for row := range labels {
		labels[row], rows[row] = int32(max(0, row-half)), row
	}
	split, err := sampling.NewSplit(rows, labels, half)
	if err != nil {
		t.Fatal(err)
	}
	_, err = sampling.Over(split, 1)
	wantError(t, err, "over: 20000 classes of 20001 rows", "an epoch can have")
	_, err = sampling.UnderOver(split, 10, false, 1)
	wantError(t, err, "under-over", "an epoch can have")
	_, err = sampling.Clusters(split, 10, make([]int32, 2*half), 1)
	wantError(t, err, "clusters", "an epoch can have")
	if _, err = sampling.UnderOver(split, 10, true, 1); err != nil {
		t.Error(err)
	}
}
