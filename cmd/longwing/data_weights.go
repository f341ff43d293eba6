package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/toolkit/classweight"
)

func newDataWeightsCommand() *cobra.Command {
	var flags weightsFlags
	command := &cobra.Command{
		Use:   "weights --labels FILE.csv --method METHOD",
		Short: "say what the loss of each class is multiplied by",
		Long: `Weights turns the number of rows of each class into weights of the loss. With n rows of k classes, c rows of a class and m of
the largest:

  none       1
  balanced   n/(k·c)
  log        ln(1+(m/c)²)
  linear     1+m/c
  ratio      m/(c+10⁻⁷)
  effective  (1−β)/(1−β^c), with --beta

--normalise mean-one makes the mean over rows 1, sum-k the sum over classes the number of classes that have rows. A class
without rows is an error, or has weight 0 with --absent zero; it is not counted in k.`,
		Example: `  longwing data weights --labels train.csv --method log
  longwing data weights --labels train.csv --method effective --beta 0.999 --normalise sum-k --json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := refuseEmpty(command, "labels", "rows"); err != nil {
				return err
			}
			switch {
			case flags.method == string(classweight.Effective):
			case !command.Flags().Changed("beta"):
				flags.options.Beta = 0 // the default is of effective alone
			case flags.options.Beta == 0: // in the package 0 stands for not given
				return usagef("--beta: method %s takes none; it is of %s", flags.method, classweight.Effective)
			}
			err := flags.run(command.OutOrStdout())
			var wrong *classweight.OptionError
			if errors.As(err, &wrong) {
				return usagef("--%s", err)
			}
			return err
		},
	}
	flags.rowsFlags.add(command)
	command.Flags().StringVar(&flags.method, "method", "", "none, balanced, log, linear, ratio or effective")
	command.Flags().Float64Var(&flags.options.Beta, "beta", 0.999, "β of effective, between 0 and 1")
	command.Flags().BoolVar(&flags.options.IntegerRatio, "integer-ratio", false, "round m/c down in log and linear")
	command.Flags().StringVar(&flags.normalise, "normalise", string(classweight.Unscaled), "none, mean-one or sum-k")
	command.Flags().StringVar(&flags.absent, "absent", string(classweight.AbsentError), "classes without rows: error or zero")
	command.Flags().BoolVar(&flags.asJSON, "json", false, "print the weights by class number as one JSON value")
	_ = command.MarkFlagRequired("method")
	return command
}

type weightsFlags struct {
	rowsFlags
	method, normalise, absent string
	options                   classweight.Options
	asJSON                    bool
}

func (f *weightsFlags) run(out io.Writer) error {
	o := f.options
	o.Method, o.Normalise, o.Absent = classweight.Method(f.method), classweight.Scale(f.normalise), classweight.Absent(f.absent)
	if err := o.Check(); err != nil {
		return err
	}
	_, split, err := f.read()
	if err != nil {
		return err
	}
	counts := split.Counts()
	weights, err := classweight.Compute(counts, o)
	if err != nil {
		return fmt.Errorf("%s: %w", f.labels, err)
	}
	if f.asJSON {
		return writeJSON(out, map[string][]float64{"weights": weights})
	}
	sum, mean := 0.0, 0.0
	for class, weight := range weights {
		sum += weight
		mean += weight * float64(counts[class]) / float64(split.Len())
	}
	if _, err := fmt.Fprintf(out, "%s weights of %d rows of %s: sum over classes %.6f, mean over rows %.6f\n\n", o.Method, split.Len(), filepath.Base(f.labels), sum, mean); err != nil {
		return err
	}
	return writeExtremes(out, counts, "weight", func(class int) string { return fmt.Sprintf("%.6g", weights[class]) })
}
