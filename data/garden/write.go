package garden

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// Write draws a garden into a folder as a kit in the study's layout: train.csv and test.csv (id,class), class_codes.csv
// (class,taxa_name) and imgs/<id>, PNG files without extension; garden.json records the options.
//
// The folder is made if it is missing. A garden of the same options that is complete is left as it is; one that was cut
// short, by a kill or a power cut, is gone on with. The bytes depend on the options alone, not on the workers, the
// platform or the interruptions. Every file is whole or absent, and train.csv comes last, so that half a garden is not
// taken for a kit.
//
// It is an error if the folder holds something else or another garden (the message says in what it differs), if
// another process is writing there, if a file can't be written, or if ctx ends; in the last two cases a later call goes
// on where this one stopped.
func Write(ctx context.Context, dir string, opt Options) error {
	opt, err := opt.withDefaults()
	if err != nil {
		return err
	}
	p := makePlan(opt)
	if err := p.write(ctx, dir); err != nil {
		return fmt.Errorf("garden %s: %w", dir, err)
	}
	return nil
}

func (p *plan) write(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("stopped before the first picture: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	defer unlock()

	found, err := readRecord(dir)
	if err != nil {
		return err
	}
	want := p.record(false)
	if found != nil {
		if err := found.checkSame(dir, want); err != nil {
			return err
		}
	} else if err := want.write(dir); err != nil {
		return err
	}
	imgs := filepath.Join(dir, imgsName)
	if err := os.MkdirAll(imgs, 0o755); err != nil {
		return err
	}
	present, err := presentPictures(imgs, found != nil && found.Complete)
	if err != nil {
		return err
	}
	drawn, err := p.drawMissing(ctx, imgs, present)
	if err != nil {
		return err
	}
	if drawn > 0 || found == nil || !found.Complete {
		if err := flushFolder(imgs); err != nil { // all pictures at once: a flush for each would take longer than drawing
			return err
		}
	}
	if err := p.writeTables(dir); err != nil {
		return err
	}
	if found == nil || !found.Complete {
		return p.record(true).write(dir)
	}
	return nil
}

// presentPictures lists the pictures that need not be drawn. Unless the garden was complete, each is read and its
// checksums compared, because pictures are flushed to disk together at the end: a power cut may have torn some.
func presentPictures(imgs string, trusted bool) (map[string]bool, error) {
	entries, err := os.ReadDir(imgs)
	if err != nil {
		return nil, err
	}
	present := make(map[string]bool, len(entries))
	for _, entry := range entries {
		path := filepath.Join(imgs, entry.Name())
		if isTemporary(entry.Name()) {
			if err := os.Remove(path); err != nil {
				return nil, err
			}
			continue
		}
		if trusted || isWholePNG(path) {
			present[entry.Name()] = true
		}
	}
	return present, nil
}

// drawMissing draws the pictures that are not present and says how many it drew.
func (p *plan) drawMissing(ctx context.Context, imgs string, present map[string]bool) (drawn int, err error) {
	var missing []picture
	for _, picture := range p.pictures {
		if !present[picture.id] {
			missing = append(missing, picture)
		}
	}
	done := len(p.pictures) - len(missing)
	var mutex sync.Mutex
	report := func(more int) {
		mutex.Lock()
		defer mutex.Unlock()
		done += more
		if p.options.Progress != nil {
			p.options.Progress(done, len(p.pictures))
		}
	}
	report(0)

	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range min(p.options.Workers, len(missing)) {
		group.Go(func() error {
			painter := newPainter(p.options.Size)
			var buffer bytes.Buffer
			for {
				i := int(next.Add(1)) - 1
				if i >= len(missing) {
					return nil
				}
				if ctx.Err() != nil {
					return ctx.Err()
				}
				m := missing[i]
				buffer.Reset()
				encoder := png.Encoder{CompressionLevel: png.BestSpeed}
				if err := encoder.Encode(&buffer, painter.draw(m.species, m.index, p.options.Seed)); err != nil {
					return err
				}
				if err := writeUnflushed(filepath.Join(imgs, m.id), buffer.Bytes()); err != nil {
					return err
				}
				report(1)
			}
		})
	}
	err = group.Wait()
	if err != nil {
		err = fmt.Errorf("stopped with %d of %d pictures on disk (the same call goes on from there): %w", done, len(p.pictures), err)
	}
	return len(missing), err
}

// writeTables writes the three tables, train.csv last. A table that is there already is left alone.
func (p *plan) writeTables(dir string) error {
	names := Names(p.options.FirstSpecies, p.options.Species, p.options.Seed)
	codes := make([][2]string, len(names))
	for class, name := range names {
		codes[class] = [2]string{strconv.Itoa(class), name}
	}
	for _, table := range []struct {
		file   string
		header [2]string
		rows   [][2]string
	}{
		{"class_codes.csv", [2]string{"class", "taxa_name"}, codes},
		{"test.csv", [2]string{"id", "class"}, cells(p.test)},
		{"train.csv", [2]string{"id", "class"}, cells(p.train)},
	} {
		var text bytes.Buffer
		if err := writeCSV(&text, table.header, table.rows); err != nil {
			return err
		}
		path := filepath.Join(dir, table.file)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text.Bytes()) {
			continue
		}
		if err := atomicfile.WriteBytes(path, text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func cells(rows []Row) [][2]string {
	text := make([][2]string, len(rows))
	for i, row := range rows {
		text[i] = [2]string{row.ID, strconv.Itoa(row.Class)}
	}
	return text
}

func writeCSV(w io.Writer, header [2]string, rows [][2]string) error {
	out := csv.NewWriter(w)
	if err := out.Write(header[:]); err != nil {
		return err
	}
	for _, row := range rows {
		if err := out.Write(row[:]); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
