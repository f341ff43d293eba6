package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
)

func newDataDescribeCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "describe PATH",
		Short: "say how the pictures are spread over the classes",
		Long: `Describe counts the pictures of each class and says how uneven they are. PATH is a folder of pictures, a kit, or a table
of labels alone: a CSV file with the header id,class, with names from the class_codes.csv beside it, if there is one.`,
		Example: `  longwing data describe flowers
  longwing data describe train.csv --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			descriptions, err := describePath(args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(command.OutOrStdout(), map[string]any{"sets": descriptions})
			}
			for _, d := range descriptions {
				if err := d.write(command.OutOrStdout()); err != nil {
					return err
				}
			}
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	return command
}

// description is what is said about one set.
type description struct {
	Set        string         `json:"set"`
	ClassNames []string       `json:"class_names,omitempty"`
	Ignored    map[string]int `json:"ignored_files,omitempty"` // by extension, or "link"
	data.Stats
}

func describePath(path string) ([]description, error) {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		return describeTable(path)
	}
	pictures, err := data.Open(path)
	if err != nil {
		return nil, err
	}
	descriptions := []description{describeSet(pictures.Train)}
	if pictures.Test != nil {
		descriptions = append(descriptions, describeSet(pictures.Test))
	}
	return descriptions, nil
}

func describeSet(set *data.Set) description {
	return description{set.Name, set.ClassNames, set.Ignored, data.Describe(set.Labels, set.NumClasses())}
}

func describeTable(path string) ([]description, error) {
	table, err := data.ReadLabels(path)
	if err != nil {
		return nil, err
	}
	names, err := data.NamesBeside(path, table)
	if err != nil {
		return nil, err
	}
	numClasses := max(len(names), table.NumClasses())
	return []description{{Set: filepath.Base(path), ClassNames: names, Stats: data.Describe(table.Labels, numClasses)}}, nil
}

// name is a class's number and, when known, its name.
func (d description) name(class int) string {
	if class < len(d.ClassNames) && d.ClassNames[class] != fmt.Sprint(class) {
		return fmt.Sprintf("%d %s", class, d.ClassNames[class])
	}
	return fmt.Sprint(class)
}

func (d description) write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(label, format string, args ...any) {
		fmt.Fprintf(table, "  %s\t%s\n", label, fmt.Sprintf(format, args...))
	}
	fmt.Fprintf(table, "%s\n", d.Set)
	line("rows", "%d", d.Rows)
	line("classes", "%d", d.Classes)
	if d.Empty > 0 {
		line("classes without rows", "%d", d.Empty)
	}
	if d.Classes > 0 {
		d.writeSpread(line)
	}
	for _, kind := range slices.Sorted(maps.Keys(d.Ignored)) {
		line("passed over", "%d × %s", d.Ignored[kind], cmp.Or(kind, "no extension"))
	}
	return table.Flush()
}

func (d description) writeSpread(line func(label, format string, args ...any)) {
	minClasses := d.name(d.MinClasses[0])
	if n := len(d.MinClasses); n > 1 {
		minClasses = fmt.Sprintf("%d classes", n)
	}
	line("min", "%d (%s)", d.Min, minClasses)
	line("max", "%d (%s)", d.Max, d.name(d.MaxClass))
	line("mean", "%.6f", d.Mean)
	line("std", "%.6f", d.Std)
	line("quartiles", "%g / %g / %g", d.Q25, d.Median, d.Q75)
	var bounds []string
	bounds = append(bounds, fmt.Sprintf("≤4: %d", d.AtMost4))
	for _, b := range d.Below {
		bounds = append(bounds, fmt.Sprintf("<%d: %d", b.Rows, b.Classes))
	}
	line("small classes", "%s", strings.Join(bounds, "  "))
	bounds = bounds[:0]
	for _, b := range d.Above {
		bounds = append(bounds, fmt.Sprintf(">%d: %d", b.Rows, b.Classes))
	}
	line("large classes", "%s", strings.Join(bounds, "  "))
	line("below the mean", "%d classes", d.BelowMean)
	line("imbalance", "%.6g:1", d.Imbalance)
	line("Gini", "%.6f", d.Gini)
	line("entropy", "%.6f nats (%.3f effective classes)", d.Entropy, d.EffectiveClasses)
	line("top 10 hold", "%.2f %%", 100*d.Top10Share)
	line("half is held by", "%d classes", d.HalfClasses)
	for i, class := range d.Largest {
		label := ""
		if i == 0 {
			label = "largest"
		}
		line(label, "%5d  %s", d.Counts[class], d.name(class))
	}
}
