package sampling_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// population is a split within a larger table: every third row of the table is outside of it.
type population struct {
	split      *sampling.Split
	labels     []int32 // of the table
	inside     []bool
	counts     []int
	numClasses int
}

// populate makes a split with the given numbers of rows per class, interleaved.
func populate(t testing.TB, counts ...int) population {
	t.Helper()
	p := population{counts: counts, numClasses: len(counts)}
	var rows []int
	for round, added := 0, true; added; round++ {
		added = false
		for class, count := range counts {
			if round >= count {
				continue
			}
			added = true
			if len(p.labels)%3 == 2 { // a validation picture of the same class
				p.labels, p.inside = append(p.labels, int32(class)), append(p.inside, false)
			}
			rows = append(rows, len(p.labels))
			p.labels, p.inside = append(p.labels, int32(class)), append(p.inside, true)
		}
	}
	var err error
	if p.split, err = sampling.NewSplit(rows, p.labels, len(counts)); err != nil {
		t.Fatal(err)
	}
	return p
}

// clusterOf gives the rows of the split random clusters.
func (p population) clusterOf(k int) []int32 {
	rng := rand.New(rand.NewPCG(3, uint64(k)))
	clusters := make([]int32, len(p.labels))
	for row := range clusters {
		clusters[row] = sampling.NoCluster
		if p.inside[row] {
			clusters[row] = int32(min(rng.IntN(k), rng.IntN(k)))
		}
	}
	return clusters
}

// must is for constructors: must(sampling.Over(split, 1))(t).
func must(plan sampling.Plan, err error) func(testing.TB) sampling.Plan {
	return func(t testing.TB) sampling.Plan {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return plan
	}
}

func describe(t testing.TB, split *sampling.Split, rows []int) sampling.Summary {
	t.Helper()
	summary, err := split.Describe(rows)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

func wantError(t *testing.T, err error, says ...string) {
	t.Helper()
	if err == nil {
		t.Error("no error")
		return
	}
	for _, text := range says {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("error %q does not say %q", err, text)
		}
	}
}

type resampled struct {
	PerClass []int `json:"per_class"`
	Distinct int
}

// goldenFile is what testdata/golden.py writes.
type goldenFile struct {
	Cases []struct {
		Name                 string
		Counts               []int
		Threshold            int
		Over, Under          resampled
		UnderOver            resampled `json:"under_over"`
		UnderOverToThreshold resampled `json:"under_over_to_threshold"`
		RepeatThreshold      float64   `json:"repeat_threshold"`
		RepeatFactors        []float64 `json:"repeat_factors"`
	}
	ChiSquare map[int]float64 `json:"chi_square_0.001"`
}

func golden(t testing.TB) goldenFile {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var file goldenFile
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) == 0 || len(file.ChiSquare) == 0 {
		t.Fatal("testdata/golden.json is not what golden.py writes")
	}
	return file
}
