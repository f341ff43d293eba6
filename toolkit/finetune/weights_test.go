package finetune_test

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

// checkWeights fine-tunes a run's network on other classes: the backbone is taken over, the head is new.
func checkWeights(t *testing.T, finished string, options finetune.Options) {
	from := t.TempDir()
	if err := os.CopyFS(from, os.DirFS(finished)); err != nil {
		t.Fatal(err)
	}
	best, out, set := filepath.Join(from, "checkpoints", "best.safetensors"), filepath.Join(t.TempDir(), "run"), pictures(t, 2, 20)
	train := func(t *testing.T, out string, changes ...string) (*listener, error) {
		ear := newListener()
		options.Observer = ear
		changes = append([]string{"seed: 7", "seed: 7\nweights: " + from}, changes...)
		_, err := finetune.Train(t.Context(), smallRecipe(t, append(changes, headOnly...)...), set, out, options)
		return ear, err
	}

	ear, err := train(t, out)
	if err != nil {
		t.Fatal(err)
	}
	ear.want(t, "initial parameters: "+best+", new head of 2 classes")
	ear.want(t, "network: densenet_mini as in torchvision")
	source, tuned := parameters(t, best), parameters(t, filepath.Join(out, "checkpoints", "best.safetensors"))
	for _, name := range []string{"/stem/conv/kernel", "/block4/layer01/bn1/mean"} {
		if !slices.Equal(source[name], tuned[name]) {
			t.Errorf("%s was not taken over", name)
		}
	}
	if len(tuned["/head/bias"]) != 2 {
		t.Error("the head has not two classes")
	}
	t.Run("another model", func(t *testing.T) {
		_, err := train(t, filepath.Join(t.TempDir(), "run"), "densenet_mini", "densenet121")
		wantError(t, err, "key weights", "holds a densenet_mini, the recipe wants a densenet121")
	})
	t.Run("not a number", func(t *testing.T) {
		content := read(t, best)
		copy(content[len(content)-4:], "\xff\xff\xff\xff")
		if err := os.WriteFile(best, content, 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := train(t, filepath.Join(t.TempDir(), "run"))
		wantError(t, err, "key weights: "+best, "NaN")
	})
	t.Run("changed since the run began", func(t *testing.T) {
		_, err := train(t, out)
		wantError(t, err, out+" was started from another weight file", best, "give another --out")
	})
	t.Run("gone since the run began", func(t *testing.T) {
		if err := os.Remove(best); err != nil {
			t.Fatal(err)
		}
		if _, err := train(t, out); err != nil {
			t.Errorf("a run with checkpoints needs the file it began from: %v", err)
		}
	})
}

// TestTorchWeights fine-tunes a file with timm's names: its convention decides layers and preprocessing, and stays with
// the run's checkpoints.
func TestTorchWeights(t *testing.T) {
	xlatest.Open(t)
	dir := t.TempDir()
	weights := filepath.Join(dir, "model.safetensors")
	kernel := writeTimm(t, weights)
	recipe, err := finetune.ParseRecipe([]byte(`model: densenet121
size: 32
weights: ` + weights + `
resize: {rule: model}
head: {kind: fc-bn, units: 8}
split: {test: 0.2, valid: 0.25}
stages:
  - {freeze_below: fc1, epochs: 1, batch: 8, optimizer: {name: adam, lr: 0.01}}
`))
	if err != nil {
		t.Fatal(err)
	}
	set, out := pictures(t, 2, 10), filepath.Join(dir, "run")
	for call, want := range []string{"initial parameters: " + weights + ", new head of 2 classes", "continuing after epoch 1 of 1"} {
		ear := newListener()
		if _, err := finetune.Train(t.Context(), recipe, set, out, finetune.Options{StoreDir: dir, Observer: ear}); err != nil {
			t.Fatalf("call %d: %v", call+1, err)
		}
		ear.want(t, want)
		ear.want(t, "network: densenet121 as in timm; pictures: crop 0.875 bicubic, preprocessed as torch (RGB)")
	}

	best := filepath.Join(out, "checkpoints", "best.safetensors")
	w, err := pretrained.Open(best)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	if want, err := models.ConventionOf("densenet121", models.Timm); err != nil || w.Convention != want {
		t.Errorf("the checkpoint's convention is %+v, want %+v (%v)", w.Convention, want, err)
	}
	if got := parameters(t, best)["/stem/conv/kernel"]; !slices.Equal(got, kernel) {
		t.Error("the stem is not that of the weight file")
	}
}

// writeTimm writes a densenet121 of drawn parameters with timm's names, and returns the stem's kernel in our order.
func writeTimm(t *testing.T, path string) []float32 {
	t.Helper()
	convention, err := models.ConventionOf("densenet121", models.Timm)
	if err != nil {
		t.Fatal(err)
	}
	net, err := models.NewAs("densenet121", convention, models.Head{Classes: 5})
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	if err := net.Init(store, 32, 1); err != nil {
		t.Fatal(err)
	}
	var content []safetensors.Tensor
	var kernel []float32
	for v := range store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			t.Fatal(err)
		}
		numbers, err := tensors.CopyFlatData[float32](value)
		if err != nil {
			t.Fatal(err)
		}
		if v.Path() == "/stem/conv/kernel" {
			kernel = numbers
		}
		content = append(content, safetensors.Tensor{Name: v.Path(), Dims: v.Shape().Dimensions, Data: numbers})
	}
	save := func(path string, content []safetensors.Tensor, metadata map[string]string) {
		t.Helper()
		err := atomicfile.Write(path, func(w io.Writer) error { return safetensors.Write(w, content, metadata) })
		if err != nil {
			t.Fatal(err)
		}
	}
	ours := path + ".ours"
	save(ours, content, pretrained.Metadata(net))
	w, err := pretrained.Open(ours)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = w.Close() }()
	converted, metadata, err := pretrained.Convert(w, models.Timm)
	if err != nil {
		t.Fatal(err)
	}
	save(path, converted, metadata)
	return kernel
}
