package parity

import (
	"hash/crc32"
	"math"
	"strings"
)

// What testdata/formula.py computes, to the bit.

// mix is lowbias32 (Wellons 2018), a mixer of 32-bit numbers.
func mix(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	return x ^ x>>16
}

// fill sets values[i] to offset + scale·u, where u in [-1, 1) is a hash of the name and i.
func fill(values []float32, name string, scale, offset float64) {
	key := crc32.ChecksumIEEE([]byte(name))
	for i := range values {
		h := mix(mix(uint32(i)) ^ key)
		u := float64(h>>8)/(1<<23) - 1
		values[i] = float32(offset + float64(scale*u)) // the conversion forbids a fused multiply-add
	}
}

// parameter gives the values of a tensor of a weight file. Which kind it is shows in the last part of its name and in its
// rank. kernelFirst: the output channels are the first axis of a kernel (torch), not the last (Keras).
func parameter(name string, dims []int, kernelFirst bool) []float32 {
	size := product(dims)
	values := make([]float32, size)
	switch leaf := name[strings.LastIndexAny(name, "./")+1:]; {
	case len(dims) > 1:
		fanIn := product(dims[:len(dims)-1])
		if kernelFirst {
			fanIn = product(dims[1:])
		}
		fill(values, name, math.Sqrt(6/float64(fanIn)), 0)
	case leaf == "gamma" || leaf == "weight":
		fill(values, name, 0.2, 1)
	case leaf == "moving_mean" || leaf == "running_mean":
		fill(values, name, 0.2, 0)
	case leaf == "moving_variance" || leaf == "running_var":
		fill(values, name, 0.5, 1)
	default:
		fill(values, name, 0.1, 0)
	}
	return values
}

func product(dims []int) int {
	n := 1
	for _, d := range dims {
		n *= d
	}
	return n
}

// pictures is what a network is given, [batch, size, size, 3]: as if preprocessed, of variance 1.
func pictures(batch, size int) []float32 {
	values := make([]float32, batch*size*size*3)
	fill(values, "pictures", math.Sqrt(3), 0)
	return values
}

// labels are [batch] classes.
func labels(batch, classes int) []int32 {
	values := make([]int32, batch)
	for i := range values {
		values[i] = int32((3*i + 1) % classes)
	}
	return values
}

// digest shortens one picture's features to every 64th, the mean of all and the root of their mean square.
func digest(features []float32) []float64 {
	var short []float64
	var sum, squares float64
	for i, f := range features {
		if i%64 == 0 {
			short = append(short, float64(f))
		}
		sum += float64(f)
		squares += float64(f) * float64(f)
	}
	n := float64(len(features))
	return append(short, sum/n, math.Sqrt(squares/n))
}
