package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// extremesShown is how many of the largest, and of the smallest classes a table shows.
const extremesShown = 8

// writeExtremes prints a line for each of the largest and of the smallest classes: its number, its rows, and what value
// says about it. Classes without rows are left out.
func writeExtremes(w io.Writer, counts []int, title string, value func(class int) string) error {
	var classes []int
	for class, count := range counts {
		if count > 0 {
			classes = append(classes, class)
		}
	}
	slices.SortStableFunc(classes, func(a, b int) int { return cmp.Compare(counts[b], counts[a]) })
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(table, "class\trows\t%s\t\n", title)
	for i, class := range classes {
		if left := len(classes) - 2*extremesShown; left > 1 && i >= extremesShown && i < extremesShown+left {
			if i == extremesShown {
				fmt.Fprintf(table, "…\t…\t…\t\n")
			}
			continue
		}
		fmt.Fprintf(table, "%d\t%d\t%s\t\n", class, counts[class], value(class))
	}
	return table.Flush()
}
