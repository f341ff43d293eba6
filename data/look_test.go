package data_test

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/data"
)

func TestLooking(t *testing.T) {
	dir := t.TempDir()
	img := image.NewRGBA(image.Rect(0, 0, 3, 2))
	img.Set(2, 1, color.RGBA{10, 20, 30, 255})
	f, err := os.Create(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	set, err := data.NewSet("two", dir, []string{"a", "gone"}, []int32{1, 1}, []string{"none", "both"})
	if err != nil {
		t.Fatal(err)
	}
	if got := set.RowsOf(1); !slices.Equal(got, []int{0, 1}) || set.RowsOf(0) != nil {
		t.Errorf("rows of the classes are %v and %v", set.RowsOf(0), got)
	}
	images, err := set.Images([]int{0})
	if err != nil {
		t.Fatal(err)
	}
	if got := images[0].At(2, 1); got != (color.RGBA{10, 20, 30, 255}) || images[0].Bounds().Dx() != 3 {
		t.Errorf("pixel %v of a picture %v", got, images[0].Bounds())
	}
	if _, err := set.Images([]int{0, 1}); err == nil || !strings.Contains(err.Error(), "set two: row 1") {
		t.Errorf("a missing picture gave error %v", err)
	}
}
