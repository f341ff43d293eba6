package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
)

// weightFile writes a network whose numbers value gives, by their place in the file.
func weightFile(t *testing.T, model string, classes int, value func(i int) float32) string {
	t.Helper()
	net, err := models.New(model, models.Head{Classes: classes})
	if err != nil {
		t.Fatal(err)
	}
	parameters, err := net.Parameters(net.MinSize)
	if err != nil {
		t.Fatal(err)
	}
	var content []safetensors.Tensor
	i := 0
	for _, p := range parameters {
		tensor := safetensors.Tensor{Name: p.Path, Dims: p.Dims}
		n := 1
		for _, d := range p.Dims {
			n *= d
		}
		for range n {
			tensor.Data = append(tensor.Data, value(i))
			i++
		}
		content = append(content, tensor)
	}
	return saveTensors(t, content, pretrained.Metadata(net))
}

func saveTensors(t *testing.T, content []safetensors.Tensor, metadata map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weights.safetensors")
	if err := atomicfile.Write(path, func(w io.Writer) error { return safetensors.Write(w, content, metadata) }); err != nil {
		t.Fatal(err)
	}
	return path
}

// ramp gives numbers that differ, small and positive.
func ramp(i int) float32 { return float32(i%97)/970 + 0.001 }

// TestWeightsInspect compares with Keras's counts of DenseNet121 (8,062,504, of which 83,648 are not trainable) and with
// what torchvision's documentation says of its pictures.
func TestWeightsInspect(t *testing.T) {
	path := weightFile(t, "densenet121", 1000, ramp)
	var got map[string]any
	decodeJSON(t, mustRun(t, "weights", "inspect", path, "--json"), &got)
	var want map[string]any
	decodeJSON(t, `{"architecture":"densenet121","source":"torchvision","format":"safetensors","parameters":8062504,"statistics":83648,
		"classes":1000,"head":"pool","preprocessing":{"size":224,"resize":"crop","crop":0.875,"interpolation":"bilinear",
		"channel_order":"RGB","mode":"torch","scale":0.00392156862745098,"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225]},
		"unmatched":[],"missing":[],"misshaped":[]}`, &want)
	gotText, _ := json.Marshal(got)
	if wantText, _ := json.Marshal(want); string(gotText) != string(wantText) {
		t.Errorf("got  %s\nwant %s", gotText, wantText)
	}
	text := mustRun(t, "weights", "inspect", path)
	for _, want := range []string{"densenet121 as in torchvision", "8062504", "pool, 1000 classes", "crop 0.875, bilinear", "RGB"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not say %q:\n%s", want, text)
		}
	}
}

func TestWeightsInspectDamaged(t *testing.T) {
	content, metadata, err := safetensors.ReadAll(weightFile(t, "densenet_mini", 3, ramp))
	if err != nil {
		t.Fatal(err)
	}
	content[0].Name, content[1].Dims = "/extra/kernel", []int{len(content[1].Data), 1}
	path := saveTensors(t, content, metadata)
	var report weightsReport
	decodeJSON(t, mustRun(t, "weights", "inspect", path, "--json"), &report)
	if !slices.Equal(report.Unmatched, []string{"/extra/kernel"}) || !slices.Equal(report.Missing, []string{"/stem/conv/kernel"}) || len(report.Misshaped) != 1 {
		t.Errorf("got %+v", report)
	}
	text := mustRun(t, "weights", "inspect", path)
	for _, want := range []string{"without a place", "missing", "of wrong shape"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text does not say %q:\n%s", want, text)
		}
	}
	refused(t, []string{"weights", "check", path}, statusFailed, path, "/extra/kernel")
}

// TestWeightsConvert compares with names and shapes of torchvision's DenseNet, and comes back to the same numbers.
func TestWeightsConvert(t *testing.T) {
	path := weightFile(t, "densenet121", 7, ramp)
	dir := t.TempDir()
	torch, ours := filepath.Join(dir, "torch.safetensors"), filepath.Join(dir, "ours.safetensors")
	var report conversion
	decodeJSON(t, mustRun(t, "weights", "convert", path, "--to", "torchvision", "--output", torch, "--json"), &report)
	if report.Architecture != "densenet121" || report.To != "torchvision" || report.Output != torch {
		t.Errorf("got %+v", report)
	}
	file, err := safetensors.Open(torch)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	dims := make(map[string][]int)
	for _, e := range file.Entries {
		dims[e.Name] = e.Dims
	}
	for name, want := range map[string][]int{
		"features.conv0.weight":                               {64, 3, 7, 7},
		"features.denseblock1.denselayer1.conv2.weight":       {32, 128, 3, 3},
		"features.denseblock4.denselayer16.norm1.running_var": {992},
		"classifier.weight":                                   {7, 1024},
	} {
		if !slices.Equal(dims[name], want) {
			t.Errorf("%s has shape %v, want %v", name, dims[name], want)
		}
	}
	if len(file.Entries) != report.Tensors {
		t.Errorf("%d tensors are said, %d are there", report.Tensors, len(file.Entries))
	}
	if text := mustRun(t, "weights", "convert", torch, "--to", "longwing", "--output", ours); !strings.Contains(text, ours) {
		t.Errorf("printed %q", text)
	}
	var check checkReport
	decodeJSON(t, mustRun(t, "weights", "check", path, ours, "--json"), &check)
	if len(check.Stages) != 10 {
		t.Errorf("%d stages were compared, want 10", len(check.Stages))
	}
	for _, s := range check.Stages {
		if s.Largest != 0 {
			t.Errorf("there and back: %+v", s)
		}
	}
}

func TestWeightsCheck(t *testing.T) {
	whole := weightFile(t, "densenet_mini", 3, ramp)
	text := mustRun(t, "weights", "check", whole)
	if !strings.Contains(text, "densenet_mini of torchvision") || !strings.Contains(text, "complete and finite") {
		t.Errorf("printed %q", text)
	}
	other := weightFile(t, "densenet_mini", 3, func(i int) float32 {
		if i == 0 {
			return ramp(0) + 0.5
		}
		return ramp(i)
	})
	var report checkReport
	decodeJSON(t, mustRun(t, "weights", "check", whole, other, "--json"), &report)
	if first := report.Stages[0]; first.Stage != "stem" || math.Abs(first.Largest-0.5) > 1e-6 || first.At != "/stem/conv/kernel" || report.Stages[1].Largest != 0 {
		t.Errorf("got %+v", report)
	}
	if text := mustRun(t, "weights", "check", whole, other); !strings.Contains(text, "0.5") || !strings.Contains(text, other) {
		t.Errorf("printed %q", text)
	}
	for name, value := range map[string]float32{"NaN": float32(math.NaN()), "+Inf": float32(math.Inf(1))} {
		bad := weightFile(t, "densenet_mini", 3, func(int) float32 { return value })
		refused(t, []string{"weights", "check", bad}, statusFailed, bad, name)
	}
	fewer := weightFile(t, "densenet_mini", 2, ramp)
	refused(t, []string{"weights", "check", whole, fewer}, statusFailed, fewer, "/head/")
}

// TestWeightsList compares with the counts that the original study's notebook printed for its DenseNet161, and with that of
// Keras's documentation for VGG16.
func TestWeightsList(t *testing.T) {
	var table models.Table
	decodeJSON(t, mustRun(t, "weights", "list", "--model", "densenet161", "--size", "512", "--cut", "block4", "--classes", "403", "--json"), &table)
	if table.Parameters() != 27582163 || table.Total.Trainable != 10381363 {
		t.Errorf("%d parameters, %d trainable; want 27582163 and 10381363", table.Parameters(), table.Total.Trainable)
	}
	var list struct{ Models []modelReport }
	decodeJSON(t, mustRun(t, "weights", "list", "--json"), &list)
	i := slices.IndexFunc(list.Models, func(m modelReport) bool { return m.Model == "densenet169" })
	if len(list.Models) != len(models.Names()) || i < 0 || list.Models[i].CutPoints[0] != "stem" || list.Models[i].Weights[0].Name != "densenet169.tv_in1k" {
		t.Errorf("got %+v", list)
	}
	for args, want := range map[string]string{
		"":                                       "keras/densenet169-notop",
		"--model vgg16 --head fc --source keras": "138,357,544",
		"--model densenet169 --cut block4 --classes 403": "trained from block4 on",
		"--model inception_resnet_v2 --cut block8_9_ac":  "trained from block8_9_ac on",
	} {
		if text := mustRun(t, append([]string{"weights", "list"}, strings.Fields(args)...)...); !strings.Contains(text, want) {
			t.Errorf("list %s does not say %q:\n%s", args, want, text)
		}
	}
}

func TestWeightsRefuses(t *testing.T) {
	t.Setenv("HF_HUB_OFFLINE", "1")
	t.Setenv("HF_HOME", t.TempDir())
	mini := weightFile(t, "densenet_mini", 3, ramp)
	text := write(t, filepath.Join(t.TempDir(), "weights.txt"), "not weights")
	for name, c := range map[string]struct {
		args   string
		status int
		want   []string
	}{
		"inspect nothing":     {"inspect", statusUsage, []string{"1 arg"}},
		"inspect nowhere":     {"inspect nowhere", statusFailed, []string{"no file or run nowhere", `no weights are named "nowhere"`}},
		"inspect text":        {"inspect " + text, statusFailed, []string{text, "not a weight file"}},
		"inspect a folder":    {"inspect " + filepath.Dir(text), statusFailed, []string{"best.safetensors"}},
		"fetch offline":       {"fetch densenet169", statusFailed, []string{"densenet169", "not in the cache"}},
		"fetch of timm":       {"fetch timm/densenet121.ra_in1k", statusFailed, []string{"weights densenet121.ra_in1k", "not in the cache"}},
		"fetch unknown":       {"fetch resnet50", statusFailed, []string{`"resnet50"`, "longwing weights list"}},
		"convert to nothing":  {"convert " + mini, statusUsage, []string{`"to"`, `"output"`}},
		"convert to Keras":    {"convert " + mini + " --to keras --output x", statusUsage, []string{`--to is "keras"`, "timm, torchvision"}},
		"convert to nowhere":  {"convert " + mini + " --to longwing --output=", statusUsage, []string{"--output is empty"}},
		"convert to a folder": {"convert " + mini + " --to longwing --output .", statusFailed, []string{"--output . is a folder"}},
		"convert to no place": {"convert " + mini + " --to longwing --output /no/such/x", statusFailed, []string{"/no/such"}},
		"check three":         {"check a b c", statusUsage, []string{"between 1 and 2"}},
		"list size alone":     {"list --size 224", statusUsage, []string{"--model"}},
		"list unknown":        {"list --model resnet50", statusFailed, []string{`"resnet50"`, "densenet169"}},
		"list cut":            {"list --model densenet169 --cut block9", statusFailed, []string{`"block9"`}},
		"list source":         {"list --model vgg16_bn --source keras", statusFailed, []string{`"keras"`, "timm"}},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, append([]string{"weights"}, strings.Fields(c.args)...), c.status, c.want...)
		})
	}
}

// TestWeightsFetch fetches from a server that answers like the Hub; the repository has no config.json.
func TestWeightsFetch(t *testing.T) {
	content, err := os.ReadFile(weightFile(t, "densenet_mini", 3, ramp))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/cdn":
			_, _ = w.Write(content)
		case strings.HasPrefix(r.URL.Path, "/me/mini/resolve/") && strings.HasSuffix(r.URL.Path, "/model.safetensors"):
			w.Header().Set("X-Repo-Commit", strings.Repeat("a", 40))
			w.Header().Set("X-Linked-Etag", `"`+hash+`"`)
			w.Header().Set("X-Linked-Size", strconv.Itoa(len(content)))
			w.Header().Set("Location", "/cdn")
			w.WriteHeader(http.StatusFound)
		default:
			w.Header().Set("X-Error-Code", "EntryNotFound")
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer server.Close()
	for _, name := range []string{"HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_TOKEN", "HF_TOKEN_PATH"} {
		t.Setenv(name, "")
	}
	t.Setenv("HF_HOME", t.TempDir())
	t.Setenv("HF_ENDPOINT", server.URL)

	status, stdout, stderr := longwing("weights", "fetch", "hf:me/mini")
	path := strings.TrimSpace(stdout)
	if got, err := os.ReadFile(path); status != statusDone || err != nil || sha256.Sum256(got) != sum {
		t.Fatalf("exit status %d, printed %q and %q (%v)", status, stdout, stderr, err)
	}
	for _, want := range []string{"fetching hf:me/mini", "preprocessing is taken from the network's library"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr %q does not say %q", stderr, want)
		}
	}
	var fetched struct {
		Path, SHA256 string
		FromCache    bool `json:"from_cache"`
	}
	if err := json.Unmarshal([]byte(mustRun(t, "weights", "fetch", "hf:me/mini", "--json")), &fetched); err != nil {
		t.Fatal(err)
	}
	if fetched.Path != path || fetched.SHA256 != hash || !fetched.FromCache {
		t.Errorf("got %+v", fetched)
	}
	var report weightsReport
	decodeJSON(t, mustRun(t, "weights", "inspect", "hf:me/mini", "--json"), &report)
	if report.Architecture != "densenet_mini" || report.Classes != 3 {
		t.Errorf("got %+v", report)
	}
	mustRun(t, "weights", "fetch", "hf:me/mini", "--offline", "--revision", strings.Repeat("a", 40))
}
