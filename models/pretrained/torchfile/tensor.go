package torchfile

import (
	"fmt"
	"io"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// storage is a stretch of the file that tensors are views of.
type storage struct {
	numbers numberType
	bytes   int64 // at most the size of the file
	start   func() (int64, error)
}

// tensor is a view of a storage. Offset and strides are counted in numbers.
type tensor struct {
	storage *storage
	numbers numberType
	offset  int64
	dims    []int
	strides []int
}

const maxRank = 64 // torch's limit

// newTensor takes storage, offset, size and stride from the beginning of args. Whether they fit together is for check
// to say, which knows the tensor's name.
func newTensor(m *machine, args tuple) (*tensor, error) {
	s, ok := args[0].(*storage)
	offset, ok1 := args[1].(int64)
	dims, ok2 := integers(args[2])
	strides, ok3 := integers(args[3])
	if !ok || !ok1 || !ok2 || !ok3 {
		return nil, fmt.Errorf("a tensor of a %s, %s, %s and %s, want a storage, an int and two tuples of at most %d ints",
			kind(args[0]), kind(args[1]), kind(args[2]), kind(args[3]), maxRank)
	}
	if err := m.spend(len(dims) + len(strides)); err != nil { // one tuple may be the shape of many tensors
		return nil, err
	}
	return &tensor{storage: s, numbers: s.numbers, offset: offset, dims: dims, strides: strides}, nil
}

func integers(value any) ([]int, bool) {
	items, ok := value.(tuple)
	if !ok || len(items) > maxRank {
		return nil, false
	}
	out := make([]int, len(items))
	for i, item := range items {
		v, ok := item.(int64)
		if !ok {
			return nil, false
		}
		out[i] = int(v)
	}
	return out, true
}

// check returns how many numbers load has to read or return, whichever is more. It is an error if one of them lies
// outside the storage.
func (t *tensor) check() (uint64, error) {
	elements, err := tensorfile.Elements(t.dims)
	if err != nil {
		return 0, err
	}
	if len(t.strides) != len(t.dims) {
		return 0, fmt.Errorf("shape %v with strides %v", t.dims, t.strides)
	}
	if elements == 0 {
		return 0, nil
	}
	size := t.storage.bytes / t.numbers.width
	if t.offset < 0 || t.offset >= size {
		return 0, t.outside(size)
	}
	last := t.offset
	for i, dim := range t.dims {
		stride := int64(t.strides[i])
		if stride < 0 || stride > 0 && int64(dim-1) > size/stride {
			return 0, t.outside(size)
		}
		step := int64(dim-1) * stride
		if step >= size-last {
			return 0, t.outside(size)
		}
		last += step
	}
	return max(elements, uint64(last-t.offset+1)), nil
}

func (t *tensor) outside(size int64) error {
	return fmt.Errorf("shape %v with strides %v from %d on leaves its storage of %d numbers", t.dims, t.strides, t.offset, size)
}

// load reads the numbers of a tensor that has passed check.
func (t *tensor) load(r io.ReaderAt) ([]float32, error) {
	if tensorfile.Width(t.numbers.name) == 0 {
		return nil, fmt.Errorf("its type is %s, only F16, BF16, F32 and F64 are read", t.numbers.name)
	}
	count := 1
	for _, dim := range t.dims {
		count *= dim
	}
	if count == 0 {
		return []float32{}, nil
	}
	start, err := t.storage.start()
	if err != nil {
		return nil, err
	}
	span := 1 // from the first to the last number
	for i, dim := range t.dims {
		span += (dim - 1) * t.strides[i]
	}
	values, err := tensorfile.ReadFloats(r, start+t.offset*t.numbers.width, int64(span)*t.numbers.width, t.numbers.name)
	if err != nil || t.rowMajor() {
		return values, err
	}
	return gather(values, t.dims, t.strides, count), nil
}

// rowMajor tells whether the elements lie one after the other in their order.
func (t *tensor) rowMajor() bool {
	stride := 1
	for i := len(t.dims) - 1; i >= 0; i-- {
		if t.dims[i] != 1 && t.strides[i] != stride {
			return false
		}
		stride *= t.dims[i]
	}
	return true
}

// gather brings count strided values into row-major order.
func gather(values []float32, dims, strides []int, count int) []float32 {
	out := make([]float32, count)
	index := make([]int, len(dims))
	at := 0
	for i := range out {
		out[i] = values[at]
		for d := len(dims) - 1; d >= 0; d-- {
			index[d]++
			at += strides[d]
			if index[d] < dims[d] {
				break
			}
			at -= index[d] * strides[d]
			index[d] = 0
		}
	}
	return out
}
