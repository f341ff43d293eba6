package metric

// Shot is the size group of a class by its number of training pictures, after Liu et al., "Large-Scale Long-Tailed
// Recognition in an Open World" (CVPR 2019).
type Shot int

// The three groups.
const (
	Few    Shot = iota // fewer than 20 training pictures
	Medium             // 20 to 100
	Many               // more than 100
)

// ShotOf returns the group of a class with this many training pictures.
func ShotOf(trainingPictures int) Shot {
	switch {
	case trainingPictures > 100:
		return Many
	case trainingPictures >= 20:
		return Medium
	}
	return Few
}

// ShotAccuracy is the share of right predictions among the pictures whose class belongs to the group, and the number of
// those pictures; 0, 0 if there are none. trainingCounts has one entry a class.
//
// On a test set with equally many pictures a class this is the number reported by Liu et al.; on a long-tailed one their
// mean of class recalls gives rare classes more weight.
func (t *Tally) ShotAccuracy(group Shot, trainingCounts []int) (accuracy float64, pictures int) {
	hits := 0
	for c := range min(len(t.Count), len(trainingCounts)) {
		if ShotOf(trainingCounts[c]) == group {
			hits += t.Hits[c]
			pictures += t.Count[c]
		}
	}
	return ratio(hits, pictures), pictures
}
