package data

import (
	"fmt"
	"testing"
)

// BenchmarkDivide is on 1,000,000 rows of 10,000 classes, in groups of ten.
func BenchmarkDivide(b *testing.B) {
	const rows, classes = 1_000_000, 10_000
	labels, groups := make([]int32, rows), make([]string, rows)
	for row := range labels {
		labels[row] = int32(row % classes)
		if row%3 > 0 {
			labels[row] = int32(row % 97)
		}
		groups[row] = fmt.Sprint(row / 10)
	}
	for name, opt := range map[string]SplitOptions{
		"two levels": {TestSize: 0.2, ValidSize: 0.3},
		"fold":       {Folds: 5, Fold: 1},
		"groups":     {TestSize: 0.2, Groups: groups},
		"group fold": {Folds: 5, Groups: groups},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Divide(labels, classes, opt); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
