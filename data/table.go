package data

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxClassNumber bounds class numbers, so that a slip in a table can't ask for gigabytes of counts.
const maxClassNumber = 999_999

// Table is a label table: what a kit's train.csv holds. Row r is the r-th line after the header, counted from 0.
type Table struct {
	IDs    []string // unique, each usable as a file name
	Labels []int32  // class numbers, 0 or larger
}

// NumClasses is one more than the largest class number; 0 for an empty table.
func (t *Table) NumClasses() int {
	if len(t.Labels) == 0 {
		return 0
	}
	return int(slices.Max(t.Labels)) + 1
}

// ReadLabels reads a CSV file with the header id,class. A byte-order mark, CRLF line ends and blank lines are
// tolerated. Everything else is an error that names the file, the row (from 0, after the header) and the line (from 1):
// another header, a row of another length, an id that is empty, repeated, not UTF-8 or not usable as a file name, a
// class that is not a whole number in 0…999999, a table without rows.
func ReadLabels(path string) (*Table, error) {
	table := &Table{}
	firstRow := map[string]int{}
	err := readCSV(path, []string{"id", "class"}, func(row int, fields []string) error {
		id := fields[0]
		if err := checkID(id); err != nil {
			return err
		}
		if first, ok := firstRow[id]; ok {
			return fmt.Errorf("id %q is already in row %d", id, first)
		}
		class, err := parseClass(fields[1])
		if err != nil {
			return err
		}
		firstRow[id] = row
		table.IDs = append(table.IDs, id)
		table.Labels = append(table.Labels, int32(class))
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(table.IDs) == 0 {
		return nil, fmt.Errorf("%s: no rows after the header", path)
	}
	return table, nil
}

// ReadClassNames reads a CSV file with the header class,taxa_name and returns the names by class number. The rows may
// be in any order, but the numbers must be 0…n−1, each once, and no name may be empty.
func ReadClassNames(path string) ([]string, error) {
	names := map[int]string{}
	err := readCSV(path, []string{"class", "taxa_name"}, func(_ int, fields []string) error {
		class, err := parseClass(fields[0])
		if err != nil {
			return err
		}
		if _, ok := names[class]; ok {
			return fmt.Errorf("class %d is already named", class)
		}
		if strings.TrimSpace(fields[1]) == "" {
			return fmt.Errorf("class %d has an empty name", class)
		}
		names[class] = fields[1]
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no rows after the header", path)
	}
	list := make([]string, len(names))
	for class := range list {
		name, ok := names[class]
		if !ok {
			return nil, fmt.Errorf("%s: class %d has no name, though %d classes are named: number them from 0 without gaps", path, class, len(names))
		}
		list[class] = name
	}
	return list, nil
}

// readCSV calls each with every row after the header. Errors get the file, row and line in front.
func readCSV(path string, header []string, each func(row int, fields []string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading table: %w", err)
	}
	defer f.Close()
	if err := parseCSV(f, header, each); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func parseCSV(r io.Reader, header []string, each func(row int, fields []string) error) error {
	buffered := bufio.NewReader(r)
	if mark, _ := buffered.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = buffered.Discard(3)
	}
	reader := csv.NewReader(buffered)
	reader.FieldsPerRecord = -1 // counted here, to name the row
	reader.ReuseRecord = true
	fields, err := reader.Read()
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("the file is empty; want the header %q", strings.Join(header, ","))
	case err != nil:
		return fmt.Errorf("header: %w", err)
	case !slices.Equal(fields, header):
		return fmt.Errorf("line 1: header is %q; want %q", strings.Join(fields, ","), strings.Join(header, ","))
	}
	for row := 0; ; row++ {
		fields, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", row, err)
		}
		line, _ := reader.FieldPos(0)
		if err := checkFields(fields, header); err != nil {
			return fmt.Errorf("row %d (line %d): %w", row, line, err)
		}
		if err := each(row, fields); err != nil {
			return fmt.Errorf("row %d (line %d): %w", row, line, err)
		}
	}
}

func checkFields(fields, header []string) error {
	if len(fields) != len(header) {
		return fmt.Errorf("%d fields; want %d (%s)", len(fields), len(header), strings.Join(header, ","))
	}
	for i, field := range fields {
		if !utf8.ValidString(field) {
			return fmt.Errorf("%s %q is not UTF-8", header[i], field)
		}
	}
	return nil
}

func parseClass(text string) (int, error) {
	class, err := strconv.Atoi(text)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("class %s is outside 0…%d", text, maxClassNumber)
	}
	if err != nil {
		return 0, fmt.Errorf("class %q is not a whole number", text)
	}
	if class < 0 || class > maxClassNumber {
		return 0, fmt.Errorf("class %d is outside 0…%d", class, maxClassNumber)
	}
	return class, nil
}

// checkID accepts what can be the name of a file directly inside a folder.
func checkID(id string) error {
	switch {
	case id == "":
		return errors.New("the id is empty")
	case len(id) > 255:
		return fmt.Errorf("id %.20q… is %d bytes long; a file name has 255 at most", id, len(id))
	case id == "." || id == ".." || strings.ContainsAny(id, `/\`) || strings.ContainsFunc(id, unicode.IsControl):
		return fmt.Errorf("id %q can't be a file name inside %s/", id, imagesFolder)
	}
	return nil
}
