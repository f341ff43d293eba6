// Package metric answers "how good are these predictions?" for classifiers of long-tailed picture sets.
//
// From logits and labels it computes accuracy, negative log-likelihood (nll), top-k accuracy, precision, recall and F1
// per class and averaged, F170 (the share of classes whose F1 is above 0.7), balanced accuracy, accuracy by size of the
// training class, calibration, and bootstrap intervals over pictures. Nothing here needs a graph library: a notebook
// cell that only looks at numbers stays fast.
//
//	report, err := metric.Evaluate(logits, labels, 403) // logits [n, 403] row-major, labels [n]
//	if err != nil {
//		return err
//	}
//	fmt.Printf("accuracy %.3f  F170 %.3f\n", report.Accuracy, report.F170)
//
// An Accumulator takes the same numbers batch by batch. A Tally holds only counts per class and answers everything
// that depends on hard predictions; a Confusion holds which class was taken for which. AdjustLogits corrects the logits of
// a network for the frequencies of its training classes.
package metric
