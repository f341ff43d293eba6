package garden

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
)

// What a zero field of Options stands for, and the limits of a picture's side.
const (
	DefaultSpecies  = 24
	DefaultPictures = 3000
	DefaultSize     = 128 // px

	MinSize = 16   // px
	MaxSize = 4096 // px
)

// Row is one line of a label table: the picture's id (its file name under imgs/) and its class number.
type Row struct {
	ID    string
	Class int
}

// Options says which garden to draw. The zero value is the default garden: 24 species and 3,000 pictures of 128 px,
// a fifth of them for testing, with the class counts of the study scaled down.
type Options struct {
	Species      int    // number of classes; 0 = 24, or what the counts or tables below need
	FirstSpecies int    // number of the first species; gardens over disjoint ranges share no species
	Size         int    // side of a picture, px, MinSize…MaxSize; 0 = 128
	Seed         uint64 // everything random comes from it

	// Pictures is the number of pictures, training and test together, spread over the classes by StudyCounts. 0 = 3000.
	Pictures int

	// TrainCounts and TestCounts give the pictures of each class instead; TestCounts alone nil: a quarter of
	// TrainCounts, at least one. Exclusive of Pictures and of the tables.
	TrainCounts, TestCounts []int

	// TrainTable and TestTable give every row instead: the same ids, classes and order as two existing tables, such as
	// the study's own. Exclusive of Pictures and of the counts.
	TrainTable, TestTable []Row

	Workers  int                   // pictures drawn at a time; 0 = one a processor. Changes no byte.
	Progress func(done, total int) // pictures that are on disk, of all; called by one goroutine at a time; may be nil
}

// withDefaults checks the options and fills in what was left out. Afterwards Species, Size, Pictures and Workers are
// set, and either both counts or both tables.
func (o Options) withDefaults() (Options, error) {
	if o.Species < 0 || o.FirstSpecies < 0 || o.Size < 0 || o.Pictures < 0 || o.Workers < 0 {
		return o, fmt.Errorf("garden options: species %d, first species %d, size %d, pictures %d, workers %d: none may be negative",
			o.Species, o.FirstSpecies, o.Size, o.Pictures, o.Workers)
	}
	if o.Size == 0 {
		o.Size = DefaultSize
	}
	if o.Size < MinSize || o.Size > MaxSize {
		return o, fmt.Errorf("garden options: size %d px is outside %d…%d", o.Size, MinSize, MaxSize)
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	const maxSpecies = 1 << 20
	if o.FirstSpecies > maxSpecies || o.Species > maxSpecies {
		return o, fmt.Errorf("garden options: species %d from %d: there are only %d", o.Species, o.FirstSpecies, maxSpecies)
	}
	switch counts, tables := o.TrainCounts != nil || o.TestCounts != nil, o.TrainTable != nil || o.TestTable != nil; {
	case counts && tables:
		return o, errors.New("garden options: give class counts or label tables, not both")
	case (counts || tables) && o.Pictures != 0:
		return o, fmt.Errorf("garden options: pictures %d contradicts the class counts or label tables given: leave one out", o.Pictures)
	case counts:
		return o.fromCounts()
	case tables:
		return o.fromTables()
	}
	return o.fromStudy()
}

func (o Options) fromStudy() (Options, error) {
	if o.Species == 0 {
		o.Species = DefaultSpecies
	}
	if o.Pictures == 0 {
		o.Pictures = DefaultPictures
	}
	if o.Pictures < 2*o.Species {
		return o, fmt.Errorf("garden options: %d pictures are too few for %d species: each needs one for training and one for testing, so at least %d",
			o.Pictures, o.Species, 2*o.Species)
	}
	train, test := StudyCounts(o.Species, o.Pictures)
	order := rankOrder(o.Species, o.FirstSpecies, o.Seed)
	o.TrainCounts, o.TestCounts = make([]int, o.Species), make([]int, o.Species)
	for rank, class := range order {
		o.TrainCounts[class], o.TestCounts[class] = train[rank], test[rank]
	}
	return o, nil
}

func (o Options) fromCounts() (Options, error) {
	if o.TrainCounts == nil {
		return o, errors.New("garden options: test counts without training counts")
	}
	if o.TestCounts == nil {
		o.TestCounts = make([]int, len(o.TrainCounts))
		for class, n := range o.TrainCounts {
			o.TestCounts[class] = max(1, (n+2)/4)
		}
	}
	if len(o.TestCounts) != len(o.TrainCounts) {
		return o, fmt.Errorf("garden options: training counts of %d classes and test counts of %d", len(o.TrainCounts), len(o.TestCounts))
	}
	if o.Species == 0 {
		o.Species = len(o.TrainCounts)
	}
	if o.Species != len(o.TrainCounts) || o.Species == 0 {
		return o, fmt.Errorf("garden options: %d species and counts of %d classes", o.Species, len(o.TrainCounts))
	}
	train := 0
	for class := range o.TrainCounts {
		if o.TrainCounts[class] < 0 || o.TestCounts[class] < 0 {
			return o, fmt.Errorf("garden options: class %d: counts %d and %d: none may be negative", class, o.TrainCounts[class], o.TestCounts[class])
		}
		train += o.TrainCounts[class]
		o.Pictures += o.TrainCounts[class] + o.TestCounts[class]
	}
	if train == 0 {
		return o, errors.New("garden options: the training counts are all zero")
	}
	return o, nil
}

func (o Options) fromTables() (Options, error) {
	if len(o.TrainTable) == 0 || len(o.TestTable) == 0 {
		return o, fmt.Errorf("garden options: a training table of %d rows and a test table of %d: give both, none empty", len(o.TrainTable), len(o.TestTable))
	}
	seen := make(map[string]string, len(o.TrainTable)+len(o.TestTable))
	largest := 0
	for _, table := range []struct {
		name string
		rows []Row
	}{{"training", o.TrainTable}, {"test", o.TestTable}} {
		for i, row := range table.rows {
			here := fmt.Sprintf("%s table row %d", table.name, i)
			if err := checkID(row.ID); err != nil {
				return o, fmt.Errorf("garden options: %s: %w", here, err)
			}
			if before, twice := seen[row.ID]; twice {
				return o, fmt.Errorf("garden options: %s: id %q is already that of %s", here, row.ID, before)
			}
			seen[row.ID] = here
			if row.Class < 0 {
				return o, fmt.Errorf("garden options: %s: class %d is negative", here, row.Class)
			}
			if o.Species > 0 && row.Class >= o.Species {
				return o, fmt.Errorf("garden options: %s: class %d is outside 0…%d", here, row.Class, o.Species-1)
			}
			largest = max(largest, row.Class)
		}
	}
	if o.Species == 0 {
		o.Species = largest + 1
	}
	if o.Species > 1<<20 {
		return o, fmt.Errorf("garden options: class %d in the tables: there are only %d species", largest, 1<<20)
	}
	o.Pictures = len(o.TrainTable) + len(o.TestTable)
	return o, nil
}

// checkID says whether an id can be the name of a file in imgs/.
func checkID(id string) error {
	switch {
	case id == "":
		return errors.New("empty id")
	case len(id) > 200:
		return fmt.Errorf("id %.20q…: longer than 200 bytes", id)
	case strings.HasPrefix(id, ".") || strings.ContainsAny(id, "/\\\x00,\"\r\n"):
		return fmt.Errorf("id %q: can't be a file name (no leading dot, slash, quote, comma or line break)", id)
	}
	return nil
}
