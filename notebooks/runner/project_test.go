package runner

import (
	"cmp"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/garden"
	"github.com/longwing-ml/longwing/internal/checkout"
	"github.com/longwing-ml/longwing/internal/studydata"
	"github.com/longwing-ml/longwing/notebooks/workspace"
)

// projectNotebooks runs the project's own notebooks, or skips the test where `make setup` hasn't run.
func projectNotebooks(t *testing.T, data string, names ...string) {
	t.Helper()
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{Root: root, Out: t.TempDir(), Data: data}
	if _, err := opt.environment(); err != nil {
		t.Skip(err)
	}
	if _, err := Run(t.Context(), names, opt); err != nil {
		t.Error(err)
	}
}

// TestProjectNotebooks executes every notebook from the first cell to the last on tiny gardens.
func TestProjectNotebooks(t *testing.T) {
	t.Setenv(workspace.TinyVariable, "1")
	cache, err := checkout.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	// Runs of an earlier test would be read instead of made.
	old, err := filepath.Glob(filepath.Join(cache, "runs", "*-tiny-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range old {
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	projectNotebooks(t, "")
}

// TestStudyNumbersInNotebooks executes notebook 01 on the study's tables, whose published numbers its cells are then held
// to. The pictures it shows are drawn; the study's own are not needed for its numbers.
func TestStudyNumbersInNotebooks(t *testing.T) {
	kit := t.TempDir()
	for _, name := range []string{"train.csv", "test.csv", "class_codes.csv"} {
		content, err := os.ReadFile(studydata.Path(t, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(kit, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(kit, "imgs"), 0o755); err != nil {
		t.Fatal(err)
	}
	pictures, err := data.Open(kit)
	if err != nil {
		t.Fatal(err)
	}
	if !workspace.IsStudy(pictures) {
		t.Fatal("the study's own tables are not recognised")
	}
	set := pictures.Train
	counts := set.Counts()
	shown := make([]int, set.NumClasses())
	for class := range shown {
		shown[class] = class
	}
	slices.SortStableFunc(shown, func(a, b int) int { return cmp.Compare(counts[a], counts[b]) })
	for _, class := range append(shown[:20:20], 202, 24) {
		for i, row := range set.RowsOf(class)[:min(50, counts[class])] {
			if err := draw(set.Path(row), class, i); err != nil {
				t.Fatal(err)
			}
		}
	}
	projectNotebooks(t, kit, "01-data-visualization")
}

func draw(path string, species, picture int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, garden.Draw(species, picture, 32, 1)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Close()
}

func TestPicturesThatAreNotTheStudys(t *testing.T) {
	other := &data.Pictures{Path: t.TempDir()}
	if workspace.IsStudy(other) {
		t.Error("an empty folder was taken for the study")
	}
	if err := workspace.Expect(other, "classes", 24, 403); err != nil {
		t.Errorf("other pictures were held to the study's numbers: %v", err)
	}
}
