package pretrained

import "slices"

// kernel is the form of a kernel with a window of height·width: ours is [height, width, in, out] or, of a dense layer,
// [height·width·in, out]; torch's is [out, in, height, width] or [out, in·height·width].
type kernel struct{ height, width, in, out int }

// kernelOf returns the form of a kernel of ours. A dense layer's window is the height and width of the features that it
// flattens, 1×1 if it follows a pooling or another dense layer.
func kernelOf(dims []int, side int) kernel {
	if len(dims) == 4 {
		return kernel{dims[0], dims[1], dims[2], dims[3]}
	}
	return kernel{side, side, dims[0] / (side * side), dims[1]}
}

// convolution and dense are torch's shapes.
func (k kernel) convolution() []int { return []int{k.out, k.in, k.height, k.width} }
func (k kernel) dense() []int       { return []int{k.out, k.in * k.height * k.width} }

// isTorchKernel tells whether a tensor has torch's shape for a kernel of ours. A dense layer may be kept as a convolution.
func isTorchKernel(dims []int, k kernel, file []int) bool {
	return slices.Equal(file, k.convolution()) || len(dims) == 2 && slices.Equal(file, k.dense())
}

// fromTorch and toTorch bring the numbers of a kernel into our order and back.
func (k kernel) fromTorch(ours, torch []float32) {
	k.pairs(func(i, j int) { ours[i] = torch[j] })
}

func (k kernel) toTorch(torch, ours []float32) {
	k.pairs(func(i, j int) { torch[j] = ours[i] })
}

// pairs visits the index of each number in our order and in torch's. It goes through squares of inputs and outputs, so
// that both stay in the processor's cache.
func (k kernel) pairs(visit func(ours, torch int)) {
	const square = 32
	window := k.height * k.width
	for at := range window {
		for in0 := 0; in0 < k.in; in0 += square {
			for out0 := 0; out0 < k.out; out0 += square {
				for in := in0; in < min(in0+square, k.in); in++ {
					for out := out0; out < min(out0+square, k.out); out++ {
						visit((at*k.in+in)*k.out+out, (out*k.in+in)*window+at)
					}
				}
			}
		}
	}
}
