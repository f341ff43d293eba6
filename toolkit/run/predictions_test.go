package run_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/run"
)

func samplePredictions() *run.Predictions {
	return &run.Predictions{
		IDs:        []string{"roses/a.jpg", `odd "name", with comma`, "été.png"},
		Rows:       []int{4, 0, 7},
		Labels:     []int32{1, 0, 1},
		Logits:     []float32{0.5, 1, -1, 2, 3, 4},
		NumClasses: 2,
	}
}

func TestPredictionsRoundTrip(t *testing.T) {
	r := create(t)
	_, err := r.ReadPredictions("test")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before they are written: %v", err)
	}
	want := samplePredictions()
	if err := r.WritePredictions("test", want); err != nil {
		t.Fatal(err)
	}
	got, err := r.ReadPredictions("test")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	names(t, r, "test.csv", "test.npy")
}

// names checks that predictions/ holds these files and nothing that was left behind.
func names(t *testing.T, r *run.Run, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(r.Dir(), "predictions"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("predictions/ holds %v, want %v", got, want)
	}
}

func TestBatchesMakeTheSameFiles(t *testing.T) {
	r := create(t)
	p := samplePredictions()
	if err := r.WritePredictions("whole", p); err != nil {
		t.Fatal(err)
	}
	batches := func(yield func(*run.Predictions, error) bool) {
		for i := range p.Len() {
			b := &run.Predictions{
				IDs: p.IDs[i : i+1], Rows: p.Rows[i : i+1], Labels: p.Labels[i : i+1],
				Logits: p.Logits[2*i : 2*i+2], NumClasses: 2,
			}
			if !yield(b, nil) {
				return
			}
		}
	}
	if err := r.WritePredictionBatches("parts", 3, 2, batches); err != nil {
		t.Fatal(err)
	}
	for _, extension := range []string{".npy", ".csv"} {
		whole, err := os.ReadFile(filepath.Join(r.Dir(), "predictions", "whole"+extension))
		if err != nil {
			t.Fatal(err)
		}
		parts, err := os.ReadFile(filepath.Join(r.Dir(), "predictions", "parts"+extension))
		if err != nil {
			t.Fatal(err)
		}
		if string(parts) != string(whole) {
			t.Errorf("%s: batches wrote %q, one call %q", extension, parts, whole)
		}
	}
}

func TestRefusedPredictionsLeaveTheOldOnes(t *testing.T) {
	r := create(t)
	want := samplePredictions()
	if err := r.WritePredictions("test", want); err != nil {
		t.Fatal(err)
	}
	change := func(edit func(p *run.Predictions)) *run.Predictions {
		p := samplePredictions()
		edit(p)
		return p
	}
	for message, p := range map[string]*run.Predictions{
		"3 ids, 2 rows":                             change(func(p *run.Predictions) { p.Rows = p.Rows[:2] }),
		"5 logits for 3 pictures":                   change(func(p *run.Predictions) { p.Logits = p.Logits[:5] }),
		"row 0 (odd \"name\", with comma): label 2": change(func(p *run.Predictions) { p.Labels[1] = 2 }),
		"row -1":    change(func(p *run.Predictions) { p.Rows[0] = -1 }),
		"0 classes": change(func(p *run.Predictions) { p.NumClasses = 0 }),
	} {
		mentions(t, r.WritePredictions("test", p), message, "test.npy")
	}
	stop := errors.New("stopped by the user")
	failing := func(yield func(*run.Predictions, error) bool) {
		_ = yield(samplePredictions(), nil) && yield(nil, stop)
	}
	if err := r.WritePredictionBatches("test", 3, 2, failing); !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of the batches", err)
	}
	one := func(yield func(*run.Predictions, error) bool) { yield(samplePredictions(), nil) }
	mentions(t, r.WritePredictionBatches("test", 4, 2, one), "got 3 pictures, need 4")
	mentions(t, r.WritePredictionBatches("test", 3, 5, one), "batch of 2 classes, need 5")

	if got, err := r.ReadPredictions("test"); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("after refused ones: %+v, %v", got, err)
	}
	names(t, r, "test.csv", "test.npy")
}

func TestSplitNames(t *testing.T) {
	r := create(t)
	for _, name := range []string{"", "../test", "a/b", "Test", "-x", "ä", "a.b"} {
		mentions(t, r.WritePredictions(name, samplePredictions()), "lower-case letters")
		_, err := r.ReadPredictions(name)
		mentions(t, err, "lower-case letters")
	}
}

func TestDamagedPredictions(t *testing.T) {
	for _, c := range []struct {
		name, file, content, want string
	}{
		{"table shorter", "test.csv", "row,id,label\n4,a,1\n", "has 1 rows but"},
		{"wrong header", "test.csv", "id,row,label\n", `column 1 is "id"`},
		{"label too large", "test.csv", "row,id,label\n4,a,2\n", `line 2: label is "2"`},
		{"row not a number", "test.csv", "row,id,label\nx,a,1\n", `line 2: row is "x"`},
		{"fields", "test.csv", "row,id,label\n1,a\n", "line 2"},
		{"logits not npy", "test.npy", "hello", "not a .npy file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := create(t)
			if err := r.WritePredictions("test", samplePredictions()); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(r.Dir(), "predictions", c.file)
			if err := os.WriteFile(path, []byte(c.content), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := r.ReadPredictions("test")
			mentions(t, err, c.file, c.want)
		})
	}
	t.Run("killed between the two files", func(t *testing.T) {
		r := create(t)
		if err := r.WritePredictions("test", samplePredictions()); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(r.Dir(), "predictions", "test.csv")); err != nil {
			t.Fatal(err)
		}
		if _, err := r.ReadPredictions("test"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v, want the missing file", err)
		}
	})
}

// A reader beside a writer sees one version or the other, never logits of one with labels of the other.
func TestReadingWhileReplaced(t *testing.T) {
	r := create(t)
	version := func(class int32) *run.Predictions {
		p := &run.Predictions{NumClasses: 2}
		for row := range 200 {
			p.IDs, p.Rows, p.Labels = append(p.IDs, "x"), append(p.Rows, row), append(p.Labels, class)
			p.Logits = append(p.Logits, float32(class), float32(class))
		}
		return p
	}
	if err := r.WritePredictions("valid", version(0)); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	stop := make(chan struct{})
	group.Go(func() {
		for i := int32(1); ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := r.WritePredictions("valid", version(i%2)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 200 {
		p, err := r.ReadPredictions("valid")
		if err != nil {
			continue // caught between the two files
		}
		if p.Logits[0] != float32(p.Labels[0]) {
			t.Errorf("logits of version %v with labels of version %d", p.Logits[0], p.Labels[0])
			break
		}
	}
	close(stop)
	group.Wait()
}
