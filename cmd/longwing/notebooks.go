package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/internal/checkout"
	"github.com/longwing-ml/longwing/notebooks/runner"
)

func newNotebooksCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "notebooks",
		Short: "execute the notebooks and publish them as web pages",
		Example: `  longwing notebooks run                  # all, on the drawn garden
  longwing notebooks run 09 --data flowers
  longwing notebooks publish`,
	}
	return group(command,
		newNotebooksRunCommand(),
		newNotebooksPublishCommand(),
		newNotebooksCheckCommand(),
		newNotebooksPairCommand(),
	)
}

func newNotebooksRunCommand() *cobra.Command {
	var opt runner.Options
	command := &cobra.Command{
		Use:   "run [NAME…]",
		Short: "execute notebooks headless with the real Go kernel",
		Long: `Run executes copies of the notebooks, all or those whose name begins with NAME, and keeps them with their outputs. A
failing cell is an error that names notebook, cell and line; the copy then holds what was reached.`,
		Example: `  longwing notebooks run
  longwing notebooks run 01 09 --data flowers --timeout 20m`,
		RunE: func(command *cobra.Command, names []string) (err error) {
			if opt.Root, err = checkout.Root(); err != nil {
				return err
			}
			opt.Log = command.ErrOrStderr()
			_, err = runner.Run(command.Context(), names, opt)
			return err
		},
	}
	command.Flags().StringVar(&opt.Data, "data", "", "pictures to work on: `PATH` of an image folder or a kit (default: the drawn garden)")
	command.Flags().DurationVar(&opt.Timeout, "timeout", time.Hour, "longest that one cell may take")
	command.Flags().StringVar(&opt.Out, "out", "", "`FOLDER` for the executed copies (default: build/notebooks)")
	return command
}

func newNotebooksPublishCommand() *cobra.Command {
	var opt runner.Options
	command := &cobra.Command{
		Use:     "publish",
		Short:   "write a web page of each executed notebook, and a home page",
		Example: `  longwing notebooks publish --out build/site`,
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) (err error) {
			if opt.Root, err = checkout.Root(); err != nil {
				return err
			}
			opt.Log = command.ErrOrStderr()
			home, err := runner.Publish(command.Context(), opt)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), home)
			return err
		},
	}
	command.Flags().StringVar(&opt.Out, "from", "", "`FOLDER` of the executed copies (default: build/notebooks)")
	command.Flags().StringVar(&opt.Site, "out", "", "`FOLDER` for the pages, replaced (default: build/site)")
	return command
}

func newNotebooksCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "check",
		Short:   "check that each notebook's .md and .ipynb have the same cells",
		Example: `  longwing notebooks check`,
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			root, err := checkout.Root()
			if err != nil {
				return err
			}
			return runner.CheckPairs(command.Context(), runner.Options{Root: root})
		},
	}
}

func newNotebooksPairCommand() *cobra.Command {
	var opt runner.Options
	command := &cobra.Command{
		Use:     "pair [NAME…]",
		Short:   "write each .ipynb anew from the copy that `run` executed",
		Example: `  longwing notebooks run 01 && longwing notebooks pair 01`,
		RunE: func(command *cobra.Command, names []string) (err error) {
			if opt.Root, err = checkout.Root(); err != nil {
				return err
			}
			return runner.WritePairs(command.Context(), names, opt)
		},
	}
	command.Flags().StringVar(&opt.Out, "from", "", "`FOLDER` of the executed copies (default: build/notebooks)")
	return command
}
