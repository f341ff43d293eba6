package finetune

import (
	"fmt"
	"io"

	"github.com/longwing-ml/longwing/internal/progress"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// Console returns an Observer that writes for people: a bar on a terminal, plain lines elsewhere, and a line for each
// epoch. Errors of w are ignored.
func Console(w io.Writer) Observer { return &console{w: w} }

type console struct {
	w    io.Writer
	bar  *progress.Bar
	what string
}

func (c *console) Say(text string) {
	c.end()
	_, _ = fmt.Fprintln(c.w, text)
}

func (c *console) Progress(what string, done, total int, note string) {
	if c.bar == nil || c.what != what {
		c.end()
		c.bar, c.what = progress.New(c.w, what, total), what
	}
	c.bar.Note(note)
	c.bar.Set(done)
	if done >= total {
		c.end()
	}
}

func (c *console) Epoch(train, valid run.Record, best bool) {
	mark := ""
	if best {
		mark = ", best"
	}
	c.Say(fmt.Sprintf("epoch %d: loss %.3f, accuracy %.3f; validation nll %.3f, accuracy %.3f, F170 %.3f; lr %.2g, %.0f img/s, %.1f s%s",
		train.Epoch, train.Loss, train.Accuracy, valid.NLL, valid.Accuracy, valid.F170, train.LR, train.ImagesPerSecond, train.Seconds+valid.Seconds, mark))
}

func (c *console) end() {
	if c.bar != nil {
		c.bar.Done()
		c.bar = nil
	}
}
