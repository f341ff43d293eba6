package garden

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

var small = Options{Species: 5, Pictures: 60, Size: 24, Seed: 3, Workers: 2}

// folderDigests maps every file under dir to the SHA-256 of its content.
func folderDigests(t *testing.T, dir string) map[string]string {
	t.Helper()
	digests := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		sum := sha256.Sum256(content)
		name, _ := filepath.Rel(dir, path)
		digests[name] = hex.EncodeToString(sum[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return digests
}

func mustWrite(t *testing.T, dir string, opt Options) {
	t.Helper()
	if err := Write(context.Background(), dir, opt); err != nil {
		t.Fatal(err)
	}
}

func sameFolders(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: SHA-256 %q, want %q", name, got[name], want[name])
		}
	}
	for name := range got {
		if want[name] == "" {
			t.Errorf("%s should not be there", name)
		}
	}
}

func readTable(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestWriteMakesAKit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "garden")
	mustWrite(t, dir, small)
	codes := readTable(t, filepath.Join(dir, "class_codes.csv"))
	if len(codes) != 1+5 || codes[0][0] != "class" || codes[0][1] != "taxa_name" || codes[3][0] != "2" || codes[3][1] != Name(2, 3) {
		t.Errorf("class_codes.csv: %v", codes)
	}
	wantTrain, wantTest := StudyCounts(5, 60)
	var ids []int
	for _, table := range []struct {
		name   string
		counts []int
	}{{"train.csv", wantTrain}, {"test.csv", wantTest}} {
		rows := readTable(t, filepath.Join(dir, table.name))
		if rows[0][0] != "id" || rows[0][1] != "class" {
			t.Errorf("%s: header %v", table.name, rows[0])
		}
		counts := make([]int, 5)
		var labels []int
		for _, row := range rows[1:] {
			id, _ := strconv.Atoi(row[0])
			class, _ := strconv.Atoi(row[1])
			ids = append(ids, id)
			counts[class]++
			labels = append(labels, class)
			f, err := os.Open(filepath.Join(dir, "imgs", row[0]))
			if err != nil {
				t.Fatal(err)
			}
			img, err := png.Decode(f)
			_ = f.Close()
			if err != nil || img.Bounds().Dx() != 24 || img.Bounds().Dy() != 24 {
				t.Errorf("imgs/%s: %v %v", row[0], err, img.Bounds())
			}
		}
		if slices.IsSorted(labels) {
			t.Errorf("%s: labels are sorted", table.name)
		}
		slices.Sort(counts)
		slices.Reverse(counts)
		if !slices.Equal(counts, table.counts) {
			t.Errorf("%s: class counts %v, want %v", table.name, counts, table.counts)
		}
	}
	slices.Sort(ids)
	for i, id := range ids {
		if i != id {
			t.Fatalf("ids are not 0…59: %v", ids)
		}
	}
}

func TestWorkersChangeNothing(t *testing.T) {
	one, many := t.TempDir(), t.TempDir()
	opt := small
	opt.Workers = 1
	mustWrite(t, one, opt)
	opt.Workers = 7
	mustWrite(t, many, opt)
	sameFolders(t, folderDigests(t, many), folderDigests(t, one))
}

func TestCancelAndGoOn(t *testing.T) {
	whole, cut := t.TempDir(), t.TempDir()
	mustWrite(t, whole, small)

	ctx, cancel := context.WithCancel(context.Background())
	opt := small
	opt.Progress = func(done, total int) {
		if done == 20 {
			cancel()
		}
	}
	err := Write(ctx, cut, opt)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "of 60 pictures on disk") {
		t.Fatalf("error of a cancelled Write: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cut, "train.csv")); err == nil {
		t.Error("train.csv is there although pictures are missing")
	}
	// What a power cut may leave: a torn picture, an empty one, one of zeros, and a temporary file.
	pictures, _ := os.ReadDir(filepath.Join(cut, "imgs"))
	for i, content := range [][]byte{[]byte("\x89PNG\r\n\x1a\n\x00\x00"), {}, make([]byte, 500)} {
		if err := os.WriteFile(filepath.Join(cut, "imgs", pictures[i].Name()), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(cut, "imgs", temporaryPrefix+"4"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	first := -1
	last := 0
	opt.Progress = func(done, total int) {
		if first < 0 {
			first = done
		}
		if done < last || done > total {
			t.Errorf("progress went from %d to %d of %d", last, done, total)
		}
		last = done
	}
	mustWrite(t, cut, opt)
	if first < 15 || last != 60 {
		t.Errorf("went on at picture %d and ended at %d, want about 17 and 60", first, last)
	}
	sameFolders(t, folderDigests(t, cut), folderDigests(t, whole))
}

// TestKillAndGoOn kills a process that draws, again and again, and then lets one finish.
func TestKillAndGoOn(t *testing.T) {
	if dir := os.Getenv("GARDEN_TEST_DIR"); dir != "" {
		opt := small
		opt.Size = 96
		if err := Write(context.Background(), dir, opt); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	opt := small
	opt.Size = 96
	whole, killed := t.TempDir(), filepath.Join(t.TempDir(), "garden")
	mustWrite(t, whole, opt)
	kills := 0
	for delay := 20 * time.Millisecond; ; delay += 40 * time.Millisecond {
		command := exec.Command(os.Args[0], "-test.run=^TestKillAndGoOn$")
		command.Env = append(os.Environ(), "GARDEN_TEST_DIR="+killed)
		command.Stderr = os.Stderr
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(delay, func() { _ = command.Process.Kill() })
		err := command.Wait()
		timer.Stop()
		if err == nil {
			break
		}
		if code := command.ProcessState.ExitCode(); code != -1 {
			t.Fatalf("the process failed instead of being killed: status %d", code)
		}
		kills++
	}
	t.Logf("killed %d times", kills)
	sameFolders(t, folderDigests(t, killed), folderDigests(t, whole))
}

func TestCompleteGardenIsReused(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, small)
	before := folderDigests(t, dir)
	old := time.Now().Add(-time.Hour)
	for name := range before {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, "imgs", "7")); err != nil {
		t.Fatal(err)
	}
	mustWrite(t, dir, small)
	after := folderDigests(t, dir)
	sameFolders(t, after, before)
	for name := range after {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if rewritten := time.Since(info.ModTime()) < 30*time.Minute; rewritten != (name == "imgs/7") {
			t.Errorf("%s: rewritten %v", name, rewritten)
		}
	}
}

func TestGivenTables(t *testing.T) {
	opt := Options{Size: 16, Seed: 9,
		TrainTable: []Row{{"70709", 2}, {"50750", 0}, {"10684", 2}, {"7", 1}},
		TestTable:  []Row{{"64280", 2}, {"8", 0}}}
	dir := t.TempDir()
	mustWrite(t, dir, opt)
	for name, want := range map[string]string{
		"train.csv": "id,class\n70709,2\n50750,0\n10684,2\n7,1\n",
		"test.csv":  "id,class\n64280,2\n8,0\n",
	} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, want)
		}
	}
	f, err := os.Open(filepath.Join(dir, "imgs", "64280")) // the third picture of species 2
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	want := Draw(2, 2, 16, 9)
	for i := range 16 * 16 {
		if x, y := i%16, i/16; !sameColour(img.At(x, y), want.At(x, y)) {
			t.Fatalf("imgs/64280 is not the third picture of species 2: differs at %d,%d", x, y)
		}
	}
}

func TestGivenCounts(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, Options{Size: 16, TrainCounts: []int{4, 0, 9}, TestCounts: []int{1, 2, 0}, FirstSpecies: 6})
	train := readTable(t, filepath.Join(dir, "train.csv"))
	counts := make([]int, 3)
	for _, row := range train[1:] {
		class, _ := strconv.Atoi(row[1])
		counts[class]++
	}
	if !slices.Equal(counts, []int{4, 0, 9}) {
		t.Errorf("training counts %v, want 4 0 9", counts)
	}
	codes := readTable(t, filepath.Join(dir, "class_codes.csv"))
	if codes[1][1] != Name(6, 0) {
		t.Errorf("class 0 is %q, want species 6, %q", codes[1][1], Name(6, 0))
	}
}
