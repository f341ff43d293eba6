package loss_test

import (
	"fmt"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/toolkit/backend"
	"github.com/longwing-ml/longwing/toolkit/loss"
)

func Example() {
	trainingCounts := []int{4875, 120, 4}
	l, err := loss.New(loss.Config{Name: loss.BalancedSoftmax}, 3, trainingCounts, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	xla, _, err := backend.Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	logits := [][]float32{{2, 0, 1}, {0, 1, 3}, {0, 0, 0}}
	labels := []int32{0, 2, 0}
	examples := []float32{1, 1, 0} // the last picture fills up the batch
	mean, err := CallOnce(xla, l.Mean, logits, labels, examples)
	if err != nil {
		fmt.Println(err)
		return
	}
	// By hand: (−log(4875·e² / (4875·e² + 120 + 4·e)) − log(4·e³ / (4875 + 120·e + 4·e³))) / 2.
	fmt.Printf("%.3f\n", tensors.ToScalar[float32](mean))
	// Output: 2.095
}
