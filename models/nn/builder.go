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
	// Compute is the type that convolutions and dense layers multiply in and that features are kept in: BFloat16, or
	// Float32 if zero. Parameters, batch normalisation, means, the classifier and the loss are float32 always.
	Compute dtypes.DType
	// Recompute keeps only the outputs of a network's layers for the gradient, in parts that train, and computes what
	// is inside a layer again: less memory for more time, the same values.
	Recompute bool
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
	if options.Compute == dtypes.InvalidDType {
		options.Compute = dtypes.Float32
	}
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

// Float32 returns a Builder whose layers compute in float32.
func (b *Builder) Float32() *Builder {
	inner := *b
	inner.options.Compute = dtypes.Float32
	return &inner
}

// Low converts to the type that the builder's layers compute in. Its gradient is converted back.
func (b *Builder) Low(x *Node) *Node { return ConvertDType(x, b.options.Compute) }

// Keep marks a value that stays in memory for the gradient: what is computed from it, up to the next Keep or Kept, is
// computed again (gradient checkpointing, Chen et al. 2016, arXiv:1604.06174). It is x without Options.Recompute.
func (b *Builder) Keep(x *Node) *Node {
	if !b.Training() || !b.options.Recompute {
		return x
	}
	return x.Checkpoint()
}

// Kept ends what Keep began.
func (b *Builder) Kept(x *Node) *Node {
	if !b.Training() || !b.options.Recompute {
		return x
	}
	return x.StopCheckpoint()
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
