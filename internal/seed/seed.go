// Package seed derives independent random streams from one recorded seed.
//
// A stream is named by the seed and a path of numbers (epoch, row, …). The same name gives the same numbers on every
// platform, in every process and whatever the number of workers, because nothing is shared between streams.
//
//	rng := seed.New(recipe.Seed, seed.Shuffle, uint64(epoch))
//	rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
package seed

import "math/rand/v2"

// Purposes: the first number of a path, so that two uses of one seed never share a stream.
const (
	Split     uint64 = iota + 1 // dividing rows between training, validation and test
	Shuffle                     // the order of rows in an epoch
	Augment                     // the per-example augmentation seeds
	Init                        // initial parameters
	Dropout                     // dropout masks
	Garden                      // the drawn garden
	Bootstrap                   // resampling of pictures for confidence intervals
	Circle                      // the order in which plans go through the rows of a class
	Draw                        // what a plan draws anew in each epoch
	Stage                       // the seeds of a plan's later stages
	Folds                       // dividing rows between the folds of a cross-validation
	Groups                      // dividing groups of rows between the parts of a split
	Clusters                    // the first centres of clusters
	Repeat                      // the augmentation of a row that an epoch shows again
	View                        // the augmentation of views that come again
	Thin                        // which pictures of a class are kept
)

// Derive mixes a seed and a path into one 64-bit number. Paths of different lengths give unrelated numbers.
// The mixing function is SplitMix64's finaliser (Steele, Lea & Flood, OOPSLA 2014).
func Derive(seed uint64, path ...uint64) uint64 {
	h := mix(seed + 0x9e3779b97f4a7c15)
	for _, p := range path {
		h = mix(h ^ mix(p+0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15)
	}
	return mix(h ^ uint64(len(path)))
}

// New returns the random stream named by a seed and a path: PCG-DXSM (128 bits of state) seeded by Derive.
func New(seed uint64, path ...uint64) *rand.Rand {
	s := Derive(seed, path...)
	return rand.New(rand.NewPCG(s, mix(s^0xd1b54a32d192ed03)))
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
