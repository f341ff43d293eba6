package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/support/exceptions"
)

// BNMode says what a batch normalisation of a trainable part does while training. Frozen parts and graphs that are
// not for training always normalise by the running statistics.
type BNMode string

const (
	BNTrain            BNMode = "train"             // normalise by the batch, update the running statistics, learn scale and offset
	BNFrozenStatistics BNMode = "frozen-statistics" // normalise by the running statistics, learn scale and offset
	BNFrozen           BNMode = "frozen"            // normalise by the running statistics, nothing is learnt
)

// OrTrain is BNTrain for the empty mode.
func (m BNMode) OrTrain() BNMode {
	if m == "" {
		return BNTrain
	}
	return m
}

// Options are what a graph is built for.
type Options struct {
	Seed     uint64 // of the initial parameters; the same seed and parameter path give the same values
	Undrawn  bool   // parameters have no values, only shapes, for a graph that is not run
	Training bool   // batch statistics and dropout are on
	BN       BNMode // of trainable parts; BNTrain if empty
	// BNMomentum, a float32 scalar, takes the place of the layers' own momentum of running statistics; nil for none. With
	// n/(n+1) at the n-th batch from 0, statistics become plain means over batches.
	BNMomentum *Node
	// RandomSeeds, [batch, 2] uint32, is the per-example source of dropout's randomness. Needed in training graphs
	// that have dropout.
	RandomSeeds *Node
}

// Builder is the place where a layer is built: a path in the store and the options of the graph.
// It is a small value: In and Frozen return changed copies.
type Builder struct {
	store   *model.Store
	path    string
	frozen  bool
	options Options
}

// NewBuilder returns a Builder at the root of a store. Parameters found in the store are used, missing ones are
// created with initial values.
func NewBuilder(store *model.Store, options Options) *Builder {
	options.BN = options.BN.OrTrain()
	return &Builder{store: store, path: "", options: options}
}

// In returns a Builder for the sub-path name.
func (b *Builder) In(name string) *Builder {
	inner := *b
	inner.path = b.path + "/" + name
	return &inner
}

// Frozen returns a Builder whose parameters are constants: no gradient, no statistics update, no dropout.
func (b *Builder) Frozen() *Builder {
	inner := *b
	inner.frozen = true
	return &inner
}

// Training tells whether what is built here trains: the graph is for training and the part is not frozen.
func (b *Builder) Training() bool { return b.options.Training && !b.frozen }

// Param returns the parameter name at the builder's path, [dims...] float32. A missing one is created with init's
// values. It panics if the store holds it with another shape.
//
// The variable's Trainable flag is set anew at every build, since no checkpoint holds it: true unless the part is
// frozen.
func (b *Builder) Param(g *Graph, name string, init Initializer, dims ...int) *Node {
	v := b.variable(name, init, dims)
	v.SetTrainable(!b.frozen)
	return v.NodeValue(g)
}

// Statistic returns the variable that holds a running statistic, [dims...] float32, which is never trained.
func (b *Builder) Statistic(name string, init Initializer, dims ...int) *model.Variable {
	return b.variable(name, init, dims).SetTrainable(false)
}

func (b *Builder) variable(name string, init Initializer, dims []int) *model.Variable {
	path := b.path + "/" + name
	v := b.store.GetVariable(path)
	switch want := shapes.Make(dtypes.Float32, dims...); {
	case v == nil && b.options.Undrawn:
		return b.store.VariableWithShape(path, want, Zeros)
	case v == nil:
		values := make([]float32, want.Size())
		init(values, dims, stream(b.options.Seed, path))
		return b.store.VariableWithValue(path, tensors.FromFlatDataAndDimensions(values, dims...))
	case !v.Shape().Equal(want):
		exceptions.Panicf("parameter %s has shape %s in the store, the network wants %s", path, v.Shape(), want)
	}
	return v
}
