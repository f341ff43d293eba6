package finetune_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/internal/seed"
	"github.com/longwing-ml/longwing/internal/xlatest"
	"github.com/longwing-ml/longwing/toolkit/finetune"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// cutRecipe has what must carry over a stop: dropout, augmentation, an over-sampled second stage that begins from the
// best parameters with a new head, and stops early: from its third epoch on its learning rate is as good as 0.
const cutRecipe = `model: densenet_mini
size: 32
dropout: 0.3
seed: 11
split: {test: 0.2, valid: 0.25}
augment: {horizontal_flip: true, vertical_flip: true, shift: 0.1, zoom: 0.1}
stages:
  - {name: all, freeze_below: head, epochs: 3, batch: 4, optimizer: {name: adam, lr: 0.01}}
  - name: balanced
    freeze_below: head
    epochs: 6
    batch: 4
    sampler: {name: over}
    class_weights: {method: balanced}
    start_from: best
    new_head: true
    optimizer: {name: sgd, lr: 0.02, momentum: 0.9}
    schedule: {name: step, base: 1e9, period: 2}
    monitor: valid.accuracy
    stop_after: 1
`

const (
	childOrder = "LONGWING_TEST_CHILD" // JSON of order, for the process that trains
	killsWish  = "LONGWING_KILLS"      // number of kills, 6 if not set
)

// order is what a child process does: it trains cutRecipe.
type order struct {
	Pictures, Stores, Run string
	SaveSteps             int
	// Once a line of progress begins with Stop, the context is cancelled. Empty for never.
	Stop string
	// Once a line of progress begins with Full, writes beyond the first Room bytes of a file fail as on a full disk. Empty for never.
	Full string
	Room uint64
}

// runChild ends the process with status 0 if it trained to the end, 3 after an error.
func runChild(text string) {
	var o order
	err := json.Unmarshal([]byte(text), &o)
	if err == nil {
		err = o.train()
	}
	if err != nil {
		fmt.Printf("error %v\n", err)
		os.Exit(3)
	}
	os.Exit(0)
}

func (o order) train() error {
	recipe, err := finetune.ParseRecipe([]byte(cutRecipe))
	if err != nil {
		return err
	}
	set, err := data.Open(o.Pictures)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	_, err = finetune.Train(ctx, recipe, set, o.Run, finetune.Options{StoreDir: o.Stores, SaveSteps: o.SaveSteps, Observer: teller{o, stop}})
	return err
}

// teller writes a line at once of all it is told, so that a kill loses none.
type teller struct {
	order
	stop func()
}

func (o teller) Say(text string) {
	first, _, _ := strings.Cut(text, "\n")
	fmt.Println("say", first)
}

func (o teller) Progress(what string, done, total int, _ string) {
	line := fmt.Sprintf("%s: %d of %d", what, done, total)
	fmt.Println(line)
	if o.Stop != "" && strings.HasPrefix(line, o.Stop) {
		o.stop()
	}
	if o.Full != "" && strings.HasPrefix(line, o.Full) {
		if err := fillDisk(o.Room); err != nil {
			fmt.Println("error", err)
			os.Exit(4)
		}
	}
}

func (o teller) Epoch(train, _ run.Record, _ bool) { fmt.Println("finished epoch", train.Epoch) }

// fillDisk makes writes fail beyond an offset of every file.
func fillDisk(room uint64) error {
	signal.Ignore(syscall.SIGXFSZ) // writes return EFBIG
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: room, Max: room})
}

// The phases of a run, as a child's lines tell them.
const (
	starting   = "starting"   // decoding, compiling
	training   = "training"   // steps of an epoch
	validation = "validation" // predicting the validation part
	logging    = "logging"    // what comes between that and the epoch's checkpoint
	saving     = "saving"     // a checkpoint
	predicting = "predicting" // with the best checkpoint, after all epochs
)

// reached is how far training has come: finished epochs, and steps of the next.
type reached struct{ epochs, steps int }

func (r reached) compare(other reached) int {
	return cmp.Or(cmp.Compare(r.epochs, other.epochs), cmp.Compare(r.steps, other.steps))
}

// stepOf reads the line of a training step: what is reached with it.
func stepOf(line string) (r reached, ok bool) {
	var epoch, epochs, steps int
	n, _ := fmt.Sscanf(line, "epoch %d of %d: %d of %d", &epoch, &epochs, &r.steps, &steps)
	r.epochs = epoch - 1
	return r, n == 4
}

// phaseOf tells in which phase the process is once it has written a line.
func phaseOf(line string) string {
	var done, total int
	if _, ok := stepOf(line); ok {
		return training
	}
	if _, count, ok := strings.Cut(line, ", validating: "); ok {
		if n, _ := fmt.Sscanf(count, "%d of %d", &done, &total); n == 2 && done == total {
			return logging
		}
		return validation
	}
	switch {
	case strings.HasPrefix(line, "finished epoch "):
		return training
	case strings.HasPrefix(line, "predicting "):
		return predicting
	}
	return starting
}

// aim says when to kill: delay after the skip+1st line of a phase and, if file is not empty, after a file whose name begins
// so has appeared among the checkpoints.
type aim struct {
	phase string // any line if empty
	skip  int
	file  string
	delay time.Duration
}

// newAim draws a moment to kill the next process, of one of six kinds, by which the moments fall into all phases. A
// process trains after about start.
func (c *chain) newAim(kind int, rng *rand.Rand, start time.Duration) aim {
	within := func(d time.Duration) time.Duration { return time.Duration(rng.Int64N(int64(d))) }
	steps := rng.IntN(12)
	switch kind %= 6; {
	case kind == 0: // whatever it does
		return aim{delay: within(start + 300*time.Millisecond)}
	case kind == 1:
		return aim{phase: training, skip: steps, delay: within(30 * time.Millisecond)}
	case kind == 2:
		return aim{phase: validation, skip: steps / 3, delay: within(2 * time.Millisecond)}
	case kind == 3:
		return aim{file: ".best.", delay: within(4 * time.Millisecond)}
	case kind == 4 && c.atLeast.epochs < 3: // between the stages
		return aim{file: ".epoch-00003.", delay: within(60 * time.Millisecond)}
	default:
		return aim{phase: training, skip: steps, file: ".epoch-", delay: within(4 * time.Millisecond)}
	}
}

// chain is a run that one process after another goes on with.
type chain struct {
	order
	atLeast reached // what the next process must not have to do again
	atMost  reached // what it can't have found
}

func newChain(set *data.Pictures, dir string) *chain {
	return &chain{order: order{Pictures: set.Path, Stores: filepath.Join(dir, "stores"), Run: filepath.Join(dir, "run"), SaveSteps: 1}}
}

func (c *chain) checkpoints() string { return filepath.Join(c.Run, "checkpoints") }

// outcome is what became of a process.
type outcome struct {
	lines  []string
	status int    // -1 if it was killed
	phase  string // in which it ended
	start  time.Duration
}

// next starts a process and, if there is an aim, kills it then, unless it ends before.
func (c *chain) next(t *testing.T, a *aim) outcome {
	t.Helper()
	text, err := json.Marshal(c.order)
	if err != nil {
		t.Fatal(err)
	}
	left := temporaries(c.checkpoints(), ".")
	child := exec.Command(os.Args[0])
	// Unoptimised programs are compiled in half the time.
	child.Env = append(os.Environ(), childOrder+"="+string(text), "XLA_FLAGS=--xla_backend_optimization_level=0")
	var stderr bytes.Buffer
	child.Stderr = &stderr
	stdout, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	since := time.Now()
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer time.AfterFunc(5*time.Minute, func() { _ = child.Process.Kill() }).Stop()
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(stdout); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	out := outcome{phase: starting}
	armed := false
	for open := true; open; {
		var line string
		select {
		case line, open = <-lines:
			if !open {
				continue
			}
			out.lines = append(out.lines, line)
			out.phase = phaseOf(line)
			if out.phase != starting && out.start == 0 {
				out.start = time.Since(since)
			}
			if a != nil && !armed && (a.phase == "" || a.phase == out.phase) {
				armed = a.skip == 0
				a.skip--
			}
		case <-tick.C:
		}
		if armed && (a.file == "" || len(temporaries(c.checkpoints(), a.file)) > 0) {
			time.Sleep(a.delay)
			_ = child.Process.Signal(syscall.SIGKILL) // an error says that it has ended
			a, armed = nil, false
		}
	}
	_ = child.Wait()
	out.status = child.ProcessState.ExitCode()
	if out.status > 0 && out.status != 3 {
		t.Fatalf("status %d: %s\n%s", out.status, stderr.String(), strings.Join(out.lines, "\n"))
	}
	for _, name := range temporaries(c.checkpoints(), ".") {
		if !slices.Contains(left, name) {
			out.phase = saving
		}
	}
	c.check(t, out)
	return out
}

// temporaries lists the unfinished files of a folder that begin so.
func temporaries(dir, prefix string) []string {
	entries, _ := os.ReadDir(dir) // it may not be there yet
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) && atomicfile.IsTemporary(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// check compares a process's first step with what the processes before it had done, and remembers what it did.
func (c *chain) check(t *testing.T, out outcome) {
	t.Helper()
	if slices.ContainsFunc(out.lines, func(line string) bool { return phaseOf(line) != starting }) {
		at := continuesFrom(out.lines)
		if at.compare(c.atLeast) < 0 || at.compare(c.atMost) > 0 {
			t.Errorf("went on after %+v, want at least %+v and at most %+v", at, c.atLeast, c.atMost)
		}
		c.atLeast, c.atMost = at, at
	}
	for _, line := range out.lines {
		if step, ok := stepOf(line); ok {
			if step.epochs != c.atMost.epochs || step.steps != c.atMost.steps+1 {
				t.Errorf("%q follows on %+v", line, c.atMost)
			}
			c.atMost = step
			step.steps-- // the step's checkpoint is part of it
			c.atLeast = step
		}
		if phaseOf(line) == logging { // all steps of the epoch are saved; the epoch's checkpoint may be
			c.atLeast = c.atMost
			c.atMost = reached{c.atMost.epochs + 1, 0}
		}
		if strings.HasPrefix(line, "finished epoch ") {
			c.atLeast = c.atMost
		}
	}
}

// continuesFrom reads where a process goes on, from the beginning if it doesn't say.
func continuesFrom(lines []string) reached {
	for _, line := range lines {
		var r reached
		if n, _ := fmt.Sscanf(line, "say continuing after step %d of epoch %d of", &r.steps, &r.epochs); n == 2 {
			r.epochs--
			return r
		}
		if n, _ := fmt.Sscanf(line, "say continuing after epoch %d of", &r.epochs); n == 1 {
			return r
		}
	}
	return reached{}
}

// wantEqualRuns compares all that a run leaves: names, content of checkpoints and predictions byte by byte, and the log
// without the figures of the clock.
func wantEqualRuns(t *testing.T, got, want string) {
	t.Helper()
	a, b := tree(t, got), tree(t, want)
	for _, name := range slices.Sorted(maps.Keys(b)) {
		if _, ok := a[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a)) {
		content, ok := b[name]
		switch {
		case !ok:
			t.Errorf("%s was left", name)
		case name == "environment.json" || name == "metrics.jsonl": // have times
		case !bytes.Equal(a[name], content):
			t.Errorf("%s differs", name)
		}
	}
	if a, b := records(t, got), records(t, want); !slices.Equal(a, b) {
		t.Errorf("metrics differ:\n%+v\n%+v", a, b)
	}
}

func records(t *testing.T, dir string) []run.Record {
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return metrics(t, r)
}

// tree reads all files of a folder.
func tree(t *testing.T, dir string) map[string][]byte {
	files := make(map[string][]byte)
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			files[path] = read(t, filepath.Join(dir, path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestCutShort trains in one go, and again in many processes that are killed at random moments, or that meet a full disk
// and damaged files: all runs must come out the same to the bit.
func TestCutShort(t *testing.T) {
	xlatest.Open(t) // says what to do if it is missing
	set := pictures(t, 3, 24)
	for class, few := range []int{24, 12, 8} { // something to over-sample
		for i := few; i < 24; i++ {
			if err := os.Remove(filepath.Join(set.Path, fmt.Sprintf("class%d", class), fmt.Sprintf("%02d.png", i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	set = open(t, set.Path)
	oneGo := newChain(set, t.TempDir())
	out := oneGo.next(t, nil)
	if out.status != 0 {
		t.Fatalf("the run in one go failed: %q", out.lines)
	}
	if last := oneGo.atMost.epochs; last < 4 || last > 6 {
		t.Fatalf("the run in one go has %d epochs, want 3 and 2 or 3 of the stage that stops early", last)
	}
	t.Run("stopped", func(t *testing.T) { checkStopped(t, set, oneGo.Run) })
	t.Run("disk full", func(t *testing.T) { checkFullDisk(t, set, oneGo.Run) })
	t.Run("read-only", func(t *testing.T) {
		checkReadOnly(t, set, oneGo.Run, finetune.Options{StoreDir: oneGo.Stores, SaveSteps: 1})
	})
	t.Run("killed", func(t *testing.T) { checkKilled(t, set, oneGo.Run, out.start) })
}

// checkStopped ends a run by its context, which writes the only checkpoint within an epoch.
func checkStopped(t *testing.T, set *data.Pictures, want string) {
	c := newChain(set, t.TempDir())
	c.Stop, c.SaveSteps = "epoch 2, validating: 1 of ", 0
	c.next(t, nil).wantError(t, "stopped after step 7 of epoch 2; the same command goes on from there: context canceled")
	c.atLeast = c.atMost
	c.Stop = ""
	if out := c.next(t, nil); out.status != 0 {
		t.Fatalf("after the stop: %q", out.lines)
	}
	wantEqualRuns(t, c.Run, want)
}

// checkKilled kills as often as LONGWING_KILLS says, run after run with up to ten kills each, and on until each phase had
// one.
func checkKilled(t *testing.T, set *data.Pictures, want string, start time.Duration) {
	wish := 6
	if text := os.Getenv(killsWish); text != "" {
		var err error
		if wish, err = strconv.Atoi(text); err != nil || wish < 1 {
			t.Fatalf("%s: %q is not a number from 1 up", killsWish, text)
		}
	}
	rng := seed.New(2, uint64(wish))
	var kinds []int // each comes once before one comes again
	kills := make(map[string]int)
	total, runs := 0, 0
	for missing := []string{training, validation, saving}; total < wish || len(missing) > 0; runs++ {
		if total > 3*wish+20 {
			t.Fatalf("of %d kills %v none fell into %q", total, kills, missing)
		}
		c := newChain(set, t.TempDir())
		for i := range min(10, max(1, wish-total)) {
			if len(kinds) == 0 {
				kinds = rng.Perm(6)
			}
			a := c.newAim(kinds[0], rng, start)
			kinds = kinds[1:]
			if i == 9 || total == 5 { // at the end of a run
				a = aim{phase: predicting, skip: rng.IntN(4), delay: time.Duration(rng.Int64N(int64(8 * time.Millisecond)))}
			}
			out := c.next(t, &a)
			if out.status == 0 {
				break // it was done before
			}
			if out.status > 0 {
				t.Fatalf("run %d, kill %d: %q", runs+1, i+1, out.lines)
			}
			for _, line := range out.lines {
				if strings.Contains(line, "passing over") {
					t.Errorf("a kill left a damaged checkpoint: %s", line)
				}
			}
			total++
			kills[out.phase]++
			missing = slices.DeleteFunc(missing, func(phase string) bool { return phase == out.phase })
			t.Logf("kill %d, run %d: %s, after %q, which went on after %+v", total, runs+1, out.phase, out.lines[max(0, len(out.lines)-1):], continuesFrom(out.lines))
		}
		if out := c.next(t, nil); out.status != 0 {
			t.Fatalf("run %d: %q", runs+1, out.lines)
		}
		wantEqualRuns(t, c.Run, want)
	}
	t.Logf("%d kills over %d runs: %v", total, runs, kills)
}
