package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/internal/studydata"
)

// longwing runs the command in this process.
func longwing(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = execute(context.Background(), newRoot(), args, &out, &err)
	return status, out.String(), err.String()
}

func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	status, stdout, stderr := longwing(args...)
	if status != statusDone {
		t.Fatalf("longwing %s: exit status %d: %s", strings.Join(args, " "), status, stderr)
	}
	return stdout
}

func write(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// pictureFolder is a folder of two classes with n pictures each.
func pictureFolder(t *testing.T, n int) string {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 10, 10))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, class := range []string{"ant", "bee"} {
		for i := range n {
			write(t, filepath.Join(dir, class, fmt.Sprintf("%d.png", i)), file.String())
		}
	}
	return dir
}

func TestStatusAndMessage(t *testing.T) {
	labels := write(t, filepath.Join(t.TempDir(), "labels.csv"), "id,class\na,0\nb,0\nc,1\n")
	twice := write(t, filepath.Join(t.TempDir(), "twice.csv"), "id,class\na,0\na,0\n")
	folder := pictureFolder(t, 2)
	out := filepath.Join(t.TempDir(), "s")
	for name, test := range map[string]struct {
		args   string
		status int
		says   []string
	}{
		"no command":       {"", statusDone, nil},
		"help":             {"data split --help", statusDone, nil},
		"unknown command":  {"fly", statusUsage, []string{`"longwing fly"`, "longwing --help"}},
		"bare group":       {"data", statusDone, nil},
		"unknown in group": {"data fly", statusUsage, []string{`"longwing data fly"`, "longwing data --help"}},
		"unknown flag":     {"data split --fly", statusUsage, []string{"--fly", "longwing data split --help"}},
		"missing flag":     {"data split", statusUsage, []string{"labels"}},
		"missing argument": {"data describe", statusUsage, []string{"1 arg"}},
		"surplus argument": {"data split x --labels " + labels, statusUsage, nil},
		"share":            {"data split --test-size 1 --labels " + labels, statusUsage, []string{"--test-size 1"}},
		"seed":             {"data split --seed -1 --labels " + labels, statusUsage, []string{"-1"}},
		"exclusive flags":  {"data garden --out x --like y --pictures 3", statusUsage, []string{"like", "pictures"}},
		"missing folder":   {"data describe nowhere", statusFailed, []string{"no folder nowhere"}},
		"missing table":    {"data split --labels nowhere.csv", statusFailed, []string{"nowhere.csv"}},
		"duplicate id":     {"data describe " + twice, statusFailed, []string{twice, "row 1 (line 3)"}},
		"single row":       {"data split --labels " + labels, statusFailed, []string{labels, "class 1 has a single row"}},
		"no test set":      {"data store " + folder + " --test --out " + out, statusFailed, []string{"no test set"}},
		"size":             {"data store " + folder + " --size 0 --out " + out, statusFailed, []string{"size 0 px"}},
		"target":           {"data store " + folder + " --out " + filepath.Join(out, "no", "s"), statusFailed, []string{"no such file"}},
		"garden size":      {"data garden --size 7 --out " + out, statusFailed, []string{"size 7"}},
		"garden like none": {"data garden --like nowhere --out " + out, statusFailed, []string{"nowhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := longwing(strings.Fields(test.args)...)
			if status != test.status {
				t.Errorf("exit status %d, want %d", status, test.status)
			}
			if status == statusDone {
				if !strings.Contains(stdout, "Examples:") {
					t.Errorf("help without an example: %s", stdout)
				}
				return
			}
			last := stderr[strings.LastIndex(strings.TrimSuffix(stderr, "\n"), "\n")+1:] // progress may come before
			for _, text := range append(test.says, "longwing: ") {
				if !strings.Contains(last, text) {
					t.Errorf("message %q does not say %q", stderr, text)
				}
			}
			if stdout != "" || strings.Contains(stderr, "Usage:") {
				t.Errorf("printed %q and %q, want one line on standard error", stdout, stderr)
			}
		})
	}
}

func TestEveryCommandHasAnExample(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Example == "" || c.Short == "" || !strings.Contains(c.Example, c.CommandPath()) && c.HasParent() {
			t.Errorf("%s: no short description or no example of its own", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRoot())
}

func TestInterruptedCommandFails(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var stdout, stderr bytes.Buffer
	status := execute(ctx, newRoot(), []string{"data", "store", pictureFolder(t, 3), "--out", filepath.Join(t.TempDir(), "s")}, &stdout, &stderr)
	if status != statusFailed || !strings.Contains(stderr.String(), "longwing: interrupted: ") {
		t.Errorf("exit status %d, message %q", status, stderr.String())
	}
}

func TestMessageIsOneLine(t *testing.T) {
	root := &cobra.Command{Use: "longwing"}
	root.AddCommand(&cobra.Command{Use: "fail", RunE: func(*cobra.Command, []string) error {
		return errors.Join(errors.New("one"), errors.New("two"))
	}})
	var stderr bytes.Buffer
	if status := execute(context.Background(), root, []string{"fail"}, &bytes.Buffer{}, &stderr); status != statusFailed || stderr.String() != "longwing: one two\n" {
		t.Errorf("exit status %d, message %q", status, stderr.String())
	}
}

func TestSplitJSON(t *testing.T) {
	path := studydata.Path(t, "train.csv")
	stdout := mustRun(t, "data", "split", "--labels", path, "--test-size", "0.2", "--seed", "57", "--json")
	var split struct{ Train, Test []int }
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&split); err != nil {
		t.Fatal(err)
	}
	if decoder.More() {
		t.Error("more than one JSON value on standard output")
	}
	if len(split.Train) != 46680 || len(split.Test) != 11671 {
		t.Errorf("%d and %d rows, want 46680 and 11671", len(split.Train), len(split.Test))
	}
	if text := mustRun(t, "data", "split", "--labels", path); !strings.Contains(text, "train 46680 rows, test 11671 rows") {
		t.Errorf("printed %q", text)
	}
}

func TestDescribe(t *testing.T) {
	path := studydata.Path(t, "train.csv")
	text := mustRun(t, "data", "describe", path)
	for _, want := range []string{
		"train.csv", "58351", "4 (259 L'Azuré du Thym (mâle)", "4875 (202 L'Abeille mellifère", "144.791563", "384.923778", "15.5 / 42 / 130",
		"<10: 61", ">350: 39", "317 classes", "1218.75:1", "0.719860", "4.844707 nats (127.066", "33.39 %", "27 classes",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the description does not say %q:\n%s", want, text)
		}
	}
	both := mustRun(t, "data", "describe", filepath.Dir(path))
	for _, want := range []string{"train\n", "test\n", "14588", "36.198511"} {
		if !strings.Contains(both, want) {
			t.Errorf("the description of the kit does not say %q:\n%s", want, both)
		}
	}
	var value struct {
		Sets []struct {
			Set    string
			Rows   int
			Gini   float64
			Counts []int
		}
	}
	if err := json.Unmarshal([]byte(mustRun(t, "data", "describe", path, "--json")), &value); err != nil {
		t.Fatal(err)
	}
	if len(value.Sets) != 1 || value.Sets[0].Rows != 58351 || len(value.Sets[0].Counts) != 403 {
		t.Errorf("JSON describes %+v", value)
	}
}

func TestDescribeFolder(t *testing.T) {
	dir := pictureFolder(t, 3)
	write(t, filepath.Join(dir, "notes.txt"), "x")
	text := mustRun(t, "data", "describe", dir)
	for _, want := range []string{"rows", "6", "2 classes", "0 ant", "1 × .txt"} {
		if !strings.Contains(text, want) {
			t.Errorf("the description does not say %q:\n%s", want, text)
		}
	}
}

func TestStore(t *testing.T) {
	dir := pictureFolder(t, 60)
	write(t, filepath.Join(dir, "ant", "0.png"), "broken")
	out := filepath.Join(t.TempDir(), "s")
	text := mustRun(t, "data", "store", dir, "--size", "8", "--out", out)
	for _, want := range []string{"120 pictures of 8x8 px, 1 left out", "row 0 (ant/0.png): not a JPEG"} {
		if !strings.Contains(text, want) {
			t.Errorf("printed %q, want %q in it", text, want)
		}
	}
	var report storeReport
	if err := json.Unmarshal([]byte(mustRun(t, "data", "store", dir, "--size", "8", "--out", out, "--json")), &report); err != nil {
		t.Fatal(err)
	}
	if report.Rows != 120 || report.Size != 8 || len(report.Broken) != 1 {
		t.Errorf("JSON reports %+v", report)
	}
	status, _, stderr := longwing("data", "store", dir, "--size", "9", "--out", out+"-strict", "--max-broken", "0")
	if status != statusFailed || !strings.Contains(stderr, "0 of 120 rows allowed") {
		t.Errorf("exit status %d, message %q", status, stderr)
	}
}

func TestGarden(t *testing.T) {
	out := filepath.Join(t.TempDir(), "garden")
	args := []string{"data", "garden", "--out", out, "--species", "3", "--pictures", "24", "--size", "16", "--seed", "4"}
	if text := mustRun(t, args...); !strings.Contains(text, "3 species") {
		t.Errorf("printed %q", text)
	}
	var value struct{ Train, Test, Classes int }
	if err := json.Unmarshal([]byte(mustRun(t, append(args, "--json")...)), &value); err != nil {
		t.Fatal(err)
	}
	if value.Train+value.Test != 24 || value.Classes != 3 {
		t.Errorf("JSON reports %+v", value)
	}
	like := filepath.Join(t.TempDir(), "like")
	mustRun(t, "data", "garden", "--out", like, "--like", out, "--size", "16")
	for _, name := range []string{"train.csv", "test.csv"} {
		a, errA := os.ReadFile(filepath.Join(out, name))
		b, errB := os.ReadFile(filepath.Join(like, name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s of the garden made like another differs: %v %v", name, errA, errB)
		}
	}
}
