package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
)

func newDataSplitCommand() *cobra.Command {
	var flags splitFlags
	command := &cobra.Command{
		Use:   "split --labels FILE.csv",
		Short: "divide the rows of a table so that every class keeps its share",
		Long: `Split divides the rows of a table (header id,class) between training and test, class by class, by the rule of largest
remainders; --valid-size then holds out a part of the training rows for validation, by the same rule. With --folds the
test part is one fold of a cross-validation: each row is in the test part of exactly one.

A row is the 0-based line after the header. The seed decides which rows go where, not how many. Which ones they are
depends on the order of the rows within a class, but not on how classes are mixed. With --groups, rows of one group stay
together, classes keep their shares as well as the groups allow, and the order of the rows plays no part.`,
		Example: `  longwing data split --labels train.csv --test-size 0.2 --seed 57 --json
  longwing data split --labels train.csv --test-size 0.2 --valid-size 0.3 --seed 57 --json > split.json
  longwing data split --labels train.csv --folds 5 --fold 0 --groups photographers.csv
  longwing data split --labels train.csv --fixed parts.csv`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error { return flags.run(command) },
	}
	options := &flags.options
	command.Flags().StringVar(&flags.labels, "labels", "", "table of labels: a CSV `FILE` with the header id,class")
	command.Flags().Float64Var(&options.TestSize, "test-size", 0.2, "share of the rows that go to test, between 0 and 1")
	command.Flags().Float64Var(&options.ValidSize, "valid-size", 0, "share of the other rows that go to validation, between 0 and 1")
	command.Flags().IntVar(&options.Folds, "folds", 0, "number of folds of a cross-validation, 2 or more")
	command.Flags().IntVar(&options.Fold, "fold", 0, "number of the fold that goes to test, from 0")
	command.Flags().StringVar(&flags.groups, "groups", "", "rows that stay together: a CSV `FILE` with the header id,group")
	command.Flags().StringVar(&flags.fixed, "fixed", "", "take the parts from a CSV `FILE` with the header id,part (train, valid or test)")
	command.Flags().Uint64Var(&options.Seed, "seed", 0, "decides which rows of a class go where")
	command.Flags().BoolVar(&flags.asJSON, "json", false, "print the rows as one JSON value")
	_ = command.MarkFlagRequired("labels")
	command.MarkFlagsMutuallyExclusive("test-size", "folds", "fixed")
	for _, name := range []string{"valid-size", "fold", "groups", "seed"} {
		command.MarkFlagsMutuallyExclusive(name, "fixed")
	}
	return command
}

type splitFlags struct {
	labels, groups, fixed string
	options               data.SplitOptions
	asJSON                bool
}

func (f *splitFlags) run(command *cobra.Command) error {
	if err := f.check(command); err != nil {
		return err
	}
	table, err := data.ReadLabels(f.labels)
	if err != nil {
		return err
	}
	parts, err := f.divide(table)
	if err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(command.OutOrStdout(), parts)
	}
	return writeParts(command.OutOrStdout(), parts, table)
}

func (f *splitFlags) check(command *cobra.Command) error {
	if err := refuseEmpty(command, "labels", "groups", "fixed"); err != nil {
		return err
	}
	given, o := command.Flags().Changed, &f.options
	if given("folds") {
		o.TestSize = 0
	}
	switch {
	case !given("folds") && !(o.TestSize > 0 && o.TestSize < 1):
		return usagef("--test-size %v is not between 0 and 1", o.TestSize)
	case given("valid-size") && !(o.ValidSize > 0 && o.ValidSize < 1):
		return usagef("--valid-size %v is not between 0 and 1", o.ValidSize)
	case given("folds") && o.Folds < 2:
		return usagef("--folds %d: give 2 or more", o.Folds)
	case given("folds") != given("fold"):
		return usagef("--folds and --fold belong together: the number of folds, and the one that goes to test")
	case given("fold") && (o.Fold < 0 || o.Fold >= o.Folds):
		return usagef("--fold %d is outside 0…%d", o.Fold, o.Folds-1)
	}
	return nil
}

func (f *splitFlags) divide(table *data.Table) (*data.Parts, error) {
	if f.fixed != "" {
		return data.ReadParts(f.fixed, table.IDs)
	}
	if f.groups != "" {
		groups, err := data.ReadGroups(f.groups, table.IDs)
		if err != nil {
			return nil, err
		}
		f.options.Groups = groups
	}
	parts, err := data.Divide(table.Labels, table.NumClasses(), f.options)
	if err != nil {
		return nil, fmt.Errorf("splitting %s: %w", f.labels, err)
	}
	return parts, nil
}

// writeParts says how large the parts are, and of how many classes a part has no rows.
func writeParts(w io.Writer, parts *data.Parts, table *data.Table) error {
	list := []struct {
		name string
		rows []int
	}{{"train", parts.Train}, {"valid", parts.Valid}, {"test", parts.Test}}
	text, missing := "", ""
	all := data.Describe(table.Labels, table.NumClasses())
	rest := all.Rows
	for _, part := range list {
		if len(part.rows) == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%s %d rows", part.name, len(part.rows))
		labels := make([]int32, len(part.rows))
		for i, row := range part.rows {
			labels[i] = table.Labels[row]
		}
		if n := all.Classes - data.Describe(labels, table.NumClasses()).Classes; n > 0 {
			missing += fmt.Sprintf("%s has no rows of %d of the %d classes\n", part.name, n, all.Classes)
		}
		rest -= len(part.rows)
	}
	if rest > 0 {
		missing += fmt.Sprintf("%d rows of the table are in no part\n", rest)
	}
	_, err := fmt.Fprintf(w, "%s (the row numbers: --json)\n%s", text, missing)
	return err
}
