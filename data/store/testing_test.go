package store

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/data"
)

// writePictures makes n small PNG pictures, all different, in dir, and the set of them.
func writePictures(t testing.TB, dir string, n int) *data.Set {
	t.Helper()
	for i := range n {
		img := image.NewRGBA(image.Rect(0, 0, 20+i%7, 15+i%5))
		for y := range img.Rect.Dy() {
			for x := range img.Rect.Dx() {
				img.SetRGBA(x, y, color.RGBA{byte(i * 37), byte(10 * x), byte(x*y + i), 255})
			}
		}
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%03d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return pictureSet(t, dir, n)
}

// pictureSet is the set of the pictures that writePictures makes.
func pictureSet(t testing.TB, dir string, n int) *data.Set {
	t.Helper()
	ids, labels := make([]string, n), make([]int32, n)
	for i := range n {
		ids[i], labels[i] = fmt.Sprintf("%03d.png", i), int32(i%3)
	}
	set, err := data.NewSet("test", dir, ids, labels, []string{"ant", "bee", "wasp"})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func mustBuild(t testing.TB, set *data.Set, path string, opt Options) *Store {
	t.Helper()
	s, err := Build(context.Background(), set, path, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// wantError checks that an error is one line and says all of the given things.
func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one that says %q", says)
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("error %q is more than one line", err)
	}
}

// files lists a folder.
func files(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
