package models

import (
	"fmt"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"

	"github.com/longwing-ml/longwing/models/nn"
)

// ParameterInfo is a parameter or running statistic of a network.
type ParameterInfo struct {
	Path string // such as /block4/layer01/conv1/kernel; see IsStatistic
	Dims []int
}

// Parameters lists the parameters and statistics of the network on pictures of size×size pixels, in the order the network
// is built, from the pixels up.
func (n *Network) Parameters(size int) ([]ParameterInfo, error) {
	store := model.NewStore()
	if err := n.declare(store, nn.Options{Undrawn: true}, size, HeadStage, func(string, *graph.Node) {}); err != nil {
		return nil, err
	}
	var all []ParameterInfo
	for v := range store.IterVariables() {
		all = append(all, ParameterInfo{v.Path(), v.Shape().Dimensions})
	}
	return all, nil
}

// Init creates all parameters of the network in a store, with initial values drawn from seed. Those that the store
// already holds stay as they are; one with another shape is an error.
func (n *Network) Init(store *model.Store, size int, seed uint64) error {
	return n.declare(store, nn.Options{Seed: seed}, size, HeadStage, func(string, *graph.Node) {})
}

// declare builds the network without compiling it, which creates its parameters. The pure-Go backend is enough for that.
func (n *Network) declare(store *model.Store, options nn.Options, size int, cut string, visit func(string, *graph.Node)) error {
	if err := n.CheckSize(size); err != nil {
		return err
	}
	backend, err := gobackend.New("")
	if err != nil {
		return fmt.Errorf("building %s: %w", n.Name, err)
	}
	defer backend.Finalize()
	err = exceptions.TryCatch[error](func() {
		g := graph.NewGraph(backend, "declare "+n.Name)
		defer g.Finalize()
		model.SetStore(g, store)
		input := graph.Parameter(g, "input", shapes.Make(dtypes.Float32, 1, size, size, 3))
		b, at := nn.NewBuilder(store, options), n.index(cut)
		run(b, run(b.Frozen(), input, n.stages[:at], visit), n.stages[at:], visit)
	})
	if err != nil {
		return fmt.Errorf("building %s: %w", n.Name, err)
	}
	return nil
}

// IsStatistic tells whether a parameter path is a running statistic of a batch normalisation.
func IsStatistic(path string) bool {
	return strings.HasSuffix(path, "/mean") || strings.HasSuffix(path, "/variance")
}

// StageOf is the stage that a parameter path belongs to.
func StageOf(path string) string {
	stage, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return stage
}
