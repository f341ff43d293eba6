package progress

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// clock is a time that only the test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func TestPlainLinesAreFew(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(0, 0)}
	bar := newBar(&out, "decoding", 1000, c.now, false)
	for done := 1; done <= 1000; done++ {
		c.t = c.t.Add(100 * time.Millisecond)
		bar.Set(done)
	}
	bar.Done()
	bar.Done()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 10 {
		t.Errorf("%d lines for a job of 1000 steps and 100 s, want one each tenth:\n%s", len(lines), out.String())
	}
	if want := "decoding: 100 of 1000, 10s, about 1m30s left"; lines[0] != want {
		t.Errorf("first line %q, want %q", lines[0], want)
	}
	if want := "decoding: 1000 of 1000, 1m40s"; lines[len(lines)-1] != want {
		t.Errorf("last line %q, want %q", lines[len(lines)-1], want)
	}
}

func TestQuickJobIsOneLine(t *testing.T) {
	var out bytes.Buffer
	c := &clock{time.Unix(0, 0)}
	bar := newBar(&out, "drawing", 10, c.now, false)
	for done := range 11 {
		bar.Set(done)
	}
	bar.Note("seed 7")
	bar.Done()
	if want := "drawing, seed 7: 10 of 10, 0s\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestStoppedJobSaysHowFarItCame(t *testing.T) {
	var out bytes.Buffer
	bar := New(&out, "decoding", 10)
	bar.Set(4)
	bar.Done()
	bar.Set(5)
	if !strings.HasPrefix(out.String(), "decoding: 4 of 10, ") || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("got %q, want one line that says 4 of 10", out.String())
	}
}

func TestTerminalBar(t *testing.T) {
	var out bytes.Buffer
	bar := newBar(&out, "decoding", 10, time.Now, true)
	for done := range 12 { // one too many is no error
		bar.Note("x")
		bar.Set(done)
	}
	bar.Done()
	if !strings.Contains(out.String(), "100%") || !strings.Contains(out.String(), "decoding, x") || !strings.HasSuffix(out.String(), "\n") {
		t.Errorf("got %q, want a bar up to 100%% and a line end", out.String())
	}
}

func TestNilBarAndNoSteps(t *testing.T) {
	bar := New(nil, "quiet", 10)
	bar.Set(1)
	bar.Note("x")
	bar.Done()
	for _, terminal := range []bool{false, true} {
		var out bytes.Buffer
		empty := newBar(&out, "nothing to do", 0, time.Now, terminal)
		empty.Set(0)
		empty.Done()
	}
}

func TestConcurrentUse(t *testing.T) {
	for _, terminal := range []bool{false, true} {
		var out bytes.Buffer
		bar := newBar(&out, "decoding", 100, time.Now, terminal)
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() { bar.Set(i); bar.Note("n") })
		}
		wait.Wait()
		bar.Done()
	}
}

func TestPipeIsNoTerminal(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if isTerminal(w) {
		t.Error("a pipe was taken for a terminal")
	}
}
