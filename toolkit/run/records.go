package run

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// Phases of a record.
const (
	Train = "train"
	Valid = "valid"
	Test  = "test"
)

// Outer is the split of predictions that a recipe holds out of a training set that has a test set beside it.
const Outer = "outer"

// Record is one line of metrics.jsonl: the state of training after one phase of one epoch.
//
// A number that was not measured, or is not finite because training diverged, is null in the file and NaN here.
type Record struct {
	Step            int     // optimizer steps done since the start of the run
	Epoch           int     // epochs done, the first is 1
	Stage           string  // name of the recipe's stage; may be empty
	Phase           string  // Train, Valid or Test
	Loss            float64 // the loss that is optimised, mean over pictures
	Accuracy        float64
	NLL             float64 // mean, in nats
	F170            float64
	LR              float64 // learning rate of the last step
	ImagesPerSecond float64
	Seconds         float64 // wall time of this phase of this epoch

	// Parts of Seconds, of training only: waiting for the next batch, moving it to the device, and computing.
	InputSeconds, TransferSeconds, ComputeSeconds float64
}

type recordJSON struct {
	Step            int      `json:"step"`
	Epoch           int      `json:"epoch"`
	Stage           string   `json:"stage,omitempty"`
	Phase           string   `json:"phase"`
	Loss            *float64 `json:"loss"`
	Accuracy        *float64 `json:"accuracy"`
	NLL             *float64 `json:"nll"`
	F170            *float64 `json:"f170"`
	LR              *float64 `json:"lr"`
	ImagesPerSecond *float64 `json:"img_per_s"`
	Seconds         *float64 `json:"seconds"`
	InputSeconds    *float64 `json:"input_s,omitempty"`
	TransferSeconds *float64 `json:"transfer_s,omitempty"`
	ComputeSeconds  *float64 `json:"compute_s,omitempty"`
}

// MarshalJSON writes the keys of the file format, null for numbers that are not finite.
func (r Record) MarshalJSON() ([]byte, error) {
	return json.Marshal(recordJSON{
		r.Step, r.Epoch, r.Stage, r.Phase, finite(r.Loss), finite(r.Accuracy), finite(r.NLL), finite(r.F170),
		finite(r.LR), finite(r.ImagesPerSecond), finite(r.Seconds),
		positive(r.InputSeconds), positive(r.TransferSeconds), positive(r.ComputeSeconds),
	})
}

// UnmarshalJSON reads the keys of the file format; null and missing numbers become NaN.
func (r *Record) UnmarshalJSON(text []byte) error {
	var j recordJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return err
	}
	*r = Record{
		j.Step, j.Epoch, j.Stage, j.Phase, orNaN(j.Loss), orNaN(j.Accuracy), orNaN(j.NLL), orNaN(j.F170),
		orNaN(j.LR), orNaN(j.ImagesPerSecond), orNaN(j.Seconds),
		orZero(j.InputSeconds), orZero(j.TransferSeconds), orZero(j.ComputeSeconds),
	}
	return nil
}

// Append adds one line to metrics.jsonl and flushes it to disk before returning. What a killed process left of an
// unfinished line is cut off first.
func (r *Run) Append(record Record) (err error) {
	line, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("appending to %s: %w", r.MetricsPath(), err)
	}
	f, err := os.OpenFile(r.MetricsPath(), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("appending to metrics: %w", err)
	}
	defer func() {
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			err = fmt.Errorf("appending to %s: %w", r.MetricsPath(), err)
		}
	}()
	end, err := wholeLines(f)
	if err != nil {
		return err
	}
	if err := f.Truncate(end); err != nil {
		return err
	}
	if _, err := f.WriteAt(append(line, '\n'), end); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if end == 0 {
		return atomicfile.SyncDir(r.dir)
	}
	return nil
}

// wholeLines finds the offset behind the last newline, looking back from the end.
func wholeLines(f *os.File) (int64, error) {
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	block := make([]byte, 4096)
	for end > 0 {
		start := max(end-int64(len(block)), 0)
		part := block[:end-start]
		if _, err := f.ReadAt(part, start); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(part, '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
		end = start
	}
	return 0, nil
}

// Records reads the log of metrics in the order it was written; nil if nothing was logged yet. A last line without its
// newline, left by a killed process, is dropped; any other line that can't be read is an error with its number.
func (r *Run) Records() ([]Record, error) {
	lines, err := r.readLines()
	if err != nil {
		return nil, err
	}
	var records []Record
	for _, line := range lines {
		records = append(records, line.record)
	}
	return records, nil
}

// TruncateRecords drops the records of epochs later than lastEpoch and of steps later than lastStep, atomically: on
// resuming from a checkpoint, what was logged after it will be logged again. The kept lines stay as they are, byte for
// byte.
func (r *Run) TruncateRecords(lastEpoch, lastStep int) error {
	lines, err := r.readLines()
	if err != nil {
		return err
	}
	var kept []byte
	dropped := false
	for _, line := range lines {
		if line.record.Epoch > lastEpoch || line.record.Step > lastStep {
			dropped = true
			continue
		}
		kept = append(kept, line.text...)
	}
	if !dropped {
		return nil
	}
	return atomicfile.WriteBytes(r.MetricsPath(), kept)
}

type metricsLine struct {
	text   []byte // with its newline
	record Record
}

func (r *Run) readLines() ([]metricsLine, error) {
	text, err := os.ReadFile(r.MetricsPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading metrics: %w", err)
	}
	var lines []metricsLine
	number := 0
	for raw := range bytes.Lines(text) {
		number++
		if raw[len(raw)-1] != '\n' {
			break // torn by a kill
		}
		line := metricsLine{text: raw}
		if err := json.Unmarshal(raw, &line.record); err != nil {
			return nil, fmt.Errorf("reading %s: line %d: %w", r.MetricsPath(), number, err)
		}
		if line.record.Phase == "" {
			return nil, fmt.Errorf("reading %s: line %d: it has no phase", r.MetricsPath(), number)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// positive is nil where nothing was measured.
func positive(x float64) *float64 {
	if x > 0 {
		return finite(x)
	}
	return nil
}

func orZero(x *float64) float64 {
	if x == nil {
		return 0
	}
	return *x
}

func orNaN(x *float64) float64 {
	if x == nil {
		return math.NaN()
	}
	return *x
}
