package main

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/npy"
	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
)

// TestLogits checks that logits are the dense layer of the features, row by row, on pictures that are no squares, and
// that neither the batch nor the filling of the last one changes them.
func TestLogits(t *testing.T) {
	xlatest.Open(t)
	const n, classes = 3, 4
	weights := weightFile(t, "densenet_mini", classes, ramp)
	dir := t.TempDir()
	x := make([]float32, n*32*40*3)
	for i := range x {
		x[i] = float32(math.Sin(float64(i)))
	}
	input := filepath.Join(dir, "x.npy")
	if err := npy.Write(input, []int{n, 32, 40, 3}, x); err != nil {
		t.Fatal(err)
	}
	compute := func(name string, columns int, args ...string) []float32 {
		t.Helper()
		output := filepath.Join(dir, name)
		if stdout := mustRun(t, append([]string{"logits", "--model", "densenet_mini", "--weights", weights, "--input", input, "--output", output}, args...)...); stdout != "" {
			t.Errorf("printed %q", stdout)
		}
		y, err := npy.Read(output)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(y.Shape, []int{n, columns}) {
			t.Fatalf("%s has shape %v, want [%d %d]", name, y.Shape, n, columns)
		}
		return y.Data
	}

	content, _, err := safetensors.ReadAll(weights)
	if err != nil {
		t.Fatal(err)
	}
	tensor := func(name string) []float32 {
		return content[slices.IndexFunc(content, func(t safetensors.Tensor) bool { return t.Name == name })].Data
	}
	kernel, bias := tensor("/head/kernel"), tensor("/head/bias")
	channels := len(kernel) / classes
	features := compute("features.npy", channels, "--features")
	logits := compute("logits.npy", classes, "--classes", "4", "--batch", "2")
	for row := range n {
		for class := range classes {
			want := float64(bias[class])
			for c := range channels {
				want += float64(features[row*channels+c]) * float64(kernel[c*classes+class])
			}
			if got := float64(logits[row*classes+class]); math.Abs(got-want) > 1e-4*math.Abs(want) {
				t.Errorf("row %d, class %d: %g, features · kernel + bias is %g", row, class, got, want)
			}
		}
	}
	if slices.Equal(features[:channels], features[channels:2*channels]) {
		t.Error("all pictures have the same features")
	}
	for i, got := range compute("alone.npy", classes, "--batch", "1") {
		if math.Abs(float64(got-logits[i])) > 1e-4*math.Abs(float64(got)) {
			t.Errorf("logit %d is %g in a batch of one, %g in a batch of two", i, got, logits[i])
		}
	}
}

func TestLogitsRefuses(t *testing.T) {
	dir := t.TempDir()
	weights := weightFile(t, "densenet_mini", 4, ramp)
	array := func(name string, shape ...int) string {
		size := 1
		for _, axis := range shape {
			size *= axis
		}
		path := filepath.Join(dir, name)
		if err := npy.Write(path, shape, make([]float32, size)); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, output := array("x.npy", 1, 32, 32, 3), filepath.Join(dir, "y.npy")
	content, _, err := safetensors.ReadAll(weights)
	if err != nil {
		t.Fatal(err)
	}
	oneClass := withOneClass(t, content)
	headless := saveTensors(t, slices.DeleteFunc(content, func(t safetensors.Tensor) bool { return strings.HasPrefix(t.Name, "/head/") }), nil)
	line := func(model, weights, input string, more ...string) []string {
		return append([]string{"logits", "--model", model, "--weights", weights, "--input", input, "--output", output}, more...)
	}
	for name, c := range map[string]struct {
		args   []string
		status int
		want   []string
	}{
		"no flags":       {[]string{"logits"}, statusUsage, []string{"input", "model", "output", "weights"}},
		"batch of none":  {line("densenet_mini", weights, good, "--batch", "0"), statusUsage, []string{"--batch is 0"}},
		"classes":        {line("densenet_mini", weights, good, "--classes", "-1"), statusUsage, []string{"--classes is -1"}},
		"other classes":  {line("densenet_mini", weights, good, "--classes", "5"), statusFailed, []string{weights, "4 classes", "--classes is 5"}},
		"other model":    {line("densenet121", weights, good), statusFailed, []string{weights, "densenet_mini", "densenet121"}},
		"no classifier":  {line("densenet_mini", headless, good), statusFailed, []string{headless, "no classifier", "--features"}},
		"no weights":     {line("densenet_mini", filepath.Join(dir, "none"), good), statusFailed, []string{"none"}},
		"no input":       {line("densenet_mini", weights, filepath.Join(dir, "none.npy")), statusFailed, []string{"none.npy"}},
		"not an array":   {line("densenet_mini", weights, weights), statusFailed, []string{weights, "not a .npy file"}},
		"channels first": {line("densenet_mini", weights, array("nchw.npy", 1, 3, 32, 32)), statusFailed, []string{"nchw.npy", "[1 3 32 32]", "[pictures, height, width, 3]"}},
		"no pictures":    {line("densenet_mini", weights, array("none.npy", 0, 32, 32, 3)), statusFailed, []string{"[0 32 32 3]"}},
		"no place":       {append(line("densenet_mini", weights, good), "--output", filepath.Join(dir, "no", "y.npy")), statusFailed, []string{"make the folder first"}},
		"one class":      {line("densenet_mini", oneClass, good), statusFailed, []string{"weights.safetensors: model densenet_mini", "at least 2 classes"}},
		"small pictures": {line("densenet_mini", weights, array("small.npy", 1, 32, 16, 3)), statusFailed, []string{"small.npy", "at least 29 pixels, got 16"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, c.args, c.status, c.want...)
			if _, err := os.Lstat(output); err == nil {
				t.Error("an output was left")
			}
		})
	}
}

// withOneClass saves content with a classifier of one class.
func withOneClass(t *testing.T, content []safetensors.Tensor) string {
	t.Helper()
	cut := slices.Clone(content)
	for i, c := range cut {
		switch c.Name {
		case "/head/kernel":
			cut[i].Dims, cut[i].Data = []int{c.Dims[0], 1}, c.Data[:c.Dims[0]]
		case "/head/bias":
			cut[i].Dims, cut[i].Data = []int{1}, c.Data[:1]
		}
	}
	return saveTensors(t, cut, nil)
}
