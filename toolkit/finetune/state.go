package finetune

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/longwing-ml/longwing/toolkit/optim"
)

// state is what a run needs, beside the store's variables, to go on as if it had never stopped. Samplers, augmentation
// and dropout need nothing: they follow from seed, epoch and row.
type state struct {
	Classes string `json:"classes"` // SHA-256 of the class names, in order: what the head tells apart
	Recipe  string `json:"recipe"`  // SHA-256 of the run's recipe.yaml

	Stage     int  `json:"stage"`      // the stage in progress, from 0
	Within    int  `json:"within"`     // its finished epochs
	StageDone bool `json:"stage_done"` // it is over
	Epoch     int  `json:"epoch"`      // finished epochs of the run
	Step      int  `json:"step"`       // finished steps of the run

	Partial   partial `json:"partial"` // of the epoch in progress
	BestEpoch int     `json:"best_epoch"`
	BestValue float64 `json:"best_value"`
	Watch     watch   `json:"watch"`

	Plateau optim.PlateauState `json:"plateau"`
}

// partial is what an epoch in progress has come to.
type partial struct {
	Steps   int     `json:"steps"`
	Seen    int     `json:"seen"` // pictures
	LossSum float64 `json:"loss_sum"`
	Hits    float64 `json:"hits"`
	LR      float64 `json:"lr"` // of the last step
}

// watch follows the metric that a stage monitors; larger is better.
type watch struct {
	Epochs int     `json:"epochs"` // seen
	Best   float64 `json:"best"`
	Bad    int     `json:"bad"` // epochs since the best
}

func (w *watch) see(value float64) {
	if w.Epochs == 0 || value > w.Best {
		w.Best, w.Bad = value, 0
	} else {
		w.Bad++
	}
	w.Epochs++
}

// extent orders checkpoints: of finished epochs, and of steps within the next.
type extent struct{ epochs, steps int }

func (s state) extent() extent { return extent{s.Epoch, s.Partial.Steps} }

// fileName is "epoch-00012.safetensors" after an epoch, "epoch-00012+000345.safetensors" within the next.
func (p extent) fileName() string {
	if p.steps == 0 {
		return fmt.Sprintf("epoch-%05d.safetensors", p.epochs)
	}
	return fmt.Sprintf("epoch-%05d+%06d.safetensors", p.epochs, p.steps)
}

func (p extent) compare(other extent) int {
	return cmp.Or(cmp.Compare(p.epochs, other.epochs), cmp.Compare(p.steps, other.steps))
}

// parseExtent reads a fileName.
func parseExtent(path string) (p extent, ok bool) {
	name, isEpoch := strings.CutPrefix(filepath.Base(path), "epoch-")
	name, isCheckpoint := strings.CutSuffix(name, ".safetensors")
	epochs, steps, isPartial := strings.Cut(name, "+")
	var err error
	if p.epochs, err = strconv.Atoi(epochs); err != nil {
		return extent{}, false
	}
	if isPartial {
		if p.steps, err = strconv.Atoi(steps); err != nil || p.steps < 1 {
			return extent{}, false
		}
	}
	return p, isEpoch && isCheckpoint && p.epochs >= 0
}

// finished tells whether all epochs of a recipe are done.
func (s state) finished(r *Recipe) bool { return s.StageDone && s.Stage == len(r.Stages)-1 }

// done says how far a run has come.
func (s state) done() string {
	if s.Partial.Steps == 0 {
		return fmt.Sprintf("epoch %d", s.Epoch)
	}
	return fmt.Sprintf("step %d of epoch %d", s.Partial.Steps, s.Epoch+1)
}
