package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// gardenKit draws a small kit.
func gardenKit(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "garden")
	mustRun(t, "data", "garden", "--out", out, "--species", "3", "--pictures", "120", "--size", "16", "--seed", "4")
	return out
}

func TestClustersFeedAPlan(t *testing.T) {
	kit := gardenKit(t)
	dir := t.TempDir()
	labels, out, cache := filepath.Join(kit, "train.csv"), filepath.Join(dir, "clusters.csv"), filepath.Join(dir, "cache")
	rows := write(t, filepath.Join(dir, "split.json"), mustRun(t, "data", "split", "--labels", labels, "--seed", "57", "--json"))
	args := []string{"data", "clusters", kit, "--over", "12", "--rows", rows, "--k", "4", "--seed", "3", "--cache", cache, "--out", out}
	text := mustRun(t, args...)
	if !strings.Contains(text, "sizes of clusters") || !strings.Contains(text, "0 left out") {
		t.Errorf("printed %q", text)
	}
	first, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	var report clustersReport
	decodeJSON(t, mustRun(t, append(args, "--json", "--workers", "3")...), &report)
	if second, err := os.ReadFile(out); err != nil || string(first) != string(second) {
		t.Errorf("with 3 workers and the cache the file differs: %v", err)
	}
	if len(report.Classes) == 0 || report.Path != out || len(report.Broken) != 0 {
		t.Fatalf("JSON reports %+v", report)
	}
	lines := 0
	for _, c := range report.Classes {
		sum := 0
		for _, size := range c.Sizes {
			sum += size
		}
		if sum != c.Rows || len(c.Sizes) != 4 || c.Rows <= 12 {
			t.Errorf("class %+v", c)
		}
		lines += sum
	}
	if got := strings.Count(string(first), "\n"); got != 1+lines {
		t.Errorf("the file has %d lines, want %d", got, 1+lines)
	}
	// The plan refuses clusters of rows outside its split: that they are accepted shows that no other row has one.
	mustRun(t, "data", "plan", "--labels", labels, "--rows", rows, "--sampler", "clusters", "--threshold", "12", "--clusters", out)
}

func TestClustersOfBrokenPictures(t *testing.T) {
	folder := pictureFolder(t, 5)
	write(t, filepath.Join(folder, "ant", "2.png"), "broken")
	out := filepath.Join(t.TempDir(), "clusters.csv")
	text := mustRun(t, "data", "clusters", folder, "--over", "4", "--k", "2", "--out", out)
	for _, want := range []string{"0 ant", "10 pictures of 2 classes, 1 left out", "row 2 (ant/2.png): not a JPEG"} {
		if !strings.Contains(text, want) {
			t.Errorf("printed %q, want %q in it", text, want)
		}
	}
	beyond := write(t, filepath.Join(t.TempDir(), "split.json"), `{"train":[0,10],"test":[]}`)
	twice := write(t, filepath.Join(t.TempDir(), "twice.json"), `{"train":[0,1,0],"test":[]}`)
	nowhere := filepath.Join(folder, "nowhere", "file")
	for name, test := range map[string]struct {
		args   string
		status int
		says   string
	}{
		"too many clusters": {"--over 4 --k 5", statusFailed, "class 0 has 4 pictures that can be read, fewer than the 5 clusters; 1 can't be read, first row 2 (ant/2.png): not a JPEG"},
		"nothing is over":   {"--over 5", statusFailed, "no class has more than 5 rows (--over); the largest has 5"},
		"over below zero":   {"--over -1", statusUsage, "--over -1"},
		"no clusters":       {"--over 1 --k 0", statusUsage, "--k 0"},
		"workers":           {"--over 1 --workers -1", statusUsage, "--workers -1"},
		"no over":           {"", statusUsage, "over"},
		"rows beyond":       {"--over 1 --rows " + beyond, statusFailed, beyond + ": row 10 of the split is outside the table's rows 0…9"},
		"row twice":         {"--over 1 --rows " + twice, statusFailed, twice + ": row 0 is twice in the split"},
		"empty rows":        {"--over 1 --rows=", statusUsage, "--rows is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, stderr := longwing(append([]string{"data", "clusters", folder, "--out", out}, strings.Fields(test.args)...)...)
			if status != test.status || !strings.Contains(stderr, test.says) {
				t.Errorf("exit status %d, message %q; want %d, %q", status, stderr, test.status, test.says)
			}
		})
	}
	for args, says := range map[string]string{
		"--k 6":                  "class 0 (ant) has 5 rows, fewer than the 6 clusters (--k)",
		"--k 2 --out " + folder:  "--out " + folder + " is a folder",
		"--k 2 --out " + nowhere: "--out " + nowhere,
		"--k 2 --out " + out + " --cache " + nowhere: "--cache " + nowhere,
	} {
		args := append([]string{"data", "clusters", folder, "--over", "4", "--out", out}, strings.Fields(args)...)
		if status, _, stderr := longwing(args...); status != statusFailed || !strings.HasPrefix(stderr, "longwing: "+says) {
			t.Errorf("%v: exit status %d, message %q; want %q before a picture is read", args, status, stderr, says)
		}
	}
}
