package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/models/pretrained/safetensors"
)

func newWeightsConvertCommand() *cobra.Command {
	var to, output string
	var asJSON bool
	targets := strings.Join(pretrained.Targets(), ", ")
	command := &cobra.Command{
		Use:   "convert FILE --to LIBRARY --output OUT.safetensors",
		Short: "write a weight file with another library's names and shapes",
		Long: `Convert reads weights of any format and writes a safetensors file for timm or torchvision, whose load_state_dict takes it,
or with longwing's own names. What the other library's network can't express is refused.`,
		Example: `  longwing weights convert runs/flowers --to timm --output model.safetensors
  longwing weights convert densenet169.h5 --to torchvision --output densenet169.safetensors`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			if !slices.Contains(pretrained.Targets(), to) {
				return usagef("--to is %q, need one of %s", to, targets)
			}
			if err := checkOutput("output", output); err != nil {
				return err
			}
			w, path, err := openWeights(command, args[0])
			if err != nil {
				return err
			}
			defer func() { _ = w.Close() }()
			tensors, metadata, err := pretrained.Convert(w, to)
			if err != nil {
				return err
			}
			err = atomicfile.Write(output, func(out io.Writer) error { return safetensors.Write(out, tensors, metadata) })
			if err != nil {
				return err
			}
			report := conversion{path, output, w.Model, w.Convention.Source, to, len(tensors)}
			if asJSON {
				return writeJSON(command.OutOrStdout(), report)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s: %s of %s as %d tensors of %s\n", output, report.Architecture, report.Source, report.Tensors, to)
			return err
		},
	}
	command.Flags().StringVar(&to, "to", "", "library to write for: "+targets)
	command.Flags().StringVar(&output, "output", "", "`OUT.safetensors` to write")
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	for _, name := range []string{"to", "output"} {
		_ = command.MarkFlagRequired(name)
	}
	return command
}

type conversion struct {
	File         string `json:"file"`
	Output       string `json:"output"`
	Architecture string `json:"architecture"`
	Source       string `json:"source"`
	To           string `json:"to"`
	Tensors      int    `json:"tensors"`
}
