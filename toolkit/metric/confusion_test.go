package metric_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/metric"
)

func newConfusion(t testing.TB, numClasses int) *metric.Confusion {
	t.Helper()
	c, err := metric.NewConfusion(numClasses)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMostConfused(t *testing.T) {
	c := newConfusion(t, 5)
	for _, one := range [][3]int{{0, 0, 9}, {0, 1, 3}, {1, 0, 3}, {1, 1, 1}, {2, 3, 1}, {3, 2, 1}, {0, 4, 1}, {4, 4, 2}} {
		labels, predicted := slices.Repeat([]int32{int32(one[0])}, one[2]), slices.Repeat([]int32{int32(one[1])}, one[2])
		if err := c.Add(labels, predicted); err != nil {
			t.Fatal(err)
		}
	}
	want := []metric.Pair{
		{Label: 1, Predicted: 0, Pictures: 3, Of: 4}, // 3 of 4 before 3 of 13
		{Label: 0, Predicted: 1, Pictures: 3, Of: 13},
		{Label: 2, Predicted: 3, Pictures: 1, Of: 1},
		{Label: 3, Predicted: 2, Pictures: 1, Of: 1},
		{Label: 0, Predicted: 4, Pictures: 1, Of: 13},
	}
	for _, n := range []int{-1, 0, 2, 5, 100} {
		if got := c.MostConfused(n); !slices.Equal(got, want[:min(max(n, 0), 5)]) {
			t.Errorf("the %d most confused are %+v", n, got)
		}
	}
	for _, one := range [][3]int{{0, 1, 3}, {4, 0, 0}, {0, 0, 9}, {-1, 7, 0}} {
		if got := c.Pictures(int32(one[0]), int32(one[1])); got != one[2] {
			t.Errorf("%d pictures of class %d predicted as %d, want %d", got, one[0], one[1], one[2])
		}
	}
}

func TestConfusionRefuses(t *testing.T) {
	if _, err := metric.NewConfusion(0); err == nil {
		t.Error("no classes were taken")
	}
	c := newConfusion(t, 2)
	for _, one := range []struct {
		labels, predicted []int32
		want              string
	}{
		{[]int32{0}, nil, "1 labels but 0 predictions"},
		{[]int32{0, 2}, []int32{0, 0}, "row 1: label 2 is not"},
		{[]int32{0, 0}, []int32{0, -1}, "row 1: prediction -1 is not"},
	} {
		if err := c.Add(one.labels, one.predicted); err == nil || !strings.Contains(err.Error(), one.want) {
			t.Errorf("got %v, want one that says %q", err, one.want)
		}
	}
	if got := c.Pairs(); len(got) != 0 {
		t.Errorf("refused batches left %v", got)
	}
}

// A million pictures of 10,000 classes.
func BenchmarkConfusion(b *testing.B) {
	const pictures, classes = 1_000_000, 10_000
	rng := rand.New(rand.NewPCG(1, 2))
	labels, predicted := make([]int32, pictures), make([]int32, pictures)
	for i := range labels {
		labels[i] = rng.Int32N(classes)
		predicted[i] = labels[i]
		if rng.IntN(4) == 0 {
			predicted[i] = rng.Int32N(classes)
		}
	}
	for b.Loop() {
		c := newConfusion(b, classes)
		if err := c.Add(labels, predicted); err != nil {
			b.Fatal(err)
		}
		c.MostConfused(10)
	}
}
