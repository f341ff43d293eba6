package colour

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/longwing-ml/longwing/internal/seed"
)

// colours are histograms of pictures of three well separated colours, n of each, mixed, and the colour of each.
func colours(n int) (histograms []*Histogram, colour []int) {
	rng := rand.New(rand.NewPCG(5, 7))
	for i := range 3 * n {
		kind := i * 7 % 3
		var h Histogram
		for range 1000 {
			h.Hue[20*kind+rng.IntN(6)]++
			h.Saturation[90-30*kind+rng.IntN(9)]++
		}
		histograms, colour = append(histograms, &h), append(colour, kind)
	}
	return histograms, colour
}

func TestClustersFindColours(t *testing.T) {
	histograms, colour := colours(40)
	labels := make([]int32, len(histograms))
	for i := range labels {
		labels[i] = int32(i / 60 * 9) // classes 0 and 9
	}
	histograms[5] = nil
	got, err := Clusters(context.Background(), labels, histograms, 3, 57, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got[5] != NoCluster {
		t.Errorf("a picture that can't be read is in cluster %d", got[5])
	}
	type part struct {
		class int32
		kind  int
	}
	clusterOf, sizes := map[part]int32{}, map[int32][]int{0: make([]int, 3), 9: make([]int, 3)}
	for i, cluster := range got {
		if i == 5 {
			continue
		}
		p := part{labels[i], colour[i]}
		if first, ok := clusterOf[p]; ok && first != cluster {
			t.Fatalf("colour %d of class %d is in clusters %d and %d", p.kind, p.class, first, cluster)
		}
		clusterOf[p] = cluster
		sizes[labels[i]][cluster]++
	}
	if !slices.Equal(sizes[0], []int{19, 20, 20}) || !slices.Equal(sizes[9], []int{20, 20, 20}) {
		t.Errorf("clusters of %v pictures, want 19 20 20 and 20 20 20", sizes)
	}
}

// TestClustersDependOnTheSeedAlone: not on workers, nor on other classes.
func TestClustersDependOnTheSeedAlone(t *testing.T) {
	histograms, _ := colours(30)
	labels := make([]int32, len(histograms))
	for i := range labels {
		labels[i] = int32(i % 2)
	}
	cluster := func(histograms []*Histogram, labels []int32, seed uint64, workers int) []int32 {
		t.Helper()
		classes := 0
		got, err := Clusters(context.Background(), labels, histograms, 7, seed, workers, func(done, _ int) { classes = done })
		if err != nil || classes == 0 {
			t.Fatal(err, classes)
		}
		return got
	}
	want := cluster(histograms, labels, 1, 1)
	if got := cluster(histograms, labels, 1, 5); !slices.Equal(got, want) {
		t.Error("the number of workers changes the clusters")
	}
	if got := cluster(histograms, labels, 2, 1); slices.Equal(got, want) {
		t.Error("another seed gives the same 7 clusters of 3 colours")
	}
	var odd []*Histogram
	var wantOdd []int32
	for i, label := range labels {
		if label == 1 {
			odd, wantOdd = append(odd, histograms[i]), append(wantOdd, want[i])
		}
	}
	if got := cluster(odd, slices.Repeat([]int32{1}, len(odd)), 1, 2); !slices.Equal(got, wantOdd) {
		t.Error("a class's clusters depend on the other classes")
	}
}

func TestClustersOfEqualPictures(t *testing.T) {
	histograms := make([]*Histogram, 20)
	for i := range histograms {
		histograms[i] = &Histogram{}
		histograms[i].Hue[i/10] = 5 // two different pictures, ten times each
	}
	got, err := Clusters(context.Background(), make([]int32, 20), histograms, 4, 1, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, cluster := range got { // clusters 0 and 1 are empty
		if first := got[i/10*10]; cluster != first || cluster < 2 {
			t.Errorf("clusters %v, want one for each of the two pictures", got)
			break
		}
	}
}

func TestClustersErrors(t *testing.T) {
	histograms, _ := colours(5)
	labels := make([]int32, len(histograms))
	_, err := Clusters(context.Background(), labels, histograms, 0, 1, 1, nil)
	wantError(t, err, "0 clusters")
	_, err = Clusters(context.Background(), labels[1:], histograms, 2, 1, 1, nil)
	wantError(t, err, "14 labels but 15 histograms")
	histograms[3] = nil
	_, err = Clusters(context.Background(), labels, histograms, 15, 1, 1, nil)
	wantError(t, err, "class 0 has 14 pictures that can be read, fewer than the 15 clusters")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = Clusters(ctx, labels, histograms, 2, 1, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v does not wrap context.Canceled", err)
	}
}

// TestPlusPlusDrawsBySquaredDistance: after the first centre, at 0, a point at 1 is drawn with probability 1/10 and one
// at 3 with 9/10. 4,000 draws stray from that by more than 3.3 standard deviations once in a thousand.
func TestPlusPlusDrawsBySquaredDistance(t *testing.T) {
	points := [][]float64{{0}, {1}, {3}}
	near, total := 0.0, 0.0
	for s := range uint64(12_000) {
		centres := plusPlus(points, 2, seed.New(s))
		if centres[0][0] != 0 {
			continue
		}
		total++
		if centres[1][0] == 1 {
			near++
		}
	}
	if deviation := math.Abs(near-total/10) / math.Sqrt(total*0.1*0.9); deviation > 3.3 || total < 3000 {
		t.Errorf("%v of %v draws took the near point: %.1f standard deviations from a tenth", near, total, deviation)
	}
}

func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clusters.csv")
	if err := WriteFile(path, []string{"a/1.jpg", "7", "b,\"c\""}, []int32{2, NoCluster, 0}); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := "id,cluster\na/1.jpg,2\n\"b,\"\"c\"\"\",0\n"; string(got) != want {
		t.Errorf("the file holds %q, want %q", got, want)
	}
}
