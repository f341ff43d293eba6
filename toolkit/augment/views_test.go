package augment

import (
	"slices"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/longwing-ml/longwing/internal/xlatest"
)

// TestViews looks where each view takes its pixel at row y and column x from.
func TestViews(t *testing.T) {
	const n = 4
	from := map[View]func(y, x int) (int, int){
		ViewIdentity:      func(y, x int) (int, int) { return y, x },
		ViewFlipLR:        func(y, x int) (int, int) { return y, n - 1 - x },
		ViewFlipUD:        func(y, x int) (int, int) { return n - 1 - y, x },
		ViewFlipBoth:      func(y, x int) (int, int) { return n - 1 - y, n - 1 - x },
		ViewRotate90:      func(y, x int) (int, int) { return x, n - 1 - y },
		ViewRotate270:     func(y, x int) (int, int) { return n - 1 - x, y },
		ViewTranspose:     func(y, x int) (int, int) { return x, y },
		ViewAntiTranspose: func(y, x int) (int, int) { return n - 1 - x, n - 1 - y },
	}
	got := compile(t, func(x *Node) []*Node {
		var views []*Node
		for _, v := range Views() {
			views = append(views, v.Apply(x))
		}
		return views
	}).run(photos(n, n, 0, 1))
	for k, v := range Views() {
		for row, picture := range chunk(got[k], 2) {
			original := photo(row, n, n)
			for y := range n {
				for x := range n {
					fy, fx := from[v](y, x)
					if !slices.Equal(picture[(y*n+x)*3:][:3], original[(fy*n+fx)*3:][:3]) {
						t.Fatalf("view %s: pixel %d, %d is not that of %d, %d", v, y, x, fy, fx)
					}
				}
			}
		}
	}
}

func TestParseViews(t *testing.T) {
	views, err := ParseViews("flips", "rotate_90")
	if want := []View{ViewIdentity, ViewFlipUD, ViewFlipLR, ViewRotate90}; err != nil || !slices.Equal(views, want) {
		t.Errorf("got %v, %v, want %v", views, err, want)
	}
	for want, names := range map[string][]string{
		`unknown view "mirror"`: {"mirror"}, "identity is named twice": {"flips", "identity"}, "no view": nil,
	} {
		if _, err := ParseViews(names...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want an error with %q", names, err, want)
		}
	}
}

func TestViewsOfSquaresRefuseOthers(t *testing.T) {
	exec, err := NewExec(xlatest.Open(t), ViewRotate90.Apply)
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Finalize()
	if _, err := exec.Call(tensors.FromFlatDataAndDimensions(make([]float32, 2*3*3), 1, 2, 3, 3)); err == nil || !strings.Contains(err.Error(), "rotate_90") {
		t.Errorf("got %v, want an error that names the view", err)
	}
}
