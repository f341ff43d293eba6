package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/toolkit/finetune"
	"github.com/longwing-ml/longwing/toolkit/metric"
)

func newTrainCommand() *cobra.Command {
	var recipePath, dataPath, out string
	var assignments []string
	var dryRun bool
	var flags trainFlags
	command := &cobra.Command{
		Use:   "train --recipe FILE --data PATH --out RUN",
		Short: "train a network by a recipe, or go on with a run that was stopped",
		Long: `Train runs a recipe on a set of pictures and leaves everything in a run directory.

The pictures are an image folder (a folder for each class) or a kit (train.csv, test.csv, class_codes.csv, imgs/).
Given again after a stop or a kill, the same command goes on from the last checkpoint, to the same numbers. There is one
after each epoch, and within epochs by --save-every and --save-steps; Ctrl-C writes one.`,
		Example: `  longwing train --recipe recipes/flowers.yaml --data flowers --out runs/flowers
  longwing train --recipe recipes/flowers.yaml --data flowers --set optimizer.lr=0.05 --dry-run`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if recipePath == "" || dataPath == "" || out == "" && !dryRun {
				return usagef("--recipe, --data and --out must not be empty")
			}
			recipe, err := readRecipe(recipePath, assignments)
			if err != nil {
				return err
			}
			pictures, err := data.Open(dataPath)
			if err != nil {
				return err
			}
			if dryRun {
				return flags.preview(command, recipe, pictures)
			}
			return flags.train(command, recipe, pictures, out)
		},
	}
	command.Flags().StringVar(&recipePath, "recipe", "", "YAML file that says how to train")
	command.Flags().StringVar(&dataPath, "data", "", "image folder or kit")
	command.Flags().StringVar(&out, "out", "", "run directory, new or of the same recipe and pictures")
	command.Flags().StringArrayVar(&assignments, "set", nil, "another value for a key of the recipe, of all stages, or of one (stages.2.epochs=5)")
	command.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done: what is trained, which pictures, which learning rates")
	command.Flags().BoolVar(&flags.force, "force", false, "if --out holds a run of another recipe or other pictures, go on from it in a new directory beside it")
	for _, name := range []string{"recipe", "data"} {
		if err := command.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	flags.add(command)
	return command
}

func newResumeCommand() *cobra.Command {
	var flags trainFlags
	command := &cobra.Command{
		Use:     "resume RUN",
		Short:   "go on with a run that was stopped",
		Long:    "Resume reads recipe and place of the pictures from a run directory and goes on from the last checkpoint.",
		Example: `  longwing resume runs/flowers`,
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			recipe, pictures, err := finetune.Resume(args[0])
			if err != nil {
				return err
			}
			return flags.train(command, recipe, pictures, args[0])
		},
	}
	flags.add(command)
	return command
}

// trainFlags are the flags that train and resume share.
type trainFlags struct {
	storeDir string
	workers  int
	every    time.Duration
	steps    int
	keep     int
	devices  int
	force    bool
	asJSON   bool
}

func (f *trainFlags) add(command *cobra.Command) {
	command.Flags().StringVar(&f.storeDir, "store-dir", "", "folder for decoded pictures (default: stores in longwing's cache)")
	command.Flags().IntVar(&f.workers, "workers", 0, "workers that decode pictures (default: one per core)")
	command.Flags().DurationVar(&f.every, "save-every", 2*time.Minute, "time between checkpoints within an epoch")
	command.Flags().IntVar(&f.steps, "save-steps", 0, "steps between checkpoints within an epoch (default: by time only)")
	command.Flags().IntVar(&f.keep, "keep", 2, "checkpoints of finished epochs that stay")
	command.Flags().IntVar(&f.devices, "devices", 1, "devices of this machine that share each batch")
	command.Flags().BoolVar(&f.asJSON, "json", false, "print the result as one JSON value")
}

func (f *trainFlags) preview(command *cobra.Command, recipe *finetune.Recipe, pictures *data.Pictures) error {
	preview, err := recipe.Preview(pictures)
	if err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(command.OutOrStdout(), preview)
	}
	_, err = fmt.Fprint(command.OutOrStdout(), preview)
	return err
}

func (f *trainFlags) train(command *cobra.Command, recipe *finetune.Recipe, pictures *data.Pictures, out string) error {
	switch {
	case f.workers < 0:
		return usagef("--workers is %d, need 0 or more", f.workers)
	case f.every <= 0:
		return usagef("--save-every is %s, need more than 0", f.every)
	case f.steps < 0:
		return usagef("--save-steps is %d, need 0 or more", f.steps)
	case f.devices < 1:
		return usagef("--devices is %d, need 1 or more", f.devices)
	case f.keep < 1:
		return usagef("--keep is %d, need 1 or more", f.keep)
	}
	result, err := finetune.Train(command.Context(), recipe, pictures, out, finetune.Options{
		Observer: finetune.Console(command.ErrOrStderr()),
		StoreDir: f.storeDir,
		Workers:  f.workers,

		SaveEvery: f.every, SaveSteps: f.steps, Keep: f.keep, Devices: f.devices, Force: f.force,
	})
	if err != nil {
		return err
	}
	stdout := command.OutOrStdout()
	if f.asJSON {
		return json.NewEncoder(stdout).Encode(map[string]any{
			"run": result.Run.Dir(), "best_epoch": result.BestEpoch, "valid": result.Valid, "test": result.Test,
		})
	}
	_, err = fmt.Fprintf(stdout, "run %s, best epoch %d\nvalidation: %s\ntest:       %s\n",
		result.Run.Dir(), result.BestEpoch, brief(result.Valid), brief(result.Test))
	return err
}

func brief(r *metric.Report) string {
	return fmt.Sprintf("accuracy %.4f, F170 %.4f, macro F1 %.4f, nll %.4f on %d pictures", r.Accuracy, r.F170, r.MacroF1, r.NLL, r.N)
}
