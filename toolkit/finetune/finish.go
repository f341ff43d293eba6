package finetune

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"time"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// finish predicts the parts that were held out with the best checkpoint, unless an earlier call did.
func (e *engine) finish(ctx context.Context) (*Result, error) {
	result := &Result{Run: e.run, BestEpoch: e.state.BestEpoch}
	loaded := false
	e.testSeconds = math.NaN() // not measured if an earlier call predicted
	for _, part := range []struct {
		split  string
		source source
		set    *data.Set
		report **metric.Report
	}{
		{run.Valid, e.valid, e.trainSet, &result.Valid},
		{run.Outer, e.outer, e.trainSet, &result.Outer},
		{run.Test, e.test, e.testSet, &result.Test},
	} {
		if len(part.source.rows) == 0 { // no outer part
			continue
		}
		report, err := storedReport(e.run, part.split)
		if err == nil {
			*part.report = report
			continue
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if !loaded {
			if err := e.loadBest(); err != nil {
				return nil, err
			}
			if err := e.readyToPredict(); err != nil {
				return nil, err
			}
			loaded = true
		}
		if *part.report, err = e.predictPart(ctx, part.split, part.source, part.set, e.recipe.Stages[len(e.recipe.Stages)-1].Batch); err != nil {
			return nil, err
		}
	}
	return result, e.logTest(result.Test)
}

// logTest logs the test part's figures, unless an earlier call did before it was stopped.
func (e *engine) logTest(report *metric.Report) error {
	records, err := e.run.Records()
	if err != nil || slices.ContainsFunc(records, func(r run.Record) bool { return r.Phase == run.Test }) {
		return err
	}
	r := record(report, run.Test, e.state.BestEpoch, e.state.Step, "", e.testSeconds)
	r.LR = math.NaN()
	return e.run.Append(r)
}

func storedReport(r *run.Run, split string) (*metric.Report, error) {
	p, err := r.ReadPredictions(split)
	if err != nil {
		return nil, err
	}
	return metric.Evaluate(p.Logits, p.Labels, p.NumClasses)
}

// best reads the best checkpoint.
func (e *engine) best() (*checkpoint, error) {
	best, err := readCheckpoint(filepath.Join(e.run.CheckpointDir(), bestName))
	if err != nil {
		return nil, fmt.Errorf("best checkpoint: %w; start again in another directory", err)
	}
	return best, nil
}

// loadBest puts the best checkpoint's parameters into the store.
func (e *engine) loadBest() error {
	best, err := e.best()
	if err == nil {
		err = e.load(best)
	}
	return err
}

// readyToPredict makes sure that there is a program from pictures to logits.
func (e *engine) readyToPredict() error {
	if e.graphs != nil && e.trunk == nil {
		return nil
	}
	e.dropTrunk()
	return e.buildInference(e.recipe.Stages[len(e.recipe.Stages)-1])
}

// predictPart predicts a split and stores its predictions.
func (e *engine) predictPart(ctx context.Context, split string, s source, set *data.Set, batchSize int) (*metric.Report, error) {
	since := time.Now()
	report, logits, err := e.evaluate(ctx, "predicting "+split, s, batchSize)
	if err != nil {
		return nil, err
	}
	if split == run.Test {
		e.testSeconds = time.Since(since).Seconds()
	}
	ids := make([]string, len(s.rows))
	for i, row := range s.rows {
		ids[i] = set.IDs[row]
	}
	predictions := &run.Predictions{IDs: ids, Rows: s.rows, Labels: s.pick(), Logits: logits, NumClasses: e.net.Head.Classes}
	return report, e.run.WritePredictions(split, predictions)
}
