package finetune_test

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// TestAverages trains with each average, accumulated gradients, layer decay and a plateau, and checks that the best
// checkpoint holds the average of what the checkpoints of the epochs hold.
func TestAverages(t *testing.T) {
	xlatest.Open(t)
	set := pictures(t, 3, 20)
	dir := t.TempDir()
	train := func(name, average string) map[int]map[string][]float32 {
		recipe := smallRecipe(t, "epochs: 1, batch: 8, optimizer: {name: adam, lr: 0.01}",
			"epochs: 1, batch: 8, optimizer: {name: rmsprop, lr: 0.001, epsilon: 1, convention: keras, weight_decay: 0.01, accumulate: 2}",
			"{name: cosine}", "{plateau: {factor: 0.5, patience: 1}}, average: "+average,
			"momentum: 0.9", "momentum: 0.9, layer_decay: 0.5, clip_norm: 1",
			"seed: 7", "seed: 7\nbest: train.accuracy") // that of the last epoch, with the smallest loss, is the largest
		result, err := finetune.Train(t.Context(), recipe, set, filepath.Join(dir, name), finetune.Options{StoreDir: filepath.Join(dir, "stores"), Keep: 9})
		if err != nil {
			t.Fatal(err)
		}
		content := map[int]map[string][]float32{0: parameters(t, filepath.Join(result.Run.CheckpointDir(), "best.safetensors"))}
		for epoch := 2; epoch <= 4; epoch++ {
			content[epoch] = parameters(t, filepath.Join(result.Run.CheckpointDir(), fmt.Sprintf("epoch-%05d.safetensors", epoch)))
		}
		content[-1] = content[result.BestEpoch]
		return content
	}

	ema := train("ema", "{kind: ema, decay: 0.8, warmup: true}")
	compared := 0
	for name, values := range ema[-1] {
		if plain, isAverage := strings.CutPrefix(name, "/average"); isAverage && ema[0][plain] != nil {
			compared++
			if !slices.Equal(ema[0][plain], values) {
				t.Errorf("ema: %s of the best checkpoint is not the average", plain)
			}
		}
	}
	if compared < 20 {
		t.Errorf("ema: %d averages were compared", compared)
	}

	swa := train("swa", "{kind: swa, from: 1}")
	moved := false
	for _, name := range []string{"/head/kernel", "/block4/layer01/conv1/kernel"} {
		for i, got := range swa[4]["/average"+name] {
			if want := (swa[3][name][i] + swa[4][name][i]) / 2; math.Abs(float64(got-want)) > 1e-6 {
				t.Fatalf("swa: %s[%d] is %g, the mean of two epochs %g", name, i, got, want)
			}
			moved = moved || swa[3][name][i] != swa[4][name][i]
		}
		if swa[4]["/average"+name] == nil || !moved {
			t.Errorf("swa: %s has no average, or didn't move", name)
		}
	}
	if swa[2]["/average/head/kernel"] != nil {
		t.Error("swa: there is an average before its first epoch")
	}
	for name, values := range swa[0] {
		if trained := strings.HasPrefix(name, "/block4/") || strings.HasPrefix(name, "/features/"); strings.HasSuffix(name, "/mean") && trained == slices.Equal(values, swa[-1][name]) {
			t.Errorf("swa: %s was estimated anew: %v", name, !trained)
		}
	}
}
