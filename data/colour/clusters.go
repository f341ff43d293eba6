package colour

import (
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/internal/seed"
)

const (
	// DefaultClusters is how many clusters of a class the study made.
	DefaultClusters = 15

	// NoCluster is the cluster of a picture that could not be read.
	NoCluster = -1

	starts   = 10
	maxSteps = 300
)

// Clusters divides the pictures of each class into k clusters: labels and histograms are the class and the histogram of
// each picture, nil for one that could not be read. It returns the cluster of each, numbered within its class by size,
// the smallest first.
//
// Of 10 starts with centres by k-means++ the one with the least inertia counts. Seed, pictures and their order decide;
// the number of workers (0 = one a processor) does not. With fewer different pictures than clusters some are empty.
//
// Progress, which may be nil, is told how many classes are done. Errors: k below 1, a class of fewer readable pictures
// than k, ctx's.
func Clusters(ctx context.Context, labels []int32, histograms []*Histogram, k int, seedNumber uint64, workers int, progress func(done, total int)) ([]int32, error) {
	if k < 1 {
		return nil, fmt.Errorf("%d clusters: give 1 or more", k)
	}
	if len(labels) != len(histograms) {
		return nil, fmt.Errorf("%d labels but %d histograms", len(labels), len(histograms))
	}
	clusters := make([]int32, len(labels))
	readable := map[int32][]int{} // class → places of its readable pictures
	var classes []int32
	for i, label := range labels {
		clusters[i] = NoCluster
		if _, ok := readable[label]; !ok {
			readable[label] = nil
			classes = append(classes, label)
		}
		if histograms[i] != nil {
			readable[label] = append(readable[label], i)
		}
	}
	slices.Sort(classes)
	for _, class := range classes { // before the work
		if n := len(readable[class]); n < k {
			return nil, fmt.Errorf("class %d has %d pictures that can be read, fewer than the %d clusters", class, n, k)
		}
	}
	for done, class := range classes {
		places := readable[class]
		points := make([][]float64, len(places))
		for i, place := range places {
			points[i] = histograms[place].Append(make([]float64, 0, 2*Bins))
		}
		nearest, err := best(ctx, points, k, seed.Derive(seedNumber, seed.Clusters, uint64(class)), workers)
		if err != nil {
			return nil, fmt.Errorf("stopped after %d of %d classes: %w", done, len(classes), err)
		}
		for i, place := range places {
			clusters[place] = nearest[i]
		}
		if progress != nil {
			progress(done+1, len(classes))
		}
	}
	return clusters, nil
}

// best returns the cluster of each point from the start with the least inertia.
func best(ctx context.Context, points [][]float64, k int, classSeed uint64, workers int) ([]int32, error) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var nearest [starts][]int32
	var inertia [starts]float64
	var group errgroup.Group
	group.SetLimit(workers)
	for start := range starts {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			k := newKMeans(points, plusPlus(points, k, seed.New(classSeed, uint64(start))))
			inertia[start] = k.run(maxSteps)
			nearest[start] = k.nearest
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	least := 0
	for start := range starts {
		if inertia[start] < inertia[least] {
			least = start
		}
	}
	return bySize(nearest[least], k), nil
}

// bySize numbers clusters anew, the smallest first.
func bySize(nearest []int32, k int) []int32 {
	sizes, order, number := make([]int, k), make([]int, k), make([]int32, k)
	for _, cluster := range nearest {
		sizes[cluster]++
	}
	for c := range order {
		order[c] = c
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(sizes[a], sizes[b]) })
	for i, c := range order {
		number[c] = int32(i)
	}
	renamed := make([]int32, len(nearest))
	for i, cluster := range nearest {
		renamed[i] = number[cluster]
	}
	return renamed
}

// WriteFile writes a CSV file with the header id,cluster, which package sampling reads. Pictures without a cluster are
// left out.
func WriteFile(path string, ids []string, clusters []int32) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		writer := csv.NewWriter(w)
		if err := writer.Write([]string{"id", "cluster"}); err != nil {
			return err
		}
		for i, cluster := range clusters {
			if cluster == NoCluster {
				continue
			}
			if err := writer.Write([]string{ids[i], strconv.Itoa(int(cluster))}); err != nil {
				return err
			}
		}
		writer.Flush()
		return writer.Error()
	})
}
