package finetune

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// writeCheckpoint saves a small checkpoint of a state under its name and returns its path.
func writeCheckpoint(t *testing.T, dir string, s state) string {
	t.Helper()
	store := model.NewStore()
	store.VariableWithValue("/head/kernel", tensors.FromValue([][]float32{{1, 2}, {3, float32(s.Step)}}))
	net, err := models.New("densenet_mini", models.Head{Classes: 2})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, s.extent().fileName())
	if err := saveCheckpoint(path, store, net, s); err != nil {
		t.Fatal(err)
	}
	return path
}

// The states of three checkpoints of one run, oldest first.
var (
	afterEpoch3 = state{Classes: "c", Recipe: "r", Epoch: 3, Step: 30, BestEpoch: 3, BestValue: 0.5}
	within4     = state{Classes: "c", Recipe: "r", Epoch: 3, Step: 34, BestEpoch: 3, BestValue: 0.5,
		Partial: partial{Steps: 4, Seen: 32, LossSum: 40.25, Hits: 9, LR: 0.1}}
	afterEpoch4 = state{Classes: "c", Recipe: "r", Epoch: 4, Step: 40, BestEpoch: 3, BestValue: 0.5}
)

// TestEveryTruncationAndBitFlip cuts a checkpoint at each of its bytes and flips each of its bits: none of the results
// may be taken for another checkpoint.
func TestEveryTruncationAndBitFlip(t *testing.T) {
	path := writeCheckpoint(t, t.TempDir(), within4)
	original, err := readCheckpoint(path)
	if err != nil || original.state != within4 || len(original.content) != 1 || original.content[0].Data[3] != 34 {
		t.Fatalf("read %+v (%v), saved %+v", original, err, within4)
	}
	content := read(t, path)
	f, err := os.OpenFile(path, os.O_RDWR, 0) // changed in place: ten thousand new files take ten seconds
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	check := func(what string, at int) error {
		got, err := readCheckpoint(path)
		switch {
		case err != nil:
			if !strings.HasPrefix(err.Error(), path+": ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s %d: got error %q, want one line that begins with the file", what, at, err)
			}
		case !reflect.DeepEqual(got, original): // JSON has two ways to write some characters: \u003c and \u003C
			t.Errorf("%s %d: was read as %+v", what, at, got)
		}
		return err
	}
	for bit := range 8 * len(content) {
		flipped := []byte{content[bit/8] ^ 1<<(bit%8)}
		if _, err := f.WriteAt(flipped, int64(bit/8)); err != nil {
			t.Fatal(err)
		}
		_ = check("flipped bit", bit)
		if _, err := f.WriteAt(content[bit/8:bit/8+1], int64(bit/8)); err != nil {
			t.Fatal(err)
		}
	}
	for n := len(content) - 1; n >= 0; n-- {
		if err := f.Truncate(int64(n)); err != nil {
			t.Fatal(err)
		}
		if check("cut at byte", n) == nil {
			t.Errorf("cut at byte %d: was accepted", n)
		}
	}
}

// damages are ways to spoil a checkpoint's file, and what the error then says.
var damages = map[string]struct {
	spoil func(b []byte) []byte
	want  string
}{
	"empty":                 {func([]byte) []byte { return nil }, "not a readable safetensors file: header length"},
	"cut in the length":     {func(b []byte) []byte { return b[:5] }, "not a readable safetensors file: header length"},
	"cut behind the length": {func(b []byte) []byte { return b[:8] }, "not a readable safetensors file: header of "},
	"cut in the header":     {func(b []byte) []byte { return b[:dataStart(b)/2] }, "not a readable safetensors file: header of "},
	"cut behind the header": {func(b []byte) []byte { return b[:dataStart(b)] }, "does not fit bytes 0 to 16 of 0"},
	"cut in the data":       {func(b []byte) []byte { return b[:dataStart(b)+6] }, "does not fit bytes 0 to 16 of 6"},
	"last byte missing":     {func(b []byte) []byte { return b[:len(b)-1] }, "does not fit bytes 0 to 16 of 15"},
	"one byte too many":     {func(b []byte) []byte { return append(b, 0) }, "tensors fill 16 of 17 bytes"},
	"zeros":                 {func(b []byte) []byte { return make([]byte, len(b)) }, "not a readable safetensors file: header"},
	"length lower":          {func(b []byte) []byte { b[0] -= 8; return b }, "not a readable safetensors file: "},
	"length huge":           {func(b []byte) []byte { b[7] = 0x80; return b }, "not a readable safetensors file: header of "},
	"name":                  {exchange("/head/kernel", "/head/Kernel"), "damaged: its content does not match its checksum"},
	"shape":                 {exchange(`"shape":[2,2]`, `"shape":[4,1]`), "damaged: its content does not match its checksum"},
	"state":                 {exchange(`\"best_epoch\":3`, `\"best_epoch\":2`), "damaged: its content does not match its checksum"},
	"network":               {exchange(`densenet_mini`, `densenet_mono`), "damaged: its content does not match its checksum"},
	"key of the state":      {exchange(`"longwing":`, `"longwind":`), `not a checkpoint of longwing: it has no metadata "longwing"`},
	"key of the checksum":   {exchange(`"sha256":`, `"sha257":`), "damaged: its content does not match its checksum"},
	"checksum":              {func(b []byte) []byte { return flip(b, bytes.Index(b, []byte(`"sha256":"`))+20) }, "damaged: its content does not match its checksum"},
	"first value":           {func(b []byte) []byte { return flip(b, dataStart(b)) }, "damaged: its content does not match its checksum"},
	"last value":            {func(b []byte) []byte { return flip(b, len(b)-1) }, "damaged: its content does not match its checksum"},
}

// dataStart is where a file's header ends.
func dataStart(b []byte) int { return 8 + int(binary.LittleEndian.Uint64(b)) }

func flip(b []byte, at int) []byte {
	b[at] ^= 1
	return b
}

func exchange(old, text string) func(b []byte) []byte {
	return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(text), 1) }
}

// ear remembers what an observer is told.
type ear struct {
	silent
	said []string
}

func (e *ear) Say(text string) { e.said = append(e.said, text) }

// TestDamagedCheckpointIsPassedOver spoils the newest checkpoint in each way: the one before it is taken and a line says
// why. If that is spoilt too nothing goes on.
func TestDamagedCheckpointIsPassedOver(t *testing.T) {
	for newest, states := range map[string][2]state{
		"epoch after epoch":  {afterEpoch3, afterEpoch4},
		"epoch after within": {within4, afterEpoch4},
		"within after epoch": {afterEpoch3, within4},
	} {
		for name, damage := range damages {
			t.Run(newest+"/"+name, func(t *testing.T) {
				dir := t.TempDir()
				paths := []string{writeCheckpoint(t, dir, states[0]), writeCheckpoint(t, dir, states[1])}
				spoil := func(path string) {
					content := read(t, path)
					spoilt := damage.spoil(bytes.Clone(content))
					if bytes.Equal(spoilt, content) {
						t.Fatal("nothing was damaged")
					}
					if err := os.WriteFile(path, spoilt, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				spoil(paths[1])
				var heard ear
				got, err := newestCheckpoint(dir, &heard)
				if err != nil || got.state != states[0] {
					t.Fatalf("got %+v (%v), want the older one", got, err)
				}
				if len(heard.said) != 1 || !strings.HasPrefix(heard.said[0], "passing over "+paths[1]+": ") || !strings.Contains(heard.said[0], damage.want) {
					t.Errorf("said %q, want one line with the file and %q", heard.said, damage.want)
				}
				spoil(paths[0])
				_, err = newestCheckpoint(dir, &heard)
				want := dir + ": none of its 2 checkpoints can be read; start again in another directory"
				if err == nil || err.Error() != want {
					t.Errorf("got error %v, want %q", err, want)
				}
				if err := prune(dir, states[1].extent(), 1); err != nil {
					t.Errorf("pruning: %v", err)
				}
			})
		}
	}
}

// TestDamagedBestCheckpoint: no other checkpoint can stand in for the best one.
func TestDamagedBestCheckpoint(t *testing.T) {
	r, err := run.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &engine{run: r}
	for name, damage := range damages {
		path := filepath.Join(r.CheckpointDir(), bestName)
		if err := os.Rename(writeCheckpoint(t, r.CheckpointDir(), afterEpoch3), path); err != nil {
			t.Fatal(err)
		}
		if _, err := e.best(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, damage.spoil(read(t, path)), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := e.best()
		if err == nil || !strings.HasPrefix(err.Error(), "best checkpoint: "+path+": ") || !strings.Contains(err.Error(), damage.want) {
			t.Errorf("%s: got error %v, want one with the file and %q", name, err, damage.want)
		}
	}
}

// TestUnfinishedFilesAreNoCheckpoints leaves what a kill leaves.
func TestUnfinishedFilesAreNoCheckpoints(t *testing.T) {
	dir := t.TempDir()
	writeCheckpoint(t, dir, afterEpoch3)
	unfinished := filepath.Join(dir, "."+afterEpoch4.extent().fileName()+".tmp-1")
	if !atomicfile.IsTemporary(filepath.Base(unfinished)) {
		t.Fatalf("%s is no temporary name", unfinished)
	}
	if err := os.WriteFile(unfinished, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	var heard ear
	got, err := newestCheckpoint(dir, &heard)
	if err != nil || got.state != afterEpoch3 || len(heard.said) > 0 {
		t.Errorf("got %+v (%v), said %q", got, err, heard.said)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
