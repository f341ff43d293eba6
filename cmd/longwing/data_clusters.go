package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/data/colour"
	"github.com/longwing-ml/longwing/internal/progress"
	"github.com/longwing-ml/longwing/toolkit/sampling"
)

func newDataClustersCommand() *cobra.Command {
	var flags clustersFlags
	command := &cobra.Command{
		Use:   "clusters PATH --over T --out FILE.csv",
		Short: "find clusters of similarly coloured pictures in the large classes",
		Long: `Clusters describes each picture of the classes of more than --over rows by its hues and saturations, divides each of these
classes into clusters by k-means, and writes them (header id,cluster) for data plan --sampler clusters. PATH is a folder
of pictures or a kit, of which the training set is taken.

With --rows only the training rows of a split count, and no other picture is opened. Clusters depend on the seed and the
pictures alone. A picture that can't be read is listed and gets no cluster; leave it out of the split as well.`,
		Example: `  longwing data split --labels kit/train.csv --seed 57 --json > split.json
  longwing data clusters kit --over 250 --rows split.json --seed 57 --out clusters.csv
  longwing data plan --labels kit/train.csv --rows split.json --sampler clusters --threshold 250 --clusters clusters.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error { return flags.run(command, args[0]) },
	}
	command.Flags().IntVar(&flags.over, "over", 0, "classes of more rows than this get clusters")
	command.Flags().StringVar(&flags.out, "out", "", "CSV `FILE` of the clusters")
	command.Flags().StringVar(&flags.rows, "rows", "", "only the training rows of a split: a `FILE` that data split --json printed")
	command.Flags().IntVar(&flags.k, "k", colour.DefaultClusters, "clusters of a class")
	command.Flags().Uint64Var(&flags.seed, "seed", 0, "decides where k-means starts")
	command.Flags().IntVar(&flags.options.Workers, "workers", 0, "pictures decoded at a time (default: one per core)")
	command.Flags().StringVar(&flags.options.Cache, "cache", "", "`FILE` that keeps what was found in the pictures for the next time")
	command.Flags().BoolVar(&flags.asJSON, "json", false, "print one JSON value")
	_ = command.MarkFlagRequired("over")
	_ = command.MarkFlagRequired("out")
	return command
}

type clustersFlags struct {
	out, rows string
	over, k   int
	seed      uint64
	options   colour.Options
	asJSON    bool
}

func (f *clustersFlags) run(command *cobra.Command, path string) error {
	switch {
	case f.over < 0:
		return usagef("--over %d is below 0", f.over)
	case f.k < 1:
		return usagef("--k %d is below 1", f.k)
	case f.options.Workers < 0:
		return usagef("--workers %d is below 0", f.options.Workers)
	}
	if err := refuseEmpty(command, "rows", "cache"); err != nil {
		return err
	}
	if err := checkOutput("out", f.out); err != nil {
		return err
	}
	if f.options.Cache != "" {
		if err := checkOutput("cache", f.options.Cache); err != nil {
			return err
		}
	}
	pictures, err := data.Open(path)
	if err != nil {
		return err
	}
	rows, err := f.largeClasses(pictures.Train)
	if err != nil {
		return err
	}
	report, err := f.cluster(command.Context(), command.ErrOrStderr(), pictures.Train, rows)
	if err != nil {
		return err
	}
	if f.asJSON {
		return writeJSON(command.OutOrStdout(), report)
	}
	return report.write(command.OutOrStdout())
}

// largeClasses returns the rows, ascending, of the classes that get clusters.
func (f *clustersFlags) largeClasses(set *data.Set) ([]int, error) {
	var inSplit []int
	if f.rows == "" {
		for row := range set.Len() {
			inSplit = append(inSplit, row)
		}
	} else {
		var err error
		if inSplit, err = readTrainRows(f.rows); err != nil {
			return nil, err
		}
	}
	split, err := sampling.NewSplit(inSplit, set.Labels, set.NumClasses())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmp.Or(f.rows, "set "+set.Name), err)
	}
	counts := split.Counts()
	for class, count := range counts {
		if count > f.over && count < f.k {
			return nil, fmt.Errorf("class %d (%s) has %d rows, fewer than the %d clusters (--k): lower --k or raise --over", class, set.ClassNames[class], count, f.k)
		}
	}
	rows := slices.DeleteFunc(split.Rows(), func(row int) bool { return counts[set.Labels[row]] <= f.over })
	if len(rows) == 0 {
		return nil, fmt.Errorf("no class has more than %d rows (--over); the largest has %d", f.over, slices.Max(counts))
	}
	return rows, nil
}

func (f *clustersFlags) cluster(ctx context.Context, stderr io.Writer, set *data.Set, rows []int) (*clustersReport, error) {
	labels, ids := make([]int32, len(rows)), make([]string, len(rows))
	for i, row := range rows {
		labels[i], ids[i] = set.Labels[row], set.IDs[row]
	}
	reading := progress.New(stderr, "reading colours", len(rows))
	f.options.Progress = func(done, _ int) { reading.Set(done) }
	histograms, broken, err := colour.Histograms(ctx, set, rows, f.options)
	if err == nil {
		reading.Set(len(rows))
	}
	reading.Done()
	if err != nil {
		return nil, err
	}
	report := newClustersReport(f, set, labels, broken)
	clustering := progress.New(stderr, "clustering classes", len(report.Classes))
	clusters, err := colour.Clusters(ctx, labels, histograms, f.k, f.seed, f.options.Workers, func(done, _ int) { clustering.Set(done) })
	clustering.Done()
	if err != nil {
		if len(broken) > 0 {
			b := broken[0]
			err = fmt.Errorf("%w; %d can't be read, first row %d (%s): %s", err, len(broken), b.Row, b.ID, b.Reason)
		}
		return nil, fmt.Errorf("clustering set %s: %w", set.Name, err)
	}
	report.count(labels, clusters)
	return report, colour.WriteFile(f.out, ids, clusters)
}

type clustersReport struct {
	Path    string          `json:"path"`
	Classes []classClusters `json:"classes"`
	Broken  []colour.Broken `json:"broken"`
}

type classClusters struct {
	Class int    `json:"class"`
	Name  string `json:"name"`
	Rows  int    `json:"rows"`
	Sizes []int  `json:"sizes"` // of its clusters
}

// newClustersReport lists the classes of labels by number; sizes are zero.
func newClustersReport(f *clustersFlags, set *data.Set, labels []int32, broken []colour.Broken) *clustersReport {
	r := &clustersReport{Path: f.out, Broken: append([]colour.Broken{}, broken...)}
	for class, rows := range data.Describe(labels, set.NumClasses()).Counts {
		if rows > 0 {
			r.Classes = append(r.Classes, classClusters{class, set.ClassNames[class], rows, make([]int, f.k)})
		}
	}
	return r
}

func (r *clustersReport) count(labels, clusters []int32) {
	for i, label := range labels {
		if clusters[i] == colour.NoCluster {
			continue
		}
		place, _ := slices.BinarySearchFunc(r.Classes, int(label), func(c classClusters, class int) int { return cmp.Compare(c.Class, class) })
		r.Classes[place].Sizes[clusters[i]]++
	}
}

func (r *clustersReport) write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "class\trows\tsizes of clusters\n")
	rows := 0
	for _, c := range r.Classes {
		rows += c.Rows
		fmt.Fprintf(table, "%d %s\t%d\t%s\n", c.Class, c.Name, c.Rows, strings.Trim(fmt.Sprint(c.Sizes), "[]"))
	}
	err := table.Flush()
	_, writeErr := fmt.Fprintf(w, "%s: %d pictures of %d classes, %d left out\n", r.Path, rows, len(r.Classes), len(r.Broken))
	err = errors.Join(err, writeErr)
	for _, b := range r.Broken {
		_, writeErr := fmt.Fprintf(w, "left out: row %d (%s): %s\n", b.Row, b.ID, b.Reason)
		err = errors.Join(err, writeErr)
	}
	return err
}
