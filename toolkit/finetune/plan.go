package finetune

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/seed"
	"github.com/longwing-ml/longwing/toolkit/classweight"
	"github.com/longwing-ml/longwing/toolkit/loss"
	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// stagePlan is what a stage does with the pictures.
type stagePlan struct {
	split  *sampling.Split // training rows
	plan   sampling.Plan
	passes int
	valid  []int // validation rows
	all    bool  // validation rows of all classes
	loss   *loss.Loss
}

// plans makes the plan of each stage for rows of a training set. What recipe and rows together can't do is an error that
// names stage and key.
func (r *Recipe) plans(set *data.Set, rows *Rows) ([]*stagePlan, error) {
	plans := make([]*stagePlan, len(r.Stages))
	for i := range r.Stages {
		p, err := r.plan(i, set, rows)
		if err != nil {
			return nil, fmt.Errorf("recipe: stage %d: %w", i+1, err)
		}
		plans[i] = p
	}
	return plans, nil
}

func (r *Recipe) plan(stageIndex int, set *data.Set, rows *Rows) (*stagePlan, error) {
	stage := r.Stages[stageIndex]
	p := &stagePlan{passes: max(1, stage.Passes), valid: rows.Valid, all: true}
	var err error
	if p.split, err = sampling.NewSplit(rows.Train, set.Labels, set.NumClasses()); err != nil {
		return nil, err
	}
	if !stage.Only.isZero() {
		if err := p.restrict(stage.Only, set, rows); err != nil {
			return nil, fmt.Errorf("key only: %w", err)
		}
	}
	stageSeed := r.Seed
	if stageIndex > 0 {
		stageSeed = seed.Derive(r.Seed, seed.Stage, uint64(stageIndex))
	}
	if p.plan, err = stage.plan(p.split, set, stageSeed); err != nil {
		return nil, fmt.Errorf("key sampler: %w", err)
	}
	if shown := p.shown(); stage.Batch > shown {
		return nil, fmt.Errorf("key batch: %d is larger than the %d pictures of an epoch", stage.Batch, shown)
	}
	weights, err := p.weights(stage.ClassWeights)
	if err != nil {
		return nil, fmt.Errorf("key class_weights: %w", err)
	}
	if p.loss, err = loss.New(stage.Loss, set.NumClasses(), p.split.Counts(), weights); err != nil {
		return nil, err
	}
	return p, nil
}

// restrict leaves the chosen classes only.
func (p *stagePlan) restrict(only Only, set *data.Set, rows *Rows) error {
	classes := only.Classes
	if only.Below > 0 {
		counts := p.split.Counts()
		for _, row := range rows.Valid {
			counts[set.Labels[row]]++
		}
		classes = sampling.Rare(counts, only.Below)
	}
	var err error
	if p.split, err = p.split.Only(classes); err != nil {
		return err
	}
	if p.all = only.ValidateAll; p.all {
		return nil
	}
	chosen := make([]bool, set.NumClasses())
	for _, class := range classes {
		chosen[class] = true
	}
	p.valid = nil
	for _, row := range rows.Valid {
		if chosen[set.Labels[row]] {
			p.valid = append(p.valid, row)
		}
	}
	if len(p.valid) == 0 {
		return fmt.Errorf("none of the %d classes has a picture in the validation part", len(classes))
	}
	return nil
}

func (s Stage) plan(split *sampling.Split, set *data.Set, seedNumber uint64) (sampling.Plan, error) {
	o := sampling.Options{Seed: seedNumber, Threshold: s.Sampler.Threshold, ToThreshold: s.Sampler.ToThreshold,
		Epochs: s.Sampler.Epochs, ClassesPerBatch: s.Sampler.ClassesPerBatch, PerClass: s.Sampler.PerClass}
	if s.Sampler.name() == progressive && o.Epochs == 0 {
		o.Epochs = s.Epochs
	}
	if s.Sampler.Clusters != "" {
		var err error
		if o.ClusterOf, err = sampling.ReadClusters(s.Sampler.Clusters, set.IDs); err != nil {
			return nil, err
		}
	}
	return sampling.New(s.Sampler.name(), split, o)
}

func (p *stagePlan) weights(w ClassWeights) ([]float64, error) {
	if w.options().Method == classweight.None {
		return nil, nil
	}
	counts := p.split.Counts()
	if w.Of == ofPlan {
		summary, err := p.split.Describe(p.plan.Rows(0))
		if err != nil {
			return nil, err
		}
		counts = summary.PerClass
	}
	return classweight.Compute(counts, w.options())
}

// rows are those of an epoch of the stage, in order.
func (p *stagePlan) rows(epoch int) []int {
	rows := p.plan.Rows(epoch * p.passes)
	for pass := 1; pass < p.passes; pass++ {
		rows = append(rows, p.plan.Rows(epoch*p.passes+pass)...)
	}
	return rows
}

// shown is the number of pictures of the first epoch.
func (p *stagePlan) shown() int { return len(p.rows(0)) }

// fingerprint identifies the rows that all stages begin with: it differs where recipe, split, files of clusters or
// unreadable pictures do.
func fingerprint(plans []*stagePlan) string {
	h := sha256.New()
	for _, p := range plans {
		fmt.Fprintln(h, p.plan.Rows(0), p.valid)
	}
	return hex.EncodeToString(h.Sum(nil))
}
