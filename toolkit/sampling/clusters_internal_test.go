package sampling

import (
	"slices"
	"testing"
)

// TestClusterQuotas: the study's rule on lists of 15 clusters; each of 17 rows makes 255.
func TestClusterQuotas(t *testing.T) {
	repeat := func(n, times int) []int { return slices.Repeat([]int{n}, times) }
	for name, test := range map[string]struct{ sizes, want []int }{
		// Published: the sizes of class 202, and an example of two small clusters.
		"class 202": {[]int{126, 235, 249, 262, 300, 305, 305, 311, 334, 346, 383, 385, 430, 437, 467}, repeat(17, 15)},
		"two small": {append([]int{5, 10}, repeat(40, 13)...), append([]int{5, 10, 36}, repeat(17, 12)...)},
		// By hand.
		"long shortage":   {append(append([]int{0, 0, 1}, repeat(20, 8)...), repeat(100, 4)...), append(append([]int{0, 0, 1}, repeat(20, 8)...), 43, 17, 17, 17)},
		"exactly as much": {append(repeat(1, 14), 241), append(repeat(1, 14), 241)},
	} {
		t.Run(name, func(t *testing.T) {
			got := clusterQuotas(test.sizes, 17)
			if !slices.Equal(got, test.want) {
				t.Errorf("sizes %v give %v, want %v", test.sizes, got, test.want)
			}
			total := 0
			for i, n := range got {
				total += n
				if n > test.sizes[i] {
					t.Errorf("cluster %d has %d rows but gives %d", i, test.sizes[i], n)
				}
			}
			if total != 255 {
				t.Errorf("the class gives %d, want 255", total)
			}
		})
	}
}
