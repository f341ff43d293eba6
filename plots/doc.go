// Package plots draws the figures of notebooks and reports, all in one style: readable at the width of a notebook, in
// colours that colour-blind readers can tell apart, with titles, axes and units.
//
//	figure, err := plots.ClassCounts(set.Counts(), set.ClassNames)
//	if err != nil {
//		return err
//	}
//	err = figure.Save("counts.png") // or .svg; in a notebook: show.Figure(figure)
//
// A figure is made from numbers only and can be drawn any number of times. Input that can't be drawn (nothing at all,
// NaN, slices that don't fit each other) is an error, never a panic and never an empty picture.
package plots
