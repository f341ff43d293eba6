package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
)

func newDataThinCommand() *cobra.Command {
	var counts []int
	var testShare float64
	var seedNumber uint64
	var out string
	command := &cobra.Command{
		Use:   "thin DATA --counts N,… --out DIR",
		Short: "make a set with a long tail of another",
		Long: `Thin makes a kit of tables and links: of each class, a share becomes the test part, unless the set has one, and as many
of the other pictures as --counts says are kept for training. The first number is for the largest class, and so on.`,
		Example: `  longwing data thin flowers --counts 842,400,160,48,16 --test-size 0.2 --out flowers-lt`,
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			pictures, err := data.Open(args[0])
			if err != nil {
				return err
			}
			if err := data.Thin(pictures, counts, testShare, seedNumber, out); err != nil {
				return fmt.Errorf("thinning %s: %w", args[0], err)
			}
			made, err := data.Open(out)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s: %d training pictures %v, %d test pictures %v\n",
				out, made.Train.Len(), made.Train.Counts(), made.Test.Len(), made.Test.Counts())
			return err
		},
	}
	flags := command.Flags()
	flags.IntSliceVar(&counts, "counts", nil, "training pictures of each class, from the largest class to the smallest")
	flags.Float64Var(&testShare, "test-size", 0.2, "share of each class that becomes the test part")
	flags.Uint64Var(&seedNumber, "seed", 1, "decides which pictures are taken")
	flags.StringVar(&out, "out", "", "folder of the new set")
	for _, name := range []string{"counts", "out"} {
		if err := command.MarkFlagRequired(name); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return command
}
