package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/models"
	"github.com/longwing-ml/longwing/models/pretrained/hub"
)

func newWeightsListCommand() *cobra.Command {
	var flags listFlags
	command := &cobra.Command{
		Use:   "list [--model NAME]",
		Short: "list the networks and their published weights, or the parts of one network",
		Long: `List names the networks, the libraries that their weights come from, their cut points and the published weights that can
be fetched by name. With --model it tells the parts of one network: output shapes, and how many parameters are trained,
frozen or statistics when training starts from a cut point.`,
		Example: `  longwing weights list
  longwing weights list --model densenet169 --size 224 --cut block4 --classes 403`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			out := command.OutOrStdout()
			if flags.model == "" {
				if command.Flags().NFlag() > 1 || command.Flags().NFlag() == 1 && !flags.asJSON {
					return usagef("the other flags need --model")
				}
				list, err := listModels()
				if err != nil {
					return err
				}
				if flags.asJSON {
					return writeJSON(out, map[string]any{"models": list})
				}
				return writeModels(out, list)
			}
			table, err := flags.describe()
			if err != nil {
				return err
			}
			if flags.asJSON {
				return writeJSON(out, table)
			}
			_, err = fmt.Fprint(out, table)
			return err
		},
	}
	command.Flags().StringVar(&flags.model, "model", "", "tell the parts of this network")
	command.Flags().IntVar(&flags.size, "size", 0, "height and width of the pictures, px (default: the weights' own)")
	command.Flags().StringVar(&flags.cut, "cut", "", "cut point: what lies below is frozen (default: the first, which freezes nothing)")
	command.Flags().StringVar((*string)(&flags.head.Kind), "head", string(models.HeadPool), "classifier: pool, fc or fc-bn")
	command.Flags().IntVar(&flags.head.Units, "units", 0, "units of the hidden layers of --head fc (default 4096) and fc-bn (default 1024)")
	command.Flags().IntVar(&flags.head.Classes, "classes", 1000, "classes of the classifier")
	command.Flags().StringVar(&flags.source, "source", "", "library whose weights are meant (default: the network's first)")
	command.Flags().BoolVar(&flags.asJSON, "json", false, "print one JSON value")
	return command
}

type listFlags struct {
	model, cut, source string
	size               int
	head               models.Head
	asJSON             bool
}

func (f *listFlags) describe() (*models.Table, error) {
	switch f.head.Kind {
	case models.HeadFC:
		f.head.Units = cmp.Or(f.head.Units, 4096)
	case models.HeadFCBN:
		f.head.Units = cmp.Or(f.head.Units, 1024)
	}
	net, err := models.New(f.model, f.head)
	if err != nil {
		return nil, err
	}
	if f.source != "" {
		convention, err := models.ConventionOf(f.model, f.source)
		if err != nil {
			return nil, err
		}
		if net, err = models.NewAs(f.model, convention, f.head); err != nil {
			return nil, err
		}
	}
	return models.Describe(net, cmp.Or(f.size, net.Convention.Pictures.Size), cmp.Or(f.cut, net.CutPoints()[0]))
}

// modelReport is what the list says of a network.
type modelReport struct {
	Model     string            `json:"model"`
	Sources   []string          `json:"sources"` // the default first
	CutPoints []string          `json:"cut_points"`
	Aliases   map[string]string `json:"aliases,omitempty"` // other names of cut points
	Weights   []hub.Known       `json:"weights"`
}

func listModels() ([]modelReport, error) {
	var list []modelReport
	for _, name := range models.Names() {
		net, err := models.New(name, models.Head{Classes: 2})
		if err != nil {
			return nil, err
		}
		report := modelReport{Model: name, CutPoints: net.CutPoints(), Aliases: net.Aliases, Weights: []hub.Known{}}
		for _, c := range models.Conventions(name) {
			report.Sources = append(report.Sources, c.Source)
		}
		for _, k := range hub.List() {
			if k.Architecture == name {
				report.Weights = append(report.Weights, k)
			}
		}
		list = append(list, report)
	}
	return list, nil
}

func writeModels(w io.Writer, list []modelReport) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(label string, values []string) { // Flush tells of errors
		if len(values) > 0 {
			_, _ = fmt.Fprintf(table, "  %s\t%s\n", label, strings.Join(values, ", "))
		}
	}
	for _, m := range list {
		_, _ = fmt.Fprintf(table, "%s\n", m.Model)
		line("sources", m.Sources)
		line("cut points", m.CutPoints)
		line("also named", slices.Sorted(maps.Keys(m.Aliases)))
		var names []string
		for _, k := range m.Weights {
			names = append(names, k.Name)
		}
		line("weights", names)
	}
	return table.Flush()
}
