package colour

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/data"
)

// writePictures makes n pictures in a new folder, each of one colour on grey, and the set of them in two classes.
func writePictures(t *testing.T, n int) *data.Set {
	t.Helper()
	dir := t.TempDir()
	ids, labels := make([]string, n), make([]int32, n)
	for i := range n {
		img := image.NewRGBA(image.Rect(0, 0, 24, 24))
		for p := range 24 * 24 {
			img.Set(p%24, p/24, color.RGBA{90, 90, 90, 255})
			if p%24 > 8 {
				img.Set(p%24, p/24, color.RGBA{byte(i * 83), byte(i * 47), byte(200 - i*29), 255})
			}
		}
		ids[i], labels[i] = fmt.Sprintf("%d.png", i), int32(i%2)
		f, err := os.Create(filepath.Join(dir, ids[i]))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	set, err := data.NewSet("colours", dir, ids, labels, []string{"ant", "bee"})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func spoil(t *testing.T, set *data.Set, row int, content string) {
	t.Helper()
	if err := os.WriteFile(set.Path(row), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustRead(t *testing.T, set *data.Set, rows []int, opt Options) ([]*Histogram, []Broken) {
	t.Helper()
	histograms, broken, err := Histograms(context.Background(), set, rows, opt)
	if err != nil {
		t.Fatal(err)
	}
	return histograms, broken
}

func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", says)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %q is not a line that says %q", err, text)
		}
	}
}

func TestHistograms(t *testing.T) {
	set := writePictures(t, 12)
	spoil(t, set, 3, "broken")
	spoil(t, set, 4, "not asked for")
	if err := os.Remove(set.Path(7)); err != nil {
		t.Fatal(err)
	}
	rows := []int{9, 7, 0, 3, 1, 2}
	var steps []int
	got, broken := mustRead(t, set, rows, Options{Workers: 3, Progress: func(done, total int) {
		if total != len(rows) {
			t.Errorf("total %d, want %d", total, len(rows))
		}
		steps = append(steps, done)
	}})
	if !slices.Equal(steps, []int{1, 2, 3, 4, 5, 6}) {
		t.Errorf("progress %v, want 1…6", steps)
	}
	if len(broken) != 2 || broken[0].Row != 3 || broken[0].ID != "3.png" || !strings.Contains(broken[0].Reason, "not a JPEG") ||
		broken[1].Row != 7 || broken[1].Reason != "no such file or directory" {
		t.Errorf("broken %v, want rows 3 and 7", broken)
	}
	for i, row := range rows {
		if isBroken := row == 3 || row == 7; isBroken != (got[i] == nil) {
			t.Errorf("row %d has histogram %v", row, got[i])
			continue
		} else if isBroken {
			continue
		}
		total := 0
		for _, n := range got[i].Hue {
			total += int(n)
		}
		if total != cropSize*cropSize {
			t.Errorf("row %d: %d pixels have a hue, want %d", row, total, cropSize*cropSize)
		}
	}
	again, _ := mustRead(t, set, rows, Options{Workers: 1})
	if !reflect.DeepEqual(got, again) {
		t.Error("histograms depend on the number of workers")
	}
}

// TestMiddleOfAPicture: what is further than 12/224 of the side, and the blur, from the border does not count.
func TestMiddleOfAPicture(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, scaledSize, scaledSize)) // not scaled
	for y := range scaledSize {
		for x := range scaledSize {
			img.Set(x, y, color.RGBA{0, 200, 0, 255})
			if min(x, y) >= 12 && max(x, y) < 212 {
				img.Set(x, y, color.RGBA{250, 0, 0, 255})
			}
		}
	}
	set := writePictures(t, 1)
	f, err := os.Create(set.Path(0))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, img), f.Close()); err != nil {
		t.Fatal(err)
	}
	got, _ := mustRead(t, set, []int{0}, Options{})
	if got[0].Hue[0] != cropSize*cropSize {
		t.Errorf("%d of %d pixels are red", got[0].Hue[0], cropSize*cropSize)
	}
}

func TestHistogramsErrors(t *testing.T) {
	set := writePictures(t, 3)
	lost, err := data.NewSet("lost", filepath.Join(set.Root, "imgs"), set.IDs, set.Labels, set.ClassNames)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		set  *data.Set
		rows []int
		says []string
	}{
		"row beyond": {set, []int{0, 3}, []string{"row 3 is outside 0…2"}},
		"row below":  {set, []int{-1}, []string{"row -1"}},
		"twice":      {set, []int{1, 1}, []string{`"1.png"`}},
		"no folder":  {lost, []int{0}, []string{"pictures of set lost are missing"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := Histograms(context.Background(), test.set, test.rows, Options{})
			wantError(t, err, test.says...)
		})
	}
}

func TestCache(t *testing.T) {
	set := writePictures(t, 10)
	spoil(t, set, 5, "broken")
	all := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	want, _ := mustRead(t, set, all, Options{})
	opt := Options{Cache: filepath.Join(t.TempDir(), "cache")}

	ctx, cancel := context.WithCancel(context.Background())
	interrupted := opt
	interrupted.Workers = 1
	interrupted.Progress = func(done, _ int) {
		if done == 3 {
			cancel()
		}
	}
	_, _, err := Histograms(ctx, set, all, interrupted)
	if wantError(t, err, "stopped after 3 of 10 pictures"); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v does not wrap context.Canceled", err)
	}
	for _, row := range []int{0, 1, 2} { // now only in the cache
		if err := os.Remove(set.Path(row)); err != nil {
			t.Fatal(err)
		}
	}
	if part, _ := mustRead(t, set, []int{8, 2}, opt); !reflect.DeepEqual(part, []*Histogram{want[8], want[2]}) {
		t.Error("rows of and outside the cache differ from those without it")
	}
	got, broken := mustRead(t, set, all, opt)
	if !reflect.DeepEqual(got, want) || len(broken) != 1 || broken[0].Row != 5 {
		t.Errorf("with the cache histograms differ, or broken %v is not row 5", broken)
	}

	content, err := os.ReadFile(opt.Cache)
	if err != nil {
		t.Fatal(err)
	}
	if want := len(cacheHead(set)) + 9*recordBytes + 4; len(content) != want || recordBytes != binary.Size(record{}) {
		t.Errorf("the cache has %d bytes, want %d", len(content), want)
	}
	part, err := set.Subset("part", all[1:])
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = Histograms(context.Background(), part, []int{2}, opt)
	wantError(t, err, opt.Cache, "something else than pictures of set part", "delete it")
	beyond := slices.Clone(content[:len(content)-4])
	beyond[len(cacheHead(set))] = 10
	beyond = binary.LittleEndian.AppendUint32(beyond, crc32.Checksum(beyond, castagnoli))
	flipped := slices.Clone(content)
	flipped[len(flipped)/2] ^= 1
	for name, damaged := range map[string][]byte{
		"flipped bit": flipped, "cut off": content[:len(content)-7], "too long": append(slices.Clone(content), 0),
		"head alone": []byte(cacheHead(set)), "empty": {}, "far too long": append(slices.Clone(content), make([]byte, 1<<20)...),
		"row beyond the set": beyond,
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(opt.Cache, damaged, 0o644); err != nil {
				t.Fatal(err)
			}
			_, _, err := Histograms(context.Background(), set, []int{8}, opt)
			wantError(t, err, opt.Cache, "delete it")
		})
	}
	_, _, err = Histograms(context.Background(), set, []int{8}, Options{Cache: filepath.Join(t.TempDir(), "no", "cache")})
	wantError(t, err, "no such file")
}
