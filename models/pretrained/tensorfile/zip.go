package tensorfile

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
)

const maxDirectory = 16 << 20 // bytes of an archive's directory; some 100 per storage of torch

// Zip opens an archive of size bytes. One with a directory of more than 16 MiB, which would take several times that in
// memory, is refused.
func Zip(r io.ReaderAt, size int64) (*zip.Reader, error) { return openZip(r, size, maxDirectory) }

// openZip is Zip for a directory of other length.
func openZip(r io.ReaderAt, size int64, directory int) (*zip.Reader, error) {
	limited := &firstBytes{r: r, left: directory}
	archive, err := zip.NewReader(limited, size)
	limited.off = true
	if errors.Is(err, zip.ErrFormat) {
		return nil, fmt.Errorf("%w: damaged or cut short", err)
	}
	return archive, err
}

// firstBytes fails after so many bytes have been read, until it is switched off.
type firstBytes struct {
	r    io.ReaderAt
	left int
	off  bool
}

func (f *firstBytes) ReadAt(data []byte, offset int64) (int, error) {
	if !f.off {
		if len(data) > f.left {
			return 0, errors.New("the directory of the archive is too long")
		}
		f.left -= len(data)
	}
	return f.r.ReadAt(data, offset)
}
