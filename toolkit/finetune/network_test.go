package finetune

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained"
)

// said is an Observer that remembers.
type said struct {
	silent
	text string
}

func (s *said) Say(text string) { s.text += text + "\n" }

// TestInitialHead: a checkpoint's head is taken over for the same classes only; as many others get a new one.
func TestInitialHead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "best.safetensors")
	newNet := func(classes int) *models.Network {
		net, err := models.New("densenet_mini", models.Head{Classes: classes})
		if err != nil {
			t.Fatal(err)
		}
		return net
	}
	saved := model.NewStore()
	if err := newNet(3).Init(saved, 32, 1); err != nil {
		t.Fatal(err)
	}
	if err := saveCheckpoint(path, saved, newNet(3), state{Classes: classesID([]string{"ant", "bee", "wasp"})}); err != nil {
		t.Fatal(err)
	}
	values := func(store *model.Store, path string) []float32 {
		tensor, err := current(store.GetVariable(path))
		if err != nil {
			t.Fatal(err)
		}
		return tensor.Data
	}
	for name, c := range map[string]struct {
		classes []string
		newHead bool
	}{
		"same":          {[]string{"ant", "bee", "wasp"}, false},
		"another order": {[]string{"bee", "ant", "wasp"}, true},
		"others":        {[]string{"oak", "ash", "elm"}, true},
		"fewer":         {[]string{"ant", "bee"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := pretrained.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			ear := &said{}
			e := &engine{recipe: &Recipe{Size: 32, Seed: 2}, observer: ear, net: newNet(len(c.classes)), store: model.NewStore(),
				weights: w, origin: origin{Path: path}, state: state{Classes: classesID(c.classes)}}
			defer e.close()
			if err := e.initialise(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(values(e.store, "/stem/conv/kernel"), values(saved, "/stem/conv/kernel")) {
				t.Error("the stem was not taken over")
			}
			head := values(e.store, "/head/kernel")
			drawn := model.NewStore()
			if err := e.net.Init(drawn, 32, 2); err != nil {
				t.Fatal(err)
			}
			if slices.Equal(head, values(saved, "/head/kernel")) == c.newHead || slices.Equal(head, values(drawn, "/head/kernel")) != c.newHead {
				t.Errorf("new head: want %v", c.newHead)
			}
			if strings.Contains(ear.text, "new head") != c.newHead {
				t.Errorf("said %q", ear.text)
			}
		})
	}
}
