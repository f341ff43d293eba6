package metric

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// Options say what a report holds besides the plain scores.
type Options struct {
	TrainingCounts []int  // training pictures of each class: adds accuracy by size group; nil leaves it out
	Resamples      int    // bootstrap resamples for 95 % intervals, e.g. 1000; 0 leaves intervals out
	Seed           uint64 // of the resampling
	TopK           []int  // further k of top-k accuracy, each at least 1; top-5 is always there
	Confused       int    // most confused pairs of classes to list
}

func (o Options) check(classes int) error {
	if o.TrainingCounts != nil && len(o.TrainingCounts) != classes {
		return fmt.Errorf("training counts of %d classes for logits of %d classes", len(o.TrainingCounts), classes)
	}
	for _, k := range o.TopK {
		if k < 1 {
			return fmt.Errorf("top-%d accuracy: need a number from 1 up", k)
		}
	}
	return nil
}

// Report is the quality of a set of predictions. All scores but NLL lie in [0, 1].
type Report struct {
	N           int // pictures
	Classes     int // columns of the logits
	ClassesSeen int // classes that are true or predicted at least once: what macro averages and F170 are taken over

	Accuracy       float64
	Top5           float64 // share of pictures whose class is among the five largest logits
	NLL            float64 // mean, in nats; +Inf if a true class was held impossible
	F170           float64 // share of seen classes with F1 > 0.7
	MacroPrecision float64
	MacroRecall    float64
	MacroF1        float64

	// Means over classes weighted by their number of pictures. The weighted recall is the accuracy.
	WeightedPrecision, WeightedRecall, WeightedF1 float64

	BalancedAccuracy float64 // mean recall of classes that have pictures
	CalibrationError float64 // expected calibration error, 15 bins

	// Accuracy by number of training pictures: more than 100, 20 to 100, fewer than 20.
	// NaN where training counts are unknown or the group has no picture.
	Many, Medium, Few float64

	TopK []Score // "top10", …: what Options asked for, beside Top5

	// Confused are the most frequent errors, as many as Options asked for. See Confusion.MostConfused.
	Confused []Pair

	// Intervals maps the JSON name of a score to its 95 % interval; empty without resampling.
	Intervals map[string]Interval
}

// Evaluate reports on logits [n, numClasses] (row-major) and labels [n], without intervals or size groups. See
// Accumulator.Add for what is refused; n = 0 is an error too.
func Evaluate(logits []float32, labels []int32, numClasses int) (*Report, error) {
	return EvaluateWith(logits, labels, numClasses, Options{})
}

// EvaluateWith is Evaluate with options.
func EvaluateWith(logits []float32, labels []int32, numClasses int, opt Options) (*Report, error) {
	a, err := NewAccumulator(numClasses)
	if err != nil {
		return nil, err
	}
	if err := a.Add(logits, labels); err != nil {
		return nil, err
	}
	return a.Report(opt)
}

// setPictureScores fills in the averages over pictures.
func (r *Report) setPictureScores(t *totals, opt Options) {
	r.Accuracy = t.tally.Accuracy()
	r.Top5 = t.topK(5)
	r.TopK = nil
	for _, k := range opt.TopK {
		if k != 5 {
			r.TopK = append(r.TopK, Score{fmt.Sprintf("top%d", k), t.topK(k)})
		}
	}
	r.NLL = t.meanNLL()
	r.WeightedRecall = t.tally.WeightedRecall() // which is the accuracy
	r.CalibrationError = t.calibrationError()
	r.Many = shotOrNaN(t.tally, Many, opt.TrainingCounts)
	r.Medium = shotOrNaN(t.tally, Medium, opt.TrainingCounts)
	r.Few = shotOrNaN(t.tally, Few, opt.TrainingCounts)
}

// setClassScores fills in the averages over classes.
func (r *Report) setClassScores(t *Tally) {
	r.F170 = t.F170()
	r.MacroPrecision = t.MacroPrecision()
	r.MacroRecall = t.MacroRecall()
	r.MacroF1 = t.MacroF1()
	r.WeightedPrecision = t.WeightedPrecision()
	r.WeightedF1 = t.WeightedF1()
	r.BalancedAccuracy = t.BalancedAccuracy()
}

func shotOrNaN(t *Tally, group Shot, trainingCounts []int) float64 {
	accuracy, pictures := t.ShotAccuracy(group, trainingCounts)
	if pictures == 0 {
		return math.NaN()
	}
	return accuracy
}

// reportJSON is the report on disk: numbers that don't exist (NaN, infinities) are null.
type reportJSON struct {
	N                 int                 `json:"n"`
	Classes           int                 `json:"classes"`
	ClassesSeen       int                 `json:"classes_seen"`
	Accuracy          *float64            `json:"accuracy"`
	Top5              *float64            `json:"top5"`
	TopK              map[string]float64  `json:"topk,omitempty"`
	NLL               *float64            `json:"nll"`
	F170              *float64            `json:"f170"`
	MacroPrecision    *float64            `json:"macro_precision"`
	MacroRecall       *float64            `json:"macro_recall"`
	MacroF1           *float64            `json:"macro_f1"`
	WeightedPrecision *float64            `json:"weighted_precision"`
	WeightedRecall    *float64            `json:"weighted_recall"`
	WeightedF1        *float64            `json:"weighted_f1"`
	BalancedAccuracy  *float64            `json:"balanced_accuracy"`
	CalibrationError  *float64            `json:"calibration_error"`
	Many              *float64            `json:"many"`
	Medium            *float64            `json:"medium"`
	Few               *float64            `json:"few"`
	Confused          []Pair              `json:"confused,omitempty"`
	Intervals         map[string]Interval `json:"intervals,omitempty"`
}

// MarshalJSON writes scores as plain numbers at the top level, those of TopK below "topk", and intervals as [low, high]
// below "intervals"; a score that doesn't exist is null.
func (r Report) MarshalJSON() ([]byte, error) {
	topK := make(map[string]float64, len(r.TopK))
	for _, score := range r.TopK {
		topK[score.Name] = score.Value
	}
	return json.Marshal(reportJSON{
		N: r.N, Classes: r.Classes, ClassesSeen: r.ClassesSeen,
		Accuracy: finite(r.Accuracy), Top5: finite(r.Top5), TopK: topK, NLL: finite(r.NLL), F170: finite(r.F170),
		MacroPrecision: finite(r.MacroPrecision), MacroRecall: finite(r.MacroRecall), MacroF1: finite(r.MacroF1),
		WeightedPrecision: finite(r.WeightedPrecision), WeightedRecall: finite(r.WeightedRecall),
		WeightedF1: finite(r.WeightedF1), BalancedAccuracy: finite(r.BalancedAccuracy),
		CalibrationError: finite(r.CalibrationError),
		Many:             finite(r.Many), Medium: finite(r.Medium), Few: finite(r.Few),
		Confused: r.Confused, Intervals: r.Intervals,
	})
}

// Score is one named number of a report.
type Score struct {
	Name  string // as in JSON: "accuracy", "f170", …
	Value float64
}

// Scores lists the scores that exist, in reading order, under their JSON names.
func (r *Report) Scores() []Score {
	all := slices.Concat([]Score{{"accuracy", r.Accuracy}, {"top5", r.Top5}}, r.TopK, []Score{
		{"nll", r.NLL}, {"f170", r.F170},
		{"macro_precision", r.MacroPrecision}, {"macro_recall", r.MacroRecall}, {"macro_f1", r.MacroF1},
		{"weighted_precision", r.WeightedPrecision}, {"weighted_recall", r.WeightedRecall}, {"weighted_f1", r.WeightedF1},
		{"balanced_accuracy", r.BalancedAccuracy}, {"calibration_error", r.CalibrationError},
		{"many", r.Many}, {"medium", r.Medium}, {"few", r.Few},
	})
	present := all[:0]
	for _, s := range all {
		if !math.IsNaN(s.Value) {
			present = append(present, s)
		}
	}
	return present
}

func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
