package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/longwing-ml/longwing/data"
)

func TestBuild(t *testing.T) {
	set := writePictures(t, t.TempDir(), 30)
	out := t.TempDir()
	path := filepath.Join(out, "pictures.store")
	var steps []int
	s := mustBuild(t, set, path, Options{Size: 9, Workers: 3, Progress: func(done, total int) {
		if total != 30 {
			t.Errorf("total %d, want 30", total)
		}
		steps = append(steps, done)
	}})
	if s.Len() != 30 || s.Size() != 9 || s.Channels() != 3 || s.Fingerprint() != set.Fingerprint() || len(s.Broken()) != 0 {
		t.Errorf("store of %d rows, %d px, %d channels, broken %v", s.Len(), s.Size(), s.Channels(), s.Broken())
	}
	if len(steps) != 30 || !slices.IsSorted(steps) || steps[29] != 30 {
		t.Errorf("progress %v, want 1…30", steps)
	}
	if got := files(t, out); got != "pictures.store pictures.store.index" {
		t.Errorf("left behind: %s", got)
	}
	var decoder data.Decoder
	for row := range 30 {
		want := make([]byte, 9*9*3)
		if err := decoder.Square(want, 9, readFile(t, set.Path(row))); err != nil {
			t.Fatal(err)
		}
		got, ok := s.Pixels(row)
		if !ok || !bytes.Equal(got, want) {
			t.Errorf("row %d differs from the picture", row)
		}
		img, err := s.Image(row)
		if err != nil {
			t.Fatal(err)
		}
		if c := img.RGBAAt(8, 8); c.R != want[240] || c.G != want[241] || c.B != want[242] || c.A != 255 {
			t.Errorf("row %d: last pixel of the image is %v, want %v", row, c, want[240:])
		}
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}

	again := mustBuild(t, set, path, Options{Size: 9, Progress: func(int, int) { t.Error("a finished store was built again") }})
	if again.Len() != 30 {
		t.Errorf("%d rows, want 30", again.Len())
	}
}

var crop = data.Resize{Rule: data.ResizeCrop, Interpolation: "bilinear"}

// TestResizeRule builds by another rule than the usual, and opens an index from before there was a choice.
func TestResizeRule(t *testing.T) {
	set := writePictures(t, t.TempDir(), 5)
	out := t.TempDir()
	cropped := mustBuild(t, set, filepath.Join(out, "cropped"), Options{Size: 9, Resize: crop})
	decoder := data.Decoder{Resize: crop}
	want := make([]byte, 9*9*3)
	for row := range 5 {
		if err := decoder.Square(want, 9, readFile(t, set.Path(row))); err != nil {
			t.Fatal(err)
		}
		if got, _ := cropped.Pixels(row); !bytes.Equal(got, want) {
			t.Errorf("row %d is not what the decoder makes by the rule", row)
		}
	}

	path := filepath.Join(out, "square")
	mustBuild(t, set, path, Options{Size: 9})
	index := readFile(t, path+indexSuffix)
	before := regexp.MustCompile(`(?s)"resize": \{.*?\},`).ReplaceAll(index, nil)
	if len(before) == len(index) {
		t.Fatalf("no rule in the index: %s", index)
	}
	if err := os.WriteFile(path+indexSuffix, before, 0o644); err != nil {
		t.Fatal(err)
	}
	mustBuild(t, set, path, Options{Size: 9, Progress: func(int, int) { t.Error("a finished store was built again") }})
}

func TestBytesDoNotDependOnWorkers(t *testing.T) {
	set := writePictures(t, t.TempDir(), 40)
	if err := os.WriteFile(set.Path(7), []byte("broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	one, many := filepath.Join(out, "one"), filepath.Join(out, "many")
	mustBuild(t, set, one, Options{Size: 8, Workers: 1, MaxBroken: 0.5})
	mustBuild(t, set, many, Options{Size: 8, Workers: 7, MaxBroken: 0.5})
	for _, suffix := range []string{"", indexSuffix} {
		if !bytes.Equal(readFile(t, one+suffix), readFile(t, many+suffix)) {
			t.Errorf("store%s differs between 1 and 7 workers", suffix)
		}
	}
}

func TestBrokenPicturesAreListed(t *testing.T) {
	set := writePictures(t, t.TempDir(), 10)
	whole := readFile(t, set.Path(2))
	for row, content := range map[int][]byte{2: whole[:len(whole)/2], 5: nil} {
		if err := os.WriteFile(set.Path(row), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(set.Path(8)); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(set.Path(9)); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(set.Path(9), 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	s := mustBuild(t, set, path, Options{Size: 4, Workers: 2, MaxBroken: 0.4})
	want := []Broken{{2, "002.png", "broken PNG"}, {5, "005.png", "empty"}, {8, "008.png", "no such file"}, {9, "009.png", "not a regular file"}}
	if len(s.Broken()) != len(want) {
		t.Fatalf("broken %v, want %v", s.Broken(), want)
	}
	for i, b := range s.Broken() {
		if b.Row != want[i].Row || b.ID != want[i].ID || !strings.Contains(b.Reason, want[i].Reason) {
			t.Errorf("broken picture %v, want %v", b, want[i])
		}
		if pixels, ok := s.Pixels(b.Row); ok || pixels != nil {
			t.Errorf("row %d is broken, but has pixels", b.Row)
		}
	}
	if _, err := s.Image(2); err == nil {
		t.Error("a broken row has an image")
	}
	if err := s.Verify(); err != nil {
		t.Error(err)
	}

	_, err := Build(context.Background(), set, filepath.Join(t.TempDir(), "strict"), Options{Size: 4, Workers: 1})
	wantError(t, err, "strict", "too many pictures", "row 2 (002.png)", "broken PNG", "0 of 10 rows allowed")
	_, err = Build(context.Background(), set, filepath.Join(t.TempDir(), "nearly"), Options{Size: 4, Workers: 1, MaxBroken: 0.39})
	wantError(t, err, "row 2 (002.png)", "row 5", "row 8", "and 1 more", "3 of 10 rows allowed")
	_, err = Build(context.Background(), set, filepath.Join(t.TempDir(), "none"), Options{Size: 4, MaxBroken: -1})
	wantError(t, err, "0 of 10 rows allowed")
}

func TestPictureMendedBeforeTheNextTry(t *testing.T) {
	set := writePictures(t, t.TempDir(), 10)
	whole := readFile(t, set.Path(9))
	if err := os.WriteFile(set.Path(9), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s")
	if _, err := Build(context.Background(), set, path, Options{Size: 4, Workers: 1}); err == nil {
		t.Fatal("no error for a broken picture of ten")
	}
	if _, err := Open(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening an unfinished store: %v", err)
	}
	if err := os.WriteFile(set.Path(9), whole, 0o644); err != nil {
		t.Fatal(err)
	}
	first := 0
	s := mustBuild(t, set, path, Options{Size: 4, Workers: 1, Progress: func(done, _ int) {
		if first == 0 {
			first = done
		}
	}})
	if len(s.Broken()) != 0 || first != 10 {
		t.Errorf("broken %v; went on at row %d of 10, want the last", s.Broken(), first)
	}
}

func TestCancelAndGoOn(t *testing.T) {
	set := writePictures(t, t.TempDir(), 50)
	out := t.TempDir()
	whole, path := filepath.Join(out, "whole"), filepath.Join(out, "s")
	mustBuild(t, set, whole, Options{Size: 8})
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Build(ctx, set, path, Options{Size: 8, Workers: 2, Progress: func(done, _ int) {
		if done == 20 {
			cancel()
		}
	}})
	wantError(t, err, path, "stopped after 2", "of 50 pictures")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v does not wrap context.Canceled", err)
	}
	first := 0
	mustBuild(t, set, path, Options{Size: 8, Workers: 2, Progress: func(done, _ int) {
		if first == 0 {
			first = done
		}
	}})
	if first <= 20 {
		t.Errorf("the second call began with picture %d, want it to go on after 20", first)
	}
	for _, suffix := range []string{"", indexSuffix} {
		if !bytes.Equal(readFile(t, path+suffix), readFile(t, whole+suffix)) {
			t.Errorf("store%s differs from one built in one go", suffix)
		}
	}
	_, err = Build(ctx, set, filepath.Join(out, "new"), Options{Size: 8})
	wantError(t, err, "stopped after 0 of 50")
}

func TestBuildErrors(t *testing.T) {
	dir := t.TempDir()
	set, smaller := writePictures(t, dir, 10), pictureSet(t, dir, 9)
	out := t.TempDir()
	path := filepath.Join(out, "s")
	mustBuild(t, set, path, Options{Size: 6})
	stranger := filepath.Join(out, "notes.txt")
	if err := os.WriteFile(stranger, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	empty, err := data.NewSet("empty", dir, nil, nil, []string{"ant"})
	if err != nil {
		t.Fatal(err)
	}
	lost, err := data.NewSet("lost", filepath.Join(dir, "imgs"), []string{"1"}, []int32{0}, []string{"ant"})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set  *data.Set
		path string
		opt  Options
		says []string
	}{
		"another set":      {smaller, path, Options{Size: 6}, []string{path, "another set", "10 rows", "wanted are 9 rows", "delete"}},
		"another size":     {set, path, Options{Size: 7}, []string{path, "pictures of 6 px; wanted are 7 px", "delete"}},
		"another rule":     {set, path, Options{Size: 6, Resize: crop}, []string{path, "resized by rule square bicubic; wanted is crop 0.875 bilinear", "delete"}},
		"bad rule":         {set, path, Options{Size: 6, Resize: data.Resize{Rule: "fit"}}, []string{`resize: unknown rule "fit"`}},
		"another limit":    {set, path, Options{Size: 6, MaxPixels: 1e6}, []string{path, "50000000", "1000000"}},
		"not a store":      {set, stranger, Options{Size: 6}, []string{stranger, "not a store"}},
		"a folder":         {set, out, Options{Size: 6}, []string{out, "not a store"}},
		"missing folder":   {set, filepath.Join(out, "no", "s"), Options{Size: 6}, []string{"no such file or directory"}},
		"size zero":        {set, path, Options{}, []string{"size 0 px", "1…4096"}},
		"size too large":   {set, path, Options{Size: 5000}, []string{"size 5000 px"}},
		"workers":          {set, path, Options{Size: 6, Workers: -1}, []string{"-1 workers"}},
		"pixels":           {set, path, Options{Size: 6, MaxPixels: -1}, []string{"-1 pixels"}},
		"share":            {set, path, Options{Size: 6, MaxBroken: 2}, []string{"share of 2"}},
		"no pictures":      {empty, filepath.Join(out, "e"), Options{Size: 6}, []string{"set empty", "0 rows"}},
		"missing pictures": {lost, filepath.Join(out, "l"), Options{Size: 6}, []string{"pictures of set lost are missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Build(context.Background(), test.set, test.path, test.opt)
			wantError(t, err, append(test.says, "building store")...)
		})
	}
	if got := files(t, out); got != "notes.txt s s.index" {
		t.Errorf("left behind: %s", got)
	}
	if string(readFile(t, stranger)) != "mine" {
		t.Error("a file that is not a store was changed")
	}
}

func TestUnfinishedBuildOfAnotherStore(t *testing.T) {
	set := writePictures(t, t.TempDir(), 20)
	path := filepath.Join(t.TempDir(), "s")
	stop := func(opt Options) {
		ctx, cancel := context.WithCancel(context.Background())
		opt.Workers, opt.Progress = 1, func(int, int) { cancel() }
		if _, err := Build(ctx, set, path, opt); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	stop(Options{Size: 6})
	_, err := Build(context.Background(), set, path, Options{Size: 7})
	wantError(t, err, "unfinished build", "6 px; wanted are 7 px", path+partSuffix, path+journalSuffix)
	// With another pixel limit, other pictures may be refused: it starts afresh.
	first := 0
	mustBuild(t, set, path, Options{Size: 6, MaxPixels: 1e6, Progress: func(done, _ int) {
		if first == 0 {
			first = done
		}
	}})
	if first != 1 {
		t.Errorf("went on at picture %d, want a fresh start", first)
	}
}

func TestTwoBuildersAtOnce(t *testing.T) {
	set := writePictures(t, t.TempDir(), 60)
	out := t.TempDir()
	path := filepath.Join(out, "s")
	var mu sync.Mutex
	built := 0
	var wait sync.WaitGroup
	for range 4 { // a lock of one file descriptor keeps out another, also in the same process
		wait.Go(func() {
			s, err := Build(context.Background(), set, path, Options{Size: 8, Workers: 2, Progress: func(int, int) {
				mu.Lock()
				built++
				mu.Unlock()
			}})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Verify(), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if built != 60 {
		t.Errorf("%d pictures were decoded by four builders, want 60", built)
	}
	if got := files(t, out); got != "s s.index" {
		t.Errorf("left behind: %s", got)
	}
}

func TestWaitingForALockCanBeCancelled(t *testing.T) {
	set := writePictures(t, t.TempDir(), 3)
	path := filepath.Join(t.TempDir(), "s")
	unlock, err := lock(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = Build(ctx, set, path, Options{Size: 4})
	wantError(t, err, path, "another process")
}
