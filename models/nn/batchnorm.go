package nn

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	. "github.com/gomlx/gomlx/core/graph"
)

// BN holds the constants of batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167) that differ between
// libraries.
type BN struct {
	Epsilon  float64 `json:"epsilon"`  // added to the variance
	Momentum float64 `json:"momentum"` // running = Momentum·running + (1−Momentum)·batch
	Unbiased bool    `json:"unbiased"` // the running variance takes the batch variance times n/(n−1), as torch does and Keras does not
	NoScale  bool    `json:"no_scale"` // there is no parameter `scale`: it is 1
}

// Defaults of torch.nn.BatchNorm2d and keras.layers.BatchNormalization.
var (
	TorchBN = BN{Epsilon: 1e-5, Momentum: 0.9, Unbiased: true}
	KerasBN = BN{Epsilon: 1e-3, Momentum: 0.99}
)

// BatchNorm normalises the last axis of x, [batch, height, width, channels] or [batch, channels]. Parameters: `scale`
// and `offset`; running statistics: `mean` and `variance`; all [channels].
//
// In a part that trains, the builder's BNMode decides; elsewhere the running statistics are folded into one
// multiplication and one addition, which has a gradient for x (GoMLX's inference operation has none).
func BatchNorm(b *Builder, x *Node, c BN) *Node {
	kept := x.DType()
	x = ConvertDType(x, dtypes.Float32)
	g := x.Graph()
	channels := x.Shape().Dim(-1)
	mode := b.options.BN
	if !b.Training() {
		mode = BNFrozenStatistics
	}
	params := b
	if mode == BNFrozen {
		params = b.Frozen()
	}
	var scale *Node
	if c.NoScale {
		scale = Ones(g, shapes.Make(x.DType(), channels))
	} else {
		scale = params.Param(g, "scale", Constant(1), channels)
	}
	offset := params.Param(g, "offset", Constant(0), channels)
	mean := b.Statistic("mean", Constant(0), channels)
	variance := b.Statistic("variance", Constant(1), channels)

	if mode == BNTrain {
		y, batchMean, batchVariance := normaliseByBatch(x, scale, offset, c.Epsilon)
		if n := x.Shape().Size() / channels; c.Unbiased && n > 1 {
			batchVariance = MulScalar(batchVariance, float64(n)/float64(n-1))
		}
		momentum := b.options.BNMomentum
		if momentum == nil {
			momentum = Scalar(g, batchMean.DType(), c.Momentum)
		}
		mean.SetNodeValue(runningAverage(mean.NodeValue(g), batchMean, momentum))
		variance.SetNodeValue(runningAverage(variance.NodeValue(g), batchVariance, momentum))
		return ConvertDType(y, kept)
	}

	factor := Mul(scale, Reciprocal(Sqrt(AddScalar(variance.NodeValue(g), c.Epsilon))))
	shift := Sub(offset, Mul(mean.NodeValue(g), factor))
	y := Add(Mul(x, ExpandLeftToRank(factor, x.Rank())), ExpandLeftToRank(shift, x.Rank()))
	return ConvertDType(y, kept)
}

func runningAverage(running, batch, momentum *Node) *Node {
	return Add(Mul(running, momentum), Mul(StopGradient(batch), OneMinus(momentum)))
}

// normaliseByBatch normalises by the mean and the variance over all axes but the last and returns them, [channels].
//
// In a program of several devices XLA cannot split its own batch normalisation: each device would gather the whole
// batch. There it is built of sums, of which only the [channels] totals are exchanged.
func normaliseByBatch(x, scale, offset *Node, epsilon float64) (y, mean, variance *Node) {
	if x.Graph().NumDevices() == 1 {
		return InternalBatchNormForTraining(x, scale, offset, float32(epsilon), -1)
	}
	axes := make([]int, x.Rank()-1)
	for i := range axes {
		axes[i] = i
	}
	mean = ReduceMean(x, axes...)
	centred := Sub(x, ExpandLeftToRank(mean, x.Rank()))
	variance = ReduceMean(Square(centred), axes...)
	factor := Mul(scale, Reciprocal(Sqrt(AddScalar(variance, epsilon))))
	return Add(Mul(centred, ExpandLeftToRank(factor, x.Rank())), ExpandLeftToRank(offset, x.Rank())), mean, variance
}
