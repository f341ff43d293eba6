package runner

import (
	"bytes"
	"context"
	"errors"
	"image/png"

	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/longwing-ml/longwing/internal/checkout"
)

const header = `---
jupyter:
  kernelspec:
    display_name: Go (longwing)
    language: go
    name: longwing
---

`

// testNotebooks are sources by name. Lines of failing cells are counted from the first line of the header.
var testNotebooks = map[string]string{
	"01-works": header + "# A notebook that works\n\nIts first *paragraph*, of\n[two](x.html) lines.\n\nAnother.\n\n" +
		"```go\n%noautoget\n```\n\n" +
		"```go\nimport (\n\t\"github.com/janpfeifer/gonb/gonbui\"\n)\n```\n\n" +
		"```go\n%%\nfmt.Println(\"data is\", os.Getenv(\"LONGWING_DATA\"))\nfor range 3000 {\n\tfmt.Println(strings.Repeat(\"x\", 99))\n}\n```\n\n" +
		"```go\n%%\npicture := image.NewRGBA(image.Rect(0, 0, 30, 20))\nvar file bytes.Buffer\nif err := png.Encode(&file, picture); err != nil {\n\tpanic(err)\n}\ngonbui.DisplayPng(file.Bytes())\n```\n",
	"02-does-not-compile": header + "# Wrong\n\n```go\n%noautoget\n```\n\n```go\nfunc good() int { return 1 }\n\n%%\nn := good()\nfmt.Println(n, m)\n```\n",
	"03-panics":           header + "# Panics\n\n```go\n%noautoget\n```\n\n```go\nfunc third(xs []int) int {\n\treturn xs[2]\n}\n```\n\n```go\n%%\nfmt.Println(third(nil))\n```\n\n```go\n%%\nfmt.Println(\"not reached\")\n```\n",
	"04-ends-early":       header + "# Ends\n\n```go\n%noautoget\n```\n\n```go\n%%\nfmt.Fprintln(os.Stderr, \"no picture in folder x\")\nos.Exit(1)\n```\n",
	"05-shell-fails":      header + "# Shell\n\n```go\n!ls /not/there\n```\n",
	"06-hangs":            header + "# Hangs\n\n```go\n%noautoget\n```\n\n```go\n%%\ntime.Sleep(time.Hour)\n```\n",
	"08-panics-in-pieces": header + "# Panics\n\n```go\n%noautoget\n```\n\n```go\nfunc third() {\n\t_, file, line, _ := runtime.Caller(0)\n\tfmt.Fprint(os.Stderr, \"panic: third\\n\\nmain.third()\\n\\t\", file)\n" +
		"\ttime.Sleep(200*time.Millisecond)\n\tfmt.Fprint(os.Stderr, \":\", line, \" +0x1d\\nmain.main()\\n\\t\", file, \":\", line+9, \"\\n\")\n\tos.Exit(2)\n}\n```\n\n```go\n%%\nthird()\n```\n",
	"07-other-kernel": strings.ReplaceAll(header, "name: longwing", "name: python3") + "# Python\n",
}

// setUp writes test notebooks into a folder whose name has a space, and skips the test where `make setup` hasn't run.
func setUp(t *testing.T, names ...string) Options {
	t.Helper()
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "some notebooks")
	opt := Options{Root: root, Sources: folder, Out: filepath.Join(folder, "out"), Site: filepath.Join(folder, "site"), Timeout: time.Minute}
	if _, err := opt.environment(); err != nil {
		t.Skip(err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name+".md"), []byte(testNotebooks[name]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return opt
}

func TestRunAndPublish(t *testing.T) {
	opt := setUp(t, "01-works")
	opt.Data = t.TempDir()
	var log bytes.Buffer
	opt.Log = &log
	results, err := Run(t.Context(), nil, opt)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != 1 || results[0].Name != "01-works" || results[0].Seconds <= 0 {
		t.Errorf("results are %+v", results)
	}
	if !strings.Contains(log.String(), "01-works: cell 4 of 4") || !strings.Contains(log.String(), "01-works: done in") {
		t.Errorf("log is %q", log.String())
	}
	raw, err := os.ReadFile(results[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"data is " + opt.Data, "characters left out"} {
		if !bytes.Contains(raw, []byte(want)) {
			t.Errorf("the executed notebook lacks %q", want)
		}
	}
	if len(raw) > 200_000 {
		t.Errorf("the executed notebook has %d bytes, although a cell's 300 kB of text were to be shortened", len(raw))
	}

	index, err := Publish(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A notebook that works", "Its first paragraph, of two lines.", `href="01-works.html"`, "01-works.png", "Ran in"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("the home page lacks %q", want)
		}
	}
	figure, err := os.Open(filepath.Join(opt.Site, "01-works.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = figure.Close() }()
	if picture, err := png.Decode(figure); err != nil || picture.Bounds().Dx() != 30 {
		t.Errorf("the figure: %v, %v", picture, err)
	}
	page, err := os.ReadFile(filepath.Join(opt.Site, "01-works.html"))
	if err != nil || !bytes.Contains(page, []byte("All notebooks")) {
		t.Errorf("the page has no way back (%v)", err)
	}
	look(t, index)

	if err := WritePairs(t.Context(), nil, opt); err != nil {
		t.Fatal(err)
	}
	paired := filepath.Join(opt.Sources, "01-works.ipynb")
	if raw, err = os.ReadFile(paired); err != nil || bytes.Contains(raw, []byte(`"seconds"`)) || !bytes.Contains(raw, []byte("image/png")) {
		t.Errorf("the paired notebook has the run time in it, or lacks the figure (%v)", err)
	}
	if err := os.WriteFile(paired, bytes.Replace(raw, []byte("gonbui.DisplayPng"), []byte("gonbui.DisplayJpg"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	wantError(t, CheckPairs(t.Context(), opt), "01-works.ipynb: cell 5 differs from 01-works.md")
}

// look opens the page in Chromium, if that is installed, and makes sure that it is drawn.
func look(t *testing.T, page string) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Log("Chromium is not installed: the home page was not looked at")
		return
	}
	shot := filepath.Join(t.TempDir(), "shot.png")
	command := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--user-data-dir="+t.TempDir(),
		"--window-size=1000,700", "--screenshot="+shot, "file://"+page)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, output)
	}
	if info, err := os.Stat(shot); err != nil || info.Size() < 5_000 {
		t.Errorf("the home page is empty in Chromium: %v, %v", info, err)
	}
}

func TestRunNamesThePlaceOfAFailure(t *testing.T) {
	tests := []struct {
		name string
		want Failure
	}{
		{"02-does-not-compile", Failure{Cell: 2, Line: 5, SourceLine: 20, Message: "undefined: m"}},
		{"03-panics", Failure{Cell: 2, Line: 2, SourceLine: 17, Message: "panic: runtime error: index out of range [2] with length 0 (in a function that cell 3 called)"}},
		{"04-ends-early", Failure{Cell: 2, SourceLine: 16, Message: "exit status 1: no picture in folder x"}},
		{"05-shell-fails", Failure{Cell: 1, Line: 1, SourceLine: 12, Message: "/not/there"}},
		{"08-panics-in-pieces", Failure{Cell: 2, Line: 2, SourceLine: 17, Message: "panic: third (in a function that cell 3 called)"}},
	}
	var names []string
	for _, test := range tests {
		names = append(names, test.name)
	}
	opt := setUp(t, names...)
	results, err := Run(t.Context(), nil, opt)
	if err == nil || len(results) != len(tests) {
		t.Fatalf("%d results, error %v; want %d and an error", len(results), err, len(tests))
	}
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got *Failure
			if !errors.As(results[i].Failure, &got) {
				t.Fatalf("error is %v, want a failure", results[i].Failure)
			}
			if got.Cell != test.want.Cell || got.Line != test.want.Line || got.SourceLine != test.want.SourceLine || !strings.Contains(got.Message, test.want.Message) {
				t.Errorf("got  %+v\nwant %+v", *got, test.want)
			}
			if place := filepath.Join(opt.Sources, test.name+".md:"); !strings.HasPrefix(got.Error(), place) {
				t.Errorf("error is %v, want one that begins with %s", got, place)
			}
			if _, err := os.Stat(results[i].Path); err != nil {
				t.Errorf("what was reached is not kept: %v", err)
			}
		})
	}
	index, err := Publish(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(index); err != nil || bytes.Count(text, []byte("Stopped at cell")) != len(tests) {
		t.Errorf("the home page doesn't say of each that it failed (%v)", err)
	}
	wantError(t, WritePairs(t.Context(), nil, opt), "did not run to its end")
}

func TestRunStopsACellThatHangs(t *testing.T) {
	opt := setUp(t, "06-hangs")
	opt.Timeout = time.Second
	_, err := Run(t.Context(), nil, opt)
	wantError(t, err, "06-hangs.md:16: cell 2: took longer than 1 s and was stopped")

	opt.Timeout = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	begin := time.Now()
	_, err = Run(ctx, nil, opt)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 20*time.Second {
		t.Errorf("after being cancelled: %v in %s", err, time.Since(begin))
	}
}

func TestRunRefuses(t *testing.T) {
	opt := setUp(t, "07-other-kernel")
	_, err := Run(t.Context(), nil, opt)
	wantError(t, err, "its header must name the kernel")
	_, err = Publish(t.Context(), opt)
	wantError(t, err, "no executed notebooks")
	wantError(t, WritePairs(t.Context(), nil, opt), "07-other-kernel was not executed")
	wantError(t, CheckPairs(t.Context(), opt), "there is no 07-other-kernel.ipynb beside it")

	opt.Data = filepath.Join(opt.Sources, "nothing")
	_, err = Run(t.Context(), nil, opt)
	wantError(t, err, "data for the notebooks")

	opt.Root = t.TempDir()
	_, err = Run(t.Context(), nil, opt)
	wantError(t, err, "run `make setup`")
}

func wantError(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error is\n\t%v\nwant one line with\n\t%s", err, want)
	}
}
