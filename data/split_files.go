package data

import (
	"errors"
	"fmt"
)

// ReadParts reads a split that is fixed: a CSV file with the header id,part, where part is train, valid or test and ids
// are those of a table, by row. Rows that the file does not name are in no part.
//
// Errors name file and line: what ReadLabels refuses, an id that is not in the table or comes twice, another part, a
// file without rows for training.
func ReadParts(path string, ids []string) (*Parts, error) {
	partOf := make([]string, len(ids))
	err := readByID(path, ids, "part", func(row int, part string) error {
		switch part {
		case "train", "valid", "test":
			partOf[row] = part
			return nil
		}
		return fmt.Errorf("part %q is none of train, valid, test", part)
	})
	if err != nil {
		return nil, err
	}
	parts := &Parts{Test: []int{}}
	for row, part := range partOf {
		switch part {
		case "train":
			parts.Train = append(parts.Train, row)
		case "valid":
			parts.Valid = append(parts.Valid, row)
		case "test":
			parts.Test = append(parts.Test, row)
		}
	}
	if len(parts.Train) == 0 {
		return nil, fmt.Errorf("%s: no row is for training: give some the part train", path)
	}
	return parts, nil
}

// ReadGroups reads the groups of a table's rows: a CSV file with the header id,group, where ids are those of the table,
// by row. Errors name file and line: what ReadLabels refuses, an id that is not in the table or comes twice, an empty
// group, a row of the table without a group.
func ReadGroups(path string, ids []string) ([]string, error) {
	groups := make([]string, len(ids))
	err := readByID(path, ids, "group", func(row int, group string) error {
		if group == "" {
			return errors.New("the group is empty")
		}
		groups[row] = group
		return nil
	})
	if err != nil {
		return nil, err
	}
	for row, group := range groups {
		if group == "" {
			return nil, fmt.Errorf("%s: no group for row %d (%s) of the table: give every row one", path, row, ids[row])
		}
	}
	return groups, nil
}

// readByID reads a CSV file that says something about rows of a table, each named by its id.
func readByID(path string, ids []string, column string, each func(row int, value string) error) error {
	rowOf := make(map[string]int, len(ids))
	for row, id := range ids {
		rowOf[id] = row
	}
	seen := make([]bool, len(ids))
	return readCSV(path, []string{"id", column}, func(_ int, fields []string) error {
		row, ok := rowOf[fields[0]]
		switch {
		case !ok:
			return fmt.Errorf("id %q is not in the table", fields[0])
		case seen[row]:
			return fmt.Errorf("id %q comes twice", fields[0])
		}
		seen[row] = true
		return each(row, fields[1])
	})
}
