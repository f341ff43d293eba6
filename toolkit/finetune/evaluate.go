package finetune

import (
	"context"
	"fmt"

	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// predict returns the logits of a source's rows in order, [rows, classes] row-major.
func (e *engine) predict(ctx context.Context, what string, s source, batchSize int) ([]float32, error) {
	classes := e.net.Head.Classes
	logits := make([]float32, 0, len(s.rows)*classes)
	steps := (len(s.rows) + batchSize - 1) / batchSize
	ctx, stop := context.WithCancel(ctx)
	batches := s.batches(ctx, batching{order: s.rows, size: batchSize, seed: e.recipe.Seed})
	defer drain(batches, stop)
	step := 0
	for b := range batches {
		values, err := e.graphs.logits(b)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		logits = append(logits, values[:len(b.rows)*classes]...)
		b.release()
		step++
		e.observer.Progress(what, step, steps, "")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return logits, nil
}

// evaluate measures a source by the parameters in the store.
func (e *engine) evaluate(ctx context.Context, what string, s source, batchSize int) (*metric.Report, []float32, error) {
	logits, err := e.predict(ctx, what, s, batchSize)
	if err != nil {
		return nil, nil, err
	}
	report, err := metric.Evaluate(logits, s.pick(), e.net.Head.Classes)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", what, err)
	}
	return report, logits, nil
}

// pick returns the labels of the source's rows.
func (s source) pick() []int32 {
	labels := make([]int32, len(s.rows))
	for i, row := range s.rows {
		labels[i] = s.labels[row]
	}
	return labels
}

// record turns a report into a line of the log.
func record(report *metric.Report, phase string, epoch, step int, stage string, seconds float64) run.Record {
	return run.Record{Phase: phase, Epoch: epoch, Step: step, Stage: stage,
		Loss: report.NLL, Accuracy: report.Accuracy, NLL: report.NLL, F170: report.F170,
		Seconds: seconds, ImagesPerSecond: float64(report.N) / seconds}
}
