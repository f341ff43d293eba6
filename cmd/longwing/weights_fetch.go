package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/models/pretrained/hub"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

func newWeightsFetchCommand() *cobra.Command {
	var opt hub.Options
	var asJSON bool
	command := &cobra.Command{
		Use:   "fetch NAME",
		Short: "fetch published weights, unless they are here, and print their path",
		Long: `Fetch gets published weights by a name of "longwing weights list", or those of any repository of the Hugging Face Hub by
hf:owner/repository. Files are kept where Python's libraries look for them, and compared with their published checksums.`,
		Example: `  longwing weights fetch densenet169
  longwing weights fetch timm/densenet121.ra_in1k --revision main --json
  longwing weights fetch keras/densenet169-notop`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			fetched, err := finetune.FetchWeights(command.Context(), args[0], opt, finetune.Console(command.ErrOrStderr()))
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), fetched)
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), fetched.Path)
			return err
		},
	}
	command.Flags().StringVar(&opt.Revision, "revision", "", "branch, tag or commit of the repository (default: main)")
	command.Flags().BoolVar(&opt.Offline, "offline", false, "ask no server: what is not here is an error")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	return command
}
