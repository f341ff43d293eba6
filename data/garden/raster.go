package garden

import (
	"math"
	"slices"
)

// path is a set of closed outlines in picture coordinates, px. Overlaps count once (non-zero winding).
type path [][]point

// bands is the number of scan lines in a pixel row. Across a row, coverage is exact to 1/256 px.
const bands = 4

// edge is a side of an outline: x in 1/65536 px along sub-scan-lines from top (included) to bottom (excluded).
type edge struct {
	top, bottom int
	x, step     int64
	winding     int32
}

// crossing is where an edge meets a scan line, x in 1/256 px.
type crossing struct {
	x       int32
	winding int32
}

// rasteriser turns outlines into coverage, in whole numbers. It keeps its buffers between calls.
type rasteriser struct {
	width, height int
	edges         []edge
	active        []int
	crossings     []crossing
	cover         []int32 // differences of the row's coverage in 1/(256·bands)
}

func newRasteriser(width, height int) *rasteriser {
	return &rasteriser{width: width, height: height, cover: make([]int32, width+2)}
}

// fill calls paint for every pixel that the path touches, with the covered share in (0, 1], row by row.
func (r *rasteriser) fill(p path, paint func(x, y int, covered float64)) {
	r.edges = r.edges[:0]
	top, bottom := r.height*bands, 0
	for _, outline := range p {
		for i, q := range outline {
			before := outline[(i+len(outline)-1)%len(outline)]
			if e, ok := r.edge(before, q); ok {
				r.edges = append(r.edges, e)
				top, bottom = min(top, e.top), max(bottom, e.bottom)
			}
		}
	}
	slices.SortFunc(r.edges, func(a, b edge) int { return a.top - b.top })
	next := 0
	r.active = r.active[:0]
	for row := top / bands; row*bands < bottom; row++ {
		left, right := r.width, -1
		for line := row * bands; line < (row+1)*bands; line++ {
			for ; next < len(r.edges) && r.edges[next].top <= line; next++ {
				r.active = append(r.active, next)
			}
			r.active = slices.DeleteFunc(r.active, func(i int) bool { return r.edges[i].bottom <= line })
			from, to := r.scan(line)
			left, right = min(left, from), max(right, to)
		}
		sum := int32(0)
		for x := left; x <= right && x < r.width; x++ {
			sum += r.cover[x]
			r.cover[x] = 0
			if sum > 0 {
				paint(x, row, float64(sum)/(256*bands))
			}
		}
		if right >= r.width {
			r.cover[r.width], r.cover[r.width+1] = 0, 0
		}
	}
}

// edge makes the edge from a to b, cut to the picture's height; horizontal ones and those outside are left out.
func (r *rasteriser) edge(a, b point) (edge, bool) {
	winding := int32(1)
	if a.y > b.y {
		a, b, winding = b, a, -1
	}
	// Sub-scan-line k lies at y = (k + ½)/bands.
	top := firstLine(a.y)
	bottom := min(firstLine(b.y), r.height*bands)
	if bottom <= max(top, 0) {
		return edge{}, false
	}
	slope := (b.x - a.x) / (b.y - a.y)
	top = max(top, 0)
	y := (float64(top) + 0.5) / bands
	x := clamp(a.x+mul(y-a.y, slope), -16384, 16384)
	return edge{
		top: top, bottom: bottom,
		x:       int64(math.Floor(mul(x, 65536))),
		step:    int64(math.Floor(mul(clamp(slope, -16384, 16384), 65536/bands))),
		winding: winding,
	}, true
}

func firstLine(y float64) int {
	return int(math.Floor(clamp(mul(y, bands)+0.5, -1e6, 1e6)))
}

// scan adds one sub-scan-line to the row's coverage and says which pixels it touched.
func (r *rasteriser) scan(line int) (left, right int) {
	r.crossings = r.crossings[:0]
	for _, i := range r.active {
		e := &r.edges[i]
		x := (e.x + int64(line-e.top)*e.step) >> 8
		x = max(0, min(x, int64(r.width)*256))
		c := crossing{int32(x), e.winding}
		at := len(r.crossings)
		r.crossings = append(r.crossings, c)
		for ; at > 0 && r.crossings[at-1].x > c.x; at-- {
			r.crossings[at] = r.crossings[at-1]
		}
		r.crossings[at] = c
	}
	left, right = r.width, -1
	winding := int32(0)
	for i, c := range r.crossings {
		if winding != 0 {
			if from, to := r.crossings[i-1].x, c.x; to > from {
				r.span(from, to)
				left, right = min(left, int(from>>8)), max(right, int(to>>8)+1)
			}
		}
		winding += c.winding
	}
	return left, right
}

// span covers [from, to), in 1/256 px, of one sub-scan-line.
func (r *rasteriser) span(from, to int32) {
	a, b := from>>8, to>>8
	fa, fb := from&255, to&255
	// Coverage rises by 256−fa in pixel a and by fa more in a+1; it falls likewise at b.
	r.cover[a] += 256 - fa
	r.cover[a+1] += fa
	r.cover[b] -= 256 - fb
	r.cover[b+1] -= fb
}
