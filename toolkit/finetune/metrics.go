package finetune

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/run"
)

// Metric names a figure of a finished epoch: "train." or "valid." and accuracy, loss (training only), nll, f170,
// macro_f1 or balanced_accuracy (validation only). Without the part it is the validation's.
type Metric string

// lowerIsBetter lists the metrics that fall as a network learns.
var lowerIsBetter = []string{"loss", "nll"}

var metricsOf = map[string][]string{
	run.Train: {"accuracy", "loss"},
	run.Valid: {"accuracy", "nll", "f170", "macro_f1", "balanced_accuracy"},
}

// split returns the part and the figure.
func (m Metric) split() (part, figure string) {
	part, figure, found := strings.Cut(string(m), ".")
	if !found {
		return run.Valid, part
	}
	return part, figure
}

// check accepts the empty Metric, which stands for a default.
func (m Metric) check() error {
	if m == "" {
		return nil
	}
	part, figure := m.split()
	known, ok := metricsOf[part]
	if !ok {
		return fmt.Errorf("%q is neither of train nor of valid", m)
	}
	if !slices.Contains(known, figure) {
		return fmt.Errorf("unknown metric %q of %s; known: %s", figure, part, strings.Join(known, ", "))
	}
	return nil
}

// or is m, or another Metric if m is empty.
func (m Metric) or(other Metric) Metric {
	if m == "" {
		return other
	}
	return m
}

// value reads the metric so that larger is better.
func (m Metric) value(trained run.Record, report *metric.Report) float64 {
	part, figure := m.split()
	value := map[string]float64{"accuracy": report.Accuracy, "nll": report.NLL, "f170": report.F170,
		"macro_f1": report.MacroF1, "balanced_accuracy": report.BalancedAccuracy}[figure]
	if part == run.Train {
		value = map[string]float64{"accuracy": trained.Accuracy, "loss": trained.Loss}[figure]
	}
	if slices.Contains(lowerIsBetter, figure) {
		value = -value
	}
	if math.IsNaN(value) {
		return math.Inf(-1)
	}
	return value
}
