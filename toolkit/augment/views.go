package augment

import (
	"fmt"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// View is an exact change of a picture, from which it is also predicted.
type View string

const (
	ViewIdentity      View = "identity"
	ViewFlipLR        View = "flip_lr"        // left and right
	ViewFlipUD        View = "flip_ud"        // up and down
	ViewFlipBoth      View = "flip_both"      // turned by 180°
	ViewRotate90      View = "rotate_90"      // counter-clockwise, as numpy.rot90; squares only, like the following
	ViewRotate270     View = "rotate_270"     // clockwise
	ViewTranspose     View = "transpose"      // rows become columns
	ViewAntiTranspose View = "anti_transpose" // rows become columns, the last ones first
)

// Views lists all views: the symmetries of a square.
func Views() []View {
	return []View{ViewIdentity, ViewFlipLR, ViewFlipUD, ViewFlipBoth, ViewRotate90, ViewRotate270, ViewTranspose, ViewAntiTranspose}
}

// viewSets are names for several views.
var viewSets = map[string][]View{
	"flips": {ViewIdentity, ViewFlipUD, ViewFlipLR}, // the study's
	"all":   Views(),
}

// ParseViews reads names of views and of sets of them: flips (identity, flip_ud and flip_lr: the study's) and all.
// An unknown name, a view named twice, and no name are errors.
func ParseViews(names ...string) ([]View, error) {
	var views []View
	for _, name := range names {
		set, isSet := viewSets[name]
		if !isSet {
			set = []View{View(name)}
		}
		for _, view := range set {
			if !slices.Contains(Views(), view) {
				return nil, fmt.Errorf("unknown view %q; known: %v, and the sets flips and all", name, Views())
			}
			if slices.Contains(views, view) {
				return nil, fmt.Errorf("view %s is named twice", view)
			}
			views = append(views, view)
		}
	}
	if len(views) == 0 {
		return nil, fmt.Errorf("no view is named; known: %v, and the sets flips and all", Views())
	}
	return views, nil
}

// NeedsSquares tells whether a view is one of squares only.
func (v View) NeedsSquares() bool {
	return slices.Contains([]View{ViewRotate90, ViewRotate270, ViewTranspose, ViewAntiTranspose}, v)
}

// Apply is a view of pictures [batch, height, width, channels]. Graph-building: panics on an unknown view and where a view
// of squares is asked of others.
func (v View) Apply(pictures *Node) *Node {
	s := pictures.Shape()
	if s.Rank() != 4 || v.NeedsSquares() && s.Dim(1) != s.Dim(2) {
		exceptions.Panicf("augment: view %s of pictures %s, need [batch, height, width, channels], height = width for some views", v, s)
	}
	transposed := func() *Node { return TransposeAllAxes(pictures, 0, 2, 1, 3) }
	switch v {
	case ViewIdentity:
		return pictures
	case ViewFlipLR:
		return Reverse(pictures, 2)
	case ViewFlipUD:
		return Reverse(pictures, 1)
	case ViewFlipBoth:
		return Reverse(pictures, 1, 2)
	case ViewRotate90:
		return Reverse(transposed(), 1)
	case ViewRotate270:
		return Reverse(transposed(), 2)
	case ViewTranspose:
		return transposed()
	case ViewAntiTranspose:
		return Reverse(transposed(), 1, 2)
	}
	exceptions.Panicf("augment: unknown view %q", v)
	return nil
}
