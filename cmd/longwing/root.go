package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"
)

// newRoot puts the command together; each subcommand has its own file.
func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "longwing",
		Short: "fine-tune image classifiers on long-tailed sets of pictures",
		Long: `Longwing fine-tunes image classifiers on long-tailed sets of pictures.

Results go to standard output, progress and errors to standard error. With --json, standard output is one JSON value.
Exit status: 0 done, 1 failed, 2 wrong usage.`,
		Example: `  longwing setup
  longwing data garden --out garden
  longwing data describe garden
  longwing train --recipe recipes/flowers.yaml --data flowers --out runs/flowers`,
	}
	root.AddCommand(
		newSetupCommand(),
		newDataCommand(),
		newWeightsCommand(),
		newLogitsCommand(),
		newTrainCommand(),
		newRateCommand(),
		newResumeCommand(),
		newEvaluateCommand(),
		newNotebooksCommand(),
	)
	return root
}

// writeJSON prints the one value that --json promises.
func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
