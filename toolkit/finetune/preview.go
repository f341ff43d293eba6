package finetune

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained/hub"
	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// Preview is what a recipe would do with pictures.
type Preview struct {
	Model, Source string // the network, and the library whose conventions it follows
	Size          int    // pixels
	Weights       string
	Classes       int
	Train, Valid  int // pictures of each part
	Outer, Test   int
	Stages        []StagePreview
}

// StagePreview is what one of its stages would do.
type StagePreview struct {
	Name    string
	Table   *models.Table // what is trained
	Epochs  int
	Plan    string           // what an epoch is
	Shown   sampling.Summary // pictures of the first epoch
	Valid   int              // validation pictures
	Batch   int
	Steps   int // of the first epoch
	Loss    string
	Weights [2]float64 // smallest and largest class weight of the classes that are trained; both 1 without
	Rates   []EpochRate
}

// EpochRate is the learning rate of an epoch's first and last step, before any cut on a plateau.
type EpochRate struct{ First, Last float64 }

// Preview says what a recipe would do with pictures. None is opened, and no weight file is: the network's conventions are
// those of the weights' name, or the model's first if that tells nothing.
func (r *Recipe) Preview(pictures *data.Pictures) (*Preview, error) {
	if err := r.Check(); err != nil {
		return nil, fmt.Errorf("recipe: %w", err)
	}
	rows, err := r.Divide(pictures)
	if err != nil {
		return nil, err
	}
	plans, err := r.plans(pictures.Train, rows)
	if err != nil {
		return nil, err
	}
	convention, err := r.likelyConvention()
	if err != nil {
		return nil, err
	}
	net, err := r.network(pictures.Train.NumClasses(), convention)
	if err != nil {
		return nil, err
	}
	p := &Preview{Model: net.Name, Source: convention.Source, Size: r.Size, Weights: r.Weights, Classes: net.Head.Classes,
		Train: len(rows.Train), Valid: len(rows.Valid), Outer: len(rows.Outer), Test: len(rows.Test)}
	if r.isRandom() {
		p.Weights = RandomWeights
	}
	for i, stage := range r.Stages {
		s, err := stage.preview(net, r.Size, plans[i])
		if err != nil {
			return nil, fmt.Errorf("recipe: stage %d: %w", i+1, err)
		}
		p.Stages = append(p.Stages, *s)
	}
	return p, nil
}

// likelyConvention is that of the weights' name, without looking at a file.
func (r *Recipe) likelyConvention() (models.Convention, error) {
	if r.isRandom() {
		return r.convention()
	}
	if known, _, err := hub.Find(hubName(r.Weights)); err == nil {
		if convention, err := models.ConventionOf(r.Model, known.Source); err == nil {
			return convention, nil
		}
	}
	return models.Conventions(r.Model)[0], nil
}

func (s Stage) preview(net *models.Network, size int, plan *stagePlan) (*StagePreview, error) {
	table, err := models.Describe(net, size, s.FreezeBelow)
	if err != nil {
		return nil, err
	}
	rows := plan.rows(0)
	shown, err := plan.split.Describe(rows)
	if err != nil {
		return nil, err
	}
	p := &StagePreview{Name: s.Name, Table: table, Epochs: s.Epochs, Plan: plan.plan.String(), Shown: shown, Valid: len(plan.valid),
		Batch: s.Batch, Steps: (len(rows) + s.Batch - 1) / s.Batch, Loss: string(s.Loss.Name), Weights: [2]float64{1, 1}}
	if p.Loss == "" {
		p.Loss = "cross-entropy"
	}
	weights, err := plan.weights(s.ClassWeights)
	if err != nil {
		return nil, err
	}
	if weights = slices.DeleteFunc(weights, func(w float64) bool { return w == 0 }); len(weights) > 0 {
		p.Weights = [2]float64{slices.Min(weights), slices.Max(weights)}
	}
	for epoch := range s.Epochs {
		rate := func(step int) float64 {
			return s.Optimizer.LR * s.Schedule.Factor(epoch*p.Steps+step, p.Steps, s.Epochs)
		}
		p.Rates = append(p.Rates, EpochRate{rate(0), rate(p.Steps - 1)})
	}
	return p, nil
}

// String is the preview for people.
func (p *Preview) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s at %d×%d as in %s, weights %s\n", p.Model, p.Size, p.Size, p.Source, p.Weights)
	fmt.Fprintf(&b, "%d classes; pictures: %d training, %d validation, %d outer, %d test\n", p.Classes, p.Train, p.Valid, p.Outer, p.Test)
	for i, s := range p.Stages {
		name := s.Name
		if name != "" {
			name = ", " + name
		}
		fmt.Fprintf(&b, "\nstage %d of %d%s: %s", i+1, len(p.Stages), name, s.Table)
		fmt.Fprintf(&b, "sampler    %s\n", s.Plan)
		fmt.Fprintf(&b, "an epoch   %s\n", s.Shown)
		fmt.Fprintf(&b, "           %d steps of %d; validated on %d pictures\n", s.Steps, s.Batch, s.Valid)
		fmt.Fprintf(&b, "loss       %s, class weights %.6g … %.6g\n", s.Loss, s.Weights[0], s.Weights[1])
		b.WriteString(ratesTable(s.Rates))
	}
	return b.String()
}

// ratesTable shows the learning rates of epochs, several a line.
func ratesTable(rates []EpochRate) string {
	const columns = 5
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for start := 0; start < len(rates); start += columns {
		label := ""
		if start == 0 {
			label = "rates"
		}
		fmt.Fprintf(w, "%s", label)
		for i := start; i < min(start+columns, len(rates)); i++ {
			r := rates[i]
			text := fmt.Sprintf("%d: %.6g", i+1, r.First)
			if math.Abs(r.Last-r.First) > 1e-12*math.Abs(r.First) {
				text += fmt.Sprintf("→%.3g", r.Last)
			}
			fmt.Fprintf(w, "\t%s", text)
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush()
	return b.String()
}
