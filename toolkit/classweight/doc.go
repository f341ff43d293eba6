// Package classweight turns the number of pictures of each class into weights of the loss, so that rare classes count
// for more.
//
//	weights, err := classweight.Compute(split.Counts(), classweight.Options{Method: classweight.Balanced})
//	…
//	loss := weights[label] * crossEntropy
//
// Counts may be those of a split or of what a sampling plan shows. A plan that balances the classes leaves nothing to
// weigh: give it no weights, or ones from its own counts, not ones from the counts before.
package classweight
