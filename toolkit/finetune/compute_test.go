package finetune_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// TestSameLosses trains from block 4 on two and four devices, with layers computed again, and in bfloat16: losses are those
// of plain training within rounding.
func TestSameLosses(t *testing.T) {
	xlatest.Open(t)
	set := pictures(t, 3, 20)
	dir := t.TempDir()
	losses := func(name string, devices int, changes ...string) []float64 {
		t.Helper()
		options := finetune.Options{StoreDir: filepath.Join(dir, "stores"), Devices: devices}
		changes = append(changes, "lr: 0.05", "lr: 0.001") // larger steps amplify rounding
		result, err := finetune.Train(t.Context(), smallRecipe(t, changes...), set, filepath.Join(dir, name), options)
		if err != nil {
			t.Fatal(err)
		}
		var all []float64
		for _, r := range metrics(t, result.Run) {
			all = append(all, r.Loss)
		}
		return all
	}
	plain := losses("plain", 1)
	for _, c := range []struct {
		name      string
		devices   int
		changes   []string
		tolerance float64
	}{
		{"two devices", 2, nil, 1e-4},
		{"recompute", 1, []string{"freeze_below: block4", "recompute: true, freeze_below: block4"}, 1e-6},
		{"four devices and recompute", 4, []string{"freeze_below: block4", "recompute: true, freeze_below: block4"}, 1e-4},
		{"bfloat16", 1, []string{"seed: 7", "seed: 7\ncompute: bfloat16"}, 0.05},
	} {
		worst := 0.0
		for i, loss := range losses(c.name, c.devices, c.changes...) {
			worst = max(worst, math.Abs(loss-plain[i])/plain[i])
		}
		t.Logf("%s: losses differ by %.1e at most", c.name, worst)
		if worst > c.tolerance {
			t.Errorf("%s: losses differ by %.1e from %v", c.name, worst, plain)
		}
		if c.name == "bfloat16" && worst == 0 {
			t.Error("bfloat16 makes no difference")
		}
	}

	_, err := finetune.Train(t.Context(), smallRecipe(t), set, filepath.Join(dir, "three"), finetune.Options{StoreDir: filepath.Join(dir, "stores"), Devices: 3})
	wantError(t, err, "recipe: stage 1: key batch: 8 pictures can't be split over 3 devices")
	_, err = finetune.Train(t.Context(), smallRecipe(t), set, filepath.Join(dir, "many"), finetune.Options{StoreDir: filepath.Join(dir, "stores"), Devices: 64})
	wantError(t, err, "training on 64 devices: the backend has ")
}
