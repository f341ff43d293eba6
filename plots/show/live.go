package show

import (
	"fmt"

	"github.com/janpfeifer/gonb/gonbui"

	"github.com/longwing-ml/longwing/plots"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// Observer is what finetune.Train tells of a run; finetune.Console makes one.
type Observer interface {
	Say(text string)
	Progress(what string, done, total int, note string)
	Epoch(train, valid run.Record, best bool)
}

// Live is an Observer that draws the learning curves of the run in dir, epochs of earlier calls included, and draws them
// anew in the same place after each epoch. What else happens is told to inner. Outside a notebook it draws nothing.
func Live(dir string, inner Observer) Observer {
	return &live{Observer: inner, dir: dir, id: "learning-curves-" + gonbui.UniqueId()}
}

type live struct {
	Observer
	dir, id string
}

func (l *live) Epoch(train, valid run.Record, best bool) {
	l.Observer.Epoch(train, valid, best)
	if !gonbui.IsNotebook {
		return
	}
	if err := l.draw(); err != nil { // a figure that can't be drawn must not end the training
		l.Say(fmt.Sprintf("learning curves: %v", err))
	}
}

func (l *live) draw() error {
	r, err := run.Open(l.dir)
	if err != nil {
		return err
	}
	records, err := r.Records()
	if err != nil {
		return err
	}
	figure, err := plots.LearningCurves(records)
	if err != nil {
		return err
	}
	content, err := figure.PNG()
	if err != nil {
		return err
	}
	sendPNG(content, figure.Width, figure.Height, l.id)
	return gonbui.Error()
}
