package parity

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// golden is a file of testdata: what a library computed for one network.
type golden struct {
	Model     string
	Source    string
	Inference []struct {
		Size     int
		Logits   [][]float64 // [picture, class]
		Features [][]float64 // the digest of each picture's features, averaged over height and width
	}
	Training struct {
		Size, Batch int
		Steps       []step
	}
	Tensors []string // lines "layer leaf,leaf=dims leaf=dims" of all tensors of a weight file
}

// step is one training step of everything from a cut on.
type step struct {
	Cut       string
	Loss      float64            // mean cross-entropy
	Gradients map[string]float64 // L2 norm by stage
	Means     map[string]float64 // L2 norm of the running means' change, by stage
	Variances map[string]float64
}

func readGoldens(t *testing.T) []*golden {
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []*golden
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		g := new(golden)
		if err := json.Unmarshal(text, g); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, g)
	}
	return all
}

// weightFile is a weight file of the golden's tensors, as if one had been opened.
func (g *golden) weightFile(t *testing.T) *tensorfile.File {
	torch := !strings.HasPrefix(g.Source, "keras")
	norm := "gamma,beta,moving_mean,moving_variance"
	if torch {
		norm = "weight,bias,running_mean,running_var"
	}
	path := g.Model + "-" + g.Source
	if g.Source == "torchvision" {
		path += ".pth" // what tells torchvision's DenseNet from timm's
	}
	file := &tensorfile.File{Path: path, Format: "formula", Close: func() error { return nil }}
	for _, line := range g.Tensors {
		fields := strings.Fields(line)
		for _, field := range fields[1:] {
			leaves, shape, _ := strings.Cut(field, "=")
			var dims []int
			for d := range strings.SplitSeq(shape, "x") {
				n, err := strconv.Atoi(d)
				if err != nil {
					t.Fatalf("shape of %s: %v", line, err)
				}
				dims = append(dims, n)
			}
			for leaf := range strings.SplitSeq(strings.Replace(leaves, "*", norm, 1), ",") {
				name := fields[0] + leaf
				file.Entries = append(file.Entries, tensorfile.Entry{Name: name, Dims: dims, Type: "F32",
					Load: func() ([]float32, error) { return parameter(name, dims, torch), nil }})
			}
		}
	}
	return file
}

// difference is the largest |got − want| over the largest |want|.
func difference(got, want []float64) (float64, error) {
	if len(got) != len(want) {
		return 0, fmt.Errorf("%d numbers, want %d", len(got), len(want))
	}
	var largest, scale float64
	for i := range want {
		largest = max(largest, abs(got[i]-want[i]))
		scale = max(scale, abs(want[i]))
	}
	return largest / scale, nil
}

func abs(x float64) float64 { return max(x, -x) }

// worst is the largest relative difference of two maps' values, and its key. Missing keys are an error.
func worst(got, want map[string]float64) (float64, string, error) {
	if g, w := sortedKeys(got), sortedKeys(want); !slices.Equal(g, w) {
		return 0, "", fmt.Errorf("stages %v, want %v", g, w)
	}
	largest, at := 0.0, ""
	for key, w := range want {
		if d := abs(got[key]-w) / w; !(d <= largest) {
			largest, at = d, key
		}
	}
	return largest, at, nil
}
