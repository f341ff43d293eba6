package sampling

import "fmt"

type progressive struct {
	circles         [][]int
	natural, equal  []float64 // rows of a class in the first and in the last epoch
	size, numEpochs int
	seed            uint64
}

// Progressive goes over from the classes as they are to classes of equal size (progressively-balanced sampling, Kang et
// al., ICLR 2020): an epoch is as many rows as the split has, and a class's share moves in equal steps from natural in
// the first epoch to that of an equal division in the last, after which it stays. Shares are rounded. An epoch takes the
// stretch of a class's circle that follows the earlier ones', to within rounding.
//
// It is an error if the number of epochs is below 2 or above MaxEpoch.
func Progressive(split *Split, epochs int, seed uint64) (Plan, error) {
	if epochs < 2 || epochs > MaxEpoch {
		return nil, &OptionError{"progressive", "epochs", fmt.Sprintf("%d is outside 2…%d", epochs, MaxEpoch)}
	}
	p := &progressive{circles(split, seed), make([]float64, split.NumClasses()), make([]float64, split.NumClasses()), split.Len(), epochs, seed}
	present := split.present()
	for _, class := range present {
		p.natural[class] = float64(split.count(class))
		p.equal[class] = float64(split.Len()) / float64(len(present))
	}
	return p, nil
}

func (p *progressive) String() string {
	return fmt.Sprintf("progressive: %d rows, as many as the split has; class sizes from natural in the first epoch to equal in the last of %d epochs", p.size, p.numEpochs)
}

func (p *progressive) Rows(epoch int) []int {
	progress := min(1, float64(epoch)/float64(p.numEpochs-1))
	// passed is the sum of the progress of all earlier epochs.
	rising := float64(min(epoch, p.numEpochs))
	passed := rising*(rising-1)/2/float64(p.numEpochs-1) + float64(epoch) - rising

	counts := roundShares(p.between(progress, 1), p.size)
	from := p.between(passed, float64(epoch))
	rows := make([]int, 0, p.size)
	for class, count := range counts {
		if count > 0 {
			rows = take(rows, p.circles[class], int(from[class]), count)
		}
	}
	shuffleRows(rows, p.seed, epoch)
	return rows
}

// between mixes natural and equal sizes: part of whole is equal. Conversions keep the compiler from fusing operations,
// which would round differently from one processor to another.
func (p *progressive) between(part, whole float64) []float64 {
	mixed := make([]float64, len(p.natural))
	for class := range mixed {
		mixed[class] = float64((whole-part)*p.natural[class]) + float64(part*p.equal[class])
	}
	return mixed
}
