package run

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// Classes are the classes of a run: one entry a class, in class-number order.
type Classes struct {
	Names          []string
	TrainingCounts []int // pictures of the class in the training split
}

// WriteClasses stores classes.csv (class, name, train). The two slices must be equally long.
func (r *Run) WriteClasses(c Classes) error {
	if len(c.Names) != len(c.TrainingCounts) {
		return fmt.Errorf("writing %s: %d names but %d training counts", r.classesPath(), len(c.Names), len(c.TrainingCounts))
	}
	return atomicfile.Write(r.classesPath(), func(w io.Writer) error {
		table := csv.NewWriter(w)
		_ = table.Write([]string{"class", "name", "train"}) // errors are kept for Error
		for i, name := range c.Names {
			_ = table.Write([]string{strconv.Itoa(i), name, strconv.Itoa(c.TrainingCounts[i])})
		}
		table.Flush()
		return table.Error()
	})
}

// ReadClasses reads classes.csv; the error wraps fs.ErrNotExist if the run has none.
func (r *Run) ReadClasses() (*Classes, error) {
	f, err := os.Open(r.classesPath())
	if err != nil {
		return nil, fmt.Errorf("reading classes: %w", err)
	}
	defer func() { _ = f.Close() }()
	c := &Classes{}
	err = readTable(f, []string{"class", "name", "train"}, func(row int, fields []string) error {
		if fields[0] != strconv.Itoa(row) {
			return fmt.Errorf("class is %q, need %d", fields[0], row)
		}
		count, err := strconv.Atoi(fields[2])
		if err != nil || count < 0 {
			return fmt.Errorf("train is %q, need a count", fields[2])
		}
		c.Names = append(c.Names, fields[1])
		c.TrainingCounts = append(c.TrainingCounts, count)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", r.classesPath(), err)
	}
	return c, nil
}

func (r *Run) classesPath() string { return filepath.Join(r.dir, classesFile) }

// readTable reads a CSV file with exactly this header. Errors name the line, counted from 1.
func readTable(f io.Reader, header []string, each func(row int, fields []string) error) error {
	table := csv.NewReader(f)
	table.FieldsPerRecord = len(header)
	table.ReuseRecord = true
	for row := -1; ; row++ {
		fields, err := table.Read()
		if errors.Is(err, io.EOF) {
			if row == -1 {
				return fmt.Errorf("it is empty: %w", io.ErrUnexpectedEOF)
			}
			return nil
		}
		if err != nil {
			return err
		}
		line, _ := table.FieldPos(0)
		if row == -1 {
			for i := range header {
				if fields[i] != header[i] {
					return fmt.Errorf("line 1: column %d is %q, need %q", i+1, fields[i], header[i])
				}
			}
			continue
		}
		if err := each(row, fields); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
}
