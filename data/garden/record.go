package garden

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// drawingVersion changes whenever a picture, a name or a row of the same options would: an older garden is then not
// taken for a new one.
const drawingVersion = 1

const (
	recordName = "garden.json"
	imgsName   = "imgs"
)

// record is garden.json: what the folder holds, and whether all of it is there.
type record struct {
	Format       string `json:"format"`
	Drawing      int    `json:"drawing"`
	Species      int    `json:"species"`
	FirstSpecies int    `json:"first_species"`
	Size         int    `json:"size_px"`
	Seed         uint64 `json:"seed"`
	Train        int    `json:"train_pictures"`
	Test         int    `json:"test_pictures"`
	Rows         string `json:"rows_sha256"`
	Complete     bool   `json:"complete"`
}

const recordFormat = "longwing garden"

func (p *plan) record(complete bool) record {
	return record{
		Format: recordFormat, Drawing: drawingVersion,
		Species: p.options.Species, FirstSpecies: p.options.FirstSpecies, Size: p.options.Size, Seed: p.options.Seed,
		Train: len(p.train), Test: len(p.test), Rows: p.digest(), Complete: complete,
	}
}

func (r record) write(dir string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.WriteBytes(filepath.Join(dir, recordName), append(text, '\n'))
}

// readRecord reads garden.json. A folder that is empty has none and gives nil; one that holds other things is an error.
func readRecord(dir string) (*record, error) {
	path := filepath.Join(dir, recordName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, checkEmpty(dir)
	}
	if err != nil {
		return nil, err
	}
	var r record
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("%s is not a garden's record (%w): choose another folder or delete it", path, err)
	}
	if r.Format != recordFormat {
		return nil, fmt.Errorf("%s says format %q instead of %q: choose another folder", path, r.Format, recordFormat)
	}
	return &r, nil
}

func checkEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), "."+recordName+".tmp-") { // left by a kill before the record was there
			return fmt.Errorf("folder %s holds %s but no %s: choose a new or empty folder", dir, entry.Name(), recordName)
		}
	}
	return nil
}

// checkSame says in what a garden on disk differs from the one that is asked for.
func (r record) checkSame(dir string, want record) error {
	for _, field := range []struct {
		what      string
		has, want any
	}{
		{"version of the drawing code", r.Drawing, want.Drawing},
		{"number of species", r.Species, want.Species},
		{"first species", r.FirstSpecies, want.FirstSpecies},
		{"size in px", r.Size, want.Size},
		{"seed", r.Seed, want.Seed},
		{"number of training pictures", r.Train, want.Train},
		{"number of test pictures", r.Test, want.Test},
	} {
		if field.has != field.want {
			return fmt.Errorf("folder %s holds another garden: its %s is %v, asked for is %v: choose another folder or delete this one",
				dir, field.what, field.has, field.want)
		}
	}
	if r.Rows != want.Rows {
		return fmt.Errorf("folder %s holds another garden: its class counts or rows differ from those asked for: choose another folder or delete this one", dir)
	}
	return nil
}
