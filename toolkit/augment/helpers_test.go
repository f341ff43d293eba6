package augment

import (
	"math"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/internal/xlatest"
)

// program is a compiled graph that makes float32 values.
type program struct {
	t    *testing.T
	exec *Exec
}

// compile takes a function of nodes to a node.
func compile[F ExecGraphFn](t *testing.T, build F) program {
	t.Helper()
	exec, err := NewExec(xlatest.Open(t), build)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(exec.Finalize)
	return program{t, exec}
}

// run returns each output's values, row-major.
func (p program) run(inputs ...any) [][]float32 {
	p.t.Helper()
	outputs, err := p.exec.Call(inputs...)
	if err != nil {
		p.t.Fatal(err)
	}
	var values [][]float32
	for _, output := range outputs {
		flat, err := tensors.CopyFlatData[float32](output)
		if err != nil {
			p.t.Fatal(err)
		}
		values = append(values, flat)
		_ = output.FinalizeAll()
	}
	return values
}

// seedsOf are the seeds of rows in a run's first epoch.
func seedsOf(rows ...int) *tensors.Tensor {
	var halves []uint32
	for _, row := range rows {
		s := Seed(11, 0, row)
		halves = append(halves, s[:]...)
	}
	return tensors.FromFlatDataAndDimensions(halves, len(rows), 2)
}

func upTo(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// photo has whole values that differ from row to row.
func photo(row, height, width int) []float32 {
	pixels := make([]float32, 0, height*width*3)
	for y := range height {
		for x := range width {
			for c := range 3 {
				v := 127 + 90*math.Sin(0.3*float64(x*(row%5+1))+float64(c))*math.Cos(0.2*float64(y)+float64(row)) + float64((x*7+y*3+c*5+row)%37)
				pixels = append(pixels, float32(math.Round(min(v, 255))))
			}
		}
	}
	return pixels
}

func photos(height, width int, rows ...int) *tensors.Tensor {
	var pixels []float32
	for _, row := range rows {
		pixels = append(pixels, photo(row, height, width)...)
	}
	return tensors.FromFlatDataAndDimensions(pixels, len(rows), height, width, 3)
}

// chunk splits values by example.
func chunk(values []float32, n int) [][]float32 {
	return slices.Collect(slices.Chunk(values, len(values)/n))
}

func largestDifference(a, b []float32) (difference float64, at int) {
	for i := range a {
		if d := math.Abs(float64(a[i] - b[i])); d > difference || math.IsNaN(d) {
			difference, at = d, i
		}
	}
	return difference, at
}
