package run

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/internal/npy"
)

// Predictions are the logits of a split, or of one batch of it. One entry a picture in IDs, Rows and Labels.
type Predictions struct {
	IDs        []string
	Rows       []int   // row of the picture in the set the split was taken from
	Labels     []int32 // true class numbers in [0, NumClasses)
	Logits     []float32
	NumClasses int // columns of Logits [len(IDs), NumClasses], row-major
}

// Len is the number of pictures.
func (p *Predictions) Len() int { return len(p.IDs) }

func (p *Predictions) check() error {
	n := len(p.IDs)
	switch {
	case p.NumClasses < 1:
		return fmt.Errorf("%d classes, need at least 1", p.NumClasses)
	case len(p.Rows) != n || len(p.Labels) != n:
		return fmt.Errorf("%d ids, %d rows and %d labels, need as many of each", n, len(p.Rows), len(p.Labels))
	case len(p.Logits) != n*p.NumClasses:
		return fmt.Errorf("%d logits for %d pictures of %d classes, need %d", len(p.Logits), n, p.NumClasses, n*p.NumClasses)
	}
	for i, label := range p.Labels {
		if label < 0 || int(label) >= p.NumClasses {
			return fmt.Errorf("row %d (%s): label %d is not a class number in [0, %d)", p.Rows[i], p.IDs[i], label, p.NumClasses)
		}
		if p.Rows[i] < 0 {
			return fmt.Errorf("picture %d (%s): row %d is negative", i, p.IDs[i], p.Rows[i])
		}
	}
	return nil
}

// WritePredictions stores the predictions of a split ("valid", "test", "test-flips": lower-case letters, digits and
// dashes) as predictions/<split>.npy and .csv, replacing older ones.
func (r *Run) WritePredictions(split string, p *Predictions) error {
	one := func(yield func(*Predictions, error) bool) { yield(p, nil) }
	return r.WritePredictionBatches(split, p.Len(), p.NumClasses, one)
}

// WritePredictionBatches is WritePredictions for n pictures that come batch by batch, so that their logits never lie in
// memory together. An error among the batches, or a number of pictures other than n, leaves older predictions as they
// were.
//
// The logits and the table can't be renamed in one move: between the two the table is missing, and ReadPredictions
// reports the split as incomplete rather than pair one file with the other's older version.
func (r *Run) WritePredictionBatches(split string, n, numClasses int, batches iter.Seq2[*Predictions, error]) error {
	logits, table, err := r.predictionPaths(split)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(logits), 0o755); err != nil {
		return fmt.Errorf("writing predictions: %w", err)
	}
	newLogits, newTable := staged(logits), staged(table)
	defer func() { _, _ = os.Remove(newLogits), os.Remove(newTable) }() // gone already if all went well
	var batchErr error
	err = atomicfile.Write(newLogits, func(logitsFile io.Writer) error {
		return atomicfile.Write(newTable, func(tableFile io.Writer) error {
			batchErr = writeBatches(logitsFile, tableFile, n, numClasses, batches)
			return batchErr
		})
	})
	if batchErr != nil {
		return fmt.Errorf("writing %s: %w", logits, batchErr) // not the names of the temporary files
	}
	if err != nil {
		return err
	}
	if err := os.Remove(table); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("writing predictions: %w", err)
	}
	for _, move := range [][2]string{{newLogits, logits}, {newTable, table}} {
		if err := os.Rename(move[0], move[1]); err != nil {
			return fmt.Errorf("writing predictions: %w", err)
		}
	}
	return atomicfile.SyncDir(filepath.Dir(logits))
}

func writeBatches(logits, table io.Writer, n, numClasses int, batches iter.Seq2[*Predictions, error]) error {
	if err := npy.WriteHeader(logits, []int{n, numClasses}); err != nil {
		return err
	}
	rows := csv.NewWriter(table)
	_ = rows.Write([]string{"row", "id", "label"}) // errors are kept for Error
	done := 0
	for p, err := range batches {
		if err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return err
		}
		if p.NumClasses != numClasses {
			return fmt.Errorf("batch of %d classes, need %d", p.NumClasses, numClasses)
		}
		if err := npy.WriteData(logits, p.Logits); err != nil {
			return err
		}
		for i := range p.IDs {
			_ = rows.Write([]string{strconv.Itoa(p.Rows[i]), p.IDs[i], strconv.Itoa(int(p.Labels[i]))})
		}
		done += p.Len()
	}
	if done != n {
		return fmt.Errorf("got %d pictures, need %d", done, n)
	}
	rows.Flush()
	return rows.Error()
}

// ReadPredictions reads the predictions of a split. Files that are missing, cut short or don't fit each other are an
// error that names the file; if the split was never predicted it wraps fs.ErrNotExist. Reading while another process
// replaces them gives the old ones or the new ones, never a mixture.
func (r *Run) ReadPredictions(split string) (*Predictions, error) {
	logits, table, err := r.predictionPaths(split)
	if err != nil {
		return nil, err
	}
	for range 3 {
		p, err := readPair(logits, table)
		if errors.Is(err, errReplaced) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("predictions of split %s: %w", split, err)
		}
		return p, nil
	}
	return nil, fmt.Errorf("predictions of split %s: %w", split, errReplaced)
}

var errReplaced = errors.New("they were replaced while being read; read them again")

func readPair(logitsPath, tablePath string) (*Predictions, error) {
	f, err := os.Open(tablePath)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	array, err := npy.Read(logitsPath)
	if err != nil {
		return nil, err
	}
	opened, openedErr := f.Stat()
	now, nowErr := os.Stat(tablePath)
	if openedErr != nil || nowErr != nil || !os.SameFile(opened, now) {
		return nil, errReplaced
	}
	if len(array.Shape) != 2 || array.Shape[1] < 1 {
		return nil, fmt.Errorf("%s has shape %v, need [pictures, classes]", logitsPath, array.Shape)
	}
	p := &Predictions{Logits: array.Data, NumClasses: array.Shape[1]}
	if err := p.readRows(f); err != nil {
		return nil, fmt.Errorf("reading %s: %w", tablePath, err)
	}
	if p.Len() != array.Shape[0] {
		return nil, fmt.Errorf("%s has %d rows but %s has %d; write them again", tablePath, p.Len(), logitsPath, array.Shape[0])
	}
	return p, nil
}

func (p *Predictions) readRows(table io.Reader) error {
	return readTable(table, []string{"row", "id", "label"}, func(_ int, fields []string) error {
		row, err := strconv.Atoi(fields[0])
		if err != nil || row < 0 {
			return fmt.Errorf("row is %q, need a number from 0 up", fields[0])
		}
		label, err := strconv.Atoi(fields[2])
		if err != nil || label < 0 || label >= p.NumClasses {
			return fmt.Errorf("label is %q, need a class number in [0, %d)", fields[2], p.NumClasses)
		}
		p.Rows = append(p.Rows, row)
		p.IDs = append(p.IDs, fields[1])
		p.Labels = append(p.Labels, int32(label))
		return nil
	})
}

// Splits lists the splits with predictions, sorted.
func (r *Run) Splits() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(r.dir, predictionsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("listing predictions: %w", err)
	}
	var splits []string
	for _, entry := range entries {
		if split, isTable := strings.CutSuffix(entry.Name(), ".csv"); isTable && splitName.MatchString(split) {
			splits = append(splits, split)
		}
	}
	return splits, nil
}

var splitName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

func (r *Run) predictionPaths(split string) (logits, table string, err error) {
	if !splitName.MatchString(split) {
		return "", "", fmt.Errorf("split %q: a name is made of lower-case letters, digits and dashes", split)
	}
	base := filepath.Join(r.dir, predictionsDir, split)
	return base + ".npy", base + ".csv", nil
}

// staged is where a file is written before it takes its place.
func staged(path string) string {
	return filepath.Join(filepath.Dir(path), ".new-"+filepath.Base(path))
}
