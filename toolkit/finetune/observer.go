package finetune

import (
	"github.com/longwing-ml/longwing/toolkit/run"
)

// Observer is told what a run does. Calls come from one goroutine.
type Observer interface {
	// Say reports an event: one line, or a table.
	Say(text string)
	// Progress reports that done of total units of what are finished. note is a short state, such as the loss.
	// done == total ends it.
	Progress(what string, done, total int, note string)
	// Epoch reports the two records of a finished epoch, and whether it is the best so far.
	Epoch(train, valid run.Record, best bool)
}

// silent is the Observer of those who want none.
type silent struct{}

func (silent) Say(string)                        {}
func (silent) Progress(string, int, int, string) {}
func (silent) Epoch(_, _ run.Record, _ bool)     {}
