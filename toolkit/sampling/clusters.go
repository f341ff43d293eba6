package sampling

import (
	"cmp"
	"fmt"
	"slices"
)

// NoCluster stands for a row that belongs to no cluster.
const NoCluster = -1

// Clusters is UnderOver with a cut that keeps a class's variety: a frequent class, one of more than threshold rows, was
// divided into k clusters of similar pictures, and each of them gives about the same number of rows. The number is
// ⌊s/k⌋, with s the rows of the smallest frequent class; what small clusters can't give, larger ones do, so a class
// gives k·⌊s/k⌋. Then all classes are filled up to the largest that is left, with replacement. Rows are taken from a
// cluster without replacement, and the next epoch goes on where this one stopped.
//
// clusterOf is the cluster of each row of the table, numbered from 0 within a class, or NoCluster; k is one more than
// the largest. Rows of classes that are not frequent need none. Errors: a row of a frequent class without a cluster; a
// row with a cluster that is not in the split, because clusters were then formed with pictures that may not be trained
// on; more clusters than s; those of UnderOver.
func Clusters(split *Split, threshold int, clusterOf []int32, seed uint64) (Plan, error) {
	frequent, smallest, err := frequentClasses("clusters", split, threshold)
	if err != nil {
		return nil, err
	}
	k, err := countClusters(split, frequent, clusterOf)
	if err != nil {
		return nil, err
	}
	if k > smallest {
		return nil, fmt.Errorf("clusters: %d clusters are more than the %d rows to keep of a class", k, smallest)
	}
	p := &resample{target: smallest / k * k, seed: seed}
	for class, circle := range circles(split, seed) {
		if len(circle) == 0 {
			continue
		}
		if _, isFrequent := slices.BinarySearch(frequent, class); isFrequent {
			p.classes = append(p.classes, clusterStrata(circle, clusterOf, k, smallest/k))
			continue
		}
		p.classes = append(p.classes, []stratum{{circle, len(circle)}})
		p.target = max(p.target, len(circle))
	}
	if err := checkSize("clusters", len(p.classes), p.target); err != nil {
		return nil, err
	}
	p.text = fmt.Sprintf("clusters: %d rows of each class: the %d classes of more than %d rows give about %d of each of their %d clusters, the others all; then filled up with replacement",
		p.target, len(frequent), threshold, smallest/k, k)
	return p, nil
}

// countClusters checks the clusters and returns k.
func countClusters(split *Split, frequent []int, clusterOf []int32) (int, error) {
	if len(clusterOf) != len(split.class) {
		return 0, fmt.Errorf("clusters: %d rows have clusters or none, but the table has %d rows", len(clusterOf), len(split.class))
	}
	for row, cluster := range clusterOf {
		if cluster != NoCluster && split.class[row] == outside {
			return 0, fmt.Errorf("clusters: row %d has cluster %d but is not in the split: form clusters of the split's rows only", row, cluster)
		}
	}
	k := 0
	for _, class := range frequent {
		for _, row := range split.of(class) {
			if clusterOf[row] < 0 {
				return 0, fmt.Errorf("clusters: row %d of class %d, which has %d rows, has no cluster: every row of a class of more rows than the threshold needs one", row, class, split.count(class))
			}
			k = max(k, int(clusterOf[row])+1)
		}
	}
	return k, nil
}

// clusterStrata divides a class's circle by cluster; the rows keep their order, so each part is in random order too.
func clusterStrata(circle []int, clusterOf []int32, k, quota int) []stratum {
	clusters := make([][]int, k)
	for _, row := range circle {
		clusters[clusterOf[row]] = append(clusters[clusterOf[row]], row)
	}
	slices.SortStableFunc(clusters, func(a, b []int) int { return cmp.Compare(len(a), len(b)) })
	sizes := make([]int, k)
	for i, cluster := range clusters {
		sizes[i] = len(cluster)
	}
	var strata []stratum
	for i, keep := range clusterQuotas(sizes, quota) {
		if keep > 0 {
			strata = append(strata, stratum{clusters[i], keep})
		}
	}
	return strata
}

// clusterQuotas says how many rows clusters of ascending sizes give. Each gives the quota, or all it has; one that
// comes after a shortage gives as many more as are missing. (The study's balanced_dataflow notebook.)
func clusterQuotas(sizes []int, quota int) []int {
	keep := make([]int, len(sizes))
	total := 0
	for i, size := range sizes {
		keep[i] = min(quota*(i+1)-total, size)
		total += keep[i]
	}
	return keep
}
