package sampling

import "fmt"

// UnderOver cuts frequent classes, those of more than threshold rows, then fills all classes up to the largest that is
// left, with replacement. Frequent classes are cut to the smallest of them, as the study did; with toThreshold, to the
// threshold itself. Cutting is without replacement, and the next epoch goes on where this one stopped.
//
// Errors: a threshold below 1, one that no class exceeds, more rows than an epoch can have.
func UnderOver(split *Split, threshold int, toThreshold bool, seed uint64) (Plan, error) {
	frequent, smallest, err := frequentClasses("under-over", split, threshold)
	if err != nil {
		return nil, err
	}
	cut, to := smallest, "the smallest of them"
	if toThreshold {
		cut, to = threshold, "the threshold"
	}
	if err := checkSize("under-over", len(split.present()), cut); err != nil {
		return nil, err
	}
	return &resample{keepEach(split, cut, seed), cut, seed,
		fmt.Sprintf("under-over: %d rows of each class: the %d classes of more than %d rows are cut to that (%s), the others shown whole and filled up with replacement",
			cut, len(frequent), threshold, to)}, nil
}

// frequentClasses lists the classes of more than threshold rows, and counts the rows of the smallest of them.
func frequentClasses(sampler string, split *Split, threshold int) (classes []int, smallest int, err error) {
	if threshold < 1 {
		return nil, 0, &OptionError{sampler, "threshold", fmt.Sprintf("%d is no number of rows of a class, 1 or more", threshold)}
	}
	smallest = split.Len()
	for class := range split.NumClasses() {
		if count := split.count(class); count > threshold {
			classes = append(classes, class)
			smallest = min(smallest, count)
		}
	}
	if len(classes) == 0 {
		_, largest := split.extremes()
		return nil, 0, fmt.Errorf("%s: no class has more than the threshold of %d rows (the largest has %d): there is nothing to cut", sampler, threshold, largest)
	}
	return classes, smallest, nil
}
