package data

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/internal/seed"
)

// Thin makes a kit with a long tail of another set: dir gets tables, and links to the pictures. A share of each class, in
// (0, 1), becomes the test part, unless the pictures have one of their own, which is taken over. Of what is left, counts
// tells how many pictures of each class are kept for training: the first number is for the largest class, and so on; which
// ones follows from the seed.
//
// Errors: as many counts as classes are needed; a count below 1 or above what the class has; a test share that
// StratifiedSplit refuses; a dir that is not new or empty.
func Thin(pictures *Pictures, counts []int, testShare float64, seedNumber uint64, dir string) error {
	set := pictures.Train
	rows := make([]int, set.Len())
	for i := range rows {
		rows[i] = i
	}
	testSet, testRows := pictures.Test, []int(nil)
	if testSet == nil {
		var err error
		testSet = set
		if rows, testRows, err = StratifiedSplit(set.Labels, set.NumClasses(), testShare, seedNumber); err != nil {
			return err
		}
	} else {
		for row := range testSet.Len() {
			testRows = append(testRows, row)
		}
	}
	kept, err := thin(set, rows, counts, seedNumber)
	if err != nil {
		return err
	}
	return writeLinks(dir, set, kept, testSet, testRows)
}

// thin keeps counts of the rows of each class, ascending.
func thin(set *Set, rows, counts []int, seedNumber uint64) ([]int, error) {
	classes := set.NumClasses()
	if len(counts) != classes {
		return nil, fmt.Errorf("%d counts for the %d classes of %s", len(counts), classes, set.Name)
	}
	of := make([][]int, classes)
	for _, row := range rows {
		of[set.Labels[row]] = append(of[set.Labels[row]], row)
	}
	order := make([]int, classes)
	for class := range order {
		order[class] = class
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(of[b]), len(of[a])) })
	var kept []int
	for i, class := range order {
		all := of[class]
		if counts[i] < 1 || counts[i] > len(all) {
			return nil, fmt.Errorf("%d pictures of class %q can't be kept: it has %d beside the test part", counts[i], set.ClassNames[class], len(all))
		}
		rng := seed.New(seedNumber, seed.Thin, uint64(class))
		rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		kept = append(kept, all[:counts[i]]...)
	}
	slices.Sort(kept)
	return kept, nil
}

// writeLinks makes a kit of links to pictures. Its tables come last.
func writeLinks(dir string, train *Set, trainRows []int, test *Set, testRows []int) error {
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	imgs := filepath.Join(dir, imagesFolder)
	if err := os.MkdirAll(imgs, 0o755); err != nil {
		return err
	}
	next := 0
	link := func(set *Set, rows []int) ([][]string, error) {
		table := [][]string{{"id", "class"}}
		for _, row := range rows {
			target, err := filepath.Abs(set.Path(row))
			if err != nil {
				return nil, err
			}
			id := strconv.Itoa(next)
			next++
			if err := os.Symlink(target, filepath.Join(imgs, id)); err != nil {
				return nil, err
			}
			table = append(table, []string{id, strconv.Itoa(int(set.Labels[row]))})
		}
		return table, nil
	}
	trainTable, err := link(train, trainRows)
	if err != nil {
		return err
	}
	testTable, err := link(test, testRows)
	if err != nil {
		return err
	}
	names := [][]string{{"class", "taxa_name"}}
	for class, name := range train.ClassNames {
		names = append(names, []string{strconv.Itoa(class), name})
	}
	return errors.Join(writeTable(filepath.Join(dir, classesFile), names), writeTable(filepath.Join(dir, testFile), testTable),
		writeTable(filepath.Join(dir, trainFile), trainTable))
}

func writeTable(path string, rows [][]string) error {
	return atomicfile.Write(path, func(w io.Writer) error { return csv.NewWriter(w).WriteAll(rows) })
}
