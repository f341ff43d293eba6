package sampling

import "fmt"

// Summary says what an epoch shows.
type Summary struct {
	Shown        int   // pictures, repeats counted
	Distinct     int   // different pictures
	MostRepeated int   // the row shown most often, the lowest of equals
	MostTimes    int   // how often
	ClassesMet   int   // classes of which a row is shown
	Classes      int   // classes that have rows in the split
	PerClass     []int // class → pictures shown
}

// Describe says what the rows of an epoch are. A row that is not in the split is an error that names it: rows of any
// origin can be checked with it.
func (s *Split) Describe(rows []int) (Summary, error) {
	summary := Summary{Shown: len(rows), MostRepeated: -1, Classes: len(s.present()), PerClass: make([]int, s.NumClasses())}
	times := make([]int32, len(s.class))
	for _, row := range rows {
		if row < 0 || row >= len(s.class) || s.class[row] == outside {
			return Summary{}, fmt.Errorf("row %d is not in the split", row)
		}
		times[row]++
		summary.PerClass[s.class[row]]++
	}
	for row, n := range times {
		if n > 0 {
			summary.Distinct++
		}
		if int(n) > summary.MostTimes {
			summary.MostTimes, summary.MostRepeated = int(n), row
		}
	}
	for _, n := range summary.PerClass {
		if n > 0 {
			summary.ClassesMet++
		}
	}
	return summary, nil
}

func (s Summary) String() string {
	return fmt.Sprintf("%d pictures, %d distinct, at most %d times the same (row %d), %d of %d classes",
		s.Shown, s.Distinct, s.MostTimes, s.MostRepeated, s.ClassesMet, s.Classes)
}
