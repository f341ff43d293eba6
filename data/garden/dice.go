package garden

import (
	"math/rand/v2"

	"github.com/longwing-ml/longwing/internal/seed"
)

// Streams of the garden: the number that follows seed.Garden in a path.
const (
	streamRanks   uint64 = iota + 1 // which class is how frequent
	streamRows                      // ids and order of rows
	streamGenus                     // what the species of a genus share
	streamSpecies                   // what sets them apart
	streamPicture                   // pose, light, background, front
	streamNames                     // names
)

// dice is a random stream with the few shapes of randomness the drawings use. math/rand/v2's normal and exponential
// numbers are not among them: they go through math.Exp and Log, which differ between platforms.
type dice struct{ *rand.Rand }

func newDice(gardenSeed uint64, path ...uint64) dice {
	return dice{seed.New(gardenSeed, append([]uint64{seed.Garden}, path...)...)}
}

// between is uniform in [low, high).
func (d dice) between(low, high float64) float64 { return lerp(low, high, d.Float64()) }

// around is centre ± at most spread, the middle likelier (a triangle).
func (d dice) around(centre, spread float64) float64 {
	return centre + mul(spread, d.Float64()+d.Float64()-1)
}

func (d dice) chance(p float64) bool { return d.Float64() < p }

// jitter shifts a colour in brightness and in each channel.
func (d dice) jitter(c colour, spread float64) colour {
	k := d.around(1, spread)
	half := mul(spread, 0.5)
	return colour{mul(c.r, k) + d.around(0, half)/2, mul(c.g, k) + d.around(0, half)/2, mul(c.b, k) + d.around(0, half)/2}
}

// pick is one of several, all alike likely.
func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

// noise is smooth value noise in [−1, 1] with period about 1, from a hash of whole numbers.
func noise(key uint64, x, y float64) float64 {
	fx, fy := floor(x), floor(y)
	tx, ty := x-fx, y-fy
	tx, ty = mul(mul(tx, tx), 3-mul(2, tx)), mul(mul(ty, ty), 3-mul(2, ty))
	ix, iy := uint64(int64(fx)), uint64(int64(fy))
	return lerp(
		lerp(lattice(key, ix, iy), lattice(key, ix+1, iy), tx),
		lerp(lattice(key, ix, iy+1), lattice(key, ix+1, iy+1), tx), ty)
}

// lattice is a number in [−1, 1) for a whole place.
func lattice(key, x, y uint64) float64 {
	h := key ^ x*0x9e3779b97f4a7c15 ^ y*0xc2b2ae3d27d4eb4f
	h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>32) * 0x94d049bb133111eb
	return float64(int32(h>>32)) / (1 << 31)
}

// cloud is three octaves of noise, about [−1, 1].
func cloud(key uint64, x, y float64) float64 {
	return mul(0.57, noise(key, x, y)) + mul(0.28, noise(key+1, mul(2.03, x), mul(2.03, y))) + mul(0.15, noise(key+2, mul(4.1, x), mul(4.1, y)))
}
