package models

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models/nn"
)

// formula gives the values that testdata/vgg_head.py computes with.
func formula(offset float64, dims ...int) *tensors.Tensor {
	n := 1
	for _, d := range dims {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(offset + math.Sin(0.7*float64(i)+0.3))
	}
	return tensors.FromFlatDataAndDimensions(values, dims...)
}

// TestVGGHeadEqualsLibraries compares HeadFC with torchvision's and timm's classifiers on features of several sizes.
func TestVGGHeadEqualsLibraries(t *testing.T) {
	text, err := os.ReadFile("testdata/vgg_head.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Source        string
		Height, Width int
		Logits        [][]float64
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	for path, value := range map[string]*tensors.Tensor{
		"/fc1/kernel": formula(0, grid*grid*2, 3), "/fc1/bias": formula(1, 3),
		"/fc2/kernel": formula(0, 3, 3), "/fc2/bias": formula(1, 3),
		"/head/kernel": formula(0, 3, 4), "/head/bias": formula(0, 4),
	} {
		store.VariableWithValue(path, value)
	}
	backend := xlatest.Open(t)
	for _, c := range cases {
		convention, err := ConventionOf("vgg16", c.Source)
		if err != nil {
			t.Fatal(err)
		}
		exec := model.MustNewExec1(backend, store, func(_ *model.Scope, x *Node) *Node {
			for _, stage := range (Head{Kind: HeadFC, Units: 3, Classes: 4}).stages(convention.Dense) {
				x = stage.Build(nn.NewBuilder(store, nn.Options{}).In(stage.Name), x)
			}
			return x
		})
		got, err := exec.Call(formula(1, 2, c.Height, c.Width, 2))
		if err != nil {
			t.Fatal(err)
		}
		for i, value := range tensors.MustCopyFlatData[float32](got) {
			if want := c.Logits[i/4][i%4]; math.Abs(float64(value)-want) > 1e-4 {
				t.Errorf("features %d×%d, example %d: logit %d is %g, %s gives %g", c.Height, c.Width, i/4, i%4, value, c.Source, want)
			}
		}
	}
}
