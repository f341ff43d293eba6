// Package progress shows how far a job has come: a bar on a terminal, a few plain lines anywhere else.
//
//	bar := progress.New(os.Stderr, "decoding pictures", set.Len())
//	defer bar.Done()
//	opt.Progress = func(done, total int) { bar.Set(done) }
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// On anything but a terminal a line appears when both have passed since the last one, and at the end.
const (
	lineEvery = 5 * time.Second
	lineShare = 0.1 // of the total
)

// Bar is the progress of one job. A nil Bar shows nothing. Its methods may be called from several goroutines; errors of
// the writer are ignored.
type Bar struct {
	what  string
	total int
	now   func() time.Time

	mu       sync.Mutex
	done     int
	note     string
	started  time.Time
	finished bool
	terminal *progressbar.ProgressBar // nil: plain lines
	w        io.Writer
	lineAt   time.Time // of the last plain line
	lineDone int       // what that line said
}

// New starts showing a job of total steps on w; nil if w is, so that a quiet program passes nil.
func New(w io.Writer, what string, total int) *Bar {
	if w == nil {
		return nil
	}
	return newBar(w, what, total, time.Now, isTerminal(w))
}

func newBar(w io.Writer, what string, total int, now func() time.Time, terminal bool) *Bar {
	b := &Bar{what: what, total: total, now: now, w: w}
	b.started = now()
	b.lineAt = b.started
	if terminal {
		b.terminal = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetDescription(what),
			progressbar.OptionSetWidth(20),
			progressbar.OptionShowCount(),
			progressbar.OptionShowIts(),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
		)
	}
	return b
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// Set says how many steps are done; the number may also fall.
func (b *Bar) Set(done int) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.finished {
		return
	}
	b.done = done
	if b.terminal != nil {
		_ = b.terminal.Set(min(max(done, 0), b.total))
		return
	}
	due := b.now().Sub(b.lineAt) >= lineEvery && float64(done-b.lineDone) >= lineShare*float64(b.total)
	if due && done < b.total { // the last line is Done's
		b.line()
	}
}

// Note shows a short text beside the progress, such as the current loss, from the next step on.
func (b *Bar) Note(text string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.finished || b.note == text {
		return
	}
	b.note = text
	if b.terminal != nil {
		b.terminal.Describe(b.label())
	}
}

// Done ends the display with what was reached. Later calls do nothing.
func (b *Bar) Done() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.finished {
		return
	}
	b.finished = true
	if b.terminal != nil {
		_ = b.terminal.Exit()
		_, _ = fmt.Fprintln(b.w)
		return
	}
	b.line()
}

func (b *Bar) line() {
	b.lineAt, b.lineDone = b.now(), b.done
	elapsed := b.lineAt.Sub(b.started)
	text := fmt.Sprintf("%s: %d of %d, %s", b.label(), b.done, b.total, elapsed.Round(100*time.Millisecond))
	if b.done > 0 && b.done < b.total && !b.finished {
		left := time.Duration(float64(elapsed) / float64(b.done) * float64(b.total-b.done))
		text += fmt.Sprintf(", about %s left", left.Round(time.Second))
	}
	_, _ = fmt.Fprintln(b.w, text)
}

func (b *Bar) label() string {
	if b.note == "" {
		return b.what
	}
	return b.what + ", " + b.note
}
