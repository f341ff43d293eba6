package loss_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute/dtypes"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/loss"
)

func newLoss(t *testing.T, config loss.Config, counts []int, weights []float64) *loss.Loss {
	t.Helper()
	l, err := loss.New(config, len(counts), counts, weights)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// batch is one batch of pictures; targets are class numbers [n] or soft targets [n·classes].
type batch struct {
	logits   []float64
	labels   []int32
	soft     []float64
	examples []float64
}

func (b batch) args(dtype dtypes.DType) []any {
	n := len(b.examples)
	var targets any = b.labels
	if b.soft != nil {
		targets = tensorOf(dtype, b.soft, n, len(b.soft)/n)
	}
	return []any{tensorOf(dtype, b.logits, n, len(b.logits)/n), targets, tensorOf(dtype, b.examples, n)}
}

func tensorOf(dtype dtypes.DType, values []float64, dimensions ...int) *tensors.Tensor {
	if dtype == dtypes.Float64 {
		return tensors.FromFlatDataAndDimensions(values, dimensions...)
	}
	return tensors.FromFlatDataAndDimensions(narrow(values), dimensions...)
}

func narrow(values []float64) []float32 {
	result := make([]float32, len(values))
	for i, v := range values {
		result[i] = float32(v)
	}
	return result
}

func widen[T float32 | float64](values []T) []float64 {
	result := make([]float64, len(values))
	for i, v := range values {
		result[i] = float64(v)
	}
	return result
}

func flat(t *testing.T, result *tensors.Tensor) []float64 {
	t.Helper()
	if result.DType() == dtypes.Float64 {
		return tensors.MustCopyFlatData[float64](result)
	}
	return widen(tensors.MustCopyFlatData[float32](result))
}

// program is a compiled loss with its gradient by the logits.
type program struct {
	exec  *Exec
	dtype dtypes.DType
}

func compile(t *testing.T, l *loss.Loss, dtype dtypes.DType) program {
	t.Helper()
	exec, err := NewExec(xlatest.Open(t), func(logits, targets, examples *Node) []*Node {
		mean := l.Mean(logits, targets, examples)
		return []*Node{mean, Gradient(mean, logits)[0]}
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return program{exec, dtype}
}

func (p program) run(t *testing.T, b batch) (mean float64, gradient []float64) {
	t.Helper()
	results, err := p.exec.Call(b.args(p.dtype)...)
	if err != nil {
		t.Fatal(err)
	}
	return flat(t, results[0])[0], flat(t, results[1])
}

// compare reports the first number that is further from want than tolerance times the largest of 1 and its size.
func compare(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= tolerance*max(1, math.Abs(want[i]))) {
			t.Errorf("%s: number %d is %.9g, want %.9g", what, i, got[i], want[i])
			return
		}
	}
}

func noNaN(t *testing.T, what string, values ...float64) {
	t.Helper()
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("%s: number %d is %g", what, i, v)
			return
		}
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}
