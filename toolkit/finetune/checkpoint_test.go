package finetune

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models"
)

// TestDamagedCheckpoint changes a checkpoint in each of its parts: none of them may be taken for the original.
func TestDamagedCheckpoint(t *testing.T) {
	store := model.NewStore()
	store.VariableWithValue("/head/kernel", tensors.FromValue([][]float32{{1, 2}, {3, 4}}))
	path := filepath.Join(t.TempDir(), "x.safetensors")
	net, err := models.New("densenet_mini", models.Head{Classes: 2})
	if err != nil {
		t.Fatal(err)
	}
	saved := state{Classes: "c", Recipe: "r", Epoch: 4, Step: 40, BestEpoch: 3, BestValue: 0.5}
	if err := saveCheckpoint(path, store, net, saved); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readCheckpoint(path)
	if err != nil || got.state != saved || len(got.content) != 1 || got.content[0].Data[3] != 4 {
		t.Fatalf("read %+v (%v), saved %+v", got, err, saved)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"a value":       func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"the state":     func(b []byte) []byte { return bytes.Replace(b, []byte(`\"epoch\":4`), []byte(`\"epoch\":5`), 1) },
		"a name":        func(b []byte) []byte { return bytes.Replace(b, []byte("/head/kernel"), []byte("/head/Kernel"), 1) },
		"the end":       func(b []byte) []byte { return b[:len(b)-4] },
		"all but a bit": func(b []byte) []byte { return b[:9] },
		"everything":    func([]byte) []byte { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			damaged := damage(bytes.Clone(whole))
			if bytes.Equal(damaged, whole) {
				t.Fatal("nothing was damaged")
			}
			if err := os.WriteFile(path, damaged, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := readCheckpoint(path); err == nil || !strings.HasPrefix(err.Error(), path) {
				t.Errorf("got error %v, want one that names the file", err)
			}
		})
	}
}
