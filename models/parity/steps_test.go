package parity

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models/nn"
	"github.com/longwing-ml/longwing/toolkit/loss"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

// TestTenStepsEqualTorch fine-tunes torchvision's DenseNet-121 from block 4 as testdata/ten_steps.py does, on ten batches,
// and compares the loss of each step.
func TestTenStepsEqualTorch(t *testing.T) {
	if testing.Short() {
		t.Skip("without -short ten steps are compared with torch's, which takes a minute")
	}
	text, err := os.ReadFile("testdata/steps/densenet121.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct {
		Losses    []float64
		Variances float64 // root of the sum of squares of the trained parts' running variances, after the last step
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	goldens := readGoldens(t)
	p := &pair{golden: goldens[slices.IndexFunc(goldens, func(g *golden) bool { return g.Model == "densenet121" && g.Source == "torchvision" })]}
	p.recognise(t)
	const size, batch = 128, 16
	classes := p.net.Head.Classes
	weights := make([]float64, classes)
	for class := range weights {
		weights[class] = 1 / float64(1+class)
	}
	backend := xlatest.Open(t)
	for name, c := range map[string]struct {
		optimizer optim.Config
		weights   []float64
		tolerance float64 // of losses, relative
	}{
		"sgd":                   {optim.Config{Name: optim.SGD, LR: 1e-3, Momentum: 0.9}, nil, 1e-4},
		"sgd, weighted classes": {optim.Config{Name: optim.SGD, LR: 1e-3, Momentum: 0.9}, weights, 1e-4},
		// Adam divides by the size of gradients, so that those near 0, where rounding decides, count like all others: torch
		// itself, in float32, differs by 2.7e-4.
		"adam": {optim.Config{Name: optim.Adam, LR: 3e-4, Epsilon: 1e-3}, nil, 1e-3},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := loss.New(loss.Config{}, classes, nil, c.weights)
			if err != nil {
				t.Fatal(err)
			}
			store := p.store(t, size)
			exec := model.MustNewExec(backend, store, func(_ *model.Scope, x, labels, lr *Node) *Node {
				b := nn.NewBuilder(store, nn.Options{Training: true})
				value := l.Mean(p.net.Forward(b, x, "block4"), labels, OnesLike(ConvertDType(labels, lr.DType())))
				c.optimizer.Step(store, value, lr)
				return value
			})
			defer exec.Finalize()
			steps := len(want[name].Losses)
			x, y := pictures(batch*steps, size), labels(batch*steps, classes)
			worst := 0.0
			for step, loss := range want[name].Losses {
				got, err := exec.Call1(tensors.FromFlatDataAndDimensions(x[step*len(x)/steps:(step+1)*len(x)/steps], batch, size, size, 3),
					tensors.FromValue(y[step*batch:(step+1)*batch]), float32(c.optimizer.LR))
				if err != nil {
					t.Fatal(err)
				}
				difference := math.Abs(float64(tensors.ToScalar[float32](got))-loss) / loss
				worst = max(worst, difference)
				if difference > c.tolerance {
					t.Errorf("step %d: loss %v, torch has %v", step+1, got.Value(), loss)
				}
			}
			squares := 0.0
			for path, values := range statistics(t, store) {
				if stage := stageOf(path); strings.HasSuffix(path, "/variance") && (stage == "block4" || stage == "features") {
					for _, v := range values {
						squares += float64(v) * float64(v)
					}
				}
			}
			difference := math.Abs(math.Sqrt(squares)-want[name].Variances) / want[name].Variances
			if difference > 1e-4 {
				t.Errorf("running variances: norm %g, torch has %g", math.Sqrt(squares), want[name].Variances)
			}
			t.Logf("losses differ by %.1e at most, running variances by %.1e", worst, difference)
		})
	}
}
