package finetune

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/distributed"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/core/tensors/dtensor"
	"github.com/gomlx/gomlx/ml/model"
)

// devices spreads training over several devices of one machine: XLA's partitioner splits the batch, each device holds all
// parameters, and batch normalisation is over the whole batch. The nil *devices stands for one device.
type devices struct {
	n                 int
	mesh              *distributed.DeviceMesh
	split, replicated *distributed.ShardingSpec
}

// newDevices checks that there are n devices and that batches can be split over them.
func newDevices(n int, backend compute.Backend, stages []Stage) (*devices, error) {
	if n <= 1 {
		return nil, nil
	}
	if has := int(backend.NumDevices()); n > has {
		return nil, fmt.Errorf("training on %d devices: the backend has %d", n, has)
	}
	for i, stage := range stages {
		if stage.Batch%n != 0 {
			return nil, fmt.Errorf("recipe: stage %d: key batch: %d pictures can't be split over %d devices", i+1, stage.Batch, n)
		}
	}
	mesh, err := distributed.NewDeviceMesh([]int{n}, []string{"batch"})
	if err != nil {
		return nil, fmt.Errorf("training on %d devices: %w", n, err)
	}
	split, err := distributed.BuildSpec(mesh).S("batch").Done()
	if err != nil {
		return nil, fmt.Errorf("training on %d devices: %w", n, err)
	}
	return &devices{n, mesh, split, distributed.NewReplicatedShardingSpec(mesh)}, nil
}

// compile compiles a program whose inputs are batches, then scalars.
func (d *devices) compile(exec *model.Exec, batches []shapes.Shape, scalars ...shapes.Shape) error {
	inputs := append(batches, scalars...)
	if d != nil {
		var specs []*distributed.ShardingSpec
		for i := range inputs {
			if i >= len(batches) {
				specs = append(specs, d.replicated)
				continue
			}
			specs = append(specs, d.split)
			inputs[i] = inputs[i].Clone()
			inputs[i].Dimensions[0] /= d.n
		}
		exec.AutoSharding(d.mesh).WithInputShardingSpecs(specs...).WithOutputShardingSpecs(d.replicated)
		one := inputs
		for range d.n - 1 {
			inputs = append(inputs, one...)
		}
	}
	_, err := exec.Compile(inputs...)
	return err
}

// call runs such a program and returns its outputs, scalars.
func (d *devices) call(exec *model.Exec, batches []any, scalars ...any) ([]float64, error) {
	inputs := batches
	for _, value := range scalars {
		if d != nil {
			host, err := tensors.FromAnyValue(value)
			if err != nil {
				return nil, err
			}
			if value, err = dtensor.ShardTensor(d.replicated, host); err != nil {
				return nil, err
			}
		}
		inputs = append(inputs, value)
	}
	outputs, err := exec.Call(inputs...)
	if err != nil {
		return nil, err
	}
	n := len(outputs)
	if d != nil {
		n /= d.n // those of the first device
	}
	values := make([]float64, n)
	for i, t := range outputs {
		if i < n {
			values[i] = float64(tensors.ToScalar[float32](t))
		}
		_ = t.FinalizeAll()
	}
	return values, nil
}

// put moves a batch's tensors to the devices, so that its time can be told from computing.
func (d *devices) put(backend compute.Backend, batch []*tensors.Tensor) ([]any, error) {
	inputs := make([]any, len(batch))
	for i, t := range batch {
		inputs[i] = t
		parts := []*tensors.Tensor{t}
		if d != nil {
			sharded, err := dtensor.ShardTensor(d.split, t)
			if err != nil {
				return nil, err
			}
			inputs[i], parts = sharded, sharded.Shards()
		}
		for device, part := range parts {
			if err := part.MaterializeOnDevice(backend, backend.HasSharedBuffers(), compute.DeviceNum(device)); err != nil {
				return nil, err
			}
		}
	}
	return inputs, nil
}

// release frees what put made of a batch.
func (d *devices) release(inputs []any) {
	if d == nil {
		return
	}
	for _, input := range inputs {
		if t, isSharded := input.(*dtensor.Tensor); isSharded {
			_ = t.FinalizeAll()
		}
	}
}
