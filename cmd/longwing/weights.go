package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/models/pretrained"
	"github.com/longwing-ml/longwing/toolkit/finetune"
)

func newWeightsCommand() *cobra.Command {
	return group(&cobra.Command{
		Use:   "weights",
		Short: "list, fetch, inspect, convert and check weight files",
		Long: `Weights works on the parameters of networks: files of safetensors, torch (.pth, .bin) or Keras (.h5, .weights.h5,
.keras), run directories, which stand for their best checkpoint, and the names of published weights, which are fetched.`,
		Example: `  longwing weights list
  longwing weights fetch densenet169
  longwing weights inspect model.safetensors`,
	},
		newWeightsListCommand(),
		newWeightsFetchCommand(),
		newWeightsInspectCommand(),
		newWeightsConvertCommand(),
		newWeightsCheckCommand(),
	)
}

// openWeights finds what name means and recognises it.
func openWeights(command *cobra.Command, name string) (*pretrained.Weights, string, error) {
	path, err := finetune.FindWeights(command.Context(), name, finetune.Console(command.ErrOrStderr()))
	if err != nil {
		return nil, "", err
	}
	w, err := pretrained.Open(path)
	return w, path, err
}

// checkOutput refuses a place for a file, which the flag names, before time is spent on its content.
func checkOutput(flag, path string) error {
	if path == "" {
		return usagef("--%s is empty, need a file", flag)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("--%s %s is a folder, need a file", flag, path)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("--%s %s: %w: make the folder first", flag, path, err)
	}
	return nil
}
