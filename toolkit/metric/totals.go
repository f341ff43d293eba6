package metric

// CalibrationBins is the number of equal-width confidence bins of the expected calibration error.
const CalibrationBins = 15

// totals are sums over pictures from which every score follows.
type totals struct {
	tally *Tally
	ranks []int // pictures by rank of their true class, 0 = first
	nll   float64
	bins  [CalibrationBins]bin
}

type bin struct {
	pictures, hits int
	confidence     float64 // sum
}

func newTotals(numClasses int) *totals {
	return &totals{tally: NewTally(numClasses), ranks: make([]int, numClasses)}
}

func (t *totals) add(o *outcome) {
	t.tally.add(o.label, o.predicted)
	t.ranks[o.rank]++
	t.nll += o.nll
	b := &t.bins[o.bin]
	b.pictures++
	b.confidence += o.confidence
	if o.label == o.predicted {
		b.hits++
	}
}

func (t *totals) reset() {
	t.tally.reset()
	clear(t.ranks)
	t.nll = 0
	clear(t.bins[:])
}

func (t *totals) pictures() int {
	n := 0
	for _, b := range t.bins {
		n += b.pictures
	}
	return n
}

func (t *totals) meanNLL() float64 { return t.nll / float64(max(t.pictures(), 1)) }

func (t *totals) topK(k int) float64 {
	return ratio(sum(t.ranks[:min(max(k, 0), len(t.ranks))]), t.pictures())
}

func (t *totals) calibrationError() float64 {
	gap := 0.0
	for _, b := range t.bins {
		d := b.confidence - float64(b.hits)
		gap += max(d, -d)
	}
	return gap / float64(max(t.pictures(), 1))
}

func confidenceBin(confidence float64) int {
	i := int(confidence * CalibrationBins)
	if i > 0 && confidence <= float64(i)/CalibrationBins {
		i-- // the upper edge belongs to the bin below
	}
	return min(i, CalibrationBins-1)
}
