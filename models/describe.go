package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"github.com/longwing-ml/longwing/models/nn"
)

// StageRow is one stage of a Table. Counts are numbers of scalars.
type StageRow struct {
	Stage      string `json:"stage"`
	Output     []int  `json:"output"` // [height, width, channels]; [classes] for the head
	Trainable  int    `json:"trainable"`
	Frozen     int    `json:"frozen"`
	Statistics int    `json:"statistics"` // running means and variances of batch normalisation
}

// Table says what a network consists of and what of it is trained from a cut point on.
type Table struct {
	Model string     `json:"model"`
	Size  int        `json:"size"` // pixels
	Cut   string     `json:"cut"`
	Rows  []StageRow `json:"stages"`
	Total StageRow   `json:"total"` // Stage "total", no Output
}

// Parameters is the number of all scalars, statistics included, which is what Keras prints as total.
func (t *Table) Parameters() int { return t.Total.Trainable + t.Total.Frozen + t.Total.Statistics }

// Describe builds the network on pictures of size×size pixels, without compiling it, and tells each stage's output
// shape and parameter counts for fine-tuning from cut.
func Describe(n *Network, size int, cut string) (*Table, error) {
	if err := n.CheckCut(cut); err != nil {
		return nil, err
	}
	table := &Table{Model: n.Name, Size: size, Cut: cut, Total: StageRow{Stage: "total"}}
	store := model.NewStore()
	err := n.declare(store, nn.Options{Undrawn: true}, size, cut, func(stage string, output *graph.Node) {
		table.Rows = append(table.Rows, StageRow{Stage: stage, Output: output.Shape().Dimensions[1:]})
	})
	if err != nil {
		return nil, err
	}

	rows := make(map[string]*StageRow)
	for i := range table.Rows {
		rows[table.Rows[i].Stage] = &table.Rows[i]
	}
	for v := range store.IterVariables() {
		stage := StageOf(v.Path())
		for _, row := range []*StageRow{rows[stage], &table.Total} {
			switch {
			case IsStatistic(v.Path()):
				row.Statistics += v.Shape().Size()
			case v.Trainable:
				row.Trainable += v.Shape().Size()
			default:
				row.Frozen += v.Shape().Size()
			}
		}
	}
	return table, nil
}

// String is the table for people.
func (t *Table) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s at %d×%d, trained from %s on\n", t.Model, t.Size, t.Size, t.Cut)
	const format = "%-12s %-14s %12s %12s %12s\n"
	fmt.Fprintf(&out, format, "stage", "output", "trainable", "frozen", "statistics")
	for _, r := range slices.Concat(t.Rows, []StageRow{t.Total}) {
		output := strings.Trim(strings.ReplaceAll(fmt.Sprint(r.Output), " ", "×"), "[]")
		fmt.Fprintf(&out, format, r.Stage, output, thousands(r.Trainable), thousands(r.Frozen), thousands(r.Statistics))
	}
	return out.String()
}

// thousands groups digits by commas: 27582163 → "27,582,163".
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
