package data

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestOpenFolder(t *testing.T) {
	png, err := os.ReadFile("testdata/pictures/grey.png")
	if err != nil {
		t.Fatal(err)
	}
	dir := writeTree(t, map[string]string{
		"Zebra/1.JPG": "", "ant/b.png": "", "ant/a.webp": "", "ant/notes.txt": "", "ant/.hidden.jpg": "",
		"ant/red/x.tiff": "", "Été/é.gif": "", "ant b/z.bmp": "", ".git/y.jpg": "", "README": "no picture",
		"README.txt": "", "nest/deep/no-extension": string(png),
	})
	set, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"Zebra", "ant", "ant b", "ant/red", "nest/deep", "Été"}; !slices.Equal(set.ClassNames, want) {
		t.Errorf("classes %q, want %q (code-point order)", set.ClassNames, want)
	}
	wantIDs := []string{"Zebra/1.JPG", "ant/a.webp", "ant/b.png", "ant b/z.bmp", "ant/red/x.tiff", "nest/deep/no-extension", "Été/é.gif"}
	if !slices.Equal(set.IDs, wantIDs) {
		t.Errorf("ids %q, want %q", set.IDs, wantIDs)
	}
	if want := []int32{0, 1, 1, 2, 3, 4, 5}; !slices.Equal(set.Labels, want) {
		t.Errorf("labels %v, want %v", set.Labels, want)
	}
	if want := map[string]int{".txt": 2, "": 1}; !maps.Equal(set.Ignored, want) {
		t.Errorf("ignored %v, want %v", set.Ignored, want)
	}
	if want := filepath.Join(dir, "ant", "red", "x.tiff"); set.Path(4) != want {
		t.Errorf("path %s, want %s", set.Path(4), want)
	}
	pictures, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if pictures.Kind != Folder || pictures.Test != nil || pictures.Train.Fingerprint() != set.Fingerprint() {
		t.Errorf("Open found kind %q, test set %v", pictures.Kind, pictures.Test)
	}
}

func TestOpenFolderErrors(t *testing.T) {
	tests := map[string]struct {
		files map[string]string
		says  []string
	}{
		"no pictures":        {map[string]string{"notes.txt": ""}, []string{"no pictures"}},
		"empty class":        {map[string]string{"ant/1.jpg": "", "bee/": ""}, []string{`"bee"`, "holds no pictures"}},
		"class of notes":     {map[string]string{"ant/1.jpg": "", "bee/x.txt": ""}, []string{`"bee"`, "holds no pictures"}},
		"picture without":    {map[string]string{"ant/1.jpg": "", "2.jpg": ""}, []string{`"2.jpg"`, "outside any class folder"}},
		"name not UTF-8":     {map[string]string{"ant/\xff.jpg": ""}, []string{`"ant"`, `"\xff.jpg"`, "UTF-8"}},
		"folder not UTF-8":   {map[string]string{"b\xe9e/1.jpg": ""}, []string{`"b\xe9e"`, "UTF-8"}},
		"hidden pictures":    {map[string]string{"ant/.1.jpg": ""}, []string{`"ant"`, "holds no pictures"}},
		"nested empty class": {map[string]string{"ant/1.jpg": "", "ant/red/": ""}, []string{`"ant/red"`, "holds no pictures"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := OpenFolder(writeTree(t, test.files))
			wantError(t, err, test.says...)
		})
	}
	t.Run("missing", func(t *testing.T) {
		_, err := Open(filepath.Join(t.TempDir(), "nowhere"))
		wantError(t, err, "no folder", "nowhere")
	})
	t.Run("a file", func(t *testing.T) {
		_, err := Open(filepath.Join(writeTree(t, map[string]string{"a.jpg": ""}), "a.jpg"))
		wantError(t, err, "a.jpg is a file")
	})
}

func TestOpenFolderLinks(t *testing.T) {
	link := func(t *testing.T, target, name string) {
		t.Helper()
		if err := os.Symlink(target, name); err != nil {
			t.Fatal(err)
		}
	}
	outside := writeTree(t, map[string]string{"bees/1.jpg": "", "wasp.jpg": ""})
	tree := map[string]string{"ant/1.jpg": ""}

	t.Run("outwards", func(t *testing.T) {
		dir := writeTree(t, tree)
		link(t, filepath.Join(outside, "bees"), filepath.Join(dir, "bee"))
		link(t, filepath.Join(outside, "wasp.jpg"), filepath.Join(dir, "ant", "2.jpg"))
		set, err := OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		if want := []string{"ant/1.jpg", "ant/2.jpg", "bee/1.jpg"}; !slices.Equal(set.IDs, want) {
			t.Errorf("ids %q, want %q", set.IDs, want)
		}
	})
	t.Run("to the set itself", func(t *testing.T) {
		dir := writeTree(t, tree)
		link(t, "..", filepath.Join(dir, "ant", "loop"))
		link(t, "ant", filepath.Join(dir, "copy"))
		link(t, "1.jpg", filepath.Join(dir, "ant", "again.jpg"))
		set, err := OpenFolder(dir)
		if err != nil {
			t.Fatal(err)
		}
		if set.Len() != 1 || set.Ignored["link"] != 3 {
			t.Errorf("%d rows and %v passed over; want 1 row and 3 links", set.Len(), set.Ignored)
		}
	})
	t.Run("set opened through a link", func(t *testing.T) {
		dir := writeTree(t, tree)
		name := filepath.Join(t.TempDir(), "name")
		link(t, dir, name)
		link(t, "1.jpg", filepath.Join(dir, "ant", "again.jpg"))
		set, err := OpenFolder(name)
		if err != nil {
			t.Fatal(err)
		}
		if set.Len() != 1 {
			t.Errorf("%d rows, want 1", set.Len())
		}
	})
	t.Run("twice to the same folder", func(t *testing.T) {
		dir := writeTree(t, tree)
		link(t, filepath.Join(outside, "bees"), filepath.Join(dir, "bee"))
		link(t, filepath.Join(outside, "bees"), filepath.Join(dir, "wasp"))
		_, err := OpenFolder(dir)
		wantError(t, err, `"bee"`, `"wasp"`, "same folder")
	})
	t.Run("loop outside", func(t *testing.T) {
		dir, loop := writeTree(t, tree), writeTree(t, map[string]string{"1.jpg": ""})
		link(t, ".", filepath.Join(loop, "loop"))
		link(t, loop, filepath.Join(dir, "bee"))
		_, err := OpenFolder(dir)
		wantError(t, err, `"bee"`, `"bee/loop"`)
	})
	t.Run("nowhere", func(t *testing.T) {
		dir := writeTree(t, tree)
		link(t, "gone.jpg", filepath.Join(dir, "ant", "2.jpg"))
		_, err := OpenFolder(dir)
		wantError(t, err, `"ant/2.jpg"`, "leads nowhere")
	})
	t.Run("to itself", func(t *testing.T) {
		dir := writeTree(t, tree)
		link(t, "self", filepath.Join(dir, "self"))
		_, err := OpenFolder(dir)
		wantError(t, err, `"self"`)
	})
}
