package metric

import (
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/longwing-ml/longwing/internal/seed"
)

// Interval is a 95 % interval of a score.
type Interval struct{ Low, High float64 }

// MarshalJSON writes [low, high], with null for an infinite end.
func (i Interval) MarshalJSON() ([]byte, error) {
	return json.Marshal([2]*float64{finite(i.Low), finite(i.High)})
}

// UnmarshalJSON reads what MarshalJSON writes; null becomes +Inf.
func (i *Interval) UnmarshalJSON(text []byte) error {
	var ends [2]*float64
	if err := json.Unmarshal(text, &ends); err != nil {
		return err
	}
	for k, end := range []*float64{&i.Low, &i.High} {
		*end = math.Inf(1)
		if ends[k] != nil {
			*end = *ends[k]
		}
	}
	return nil
}

// bootstrap gives the percentile interval (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13) of
// each score: pictures are drawn with replacement, the score is computed anew, and the 2.5th and 97.5th percentile of
// the results are taken.
//
// Scores that average over pictures (accuracy and with it weighted recall, top-k, nll, calibration error, accuracy by
// size group) draw from all pictures. Scores that average over classes draw within each class, so that every class keeps
// its number of pictures: otherwise a third of the classes with one picture would be missing from each resample, and on
// long-tailed sets the interval would lie beside the score. How uncertain a class with a single picture is, no
// resampling can tell: these intervals are on the narrow side. F170 counts classes beyond a threshold, which classes of
// a few pictures cross by luck: if most are that small its interval can still lie above the score. The calibration error
// adds up absolute gaps, which resampling widens: with few pictures its interval lies above it too.
//
// Every resample has its own random stream, so the number of processors changes nothing.
func (a *Accumulator) bootstrap(opt Options) map[string]Interval {
	byClass := a.rowsByClass()
	reports := make([]Report, opt.Resamples)
	workers := min(runtime.GOMAXPROCS(0), opt.Resamples)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			drawn := newTotals(a.totals.tally.NumClasses())
			for b := w; b < opt.Resamples; b += workers {
				a.drawPictures(&reports[b], drawn, opt, uint64(b))
				a.drawWithinClasses(&reports[b], drawn.tally, byClass, opt.Seed, uint64(b))
			}
		})
	}
	group.Wait()

	values := make(map[string][]float64)
	for b := range reports {
		for _, score := range reports[b].Scores() {
			values[score.Name] = append(values[score.Name], score.Value)
		}
	}
	intervals := make(map[string]Interval, len(values))
	for name, v := range values {
		slices.Sort(v)
		intervals[name] = Interval{percentile(v, 0.025), percentile(v, 0.975)}
	}
	return intervals
}

// drawPictures resamples all pictures and sets the scores that average over pictures.
func (a *Accumulator) drawPictures(report *Report, drawn *totals, opt Options, b uint64) {
	rng := seed.New(opt.Seed, seed.Bootstrap, b, 0)
	drawn.reset()
	for range a.rows {
		drawn.add(&a.rows[rng.IntN(len(a.rows))])
	}
	report.setPictureScores(drawn, opt)
}

// drawWithinClasses resamples the pictures of each class and sets the scores that average over classes.
func (a *Accumulator) drawWithinClasses(report *Report, tally *Tally, byClass [][]int32, seedOfRun, b uint64) {
	rng := seed.New(seedOfRun, seed.Bootstrap, b, 1)
	tally.reset()
	for _, rows := range byClass {
		for range rows {
			row := &a.rows[rows[rng.IntN(len(rows))]]
			tally.add(row.label, row.predicted)
		}
	}
	report.setClassScores(tally)
}

func (a *Accumulator) rowsByClass() [][]int32 {
	byClass := make([][]int32, a.totals.tally.NumClasses())
	for i, row := range a.rows {
		byClass[row.label] = append(byClass[row.label], int32(i))
	}
	return byClass
}

// percentile interpolates linearly between sorted values, as numpy.percentile does.
func percentile(sorted []float64, p float64) float64 {
	at := p * float64(len(sorted)-1)
	low := int(at)
	fraction := at - float64(low)
	if fraction == 0 || sorted[low] == sorted[low+1] { // also when both are infinite
		return sorted[low]
	}
	return sorted[low] + fraction*(sorted[low+1]-sorted[low])
}
