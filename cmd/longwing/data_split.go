package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
)

func newDataSplitCommand() *cobra.Command {
	var labels string
	var testSize float64
	var seed uint64
	var asJSON bool
	command := &cobra.Command{
		Use:   "split --labels FILE.csv",
		Short: "divide the rows of a table so that every class keeps its share",
		Long: `Split divides the rows of a table (header id,class) between training and test, class by class, by the rule of largest
remainders. A row is the 0-based line after the header. The seed decides which rows go where, not how many.`,
		Example: `  longwing data split --labels train.csv --test-size 0.2 --seed 57 --json`,
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if !(testSize > 0 && testSize < 1) {
				return usagef("--test-size %v is not between 0 and 1", testSize)
			}
			table, err := data.ReadLabels(labels)
			if err != nil {
				return err
			}
			train, test, err := data.StratifiedSplit(table.Labels, table.NumClasses(), testSize, seed)
			if err != nil {
				return fmt.Errorf("splitting %s: %w", labels, err)
			}
			out := command.OutOrStdout()
			if asJSON {
				return writeJSON(out, map[string][]int{"train": train, "test": test})
			}
			_, err = fmt.Fprintf(out, "train %d rows, test %d rows (the row numbers: --json)\n", len(train), len(test))
			return err
		},
	}
	command.Flags().StringVar(&labels, "labels", "", "table of labels: a CSV `FILE` with the header id,class")
	command.Flags().Float64Var(&testSize, "test-size", 0.2, "share of the rows that go to test, between 0 and 1")
	command.Flags().Uint64Var(&seed, "seed", 0, "decides which rows of a class go where")
	command.Flags().BoolVar(&asJSON, "json", false, "print the rows as one JSON value")
	_ = command.MarkFlagRequired("labels")
	return command
}
