// Package runner executes longwing's notebooks headless with the real Go kernel and publishes them as web pages.
//
// A notebook's source is notebooks/NAME.md (jupytext's markdown). Run executes copies, never the sources:
//
//	opt := runner.Options{Root: root, Data: "flowers"}
//	_, err := runner.Run(ctx, nil, opt)          // each failure names notebook, cell and line
//	home, siteErr := runner.Publish(ctx, opt)    // what was reached is shown also after a failure
//
// It needs what `make setup` puts into the source tree: .venv with nbclient, nbconvert and the kernel, and bin/tools.
package runner

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// DataEnv is the environment variable that tells a notebook's cells which pictures to use.
const DataEnv = "LONGWING_DATA"

// Options says which notebooks are where. Only Root is needed.
type Options struct {
	Root    string        // the source tree
	Sources string        // folder with the sources; "" is Root/notebooks
	Out     string        // folder for the executed copies; "" is Root/build/notebooks
	Site    string        // folder for the web pages; "" is Root/build/site
	Data    string        // pictures the notebooks work on, passed to cells as $LONGWING_DATA; "" is theirs to choose
	Timeout time.Duration // longest a cell may take; 0 is an hour
	Log     io.Writer     // told what is being done, a line each; nil is nobody
}

// Result is one executed notebook.
type Result struct {
	Name    string  // "01-data-visualization"
	Path    string  // of the executed copy
	Seconds float64 // wall time
	Failure error   // nil, or a *Failure, or why there is no executed copy
}

// Failure is a cell that failed. The cells before it are in the executed copy with their outputs.
type Failure struct {
	Source     string `json:"-"`           // file of the notebook's source
	Cell       int    `json:"cell"`        // counting code cells from 1; 0 if the kernel didn't start
	Line       int    `json:"line"`        // in the cell, from 1; 0 if unknown
	SourceLine int    `json:"source_line"` // in the source file, from 1; 0 if unknown
	Message    string `json:"message"`     // the compiler's or the panic's own words, on one line
}

func (f *Failure) Error() string {
	var b strings.Builder
	b.WriteString(f.Source)
	if f.SourceLine > 0 {
		fmt.Fprintf(&b, ":%d", f.SourceLine)
	}
	if f.Cell > 0 {
		fmt.Fprintf(&b, ": cell %d", f.Cell)
	}
	if f.Line > 0 {
		fmt.Fprintf(&b, " line %d", f.Line)
	}
	return b.String() + ": " + f.Message
}

// Names returns the notebooks in the source folder that were asked for, sorted: all if asked is empty, else those whose
// name equals or begins with one of asked ("09" is enough). Asking for one that doesn't exist is an error.
func Names(asked []string, opt Options) ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(globEscape(opt.sources()), "[0-9]*.md"))
	if err != nil {
		return nil, err
	}
	var all, chosen []string
	for _, path := range paths {
		all = append(all, strings.TrimSuffix(filepath.Base(path), ".md"))
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there are no notebooks (NN-name.md) in %s", opt.sources())
	}
	for _, want := range asked {
		want = strings.TrimSuffix(strings.TrimSuffix(filepath.Base(want), ".md"), ".ipynb")
		found := false
		for _, name := range all {
			if strings.HasPrefix(name, want) {
				chosen = append(chosen, name)
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no notebook %q in %s: there are %s", want, opt.sources(), strings.Join(all, ", "))
		}
	}
	if len(asked) == 0 {
		chosen = all
	}
	slices.Sort(chosen)
	return slices.Compact(chosen), nil
}

// Run executes notebooks one after the other, see Names for which, and writes the executed copies to opt.Out. A failing
// notebook doesn't keep the next from being run; the error joins all failures.
func Run(ctx context.Context, asked []string, opt Options) ([]Result, error) {
	names, err := Names(asked, opt)
	if err != nil {
		return nil, err
	}
	environment, err := opt.environment()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(opt.out(), 0o755); err != nil {
		return nil, err
	}
	var results []Result
	var failures []error
	for _, name := range names {
		result := Result{Name: name, Path: filepath.Join(opt.out(), name+".ipynb")}
		if err := os.Remove(result.Path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return results, err
		}
		result.Seconds, result.Failure = execute(ctx, name, result.Path, environment, opt)
		results = append(results, result)
		if result.Failure != nil {
			failures = append(failures, result.Failure)
			opt.logf("%s: failed", name)
		} else {
			opt.logf("%s: done in %.1f s", name, result.Seconds)
		}
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
	}
	return results, errors.Join(failures...)
}

// execute runs execute.py for one notebook.
func execute(ctx context.Context, name, result string, environment []string, opt Options) (seconds float64, err error) {
	source := filepath.Join(opt.sources(), name+".md")
	timeout := opt.Timeout
	if timeout <= 0 {
		timeout = time.Hour
	}
	command := exec.CommandContext(ctx, opt.python(), opt.script("execute.py"), source, result,
		strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64))
	command.Dir = opt.sources()
	command.Env = environment
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) } // it stops its kernel, then itself
	command.WaitDelay = 10 * time.Second
	var complaints bytes.Buffer
	command.Stderr = &complaints
	events, err := command.StdoutPipe()
	if err != nil {
		return 0, err
	}
	if err := command.Start(); err != nil {
		return 0, fmt.Errorf("%s: %w", source, err)
	}
	var last struct {
		Cell, Of int
		Seconds  *float64
		Failure  *Failure
	}
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if err := json.Unmarshal(lines.Bytes(), &last); err != nil {
			continue // a line of a library, not ours
		}
		if last.Seconds == nil && (last.Cell == 1 || last.Cell == last.Of || last.Cell%5 == 0) {
			opt.logf("%s: cell %d of %d", name, last.Cell, last.Of)
		}
	}
	err = command.Wait()
	switch {
	case ctx.Err() != nil:
		return 0, fmt.Errorf("%s: stopped: %w", source, ctx.Err())
	case err != nil || last.Seconds == nil:
		return 0, fmt.Errorf("%s: running it: %s", source, lastLine(complaints.String(), err))
	case last.Failure != nil:
		last.Failure.Source = source
		return *last.Seconds, last.Failure
	}
	return *last.Seconds, nil
}

func (opt Options) sources() string { return or(opt.Sources, filepath.Join(opt.Root, "notebooks")) }
func (opt Options) out() string     { return or(opt.Out, filepath.Join(opt.Root, "build", "notebooks")) }
func (opt Options) site() string    { return or(opt.Site, filepath.Join(opt.Root, "build", "site")) }
func (opt Options) python() string  { return filepath.Join(opt.Root, ".venv", "bin", "python") }
func (opt Options) script(name string) string {
	return filepath.Join(opt.Root, "notebooks", "runner", name)
}

func (opt Options) logf(format string, args ...any) {
	if opt.Log != nil {
		_, _ = fmt.Fprintf(opt.Log, format+"\n", args...)
	}
}

// environment is what Jupyter's programs get: folders of their own inside the source tree, so that nothing is read from
// or written to the home folder, and the data.
func (opt Options) environment() ([]string, error) {
	kernel := filepath.Join(opt.Root, ".venv", "share", "jupyter", "kernels", "longwing", "kernel.json")
	for _, needed := range []string{opt.python(), kernel, filepath.Join(opt.Root, "bin", "tools", "gonb")} {
		if _, err := os.Stat(needed); err != nil {
			return nil, fmt.Errorf("notebooks are not set up: %w: run `make setup` in %s", err, opt.Root)
		}
	}
	jupyter := filepath.Join(opt.Root, ".cache", "jupyter")
	environment := append(os.Environ(),
		"JUPYTER_DATA_DIR="+filepath.Join(opt.Root, ".venv", "share", "jupyter"),
		"JUPYTER_CONFIG_DIR="+filepath.Join(jupyter, "config"),
		"JUPYTER_RUNTIME_DIR="+filepath.Join(jupyter, "runtime"),
		"IPYTHONDIR="+filepath.Join(jupyter, "ipython"),
		"PYTHONDONTWRITEBYTECODE=1",
	)
	if opt.Data == "" {
		return environment, nil
	}
	data, err := filepath.Abs(opt.Data)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(data); err != nil {
		return nil, fmt.Errorf("data for the notebooks: %w", err)
	}
	return append(environment, DataEnv+"="+data), nil
}

func or(value, otherwise string) string {
	if value != "" {
		return value
	}
	return otherwise
}

// lastLine returns the last line a program printed, which with Python is its error, or else err.
func lastLine(printed string, err error) string {
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	if err == nil {
		return "it ended without a result"
	}
	return err.Error()
}

// globEscape makes a folder safe to be part of a pattern.
func globEscape(folder string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(folder)
}
