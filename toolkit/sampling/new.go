package sampling

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Options are what samplers need beside a split; each sampler takes only some. Zero values are options not given.
type Options struct {
	Seed            uint64
	Threshold       float64 // of under-over and clusters: rows of a class; of repeat-factor: share of the rows, default 0.001
	ToThreshold     bool    // of under-over: cut to the threshold instead of to the smallest frequent class
	Epochs          int     // of progressive: after which classes have equal size
	ClusterOf       []int32 // of clusters
	ClassesPerBatch int     // of class-aware
	PerClass        int     // of class-aware
}

// An OptionError says which option of a sampler is missing, wrong or not one of its own, whatever the split.
type OptionError struct{ Sampler, Option, Problem string }

func (e *OptionError) Error() string {
	return fmt.Sprintf("%s: option %s: %s", e.Sampler, e.Option, e.Problem)
}

// sampler is an entry of the table of names.
type sampler struct {
	name         string
	needs, takes []string // options that must, and that may be given
	build        func(split *Split, o Options) (Plan, error)
}

var samplers = []sampler{
	{"shuffle", nil, nil, func(s *Split, o Options) (Plan, error) { return Shuffle(s.Rows(), o.Seed), nil }},
	{"over", nil, nil, func(s *Split, o Options) (Plan, error) { return Over(s, o.Seed) }},
	{"under", nil, nil, func(s *Split, o Options) (Plan, error) { return Under(s, o.Seed), nil }},
	{"under-over", []string{"threshold"}, []string{"to-threshold"}, newUnderOver},
	{"clusters", []string{"threshold", "clusters"}, nil, newClusters},
	{"sqrt", nil, nil, func(s *Split, o Options) (Plan, error) { return SquareRoot(s, o.Seed), nil }},
	{"progressive", []string{"epochs"}, nil, func(s *Split, o Options) (Plan, error) { return Progressive(s, o.Epochs, o.Seed) }},
	{"repeat-factor", nil, []string{"threshold"}, newRepeatFactor},
	{"class-balanced", nil, nil, func(s *Split, o Options) (Plan, error) { return ClassBalanced(s, o.Seed), nil }},
	{"class-aware", []string{"classes-per-batch", "per-class"}, nil, func(s *Split, o Options) (Plan, error) {
		return ClassAware(s, o.ClassesPerBatch, o.PerClass, o.Seed)
	}},
}

// Names lists the samplers that New knows.
func Names() []string {
	names := make([]string, len(samplers))
	for i, s := range samplers {
		names[i] = s.name
	}
	return names
}

// New makes a plan by the name of its sampler. What Check refuses is an *OptionError.
func New(name string, split *Split, o Options) (Plan, error) {
	s, err := find(name, o.given())
	if err != nil {
		return nil, err
	}
	return s.build(split, o)
}

// Check returns an *OptionError if the name is none of Names, or if an option is missing or not one that the sampler
// takes. Only the names of options count: given are those that will be set. Values are checked with a split, by New.
func Check(name string, given []string) error {
	_, err := find(name, given)
	return err
}

func find(name string, given []string) (*sampler, error) {
	i := slices.IndexFunc(samplers, func(s sampler) bool { return s.name == name })
	if i < 0 {
		return nil, &OptionError{"plan", "sampler", fmt.Sprintf("%q is none of %s", name, strings.Join(Names(), ", "))}
	}
	s := &samplers[i]
	for _, option := range s.needs {
		if !slices.Contains(given, option) {
			return nil, &OptionError{name, option, "is missing"}
		}
	}
	for _, option := range given {
		if !slices.Contains(s.needs, option) && !slices.Contains(s.takes, option) {
			return nil, &OptionError{name, option, "this sampler takes none"}
		}
	}
	return s, nil
}

// given lists the options that are set.
func (o Options) given() []string {
	var names []string
	for name, set := range map[string]bool{
		"threshold": o.Threshold != 0, "to-threshold": o.ToThreshold, "epochs": o.Epochs != 0, "clusters": o.ClusterOf != nil,
		"classes-per-batch": o.ClassesPerBatch != 0, "per-class": o.PerClass != 0,
	} {
		if set {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func newUnderOver(s *Split, o Options) (Plan, error) {
	threshold, err := o.rowThreshold("under-over")
	if err != nil {
		return nil, err
	}
	return UnderOver(s, threshold, o.ToThreshold, o.Seed)
}

func newClusters(s *Split, o Options) (Plan, error) {
	threshold, err := o.rowThreshold("clusters")
	if err != nil {
		return nil, err
	}
	return Clusters(s, threshold, o.ClusterOf, o.Seed)
}

func newRepeatFactor(s *Split, o Options) (Plan, error) {
	if o.Threshold == 0 {
		o.Threshold = DefaultRepeatThreshold
	}
	return RepeatFactor(s, o.Threshold, o.Seed)
}

func (o Options) rowThreshold(sampler string) (int, error) {
	if !(o.Threshold >= 1 && o.Threshold <= math.MaxInt32 && o.Threshold == math.Trunc(o.Threshold)) {
		return 0, &OptionError{sampler, "threshold", fmt.Sprintf("%v is no number of rows of a class, 1 or more", o.Threshold)}
	}
	return int(o.Threshold), nil
}
