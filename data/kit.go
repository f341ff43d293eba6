package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The files of a kit.
const (
	trainFile    = "train.csv"
	testFile     = "test.csv"
	classesFile  = "class_codes.csv"
	imagesFolder = "imgs"
)

// OpenKit reads a folder laid out as the study's kit: train.csv and test.csv (header id,class), class_codes.csv
// (header class,taxa_name) and the pictures imgs/<id>, whose names have no extension.
//
// test.csv and class_codes.csv may be absent; without names, classes are named by their numbers. The pictures are not
// looked for, so that tables can be studied without them. Errors name file and row: what ReadLabels and ReadClassNames
// refuse, a class number without a name, an id that is in both tables.
func OpenKit(dir string) (*Pictures, error) {
	if err := checkFolder(dir); err != nil {
		return nil, err
	}
	trainPath, testPath := filepath.Join(dir, trainFile), filepath.Join(dir, testFile)
	train, err := ReadLabels(trainPath)
	if err != nil {
		return nil, err
	}
	test, err := optional(testPath, ReadLabels)
	if err != nil {
		return nil, err
	}
	names, err := optional(filepath.Join(dir, classesFile), ReadClassNames)
	if err != nil {
		return nil, err
	}
	if names == nil {
		n := train.NumClasses()
		if test != nil {
			n = max(n, test.NumClasses())
		}
		names = numberedNames(n)
	}
	if err := checkClasses(trainPath, train, len(names)); err != nil {
		return nil, err
	}
	pictures := &Pictures{Path: dir, Kind: Kit}
	imgs := filepath.Join(dir, imagesFolder)
	if pictures.Train, err = NewSet("train", imgs, train.IDs, train.Labels, names); err != nil {
		return nil, err
	}
	if test == nil {
		return pictures, nil
	}
	if err := checkClasses(testPath, test, len(names)); err != nil {
		return nil, err
	}
	if err := checkDisjoint(train, testPath, test); err != nil {
		return nil, err
	}
	pictures.Test, err = NewSet("test", imgs, test.IDs, test.Labels, names)
	return pictures, err
}

// NamesBeside reads the class names in the class_codes.csv beside a label table; nil if there is none. A class of the
// table without a name is an error.
func NamesBeside(path string, table *Table) ([]string, error) {
	names, err := optional(filepath.Join(filepath.Dir(path), classesFile), ReadClassNames)
	if names == nil || err != nil {
		return nil, err
	}
	return names, checkClasses(path, table, len(names))
}

// optional reads a file that may be absent; the result is then the zero value.
func optional[T any](path string, read func(string) (T, error)) (T, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		var absent T
		return absent, nil
	}
	return read(path)
}

func checkClasses(path string, table *Table, numClasses int) error {
	for row, label := range table.Labels {
		if int(label) >= numClasses {
			return fmt.Errorf("%s: row %d: class %d has no name in %s, which ends at %d", path, row, label, classesFile, numClasses-1)
		}
	}
	return nil
}

func checkDisjoint(train *Table, testPath string, test *Table) error {
	trainRow := make(map[string]int, len(train.IDs))
	for row, id := range train.IDs {
		trainRow[id] = row
	}
	for row, id := range test.IDs {
		if first, ok := trainRow[id]; ok {
			return fmt.Errorf("%s: row %d: id %q is also in %s, row %d", testPath, row, id, trainFile, first)
		}
	}
	return nil
}
