package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/models/pretrained"
)

func newWeightsInspectCommand() *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use:   "inspect FILE",
		Short: "say what network a weight file holds, and what its pictures must look like",
		Long: `Inspect recognises the network of a weight file and the library it comes from, and tells the preprocessing that belongs to
it. Tensors that the network has no place for, or that it lacks, are listed.`,
		Example: `  longwing weights inspect model.safetensors
  longwing weights inspect densenet169_weights_tf_dim_ordering_tf_kernels.h5 --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, args []string) error {
			w, path, err := openWeights(command, args[0])
			if err != nil {
				return err
			}
			defer func() { _ = w.Close() }()
			report := inspect(w)
			if asJSON {
				return writeJSON(command.OutOrStdout(), report)
			}
			return report.write(command.OutOrStdout(), path)
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print one JSON value")
	return command
}

// weightsReport is what is said of a weight file.
type weightsReport struct {
	Architecture  string              `json:"architecture"`
	Source        string              `json:"source"`
	Format        string              `json:"format"`
	Parameters    int                 `json:"parameters"` // statistics included
	Statistics    int                 `json:"statistics"` // running means and variances of batch normalisation
	Classes       int                 `json:"classes"`    // 0 without a classifier
	Head          string              `json:"head"`       // pool, fc or fc-bn; empty without
	Units         int                 `json:"units,omitempty"`
	Preprocessing preprocessingReport `json:"preprocessing"`
	Unmatched     []string            `json:"unmatched"`
	Missing       []string            `json:"missing"`
	Misshaped     []string            `json:"misshaped"`
}

type preprocessingReport struct {
	Size          int        `json:"size"` // px
	Resize        string     `json:"resize"`
	Crop          float64    `json:"crop"` // 0 unless resize is "crop"
	Interpolation string     `json:"interpolation"`
	ChannelOrder  string     `json:"channel_order"`
	Mode          string     `json:"mode"`
	Scale         float64    `json:"scale"` // (scale·x − mean) / std, x in [0, 255]
	Mean          [3]float64 `json:"mean"`
	Std           [3]float64 `json:"std"`
}

func inspect(w *pretrained.Weights) weightsReport {
	c, p := w.Convention.Pictures, w.Convention.Preprocess
	report := weightsReport{
		Architecture: w.Model, Source: w.Convention.Source, Format: w.Format(), Parameters: w.Parameters, Statistics: w.Statistics,
		Preprocessing: preprocessingReport{Size: c.Size, Resize: c.Resize, Crop: c.Crop, Interpolation: c.Interpolation,
			ChannelOrder: p.Order, Mode: p.Mode, Scale: p.Scale, Mean: p.Mean, Std: p.Std},
		Unmatched: notNil(w.Unmatched), Missing: notNil(w.Missing), Misshaped: notNil(w.Misshaped),
	}
	if w.Head != nil {
		report.Classes, report.Head, report.Units = w.Head.Classes, string(w.Head.Kind), w.Head.Units
	}
	return report
}

// notNil makes JSON's [] of no names.
func notNil(names []string) []string { return append([]string{}, names...) }

func (r weightsReport) write(w io.Writer, path string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(label, format string, args ...any) { // Flush tells of errors
		_, _ = fmt.Fprintf(table, "%s\t%s\n", label, fmt.Sprintf(format, args...))
	}
	line("file", "%s (%s)", path, r.Format)
	line("network", "%s as in %s", r.Architecture, r.Source)
	line("parameters", "%d, of which %d are statistics", r.Parameters, r.Statistics)
	switch {
	case r.Classes == 0:
		line("head", "none")
	case r.Units == 0:
		line("head", "%s, %d classes", r.Head, r.Classes)
	default:
		line("head", "%s of %d units, %d classes", r.Head, r.Units, r.Classes)
	}
	p := r.Preprocessing
	crop := ""
	if p.Crop != 0 {
		crop = fmt.Sprintf(" %g", p.Crop)
	}
	line("pictures", "%d×%d px, %s%s, %s", p.Size, p.Size, p.Resize, crop, p.Interpolation)
	line("preprocessing", "%s: %s, (%.6g·x − mean) / std, mean %.6g, std %.6g", p.Mode, p.ChannelOrder, p.Scale, p.Mean, p.Std)
	for _, list := range []struct {
		label string
		names []string
	}{{"without a place", r.Unmatched}, {"missing", r.Missing}, {"of wrong shape", r.Misshaped}} {
		if len(list.names) > 0 {
			line(list.label, "%d: %s", len(list.names), strings.Join(list.names, ", "))
		}
	}
	return table.Flush()
}
