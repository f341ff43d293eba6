package optim

import (
	"fmt"
	"math"
	"slices"
)

// Sweep is a learning-rate range test (Smith 2017, arXiv:1506.01186): steps at exponentially growing rates, until the
// loss runs away.
type Sweep struct {
	Low   float64 `yaml:"low" json:"low"`     // the first rate, above 0
	High  float64 `yaml:"high" json:"high"`   // the last rate, above Low
	Steps int     `yaml:"steps" json:"steps"` // at least 2
}

// Check returns an error that names the first setting out of range.
func (s Sweep) Check() error {
	if !(s.Low > 0 && s.Low < s.High) || math.IsInf(s.High, 0) {
		return fmt.Errorf("rates from %g to %g: need 0 < low < high", s.Low, s.High)
	}
	if s.Steps < 2 {
		return fmt.Errorf("%d steps are below 2", s.Steps)
	}
	return nil
}

// Rate is the learning rate of a step, from 0.
func (s Sweep) Rate(step int) float64 {
	return s.Low * math.Pow(s.High/s.Low, float64(step)/float64(s.Steps-1))
}

const (
	smoothing = 0.9 // of losses from step to step
	runaway   = 4.0 // times the best smoothed loss
)

// Smooth averages losses exponentially, with the bias of the first ones corrected.
func Smooth(losses []float64) []float64 {
	smooth := make([]float64, len(losses))
	sum, weight := 0.0, 0.0
	for i, loss := range losses {
		sum = smoothing*sum + (1-smoothing)*loss
		weight = smoothing*weight + (1 - smoothing)
		smooth[i] = sum / weight
	}
	return smooth
}

// RunsAway tells whether a sweep is to be ended after these smoothed losses, of a loss that is never below 0: the last is
// not finite or above four times the best.
func RunsAway(smooth []float64) bool {
	if len(smooth) == 0 {
		return false
	}
	last := smooth[len(smooth)-1]
	return math.IsNaN(last) || math.IsInf(last, 0) || last > runaway*slices.Min(smooth)
}

// Suggestion is what a sweep advises.
type Suggestion struct {
	Steepest float64 `json:"steepest"` // the rate, before the smallest smoothed loss, at which it falls fastest against the logarithm of the rate
	Tenth    float64 `json:"tenth"`    // a tenth of the rate at the smallest smoothed loss
}

// Suggest reads a sweep's smoothed losses. It is an error if the loss never falls.
func (s Sweep) Suggest(smooth []float64) (Suggestion, error) {
	steepest, slope, lowest := -1, 0.0, 0
	for i := range smooth {
		if smooth[i] < smooth[lowest] {
			lowest = i
		}
	}
	for i := max(1, len(smooth)/10); i < lowest; i++ { // the first ones are noise of few steps
		if change := smooth[i+1] - smooth[i-1]; change < slope {
			steepest, slope = i, change
		}
	}
	if steepest < 0 {
		return Suggestion{}, fmt.Errorf("the loss falls at no rate from %g to %g", s.Rate(0), s.Rate(len(smooth)-1))
	}
	return Suggestion{s.Rate(steepest), s.Rate(lowest) / 10}, nil
}
