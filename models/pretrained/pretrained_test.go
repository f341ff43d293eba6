package pretrained

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// mini returns densenet_mini's parameters under a convention, as a file of our own. Every number is another one.
func mini(t *testing.T, source string, classes int) *tensorfile.File {
	convention, err := models.ConventionOf("densenet_mini", source)
	if err != nil {
		t.Fatal(err)
	}
	net, err := models.NewAs("densenet_mini", convention, models.Head{Classes: classes})
	if err != nil {
		t.Fatal(err)
	}
	parameters, err := net.Parameters(64)
	if err != nil {
		t.Fatal(err)
	}
	file := &tensorfile.File{Path: "mini.safetensors", Metadata: Metadata(net), Close: func() error { return nil }}
	next := float32(1)
	for _, p := range parameters {
		numbers := make([]float32, product(p.Dims))
		for i := range numbers {
			numbers[i] = next
			next++
		}
		file.Entries = append(file.Entries, entryOf(p.Path, p.Dims, numbers))
	}
	return file
}

func entryOf(name string, dims []int, numbers []float32) tensorfile.Entry {
	return tensorfile.Entry{Name: name, Dims: dims, Type: "F32", Load: func() ([]float32, error) { return slices.Clone(numbers), nil }}
}

func recognise(t *testing.T, f *tensorfile.File) *Weights {
	t.Helper()
	w, err := Recognise(f)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// converted writes w for a target and opens what was written.
func converted(t *testing.T, w *Weights, to, name string) *Weights {
	t.Helper()
	content, metadata, err := Convert(w, to)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := atomicfile.Write(path, func(out io.Writer) error { return safetensors.Write(out, content, metadata) }); err != nil {
		t.Fatal(err)
	}
	again, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	return again
}

// asTimm is mini under timm's names.
func asTimm(t *testing.T) *tensorfile.File {
	content, _, err := Convert(recognise(t, mini(t, models.Torchvision, 5)), models.Timm)
	if err != nil {
		t.Fatal(err)
	}
	file := &tensorfile.File{Path: "model.safetensors", Close: func() error { return nil }}
	for _, c := range content {
		file.Entries = append(file.Entries, entryOf(c.Name, c.Dims, c.Data))
	}
	return file
}

func TestConversionLosesNothing(t *testing.T) {
	own := recognise(t, mini(t, models.Torchvision, 5))
	timm := converted(t, own, models.Timm, "model.safetensors")
	if timm.Model != "densenet_mini" || timm.Convention.Source != models.Timm || timm.Head == nil || timm.Head.Classes != 5 {
		t.Fatalf("recognised as %s of %s with head %v", timm.Model, timm.Convention.Source, timm.Head)
	}
	if own.Parameters != timm.Parameters || own.Statistics != timm.Statistics {
		t.Errorf("%d parameters, %d statistics became %d, %d", own.Parameters, own.Statistics, timm.Parameters, timm.Statistics)
	}
	for name, other := range map[string]*Weights{"timm": timm, "and back": converted(t, timm, Longwing, "own.safetensors")} {
		differences, err := Compare(own, other)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range differences {
			if d.Largest != 0 {
				t.Errorf("%s: %s differs by %g at %s", name, d.Stage, d.Largest, d.At)
			}
		}
	}
}

// TestConversionKeepsVariancePlusEpsilon is what a batch normalisation by running statistics computes with.
func TestConversionKeepsVariancePlusEpsilon(t *testing.T) {
	file := mini(t, models.Keras, 5)
	const path = "/block1/layer01/bn1/variance"
	i := slices.IndexFunc(file.Entries, func(e tensorfile.Entry) bool { return e.Name == path })
	width := file.Entries[i].Dims[0]
	file.Entries[i] = entryOf(path, []int{width}, slices.Repeat([]float32{1e-3}, width))
	keras := recognise(t, file)
	timm := converted(t, keras, models.Timm, "model.safetensors")
	numbers, err := timm.places[path].numbers()
	if err != nil {
		t.Fatal(err)
	}
	got, want := float64(numbers[0])+timm.Convention.BN.Epsilon, 1e-3+keras.Convention.BN.Epsilon
	if numbers[0] == 1e-3 || math.Abs(got-want) > 1e-10 {
		t.Errorf("variance + epsilon is %.12g, was %.12g", got, want)
	}

	contrib := recognise(t, mini(t, models.KerasContrib, 5))
	if _, _, err := Convert(contrib, models.Timm); err == nil || !strings.Contains(err.Error(), "padding") {
		t.Errorf("another padding was converted: %v", err)
	}
	if _, _, err := Convert(keras, "caffe"); err == nil || !strings.Contains(err.Error(), "timm, torchvision, longwing") {
		t.Errorf("unknown target: %v", err)
	}
}

// TestKernelLayouts compares with the definition: torch's number at [out][in][h][w] is ours at [h][w][in][out].
func TestKernelLayouts(t *testing.T) {
	const height, width, in, out = 2, 3, 37, 33
	torch := make([]float32, out*in*height*width)
	for i := range torch {
		torch[i] = float32(i)
	}
	check := func(k kernel) {
		ours := make([]float32, len(torch))
		k.fromTorch(ours, torch)
		for h := range k.height {
			for w := range k.width {
				for i := range k.in {
					for o := range k.out {
						if got, want := ours[((h*k.width+w)*k.in+i)*k.out+o], torch[((o*k.in+i)*k.height+h)*k.width+w]; got != want {
							t.Fatalf("%+v: [%d][%d][%d][%d] is %g, want %g", k, h, w, i, o, got, want)
						}
					}
				}
			}
		}
		back := make([]float32, len(torch))
		k.toTorch(back, ours)
		if !slices.Equal(back, torch) {
			t.Errorf("%+v: back in torch's order the numbers differ", k)
		}
	}
	check(kernelOf([]int{height, width, in, out}, 1))
	check(kernelOf([]int{height * width * in, out}, 1))
	check(kernelOf([]int{3 * 3 * 22, 37}, 3)) // a flattened 3×3
}

func TestSpellings(t *testing.T) {
	for name, spell := range map[string]func(string) string{
		"wrapped":              func(s string) string { return "module.model." + s },
		"torchvision of 2017":  func(s string) string { return strings.NewReplacer("norm1.", "norm.1.", "conv2.", "conv.2.").Replace(s) },
		"another head's name":  func(s string) string { return strings.Replace(s, "classifier", "fc_final", 1) },
		"with counted batches": func(s string) string { return s },
		"compiled":             func(s string) string { return "module._orig_mod." + s },
		"averaged":             func(s string) string { return "module." + s },
	} {
		t.Run(name, func(t *testing.T) {
			file := asTimm(t)
			for i := range file.Entries {
				file.Entries[i].Name = spell(file.Entries[i].Name)
			}
			if name == "with counted batches" {
				file.Entries = append(file.Entries, tensorfile.Entry{Name: "features.norm0.num_batches_tracked", Type: "I64"})
			}
			if name == "averaged" { // torch.optim.swa_utils.AveragedModel
				file.Entries = slices.Insert(file.Entries, 0, tensorfile.Entry{Name: "n_averaged", Type: "I64"})
			}
			w := recognise(t, file)
			if err := w.Check(); err != nil || w.Head == nil || w.Head.Classes != 5 {
				t.Errorf("head %v, %v", w.Head, err)
			}
		})
	}
}

// TestVGG16Heads finds heads that were replaced, by names of torchvision 0.29.2, timm 1.0.31 and Keras 3.15.1.
func TestVGG16Heads(t *testing.T) {
	type layer struct {
		name string
		dims []int // of the kernel
	}
	var torch, keras []layer
	in, number := 3, 0
	for block, out := range []int{64, 128, 256, 512, 512} {
		for conv := range []int{2, 2, 3, 3, 3}[block] {
			torch = append(torch, layer{fmt.Sprintf("features.%d", number), []int{out, in, 3, 3}})
			keras = append(keras, layer{fmt.Sprintf("block%d_conv%d", block+1, conv+1), []int{3, 3, in, out}})
			in, number = out, number+2
		}
		number++
	}
	hidden := []layer{{"classifier.0", []int{4096, 25088}}, {"classifier.3", []int{4096, 4096}}}
	fc := &models.Head{Kind: models.HeadFC, Units: 4096, Classes: 403}
	for name, c := range map[string]struct {
		backbone, head []layer
		want           *models.Head
		unmatched      int
	}{
		"timm without classes": {torch, []layer{{"pre_logits.fc1", []int{4096, 512, 7, 7}}, {"pre_logits.fc2", []int{4096, 4096, 1, 1}}}, nil, 0},
		"torchvision":          {torch, append(hidden, layer{"classifier.6", []int{403, 4096}}), fc, 0},
		"last in a sequence":   {torch, append(hidden, layer{"classifier.6.1", []int{403, 4096}}), fc, 0},
		"keras, other last":    {keras, []layer{{"fc1", []int{25088, 4096}}, {"fc2", []int{4096, 4096}}, {"dense", []int{4096, 403}}}, fc, 0},
		"two layers":           {torch, []layer{{"classifier.0", []int{512, 25088}}, {"classifier.3", []int{403, 512}}}, nil, 4},
	} {
		t.Run(name, func(t *testing.T) {
			file := &tensorfile.File{Path: "model"}
			for _, l := range slices.Concat(c.backbone, c.head) {
				kernel, outputs := l.name+".weight", l.dims[0]
				if c.backbone[0].name == keras[0].name {
					kernel, outputs = l.name+"/kernel", l.dims[len(l.dims)-1]
				}
				bias := strings.NewReplacer("weight", "bias", "kernel", "bias").Replace(kernel)
				file.Entries = append(file.Entries, tensorfile.Entry{Name: kernel, Dims: l.dims}, tensorfile.Entry{Name: bias, Dims: []int{outputs}})
			}
			w := recognise(t, file)
			if w.Model != "vgg16" || !reflect.DeepEqual(w.Head, c.want) || len(w.Unmatched) != c.unmatched || len(w.Missing)+len(w.Misshaped) > 0 {
				t.Errorf("%s with head %+v; unmatched %v, missing %v, misshaped %v", w.Model, w.Head, w.Unmatched, w.Missing, w.Misshaped)
			}
		})
	}
}

// TestNumberedKerasLayers takes layers by the order of their numbers, which start anywhere, as in a second model of a
// Keras program.
func TestNumberedKerasLayers(t *testing.T) {
	own := mini(t, models.KerasContrib, 5)
	file := &tensorfile.File{Path: "DenseNet.h5", Metadata: map[string]string{"names": "layers"}, Close: own.Close}
	number := map[string]int{"conv2d": 98, "batch_normalization": 7}
	last := make(map[string]string)
	for _, e := range own.Entries {
		layer, leaf := splitPath(e.Name)
		class := "batch_normalization"
		if leaf == "kernel" || leaf == "bias" {
			class = "conv2d"
		}
		if last[class] != layer {
			last[class] = layer
			number[class]++
		}
		name := fmt.Sprintf("%s_%d", class, number[class])
		if isHead(e.Name) {
			name = "dense_3"
		}
		e.Name = name + "/" + kerasStyle.leaf[leaf]
		file.Entries = append(file.Entries, e)
	}
	slices.Reverse(file.Entries)
	w := recognise(t, file)
	if w.Convention.Source != models.KerasContrib || w.Head == nil {
		t.Fatalf("recognised as of %s, head %v", w.Convention.Source, w.Head)
	}
	differences, err := Compare(recognise(t, own), w)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range differences {
		if d.Largest != 0 {
			t.Errorf("%s differs at %s", d.Stage, d.At)
		}
	}
}

func TestLoad(t *testing.T) {
	net, err := models.New("densenet_mini", models.Head{Classes: 7})
	if err != nil {
		t.Fatal(err)
	}
	store := model.NewStore()
	loaded, err := recognise(t, asTimm(t)).Load(store, net, 64, 3)
	if err != nil || !loaded.NewHead {
		t.Fatalf("new head %v, %v", loaded.NewHead, err)
	}
	drawn := model.NewStore()
	if err := net.Init(drawn, 64, 3); err != nil {
		t.Fatal(err)
	}
	values := func(store *model.Store, path string) []float32 {
		value, err := store.GetVariable(path).Value()
		if err != nil {
			t.Fatal(err)
		}
		return tensors.MustCopyFlatData[float32](value)
	}
	if !slices.Equal(values(store, "/head/kernel"), values(drawn, "/head/kernel")) {
		t.Error("the new head is not the one drawn from the seed")
	}
	for _, e := range mini(t, models.Torchvision, 5).Entries {
		if want, _ := e.Load(); !isHead(e.Name) && !slices.Equal(values(store, e.Name), want) {
			t.Errorf("%s differs from the file's", e.Name)
		}
	}
}

func TestFlawsAreListed(t *testing.T) {
	net, err := models.New("densenet_mini", models.Head{Classes: 5})
	if err != nil {
		t.Fatal(err)
	}
	find := func(f *tensorfile.File, name string) int {
		return slices.IndexFunc(f.Entries, func(e tensorfile.Entry) bool { return e.Name == name })
	}
	for name, c := range map[string]struct {
		damage func(f *tensorfile.File)
		want   string
	}{
		"missing": {func(f *tensorfile.File) {
			i := find(f, "features.norm0.running_var")
			f.Entries = slices.Delete(f.Entries, i, i+1)
		}, "missing: features.norm0.running_var"},
		"misshaped": {func(f *tensorfile.File) {
			f.Entries[find(f, "features.conv0.weight")] = entryOf("features.conv0.weight", []int{24, 3, 5, 5}, make([]float32, 24*75))
		}, "of another shape: features.conv0.weight [24 3 5 5] instead of [24 3 3 3]"},
		"unmatched": {func(f *tensorfile.File) {
			f.Entries = append(f.Entries, entryOf("attention.weight", []int{2}, make([]float32, 2)))
		}, "without a place in the network: attention.weight"},
		"unmatched beside wrapped": {func(f *tensorfile.File) {
			for i := range f.Entries {
				f.Entries[i].Name = "model." + f.Entries[i].Name
			}
			f.Entries = slices.Insert(f.Entries, 0, entryOf("criterion.weight", []int{5}, make([]float32, 5)))
		}, "without a place in the network: criterion.weight"},
	} {
		t.Run(name, func(t *testing.T) {
			file := asTimm(t)
			c.damage(file)
			w := recognise(t, file)
			if _, err := w.Load(model.NewStore(), net, 64, 1); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
			if err := w.Check(); err == nil {
				t.Error("Check found nothing")
			}
		})
	}
	file := asTimm(t)
	file.Entries[0] = entryOf(file.Entries[0].Name, file.Entries[0].Dims, slices.Repeat([]float32{float32(math.NaN())}, product(file.Entries[0].Dims)))
	if err := recognise(t, file).Check(); err == nil || !strings.Contains(err.Error(), "NaN") {
		t.Errorf("Check of a NaN: %v", err)
	}
}

func TestConfigBesideTheFile(t *testing.T) {
	content, metadata, err := Convert(recognise(t, mini(t, models.Torchvision, 5)), models.Timm)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var out bytes.Buffer
	if err := safetensors.Write(&out, content, metadata); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"model.safetensors": out.Bytes(),
		"config.json": []byte(`{"architecture": "densenet_mini", "pretrained_cfg": {"mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6],
			"input_size": [3, 288, 288], "crop_pct": 0.95, "interpolation": "bicubic"}}`),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w, err := Open(filepath.Join(dir, "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if got, want := w.Convention.Pictures, (models.Pictures{Size: 288, Resize: "crop", Crop: 0.95, Interpolation: "bicubic"}); got != want {
		t.Errorf("pictures %+v, want %+v", got, want)
	}
	if got := w.Convention.Preprocess.Mean; got != [3]float64{0.1, 0.2, 0.3} {
		t.Errorf("mean %v", got)
	}
}

func TestOtherFiles(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ content, want string }{
		"text":  {"hello, this is no weight file", "not a weight file"},
		"empty": {"", "not a weight file"},
		"zip":   {"PK\x03\x04 and nothing more", "not a readable"},
	} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(c.content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got error %v, want one that names the file", name, err)
		}
	}
	if _, err := Open(dir); err == nil {
		t.Error("a folder was opened")
	}
	other := &tensorfile.File{Path: "bert.safetensors", Entries: []tensorfile.Entry{entryOf("encoder.layer.0.weight", []int{2, 2}, make([]float32, 4))}}
	if _, err := Recognise(other); err == nil || !strings.Contains(err.Error(), "not a network known here") {
		t.Errorf("another network: %v", err)
	}
}
