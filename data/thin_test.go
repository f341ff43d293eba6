package data_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/data"
)

// TestThin makes a long tail of a folder and compares counts, disjointness and what links lead to.
func TestThin(t *testing.T) {
	folder := t.TempDir()
	for class, n := range map[string]int{"a": 20, "b": 40, "c": 30} {
		if err := os.Mkdir(filepath.Join(folder, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := os.WriteFile(filepath.Join(folder, class, strings.Repeat("x", i+1)+".png"), []byte(class), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	pictures, err := data.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "kit")
	if err := data.Thin(pictures, []int{32, 6, 2}, 0.2, 5, dir); err != nil {
		t.Fatal(err)
	}
	kit, err := data.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := kit.Train.Counts(), []int{2, 32, 6}; !slices.Equal(got, want) {
		t.Errorf("training pictures %v, want %v", got, want)
	}
	if got, want := kit.Test.Counts(), []int{4, 8, 6}; !slices.Equal(got, want) {
		t.Errorf("test pictures %v, want %v", got, want)
	}
	seen := make(map[string]bool)
	for _, set := range []*data.Set{kit.Train, kit.Test} {
		for row := range set.Len() {
			content, err := os.ReadFile(set.Path(row))
			if err != nil || string(content) != set.ClassNames[set.Labels[row]] {
				t.Fatalf("row %d of %s: %q, %v", row, set.Name, content, err)
			}
			target, err := os.Readlink(set.Path(row))
			if err != nil || seen[target] {
				t.Fatalf("%s is there twice (%v)", target, err)
			}
			seen[target] = true
		}
	}
	for want, err := range map[string]error{
		"is not empty":                     data.Thin(pictures, []int{32, 6, 2}, 0.2, 5, dir),
		"2 counts for the 3 classes":       data.Thin(pictures, []int{32, 6}, 0.2, 5, dir+"2"),
		`33 pictures of class "b" can't`:   data.Thin(pictures, []int{33, 6, 2}, 0.2, 5, dir+"2"),
		`0 pictures of class "a" can't be`: data.Thin(pictures, []int{3, 6, 0}, 0.2, 5, dir+"2"),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
