package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/longwing-ml/longwing/data"
	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// rowsFlags say which rows of a table a command is about.
type rowsFlags struct {
	labels  string
	rows    string
	classes int
}

func (f *rowsFlags) add(command *cobra.Command) {
	command.Flags().StringVar(&f.labels, "labels", "", "table of labels: a CSV `FILE` with the header id,class")
	command.Flags().StringVar(&f.rows, "rows", "", "only the training rows of a split: a `FILE` that data split --json printed")
	command.Flags().IntVar(&f.classes, "classes", 0, "number of classes (default: one more than the largest class of the table)")
	_ = command.MarkFlagRequired("labels")
}

// read returns the table and those of its rows that are meant.
func (f *rowsFlags) read() (*data.Table, *sampling.Split, error) {
	if f.classes < 0 || f.classes > 1_000_000 {
		return nil, nil, usagef("--classes %d is outside 0…1000000", f.classes)
	}
	table, err := data.ReadLabels(f.labels)
	if err != nil {
		return nil, nil, err
	}
	classes := f.classes
	if classes == 0 {
		classes = table.NumClasses()
	}
	source := f.labels
	rows := make([]int, len(table.Labels))
	for row := range rows {
		rows[row] = row
	}
	if f.rows != "" {
		source = f.rows
		if rows, err = readTrainRows(f.rows); err != nil {
			return nil, nil, err
		}
	}
	split, err := sampling.NewSplit(rows, table.Labels, classes)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", source, err)
	}
	return table, split, nil
}

// readTrainRows reads the training rows of what data split --json prints. A row that is in another part too is an error.
func readTrainRows(path string) ([]int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading rows: %w", err)
	}
	var split data.Parts
	if err := json.Unmarshal(text, &split); err != nil {
		return nil, fmt.Errorf("%s: not what data split --json prints: %w", path, err)
	}
	if len(split.Train) == 0 {
		return nil, fmt.Errorf(`%s: no rows under "train": want what data split --json prints`, path)
	}
	partOf := map[int]string{}
	for _, row := range split.Valid {
		partOf[row] = "valid"
	}
	for _, row := range split.Test {
		partOf[row] = "test"
	}
	for _, row := range split.Train {
		if part, isElsewhere := partOf[row]; isElsewhere {
			return nil, fmt.Errorf(`%s: row %d is under "train" and under %q: parts must not overlap; split again`, path, row, part)
		}
	}
	return split.Train, nil
}
