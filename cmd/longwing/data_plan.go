package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/toolkit/sampling"
)

func newDataPlanCommand() *cobra.Command {
	var flags planFlags
	command := &cobra.Command{
		Use:   "plan --labels FILE.csv --sampler NAME",
		Short: "say which rows an epoch of training shows",
		Long: `Plan draws the rows that an epoch of training shows, to balance classes or not. A row is the 0-based line of the table after
its header. Rows depend on the seed and the epoch alone.

  shuffle         every row once
  over            every row once, and draws with replacement until each class has as many rows as the largest
  under           of each class as many rows as the smallest has
  under-over      classes of more than --threshold rows are cut to the smallest of these classes (with --to-threshold: to
                  the threshold), then each class is filled up, with replacement, to the largest that is left
  clusters        the same, but of a class that is cut each cluster of similar pictures gives about as many rows; --clusters
                  is a CSV file with the header row,cluster or id,cluster
  sqrt            as many rows as there are, each class in proportion to the square root of its rows
  progressive     as many rows as there are, classes from their natural sizes in the first epoch to equal ones in the last of
                  --epochs
  repeat-factor   every row √(t/f) times, at least once; f is the share of its class, t is --threshold (default 0.001)
  class-balanced  as many rows as there are, as many of each class
  class-aware     batches of --classes-per-batch classes with --per-class rows each`,
		Example: `  longwing data plan --labels train.csv --sampler under-over --threshold 350 --seed 57
  longwing data split --labels train.csv --seed 57 --json > split.json
  longwing data plan --labels train.csv --rows split.json --sampler over --seed 57 --epoch 3 --json`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			err := flags.run(command)
			var wrong *sampling.OptionError
			if errors.As(err, &wrong) {
				return usagef("%s", err)
			}
			return err
		},
	}
	flags.rowsFlags.add(command)
	options := &flags.options
	command.Flags().StringVar(&flags.sampler, "sampler", "", strings.Join(sampling.Names(), ", "))
	command.Flags().Float64Var(&options.Threshold, "threshold", 0, "rows of a class, or for repeat-factor a share of the rows")
	command.Flags().BoolVar(&options.ToThreshold, "to-threshold", false, "under-over: cut to the threshold")
	command.Flags().StringVar(&flags.clusters, "clusters", "", "clusters: a CSV `FILE` with the cluster of each row")
	command.Flags().IntVar(&options.Epochs, "epochs", 90, "progressive: number of epochs of the training")
	command.Flags().IntVar(&options.ClassesPerBatch, "classes-per-batch", 0, "class-aware: classes in a batch")
	command.Flags().IntVar(&options.PerClass, "per-class", 0, "class-aware: rows of each class in a batch")
	command.Flags().Uint64Var(&options.Seed, "seed", 0, "decides what is drawn")
	command.Flags().IntVar(&flags.epoch, "epoch", 0, "number of the epoch, from 0")
	command.Flags().BoolVar(&flags.asJSON, "json", false, "print rows and pictures per class as one JSON value")
	_ = command.MarkFlagRequired("sampler")
	return command
}

type planFlags struct {
	rowsFlags
	sampler, clusters string
	options           sampling.Options
	epoch             int
	asJSON            bool
}

func (f *planFlags) run(command *cobra.Command) error {
	if err := f.check(command); err != nil {
		return err
	}
	table, split, err := f.read()
	if err != nil {
		return err
	}
	plan, err := f.plan(table, split)
	if err != nil {
		return err
	}
	rows := plan.Rows(f.epoch)
	summary, err := split.Describe(rows)
	if err != nil {
		return err
	}
	out := command.OutOrStdout()
	if f.asJSON {
		return writeJSON(out, map[string][]int{"rows": rows, "per_class": summary.PerClass})
	}
	if _, err := fmt.Fprintf(out, "%s\nepoch %d of %d rows of %s: %s\n\n", plan, f.epoch, split.Len(), filepath.Base(f.labels), summary); err != nil {
		return err
	}
	return writeExtremes(out, split.Counts(), "shown", func(class int) string { return fmt.Sprint(summary.PerClass[class]) })
}

func (f *planFlags) check(command *cobra.Command) error {
	if err := refuseEmpty(command, "labels", "rows", "clusters"); err != nil {
		return err
	}
	given := command.Flags().Changed
	if f.sampler != "progressive" && !given("epochs") {
		f.options.Epochs = 0 // the default is of progressive alone
	}
	var options []string
	for _, name := range []string{"threshold", "to-threshold", "epochs", "clusters", "classes-per-batch", "per-class"} {
		if given(name) || name == "epochs" && f.options.Epochs != 0 {
			options = append(options, name)
		}
	}
	switch {
	case f.epoch < 0 || f.epoch > sampling.MaxEpoch:
		return usagef("--epoch %d is outside 0…%d", f.epoch, sampling.MaxEpoch)
	case f.options.Threshold == 0 && given("threshold"):
		return usagef("--threshold 0 cuts nothing: give a number above 0")
	case f.sampler == "clusters" && f.clusters == "":
		return usagef("--sampler clusters needs --clusters FILE.csv (header row,cluster or id,cluster) with a cluster for each row of a class of more than --threshold rows")
	}
	return sampling.Check(f.sampler, options)
}

func (f *planFlags) plan(table *data.Table, split *sampling.Split) (sampling.Plan, error) {
	if f.clusters != "" {
		clusterOf, err := sampling.ReadClusters(f.clusters, table.IDs)
		if err != nil {
			return nil, err
		}
		f.options.ClusterOf = clusterOf
	}
	plan, err := sampling.New(f.sampler, split, f.options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.labels, err)
	}
	return plan, nil
}
