package sampling_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/sampling"
)

// TestClustersGiveTheirQuotas checks how many rows of each cluster an epoch shows.
func TestClustersGiveTheirQuotas(t *testing.T) {
	// Classes 0 and 1 have more than 20 rows; the smaller one's 31 rows in 3 clusters make 10 of each.
	p := populate(t, 60, 31, 8)
	clusterOf := slices.Repeat([]int32{sampling.NoCluster}, len(p.labels))
	var seen [3]int
	for row, class := range p.labels {
		if !p.inside[row] {
			continue
		}
		switch n := seen[class]; {
		case class == 0 && n < 4: // sizes 4, 17, 39: 4 + 16 + 10
			clusterOf[row] = 2
		case class == 0 && n < 21:
			clusterOf[row] = 0
		case class == 0:
			clusterOf[row] = 1
		case class == 1: // sizes 11, 10, 10
			clusterOf[row] = int32(n % 3)
		}
		seen[class]++
	}
	plan := must(sampling.Clusters(p.split, 20, clusterOf, 3))(t)
	times := map[int]int{}
	for epoch := range 20 {
		rows := plan.Rows(epoch)
		s := describe(t, p.split, rows)
		if want := []int{30, 30, 30}; !slices.Equal(s.PerClass, want) || s.Distinct != 30+30+8 {
			t.Fatalf("epoch %d shows %v of the classes, %d distinct; want %v and 68", epoch, s.PerClass, s.Distinct, want)
		}
		var shown [2][3]int
		for _, row := range rows {
			if class := p.labels[row]; class < 2 {
				shown[class][clusterOf[row]]++
				times[row]++
			}
		}
		if want := [2][3]int{{16, 10, 4}, {10, 10, 10}}; shown != want {
			t.Fatalf("epoch %d shows %v of the clusters, want %v", epoch, shown, want)
		}
	}
	for row, n := range times { // 16 of 17, 10 of 39 and 4 of 4 rows, and 10 of 11, 10 and 10, 20 times
		low, high := 20, 20
		switch {
		case clusterOf[row] == 0:
			low, high = 18, 19
		case clusterOf[row] == 1 && p.labels[row] == 0:
			low, high = 5, 6
		}
		if n < low || n > high {
			t.Errorf("row %d of class %d, cluster %d was shown %d times, want %d to %d", row, p.labels[row], clusterOf[row], n, low, high)
		}
	}
}

func TestClustersErrors(t *testing.T) {
	p := populate(t, 9, 4, 2)
	for name, test := range map[string]struct {
		change func(clusterOf []int32) []int32
		says   []string
	}{
		"too short":  {func(c []int32) []int32 { return c[1:] }, []string{"the table has 22 rows"}},
		"no cluster": {func(c []int32) []int32 { c[0] = sampling.NoCluster; return c }, []string{"row 0 of class 0", "no cluster"}},
		"negative":   {func(c []int32) []int32 { c[0] = -7; return c }, []string{"row 0 of class 0", "no cluster"}},
		"validation": {func(c []int32) []int32 { c[2] = 1; return c }, []string{"row 2 has cluster 1 but is not in the split"}},
		"vast":       {func(c []int32) []int32 { c[0] = 1<<31 - 1; return c }, []string{"2147483648 clusters", "4 rows"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := sampling.Clusters(p.split, 3, test.change(p.clusterOf(2)), 1)
			wantError(t, err, test.says...)
		})
	}
	rare := p.clusterOf(2) // classes that are not frequent need no clusters
	for row, class := range p.labels {
		if class != 0 {
			rare[row] = sampling.NoCluster
		}
	}
	if _, err := sampling.Clusters(p.split, 8, rare, 1); err != nil {
		t.Error(err)
	}
}

var clusterFiles = map[string]struct {
	text string
	want []int32 // nil for an error
	says string
}{
	"by row":          {"row,cluster\n2,0\n0,14\n", []int32{14, -1, 0}, ""},
	"by id":           {"id,cluster\nbee,3\n7,0\n", []int32{-1, 0, 3}, ""},
	"mark and CRLF":   {"\ufeffid,cluster\r\nbee,3\r\n", []int32{-1, -1, 3}, ""},
	"no rows":         {"row,cluster\n", []int32{-1, -1, -1}, ""},
	"empty":           {"", nil, "the file is empty"},
	"other header":    {"id,class\n7,0\n", nil, `"id,class"`},
	"row beyond":      {"row,cluster\n3,0\n", nil, `line 2: "3" is none of the table's rows 0…2`},
	"row below":       {"row,cluster\n-1,0\n", nil, "line 2"},
	"no row":          {"row,cluster\nbee,0\n", nil, "line 2"},
	"unknown id":      {"id,cluster\n7,0\nwasp,0\n", nil, `line 3: id "wasp"`},
	"twice":           {"id,cluster\n7,0\n7,1\n", nil, "line 3: row 1 (7) has a cluster already"},
	"negative":        {"row,cluster\n0,-1\n", nil, `cluster "-1"`},
	"vast":            {"row,cluster\n0,99999999999\n", nil, `cluster "99999999999"`},
	"missing field":   {"row,cluster\n0\n", nil, "line 2"},
	"unclosed quotes": {"row,cluster\n\"0,1\n", nil, "line"},
}

func TestReadClusters(t *testing.T) {
	ids := []string{"ant", "7", "bee"}
	for name, test := range clusterFiles {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "clusters.csv")
			if err := os.WriteFile(path, []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
			got, err := sampling.ReadClusters(path, ids)
			if test.want == nil {
				wantError(t, err, path, test.says)
				return
			}
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%v %v, want %v", got, err, test.want)
			}
		})
	}
	_, err := sampling.ReadClusters("nowhere.csv", ids)
	wantError(t, err, "nowhere.csv")
}

func FuzzReadClusters(f *testing.F) {
	for _, test := range clusterFiles {
		f.Add(test.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "clusters.csv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		clusters, err := sampling.ReadClusters(path, []string{"ant", "7", "bee"})
		if err != nil {
			if !strings.Contains(err.Error(), path) {
				t.Errorf("error %q does not name the file", err)
			}
			return
		}
		split, err := sampling.NewSplit([]int{0, 1}, []int32{0, 0, 0}, 1)
		if err != nil {
			t.Fatal(err)
		}
		if plan, err := sampling.Clusters(split, 1, clusters, 1); err == nil && len(plan.Rows(5)) == 0 {
			t.Errorf("clusters %v make an empty epoch", clusters)
		}
	})
}
