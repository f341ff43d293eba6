package parity

import (
	"fmt"
	"slices"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/nn"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

// TestFreezing trains 20 steps and looks at every parameter and statistic: what is frozen has the same bits, all else
// has moved.
func TestFreezing(t *testing.T) {
	for _, c := range []struct {
		model, cut string
		size       int
		modes      []nn.BNMode
	}{
		{"densenet_mini", "block3", 64, []nn.BNMode{nn.BNTrain, nn.BNFrozenStatistics, nn.BNFrozen}},
		{"densenet121", "block4", 64, []nn.BNMode{nn.BNTrain}},
		{"inception_resnet_v2", "block8_9_ac", 107, []nn.BNMode{nn.BNFrozenStatistics}},
	} {
		for _, mode := range c.modes {
			t.Run(fmt.Sprintf("%s from %s, batch normalisation %s", c.model, c.cut, mode), func(t *testing.T) {
				testFreezing(t, c.model, c.cut, c.size, mode)
			})
		}
	}
}

func testFreezing(t *testing.T, name, cut string, size int, mode nn.BNMode) {
	const batch, classes, steps = 4, 10, 20
	net, err := models.New(name, models.Head{Classes: classes})
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	if err := net.Init(store, size, 1); err != nil {
		t.Fatal(err)
	}
	before := values(t, store)
	sgd := optim.Config{Name: "sgd", Momentum: 0.9}
	exec, err := model.NewExec(xlatest.Open(t), store, func(_ *model.Scope, inputs []*Node) []*Node {
		b := nn.NewBuilder(store, nn.Options{Training: true, BN: mode})
		loss := crossEntropy(net.Forward(b, inputs[0], cut), inputs[1])
		return []*Node{sgd.Step(store, loss, inputs[2])}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	for range steps {
		_, err := exec.Call(tensors.FromFlatDataAndDimensions(pictures(batch, size), batch, size, size, 3),
			tensors.FromValue(labels(batch, classes)), float32(0.01))
		if err != nil {
			t.Fatal(err)
		}
	}
	stages := net.CutPoints()
	first := slices.Index(stages, cut)
	if first < 0 {
		first = slices.Index(stages, net.Aliases[cut])
	}
	for path, was := range before {
		frozen := slices.Index(stages, stageOf(path)) < first
		switch {
		case models.IsStatistic(path):
			frozen = frozen || mode != nn.BNTrain
		case mode == nn.BNFrozen:
			_, normalised := before[path[:len(path)-len(lastOf(path))]+"variance"]
			frozen = frozen || normalised
		}
		is, err := store.GetVariable(path).Value()
		if err != nil {
			t.Fatal(err)
		}
		if same := slices.Equal(tensors.MustCopyFlatData[float32](is), was); same != frozen {
			t.Errorf("%s: frozen %v, unchanged %v", path, frozen, same)
		}
	}
}

// values are all numbers of a store, by path.
func values(t *testing.T, store *model.Store) map[string][]float32 {
	all := make(map[string][]float32)
	for v := range store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			t.Fatal(err)
		}
		all[v.Path()] = tensors.MustCopyFlatData[float32](value)
	}
	return all
}
