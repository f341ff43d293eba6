package pretrained

import (
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// TestForeignTensors: a tensor of other programs doesn't hide the network, nor is it passed over, wherever it stands.
func TestForeignTensors(t *testing.T) {
	for name, foreign := range map[string]string{
		"another library's name":  "/stem/conv/kernel",
		"an older spelling":       "features.denseblock1.denselayer1.norm.1.weight",
		"without the module's":    "features.conv0.weight",
		"another library's layer": "conv1_conv/kernel",
	} {
		t.Run(name, func(t *testing.T) {
			for at := range 2 {
				file := asTimm(t)
				if name == "without the module's" {
					for i := range file.Entries {
						file.Entries[i].Name = "module." + file.Entries[i].Name
					}
				}
				entry := file.Entries[0]
				entry.Name = foreign
				file.Entries = slices.Insert(file.Entries, []int{0, len(file.Entries)}[at], entry)
				w := recognise(t, file)
				if w.Model != "densenet_mini" || w.Head == nil || len(w.Unmatched)+len(w.Misshaped) == 0 {
					t.Errorf("at %d: %s with head %v, unmatched %q, misshaped %q", at, w.Model, w.Head, w.Unmatched, w.Misshaped)
				}
				if w.Check() == nil {
					t.Errorf("at %d: the tensor was passed over", at)
				}
			}
		})
	}
	if s := styleOf(&tensorfile.File{Entries: []tensorfile.Entry{{Name: "x"}}}); s != nil {
		t.Errorf("a file without kernels has the style %+v", s)
	}
}
