package garden

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRefusesFolders(t *testing.T) {
	done := t.TempDir()
	mustWrite(t, done, small)
	other := func(change func(o *Options)) Options {
		opt := small
		change(&opt)
		return opt
	}
	photos := t.TempDir()
	writeFile(t, filepath.Join(photos, "holiday.jpg"), "x")
	strange := t.TempDir()
	writeFile(t, filepath.Join(strange, "garden.json"), "{\"roses\": 3}")
	torn := t.TempDir()
	writeFile(t, filepath.Join(torn, "garden.json"), "{\"form")
	file := filepath.Join(t.TempDir(), "file")
	writeFile(t, file, "x")

	for _, c := range []struct {
		name, dir string
		opt       Options
		want      string
	}{
		{"another seed", done, other(func(o *Options) { o.Seed = 4 }), "another garden: its seed is 3, asked for is 4"},
		{"another size", done, other(func(o *Options) { o.Size = 32 }), "its size in px is 24, asked for is 32"},
		{"other species", done, other(func(o *Options) { o.FirstSpecies = 5 }), "its first species is 0, asked for is 5"},
		{"more species", done, other(func(o *Options) { o.Species = 6 }), "its number of species is 5, asked for is 6"},
		{"more pictures", done, other(func(o *Options) { o.Pictures = 70 }), "its number of training pictures is"},
		{"other counts", done, Options{Size: 24, Seed: 3, TrainCounts: []int{40, 2, 2, 2, 2}, TestCounts: []int{8, 1, 1, 1, 1}}, "its class counts or rows differ"},
		{"other files", photos, small, "holds holiday.jpg but no garden.json: choose a new or empty folder"},
		{"other record", strange, small, "is not a garden's record"},
		{"torn record", torn, small, "is not a garden's record"},
		{"a file", file, small, "not a directory"},
		{"below a file", filepath.Join(file, "garden"), small, "not a directory"},
	} {
		err := Write(context.Background(), c.dir, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one line with %q", c.name, err, c.want)
		}
	}
	if _, err := os.Stat(filepath.Join(photos, "imgs")); err == nil {
		t.Error("a refused folder was written to")
	}
}

func TestRefusesOptions(t *testing.T) {
	row := []Row{{"1", 0}}
	for _, c := range []struct {
		name string
		opt  Options
		want string
	}{
		{"negative", Options{Species: -1}, "none may be negative"},
		{"tiny", Options{Size: 8}, "size 8 px is outside 16…4096"},
		{"huge", Options{Size: 1 << 20}, "outside"},
		{"too few", Options{Pictures: 10}, "10 pictures are too few for 24 species"},
		{"too many species", Options{Species: 1 << 30, Pictures: 1 << 40}, "there are only"},
		{"counts and pictures", Options{Pictures: 10, TrainCounts: []int{1}}, "contradicts"},
		{"counts and tables", Options{TrainCounts: []int{1}, TrainTable: row}, "not both"},
		{"test counts alone", Options{TestCounts: []int{1}}, "without training counts"},
		{"unequal counts", Options{TrainCounts: []int{1, 2}, TestCounts: []int{1}}, "of 2 classes and test counts of 1"},
		{"negative count", Options{TrainCounts: []int{5, -2}, TestCounts: []int{1, 1}}, "class 1: counts -2 and 1"},
		{"no training", Options{TrainCounts: []int{0}, TestCounts: []int{1}}, "all zero"},
		{"empty counts", Options{TrainCounts: []int{}}, "0 species"},
		{"species against counts", Options{Species: 3, TrainCounts: []int{1}}, "3 species and counts of 1"},
		{"one table", Options{TrainTable: row}, "give both"},
		{"an id twice", Options{TrainTable: row, TestTable: row}, "test table row 0: id \"1\" is already that of training table row 0"},
		{"a path as id", Options{TrainTable: row, TestTable: []Row{{"../x", 0}}}, "test table row 0: id \"../x\": can't be a file name"},
		{"no id", Options{TrainTable: row, TestTable: []Row{{"", 0}}}, "empty id"},
		{"class below 0", Options{TrainTable: row, TestTable: []Row{{"2", -1}}}, "class -1 is negative"},
		{"class above", Options{Species: 2, TrainTable: row, TestTable: []Row{{"2", 2}}}, "class 2 is outside 0…1"},
	} {
		dir := filepath.Join(t.TempDir(), "garden")
		err := Write(context.Background(), dir, c.opt)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: the folder was made all the same", c.name)
		}
	}
}

func TestTwoWritersDontMix(t *testing.T) {
	dir := t.TempDir()
	unlock, err := lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := Write(context.Background(), dir, small); err == nil || !strings.Contains(err.Error(), "another process is writing") {
		t.Errorf("error %v, want that another process is writing", err)
	}
	unlock()
	mustWrite(t, dir, small)
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
