package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/garden"
	"github.com/longwing-ml/longwing/internal/progress"
)

func newDataGardenCommand() *cobra.Command {
	var opt garden.Options
	var out, like string
	var asJSON bool
	command := &cobra.Command{
		Use:   "garden --out DIR",
		Short: "draw a set of insects: pictures without a download",
		Long: `Garden draws insects of many species, some common and most rare, and writes them as a kit. The same options give the
same bytes on every machine. A garden that is complete is left as it is; one that was stopped is finished.`,
		Example: `  longwing data garden --out garden
  longwing data garden --out pretext --species 40 --pictures 4000 --first-species 24 --seed 1
  longwing data garden --out big --like tables --size 64      # as many rows and classes as tables/train.csv, test.csv`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if like != "" {
				if err := copyTables(&opt, like); err != nil {
					return err
				}
			}
			var bar *progress.Bar
			opt.Progress = func(done, total int) {
				if bar == nil {
					bar = progress.New(command.ErrOrStderr(), "drawing", total)
				}
				bar.Set(done)
			}
			err := garden.Write(command.Context(), out, opt)
			bar.Done()
			if err != nil {
				return err
			}
			pictures, err := data.Open(out)
			if err != nil {
				return err
			}
			train, test := pictures.Train.Len(), pictures.Test.Len()
			if asJSON {
				return writeJSON(command.OutOrStdout(), map[string]any{"path": out, "train": train, "test": test, "classes": pictures.Train.NumClasses()})
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "garden %s: %d species, %d pictures for training, %d for testing\n", out, pictures.Train.NumClasses(), train, test)
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&out, "out", "", "folder of the garden")
	flags.IntVar(&opt.Species, "species", 0, fmt.Sprintf("number of species (default %d)", garden.DefaultSpecies))
	flags.IntVar(&opt.FirstSpecies, "first-species", 0, "number of the first species; gardens over disjoint ranges share none")
	flags.IntVar(&opt.Pictures, "pictures", 0, fmt.Sprintf("number of pictures, training and test together (default %d)", garden.DefaultPictures))
	flags.IntVar(&opt.Size, "size", garden.DefaultSize, fmt.Sprintf("side of a picture, px, %d to %d", garden.MinSize, garden.MaxSize))
	flags.Uint64Var(&opt.Seed, "seed", 0, "everything random comes from it")
	flags.IntVar(&opt.Workers, "workers", 0, "pictures drawn at a time (default: one per core)")
	flags.StringVar(&like, "like", "", "take ids and classes from train.csv and test.csv of this `DIR`")
	flags.BoolVar(&asJSON, "json", false, "print one JSON value")
	_ = command.MarkFlagRequired("out")
	command.MarkFlagsMutuallyExclusive("like", "pictures")
	return command
}

func copyTables(opt *garden.Options, dir string) error {
	pictures, err := data.OpenKit(dir)
	if err != nil {
		return err
	}
	opt.TrainTable = gardenRows(pictures.Train)
	if pictures.Test != nil {
		opt.TestTable = gardenRows(pictures.Test)
	}
	return nil
}

func gardenRows(set *data.Set) []garden.Row {
	rows := make([]garden.Row, set.Len())
	for i := range rows {
		rows[i] = garden.Row{ID: set.IDs[i], Class: int(set.Labels[i])}
	}
	return rows
}
