package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/models/pretrained"
)

func newWeightsCheckCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "check FILE [OTHER]",
		Short: "read a whole weight file, and compare it with another",
		Long: `Check reads all numbers of a weight file. Tensors that are missing, of another shape or without a place in the network,
numbers that are not finite and negative variances are errors.

With OTHER, which may be of another library, it tells the largest difference of the parameters in each stage of the
network. Differences are no failure.`,
		Example: `  longwing weights check model.safetensors
  longwing weights check densenet169.pth densenet169.h5 --json`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(command *cobra.Command, args []string) error {
			var files []*pretrained.Weights
			for _, name := range args {
				w, _, err := openWeights(command, name)
				if err != nil {
					return err
				}
				defer func() { _ = w.Close() }()
				if err := w.Check(); err != nil {
					return err
				}
				files = append(files, w)
			}
			report := checkReport{File: files[0].Path(), Architecture: files[0].Model, Source: files[0].Convention.Source, Parameters: files[0].Parameters}
			if len(files) == 2 {
				report.Other = files[1].Path()
				var err error
				if report.Stages, err = pretrained.Compare(files[0], files[1]); err != nil {
					return err
				}
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), report)
			}
			return report.write(command.OutOrStdout())
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	return command
}

type checkReport struct {
	File         string                       `json:"file"`
	Architecture string                       `json:"architecture"`
	Source       string                       `json:"source"`
	Parameters   int                          `json:"parameters"` // statistics included
	Other        string                       `json:"other,omitempty"`
	Stages       []pretrained.StageDifference `json:"stages,omitempty"`
}

func (r checkReport) write(w io.Writer) error {
	if _, err := fmt.Fprintf(w, "%s: %s of %s, %d parameters, complete and finite\n", r.File, r.Architecture, r.Source, r.Parameters); err != nil || r.Other == "" {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(table, "stage\tlargest difference to %s\n", r.Other) // Flush tells of errors
	for _, s := range r.Stages {
		_, _ = fmt.Fprintf(table, "%s\t%.3g\t%s\n", s.Stage, s.Largest, s.At)
	}
	return table.Flush()
}
