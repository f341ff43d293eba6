package kerasfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// unpacked returns a file of testdata/make.py.
func unpacked(t testing.TB, path string) []byte {
	t.Helper()
	packed, err := os.ReadFile(path + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// saved writes content to a file.
func saved(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func opened(t testing.TB, name string, content []byte) *tensorfile.File {
	t.Helper()
	file, err := Open(saved(t, name, content))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}

// want is a tensor of testdata/make.py. Its numbers are those of keras, the name that it has in Keras.
type want struct {
	name, keras string
	dims        []int
}

// model is the model of make.py in the order of model.layers, with the names that Keras gives the layers and those after
// their classes. The three convolutions before the second normalization are in two branches, made in the order of their
// numbers.
var model = []struct {
	layer, class string
	variables    []string
	kernel       []int
}{
	{"stem_conv", "conv2d", []string{"kernel", "bias"}, []int{3, 3, 1, 2}},
	{"stem_norm", "batch_normalization", []string{"gamma", "beta", "moving_mean", "moving_variance"}, []int{1, 2}},
	{"conv2d", "conv2d_1", []string{"kernel", "bias"}, []int{1, 1, 2, 1}},
	{"left/conv", "functional/conv2d", []string{"kernel", "bias"}, []int{1, 1, 1, 1}},
	{"left/norm", "functional/batch_normalization", []string{"gamma", "beta", "moving_mean", "moving_variance"}, []int{1, 1}},
	{"left_end", "functional/conv2d_1", []string{"kernel", "bias"}, []int{1, 1, 1, 1}},
	{"right/conv", "functional_1/conv2d", []string{"kernel", "bias"}, []int{1, 1, 1, 1}},
	{"right/norm", "functional_1/batch_normalization", []string{"beta", "moving_mean", "moving_variance"}, []int{1, 1}},
	{"right_end", "functional_1/conv2d_1", []string{"kernel", "bias"}, []int{1, 1, 1, 1}},
	{"conv2d_2", "conv2d_2", []string{"kernel"}, []int{1, 1, 1, 1}},
	{"conv2d_3", "conv2d_3", []string{"kernel"}, []int{1, 1, 1, 1}},
	{"conv2d_1", "conv2d_4", []string{"kernel"}, []int{1, 1, 1, 1}},
	{"batch_normalization", "batch_normalization_1", []string{"gamma", "moving_mean", "moving_variance"}, []int{1, 1}},
	{"head", "dense", []string{"kernel", "bias"}, []int{2, 3}},
}

// kerasName is the name that make.py takes the numbers from.
func kerasName(layer, variable string) string {
	switch layer {
	case "left_end":
		layer = "left/left_end"
	case "right_end":
		layer = "right/right_end"
	}
	return layer + "/" + variable
}

func named() []want {
	var all []want
	for _, l := range model {
		for _, v := range l.variables {
			dims := l.kernel
			if v != "kernel" {
				dims = dims[len(dims)-1:]
			}
			all = append(all, want{l.layer + "/" + v, kerasName(l.layer, v), dims})
		}
	}
	return all
}

// slashed are the names that make.py gives with Keras 2, which allows slashes.
func slashed(all []want) []want {
	for i := range all {
		all[i].name = strings.Replace(all[i].name, "stem_", "stem/", 1)
		all[i].keras = strings.Replace(all[i].keras, "stem_", "stem/", 1)
	}
	return all
}

// legacy has the frozen layer of a model in the model after the trainable ones.
func legacy(all []want) []want {
	first := slices.IndexFunc(all, func(w want) bool { return w.name == "left/conv/kernel" })
	after := slices.IndexFunc(all, func(w want) bool { return w.name == "right/conv/kernel" })
	left := all[first:after]
	return slices.Concat(all[:first], left[2:], left[:2], all[after:])
}

// unconfigured is the order and the names without a configuration, where a normalization without beta can't be told from
// one without gamma.
func unconfigured(all []want) []want {
	for i := range all {
		all[i].name = strings.Replace(all[i].name, "batch_normalization/gamma", "batch_normalization/beta", 1)
	}
	return all
}

// classes has the layers named after their classes.
func classes(all []want) []want {
	i := 0
	for _, l := range model {
		for _, v := range l.variables {
			if l.layer == "batch_normalization" && v == "gamma" {
				v = "beta"
			}
			all[i].name = l.class + "/" + v
			i++
		}
	}
	return all
}

func TestReadsKeras(t *testing.T) {
	for _, c := range []struct {
		file, format string
		want         []want
		metadata     map[string]string
	}{
		{"3.15.1.h5", "Keras HDF5", legacy(named()),
			map[string]string{"layout": "legacy h5", "names": "layers", "keras_version": "3.15.1", "backend": "jax"}},
		{"3.15.1.weights.h5", "Keras HDF5", unconfigured(named()), map[string]string{"layout": "weights.h5", "names": "layers"}},
		{"3.15.1.keras", "Keras zip", named(), map[string]string{"layout": "keras", "names": "layers", "keras_version": "3.15.1"}},
		{"3.0.5.weights.h5", "Keras HDF5", classes(named()), map[string]string{"layout": "weights.h5", "names": "classes"}},
		{"3.0.5.keras", "Keras zip", named(), map[string]string{"layout": "keras", "names": "layers", "keras_version": "3.0.5"}},
		{"2.15.0.h5", "Keras HDF5", legacy(slashed(named())),
			map[string]string{"layout": "legacy h5", "names": "layers", "keras_version": "2.15.0", "backend": "tensorflow"}},
		{"2.15.0.weights-only.h5", "Keras HDF5", legacy(slashed(named())),
			map[string]string{"layout": "legacy h5", "names": "layers", "keras_version": "2.15.0", "backend": "tensorflow"}},
		{"2.15.0.weights.h5", "Keras HDF5", classes(slashed(named())), map[string]string{"layout": "weights.h5", "names": "classes"}},
		{"2.15.0.keras", "Keras zip", slashed(named()), map[string]string{"layout": "keras", "names": "layers", "keras_version": "2.15.0"}},
		{"2.13.1.weights.h5", "Keras HDF5", classes(slashed(named())), map[string]string{"layout": "weights.h5", "names": "classes"}},
		{"2.13.1.keras", "Keras zip", slashed(named()), map[string]string{"layout": "keras", "names": "layers", "keras_version": "2.13.1"}},
		{"keras1.h5", "Keras HDF5", []want{
			{"block1_conv1/kernel", "block1_conv1/kernel", []int{3, 3, 1, 2}},
			{"block1_conv1/bias", "block1_conv1/bias", []int{2}},
			{"bn_conv1/gamma", "bn_conv1/gamma", []int{2}},
			{"bn_conv1/beta", "bn_conv1/beta", []int{2}},
			{"bn_conv1/moving_mean", "bn_conv1/moving_mean", []int{2}},
			{"bn_conv1/moving_variance", "bn_conv1/moving_variance", []int{2}},
			{"fc_b/kernel", "fc_b/kernel", []int{2, 3}},
			{"fc_b/bias", "fc_b/bias", []int{3}},
		}, map[string]string{"layout": "legacy h5", "names": "layers", "keras_version": "1"}},
	} {
		t.Run(c.file, func(t *testing.T) {
			file := opened(t, c.file, unpacked(t, "testdata/"+c.file))
			if file.Format != c.format || !maps.Equal(file.Metadata, c.metadata) {
				t.Errorf("%s %v, want %s %v", file.Format, file.Metadata, c.format, c.metadata)
			}
			compare(t, file, c.want)
		})
	}
}

func compare(t *testing.T, file *tensorfile.File, tensors []want) {
	t.Helper()
	if len(file.Entries) != len(tensors) {
		t.Fatalf("%d tensors, want %d", len(file.Entries), len(tensors))
	}
	for i, e := range file.Entries {
		w := tensors[i]
		if e.Name != w.name || e.Type != "F32" || !slices.Equal(e.Dims, w.dims) {
			t.Errorf("tensor %d is %s, %s %v; want %s, F32 %v", i, e.Name, e.Type, e.Dims, w.name, w.dims)
			continue
		}
		got, err := e.Load()
		if err != nil {
			t.Error(err)
			continue
		}
		numbers := make([]float32, len(got))
		for k := range numbers {
			numbers[k] = float32(crc32.ChecksumIEEE([]byte(w.keras))%1000) + float32(k)/8
		}
		if size, err := tensorfile.Elements(e.Dims); err != nil || uint64(len(got)) != size || !slices.Equal(got, numbers) {
			t.Errorf("%s: %v, want those of %s, %v", e.Name, got, w.keras, numbers)
		}
	}
}

func TestClosedFile(t *testing.T) {
	for _, name := range []string{"3.15.1.h5", "3.15.1.keras"} {
		file := opened(t, name, unpacked(t, "testdata/"+name))
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := file.Entries[0].Load(); !errors.Is(err, os.ErrClosed) || !strings.HasPrefix(err.Error(), file.Path+": tensor stem_conv/kernel: ") {
			t.Errorf("%s: loading from a closed file gave %v", name, err)
		}
	}
}

// TestSnakeCase: names that Keras 3.15.1's to_snake_case gives.
func TestSnakeCase(t *testing.T) {
	for class, name := range map[string]string{
		"Conv2D": "conv2d", "BatchNormalization": "batch_normalization", "GlobalAveragePooling2D": "global_average_pooling2d",
		"DepthwiseConv2D": "depthwise_conv2d", "ReLU": "re_lu", "LSTM": "lstm", "TFOpLambda": "tf_op_lambda",
		"Custom>ScaleLayer": "custom_scale_layer", "Conv2DTranspose": "conv2d_transpose", "HTTPServer2x": "http_server2x", "": "",
	} {
		if got := snakeCase(class); got != name {
			t.Errorf("%s became %s, want %s", class, got, name)
		}
	}
}

// TestOrder: groups that were copied come sorted by name, and those of Keras 2.13 have gaps in their numbers.
func TestOrder(t *testing.T) {
	for name, c := range map[string]struct {
		groups, want string
		renumber     bool
		model        *config
	}{
		"as made":    {groups: "conv2d dense conv2d_1", want: "conv2d dense conv2d_1"},
		"copied":     {groups: "conv2d conv2d_1 conv2d_10 conv2d_2 dense", want: "conv2d conv2d_1 conv2d_2 conv2d_10 dense"},
		"gaps":       {groups: "conv2d conv2d_2 dense_3 conv2d_4", want: "conv2d conv2d_1 dense conv2d_2", renumber: true},
		"no numbers": {groups: "_ _x x_ x_-1 x_1", want: "_ _x x_ x_-1 x_1"},
		"configured": {groups: "conv2d dense other conv2d_1", want: "dense conv2d_1 conv2d other", model: &config{layers: map[string]*config{
			"conv2d": {name: "a", order: 2}, "dense": {name: "b"}, "conv2d_1": {name: "c", order: 1}}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range inOrder(strings.Fields(c.groups), c.renumber, c.model) {
				got = append(got, c.name)
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("%s became %s, want %s", c.groups, text, c.want)
			}
		})
	}
}

// TestSplitWeight: names of weights in legacy files of the layer "l".
func TestSplitWeight(t *testing.T) {
	for weight, want := range map[string][2]string{
		"conv1/kernel:0":               {"conv1", "kernel"},
		"conv1/bn/moving_variance:0":   {"conv1/bn", "moving_variance"},
		"gamma":                        {"l", "gamma"},
		"block1_conv1_W_1:0":           {"block1_conv1", "kernel"},
		"batchnormalization_3_beta":    {"batchnormalization_3", "beta"},
		"bn_conv1_running_std:0":       {"bn_conv1", "moving_variance"},
		"bn2a_branch2a_running_mean_1": {"bn2a_branch2a", "moving_mean"},
		"_W":                           {"l", "_W"},
		"/":                            {"", ""},
		"":                             {"l", ""},
	} {
		if owner, name := splitWeight("l", weight); owner != want[0] || name != want[1] {
			t.Errorf("%q is %q of %q, want %q of %q", weight, name, owner, want[1], want[0])
		}
	}
}
