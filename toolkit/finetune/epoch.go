package finetune

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/optim"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// epochs runs what is left of the recipe.
func (e *engine) epochs(ctx context.Context) error {
	for !e.state.finished(e.recipe) {
		fresh := e.state.StageDone
		if fresh {
			e.state.Stage, e.state.Within, e.state.StageDone = e.state.Stage+1, 0, false
			e.state.Watch, e.state.Plateau = watch{}, optim.PlateauState{}
		}
		if fresh || e.graphs == nil {
			if err := e.enter(ctx, fresh); err != nil {
				return fmt.Errorf("stage %d: %w", e.state.Stage+1, err)
			}
		}
		if err := e.epoch(ctx); err != nil {
			if ctx.Err() == nil || !errors.Is(err, ctx.Err()) {
				return err
			}
			if e.state.Step > e.savedStep {
				if err := e.save(); err != nil {
					return err
				}
			}
			return fmt.Errorf("stopped after %s; the same command goes on from there: %w", e.state.done(), err)
		}
	}
	return nil
}

// enter makes ready for the stage of the state: its graphs, and if the stage begins, what it begins with.
func (e *engine) enter(ctx context.Context, begins bool) error {
	if e.graphs != nil {
		e.graphs.finalize()
		e.graphs = nil
	}
	e.dropTrunk()
	stage := e.recipe.Stages[e.state.Stage]
	if begins {
		if err := e.begin(stage); err != nil {
			return err
		}
	}
	table, err := models.Describe(e.net, e.recipe.Size, stage.FreezeBelow)
	if err != nil {
		return err
	}
	e.observer.Say(fmt.Sprintf("stage %d of %d: %s", e.state.Stage+1, len(e.recipe.Stages), table))
	e.observer.Say(fmt.Sprintf("an epoch is %s", e.plan().plan))
	if err := e.fillTrunk(ctx, stage); err != nil {
		return err
	}
	e.observer.Say("compiling")
	since := time.Now()
	if e.graphs, err = e.buildGraphs(stage, e.plan(), e.trunk); err != nil {
		return err
	}
	e.observer.Say(fmt.Sprintf("compiled in %.1f s", time.Since(since).Seconds()))
	e.saved, e.savedStep = time.Now(), e.state.Step
	return nil
}

// begin is done once in a run, where a later stage follows on another.
func (e *engine) begin(stage Stage) error {
	if stage.StartFrom == fromBest {
		best, err := e.best()
		if err != nil {
			return err
		}
		if best.state.Epoch != e.state.BestEpoch { // a kill came between this file and the next checkpoint
			return fmt.Errorf("%s is of epoch %d, not of the best one, %d; start again in another directory", best.path, best.state.Epoch, e.state.BestEpoch)
		}
		if err := e.load(best); err != nil {
			return err
		}
	}
	if stage.NewHead {
		if err := e.drawHead(); err != nil {
			return err
		}
	}
	if !stage.KeepOptimizer {
		if err := e.store.DeleteVariablesInScope(optim.Scope); err != nil {
			return err
		}
	}
	if err := e.store.DeleteVariablesInScope(optim.AverageScope); err != nil {
		return err
	}
	if !slices.Equal(e.plan().valid, e.plans[e.state.Stage-1].valid) { // figures of other pictures don't compare
		e.state.BestEpoch, e.state.BestValue = 0, 0
	}
	return e.save()
}

func (e *engine) plan() *stagePlan { return e.plans[e.state.Stage] }

// stageName is that of the stage in progress.
func (e *engine) stageName() string {
	if name := e.recipe.Stages[e.state.Stage].Name; name != "" {
		return name
	}
	return strconv.Itoa(e.state.Stage + 1)
}

// epoch trains on the rows of an epoch, or on those that are left of it, validates, and saves.
func (e *engine) epoch(ctx context.Context) error {
	stage := e.recipe.Stages[e.state.Stage]
	trained, err := e.trainEpoch(ctx, stage)
	if err != nil {
		return err
	}
	if stage.Average.Kind == optim.SWA && e.state.Within >= stage.Average.From {
		if err := optim.AddSWA(e.store); err != nil {
			return err
		}
	}
	undo, err := e.useAverage(ctx, stage)
	if err != nil {
		return err
	}
	valid, report, err := e.validate(ctx, stage)
	if err != nil {
		return err
	}
	valid.LR = trained.LR
	e.state.Epoch++
	e.state.Within++
	e.state.Partial = partial{}
	for _, r := range []run.Record{trained, valid} {
		if err := e.run.Append(r); err != nil {
			return err
		}
	}
	e.watch(stage, trained, report)
	value := e.recipe.Best.or("valid.accuracy").value(trained, report)
	best := e.state.BestEpoch == 0 || value > e.state.BestValue
	if best {
		e.state.BestValue, e.state.BestEpoch = value, e.state.Epoch
		if err := saveCheckpoint(filepath.Join(e.run.CheckpointDir(), bestName), e.store, e.net, e.state); err != nil {
			return err
		}
	}
	if err := undo(); err != nil {
		return err
	}
	if err := e.save(); err != nil {
		return err
	}
	e.observer.Epoch(trained, valid, best)
	if e.state.StageDone && e.state.Within < stage.Epochs {
		e.observer.Say(fmt.Sprintf("stage %d ends early: %s has no new best since %d epochs", e.state.Stage+1, stage.Monitor.or("valid.nll"), e.state.Watch.Bad))
	}
	return nil
}

// validate measures the validation part of the stage after the epoch in progress.
func (e *engine) validate(ctx context.Context, stage Stage) (run.Record, *metric.Report, error) {
	since := time.Now()
	number := e.state.Epoch + 1
	report, _, err := e.evaluate(ctx, fmt.Sprintf("epoch %d, validating", number), e.valid.part(e.plan().valid, e.trunk), stage.Batch)
	if errors.Is(err, metric.ErrNotFinite) { // the epoch's last step did it
		return run.Record{}, nil, fmt.Errorf("%w: nothing was saved after %s; %s", err, e.lastSaved(), divergedHint)
	}
	if err != nil {
		return run.Record{}, nil, err
	}
	return record(report, run.Valid, number, e.state.Step, e.stageName(), time.Since(since).Seconds()), report, nil
}

// watch sees what the monitored metric means for the learning rate and for the end of the stage.
func (e *engine) watch(stage Stage, trained run.Record, report *metric.Report) {
	value := stage.Monitor.or("valid.nll").value(trained, report)
	e.state.Watch.see(value)
	if stage.Schedule.Plateau.See(&e.state.Plateau, value) {
		e.observer.Say(fmt.Sprintf("learning rate cut to %.3g of the schedule's: %s is on a plateau", e.state.Plateau.Factor(), stage.Monitor.or("valid.nll")))
	}
	e.state.StageDone = e.state.Within == stage.Epochs || stage.StopAfter > 0 && e.state.Watch.Bad >= stage.StopAfter
}

const divergedHint = "try a lower optimizer.lr or a longer schedule.warmup_epochs"

// trainEpoch makes the steps that are left of an epoch.
func (e *engine) trainEpoch(ctx context.Context, stage Stage) (run.Record, error) {
	p := &e.state.Partial
	order := e.plan().rows(e.state.Within)
	steps := (len(order) + stage.Batch - 1) / stage.Batch
	what := fmt.Sprintf("epoch %d of %d", e.state.Epoch+1, e.recipe.Epochs())
	ctx, stop := context.WithCancel(ctx)
	batches := e.train.part(nil, e.trunk).batches(ctx, e.batching(order, stage, p.Steps))
	defer drain(batches, stop)

	since := time.Now()
	before := p.Seen
	var clock clock
	for {
		clock.start()
		b, more := <-batches
		clock.stop(&clock.input)
		if !more {
			break
		}
		inputs, err := e.devices.put(e.backend, b.tensors())
		if err != nil {
			return run.Record{}, fmt.Errorf("step %d: moving the batch to the device: %w", e.state.Step+1, err)
		}
		clock.stop(&clock.transfer)
		lr := stage.Optimizer.LR * stage.Schedule.Factor(e.state.Within*steps+p.Steps, steps, stage.Epochs) * e.state.Plateau.Factor()
		apply := (p.Steps+1)%stage.Optimizer.Steps() == 0 || p.Steps+1 == steps
		result, err := e.step(inputs, lr, apply)
		clock.stop(&clock.compute)
		if err != nil {
			return run.Record{}, fmt.Errorf("step %d: %w", e.state.Step+1, err)
		}
		if math.IsNaN(result.loss+result.gradientNorm) || math.IsInf(result.loss+result.gradientNorm, 0) {
			return run.Record{}, fmt.Errorf("step %d (epoch %d): loss %g, gradient norm %g at learning rate %g on rows %v: nothing was saved after %s; %s",
				e.state.Step+1, e.state.Epoch+1, result.loss, result.gradientNorm, lr, b.rows[:min(8, len(b.rows))], e.lastSaved(), divergedHint)
		}
		p.Steps++
		p.Seen += len(b.rows)
		p.LossSum += result.loss * float64(len(b.rows))
		p.Hits += result.hits
		p.LR = lr
		e.state.Step++
		e.devices.release(inputs)
		b.release()
		e.observer.Progress(what, p.Steps, steps, fmt.Sprintf("loss %.3f accuracy %.3f %.0f img/s",
			p.LossSum/float64(p.Seen), p.Hits/float64(p.Seen), float64(p.Seen-before)/time.Since(since).Seconds()))
		if err := e.saveWithin(ctx); err != nil {
			return run.Record{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return run.Record{}, err
	}
	seconds := time.Since(since).Seconds()
	return run.Record{Phase: run.Train, Stage: e.stageName(), Epoch: e.state.Epoch + 1, Step: e.state.Step,
		Loss: p.LossSum / float64(p.Seen), Accuracy: p.Hits / float64(p.Seen), NLL: math.NaN(), F170: math.NaN(),
		LR: p.LR, Seconds: seconds, ImagesPerSecond: float64(p.Seen-before) / seconds,
		InputSeconds: clock.input, TransferSeconds: clock.transfer, ComputeSeconds: clock.compute}, nil
}

// saveWithin writes a checkpoint within an epoch if one is due. It returns ctx's error if that ends the run.
func (e *engine) saveWithin(ctx context.Context) error {
	due := time.Since(e.saved) >= e.options.SaveEvery || e.options.SaveSteps > 0 && e.state.Step-e.savedStep >= e.options.SaveSteps
	if due {
		if err := e.save(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// lastSaved says when the last checkpoint was written.
func (e *engine) lastSaved() string {
	s := e.state
	s.Partial.Steps -= s.Step - e.savedStep
	return s.done()
}

// clock adds up the seconds of the parts of steps.
type clock struct {
	last                     time.Time
	input, transfer, compute float64
}

func (c *clock) start() { c.last = time.Now() }

func (c *clock) stop(part *float64) {
	now := time.Now()
	*part += now.Sub(c.last).Seconds()
	c.last = now
}
