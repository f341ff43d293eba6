package nn

import (
	"hash/fnv"
	"math"
	"math/rand/v2"

	"github.com/longwing-ml/longwing/internal/seed"
)

// Initializer fills values, the row-major content of a tensor of shape dims, from a random stream.
type Initializer func(values []float32, dims []int, rng *rand.Rand)

// Constant fills with one value.
func Constant(value float32) Initializer {
	return func(values []float32, _ []int, _ *rand.Rand) {
		for i := range values {
			values[i] = value
		}
	}
}

// HeNormal draws from a normal distribution of standard deviation sqrt(2 / fan-in), for layers before a ReLU
// (He et al. 2015, arXiv:1502.01852). Kernels are [height, width, in, out] or [in, out].
func HeNormal(values []float32, dims []int, rng *rand.Rand) {
	std := math.Sqrt(2 / float64(fanIn(dims)))
	for i := range values {
		values[i] = float32(rng.NormFloat64() * std)
	}
}

// GlorotUniform draws from U(−a, a), a = sqrt(6 / (fan-in + fan-out)) (Glorot & Bengio 2010). For the classifier.
func GlorotUniform(values []float32, dims []int, rng *rand.Rand) {
	out := dims[len(dims)-1]
	receptive := fanIn(dims) / dims[len(dims)-2]
	limit := math.Sqrt(6 / float64(fanIn(dims)+receptive*out))
	for i := range values {
		values[i] = float32((2*rng.Float64() - 1) * limit)
	}
}

func fanIn(dims []int) int {
	n := 1
	for _, d := range dims[:len(dims)-1] {
		n *= d
	}
	return n
}

// stream is the random stream of one parameter: it depends on the seed and the parameter's path alone, so the order
// in which a network is built does not matter.
func stream(s uint64, path string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(path))
	return seed.New(s, seed.Init, h.Sum64())
}
