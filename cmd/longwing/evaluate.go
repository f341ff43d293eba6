package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/internal/npy"
	"github.com/longwing-ml/longwing/toolkit/classweight"
	"github.com/longwing-ml/longwing/toolkit/metric"
	"github.com/longwing-ml/longwing/toolkit/run"
)

func newEvaluateCommand() *cobra.Command {
	var flags evaluateFlags
	command := &cobra.Command{
		Use:   "evaluate [RUN]",
		Short: "say how good predictions are, with intervals",
		Long: `Evaluate reads the predictions a run left for a split, or logits made by any other program, and computes accuracy, nll,
F170, top-k, calibration, precision, recall and F1, each with a 95 % interval from resampling pictures.

Logits are a .npy file of float32 or float64 [pictures, classes]; their labels are a CSV file with the header id,class and
a row for each row of the logits. Accuracy by size of the training class (many: over 100 pictures, medium: 20 to 100, few:
under 20) needs the training counts: a run knows them, otherwise --train-labels gives them. So does --adjust, which takes
TAU times the logarithm of each class's share of the training pictures from its logits before anything is computed: with 1,
a network trained by plain cross-entropy answers as if all classes were equally frequent. A class without training pictures
is then never predicted.`,
		Example: `  longwing evaluate runs/flowers --split valid
  longwing evaluate --predictions logits.npy --labels test.csv --train-labels train.csv --json
  longwing evaluate runs/flowers --top 1,10 --confused 20 --adjust 1`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if err := flags.check(command, args); err != nil {
				return err
			}
			predictions, counts, err := flags.read(args)
			if err != nil {
				return err
			}
			if err := flags.adjustLogits(predictions, counts); err != nil {
				return fmt.Errorf("%s: %w", flags.source(args), err)
			}
			report, err := metric.EvaluateWith(predictions.Logits, predictions.Labels, predictions.NumClasses, metric.Options{
				TrainingCounts: counts, Resamples: flags.resamples, Seed: flags.seed,
				TopK: flags.top, Confused: flags.confused,
			})
			if err != nil {
				return fmt.Errorf("%s: %w", flags.source(args), err)
			}
			if flags.asJSON {
				return writeJSON(command.OutOrStdout(), report)
			}
			return writeReport(command.OutOrStdout(), report)
		},
	}
	command.Flags().StringVar(&flags.split, "split", run.Test, "split of the run: valid, test, …")
	command.Flags().StringVar(&flags.predictions, "predictions", "", ".npy file of logits, instead of a run")
	command.Flags().StringVar(&flags.labels, "labels", "", "CSV file id,class with the true classes of --predictions")
	command.Flags().StringVar(&flags.trainLabels, "train-labels", "", "CSV file id,class of the training pictures")
	command.Flags().IntSliceVar(&flags.top, "top", nil, "further k of top-k accuracy, beside 5")
	command.Flags().IntVar(&flags.confused, "confused", 0, "list this many of the most confused pairs of classes")
	command.Flags().Float64Var(&flags.adjust, "adjust", 0, "TAU of post-hoc logit adjustment; 0 for none")
	command.Flags().IntVar(&flags.resamples, "resamples", 1000, "bootstrap resamples for the intervals; 0 for none")
	command.Flags().Uint64Var(&flags.seed, "seed", 0, "seed of the resampling")
	command.Flags().BoolVar(&flags.asJSON, "json", false, "print one JSON value")
	return command
}

type evaluateFlags struct {
	split, predictions, labels, trainLabels string
	top                                     []int
	confused, resamples                     int
	adjust                                  float64
	seed                                    uint64
	asJSON                                  bool
}

// source says where the logits are from.
func (f *evaluateFlags) source(args []string) string {
	if len(args) == 1 {
		return fmt.Sprintf("run %s, split %s", args[0], f.split)
	}
	return f.predictions
}

func (f *evaluateFlags) check(command *cobra.Command, args []string) error {
	if err := refuseEmpty(command, "predictions", "labels", "train-labels", "split"); err != nil {
		return err
	}
	switch {
	case len(args) == 0 && f.predictions == "":
		return usagef("name a run, or logits with --predictions and --labels")
	case len(args) == 1 && (f.predictions != "" || f.labels != ""):
		return usagef("a run has its own predictions and labels: leave out either %s or --predictions and --labels", args[0])
	case f.predictions != "" && f.labels == "":
		return usagef("--predictions needs --labels")
	case f.predictions != "" && command.Flags().Changed("split"):
		return usagef("--split is for runs, not for --predictions")
	case f.resamples < 0 || f.resamples > 1_000_000:
		return usagef("--resamples is %d, need 0 to 1000000", f.resamples)
	case f.confused < 0:
		return usagef("--confused is %d, need 0 or more", f.confused)
	case !(f.adjust >= 0 && f.adjust <= 10_000):
		return usagef("--adjust is %g, need 0 to 10000", f.adjust)
	}
	for _, k := range f.top {
		if k < 1 {
			return usagef("--top is %d, need 1 or more", k)
		}
	}
	return nil
}

func (f *evaluateFlags) adjustLogits(predictions *run.Predictions, counts []int) error {
	if f.adjust == 0 {
		return nil
	}
	if counts == nil {
		return errors.New("--adjust needs the training pictures of each class: give --train-labels")
	}
	adjusted, err := metric.AdjustLogits(predictions.Logits, predictions.NumClasses, counts, f.adjust, classweight.AbsentZero)
	if err != nil {
		return err
	}
	predictions.Logits = adjusted
	return nil
}

// read returns the predictions and, if known, the training pictures of each class.
func (f *evaluateFlags) read(args []string) (*run.Predictions, []int, error) {
	var predictions *run.Predictions
	var counts []int
	var err error
	if len(args) == 1 {
		predictions, counts, err = readRunPredictions(args[0], f.split)
	} else {
		predictions, err = readLogits(f.predictions, f.labels)
	}
	if err != nil {
		return nil, nil, err
	}
	if f.trainLabels != "" {
		counts, err = countLabels(f.trainLabels, predictions.NumClasses)
	}
	return predictions, counts, err
}

func readRunPredictions(dir, split string) (*run.Predictions, []int, error) {
	r, err := run.Open(dir)
	if err != nil {
		return nil, nil, err
	}
	predictions, err := r.ReadPredictions(split)
	if errors.Is(err, fs.ErrNotExist) {
		present, listErr := r.Splits()
		if listErr != nil {
			return nil, nil, listErr
		}
		if len(present) == 0 {
			return nil, nil, fmt.Errorf("run %s has no predictions yet: they are written at the end of training", dir)
		}
		return nil, nil, fmt.Errorf("run %s has no predictions of split %q, only of %s", dir, split, strings.Join(present, ", "))
	}
	if err != nil {
		return nil, nil, err
	}
	classes, err := r.ReadClasses()
	if errors.Is(err, fs.ErrNotExist) {
		return predictions, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return predictions, classes.TrainingCounts, nil
}

func readLogits(logitsPath, labelsPath string) (*run.Predictions, error) {
	logits, err := npy.Read(logitsPath)
	if err != nil {
		return nil, err
	}
	if len(logits.Shape) != 2 || logits.Shape[1] < 1 {
		return nil, fmt.Errorf("%s has shape %v, need [pictures, classes]", logitsPath, logits.Shape)
	}
	table, err := data.ReadLabels(labelsPath)
	if err != nil {
		return nil, err
	}
	if len(table.Labels) != logits.Shape[0] {
		return nil, fmt.Errorf("%s has %d rows but %s has %d labels", logitsPath, logits.Shape[0], labelsPath, len(table.Labels))
	}
	for row, label := range table.Labels {
		if int(label) >= logits.Shape[1] {
			return nil, fmt.Errorf("%s: row %d: label %d, but %s has %d classes", labelsPath, row, label, logitsPath, logits.Shape[1])
		}
	}
	return &run.Predictions{IDs: table.IDs, Labels: table.Labels, Logits: logits.Data, NumClasses: logits.Shape[1]}, nil
}

func countLabels(path string, numClasses int) ([]int, error) {
	table, err := data.ReadLabels(path)
	if err != nil {
		return nil, err
	}
	counts := make([]int, numClasses)
	for row, label := range table.Labels {
		if int(label) >= numClasses {
			return nil, fmt.Errorf("%s: row %d: class %d, but the predictions have %d classes", path, row, label, numClasses)
		}
		counts[label]++
	}
	return counts, nil
}

func writeReport(w io.Writer, report *metric.Report) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format, args...) } // Flush tells
	line("pictures\t%d\n", report.N)
	line("classes\t%d\t(%d true or predicted)\n", report.Classes, report.ClassesSeen)
	for _, score := range report.Scores() {
		line("%s\t%.4f", score.Name, score.Value)
		if interval, ok := report.Intervals[score.Name]; ok {
			line("\t%.4f … %.4f", interval.Low, interval.High)
		}
		line("\n")
	}
	for _, pair := range report.Confused {
		line("class %d taken for %d\t%d\tof %d pictures\n", pair.Label, pair.Predicted, pair.Pictures, pair.Of)
	}
	return table.Flush()
}
