package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/plots"
	"github.com/longwing-ml/longwing/toolkit/finetune"
	"github.com/longwing-ml/longwing/toolkit/optim"
)

func newRateCommand() *cobra.Command {
	var recipePath, dataPath, figure, storeDir string
	var assignments []string
	var stage int
	var asJSON bool
	sweep := optim.Sweep{}
	command := &cobra.Command{
		Use:   "rate --recipe FILE --data PATH",
		Short: "find a learning rate for a recipe",
		Long: `Rate trains a stage of a recipe from its initial parameters, at learning rates that grow from step to step, until the
loss runs away. It advises the rate at which the smoothed loss falls fastest, and a tenth of the one where it is
smallest. Nothing is stored but the figure.`,
		Example: `  longwing rate --recipe recipes/flowers.yaml --data flowers --figure rates.png`,
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := sweep.Check(); err != nil {
				return usagef("%v", err)
			}
			recipe, err := readRecipe(recipePath, assignments)
			if err != nil {
				return err
			}
			pictures, err := data.Open(dataPath)
			if err != nil {
				return err
			}
			result, err := finetune.Sweep(command.Context(), recipe, pictures, stage, sweep, finetune.Options{
				Observer: finetune.Console(command.ErrOrStderr()), StoreDir: storeDir})
			if err != nil {
				return err
			}
			if figure != "" {
				drawn, err := plots.RateSweep(result.Rates, result.Losses, result.Smooth, result.Steepest, result.Tenth)
				if err != nil {
					return err
				}
				if err := drawn.Save(figure); err != nil {
					return err
				}
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), map[string]any{"rates": result.Rates, "losses": result.Losses,
					"steepest": result.Steepest, "tenth": result.Tenth})
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%d steps, rates %.3g to %.3g\nsteepest       %.3g\ntenth of the lowest's %.3g\n",
				len(result.Rates), result.Rates[0], result.Rates[len(result.Rates)-1], result.Steepest, result.Tenth)
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&recipePath, "recipe", "", "YAML file that says how to train")
	flags.StringVar(&dataPath, "data", "", "image folder or kit")
	flags.StringArrayVar(&assignments, "set", nil, "another value for a key of the recipe, as for train")
	flags.IntVar(&stage, "stage", 1, "stage of the recipe")
	flags.Float64Var(&sweep.Low, "low", 1e-6, "first rate")
	flags.Float64Var(&sweep.High, "high", 10, "last rate")
	flags.IntVar(&sweep.Steps, "steps", 100, "steps from the first rate to the last")
	flags.StringVar(&figure, "figure", "", "PNG or SVG file to draw the losses into")
	flags.StringVar(&storeDir, "store-dir", "", "folder for decoded pictures (default: stores in longwing's cache)")
	flags.BoolVar(&asJSON, "json", false, "print one JSON value")
	for _, name := range []string{"recipe", "data"} {
		if err := command.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return command
}

// readRecipe reads a recipe and gives keys other values.
func readRecipe(path string, assignments []string) (*finetune.Recipe, error) {
	recipe, err := finetune.ReadRecipe(path)
	if err != nil || len(assignments) == 0 {
		return recipe, err
	}
	return recipe.Set(assignments...)
}
