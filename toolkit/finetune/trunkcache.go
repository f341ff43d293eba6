package finetune

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"golang.org/x/sys/unix"

	"github.com/longwing-ml/longwing/internal/atomicfile"
	"github.com/longwing-ml/longwing/models"
)

// trunkCache is a memory-mapped file of a frozen trunk's outputs: those of each view of the training rows, then those of
// the validation rows, which are not augmented.
//
// The file is a line of JSON (trunkHeader), the outputs, and the CRC-32C of both, little-endian.
type trunkCache struct {
	header trunkHeader
	mapped []byte
	values []byte // the outputs
	train  map[int]int
	valid  map[int]int // row → position among the rows of its part
}

// trunkHeader says what a file holds.
type trunkHeader struct {
	Key     string `json:"key"` // SHA-256 of all that the outputs follow from
	DType   string `json:"dtype"`
	Dims    []int  `json:"dims"` // of one output
	Views   int    `json:"views"`
	Train   int    `json:"train"` // rows
	Valid   int    `json:"valid"`
	perItem int    // bytes
}

func (h trunkHeader) dtype() dtypes.DType {
	if h.DType == bfloat16Name {
		return dtypes.BFloat16
	}
	return dtypes.Float32
}

// bytes is the size of all outputs.
func (h trunkHeader) bytes() int64 { return int64(h.Views*h.Train+h.Valid) * int64(h.perItem) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// writeTrunk writes a file of outputs, which fill puts out in order.
func writeTrunk(path string, h trunkHeader, fill func(w io.Writer) error) error {
	line, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		sum := crc32.New(castagnoli)
		both := io.MultiWriter(w, sum)
		if _, err := both.Write(append(line, '\n')); err != nil {
			return err
		}
		if err := fill(both); err != nil {
			return err
		}
		return binary.Write(w, binary.LittleEndian, sum.Sum32())
	})
}

// openTrunk maps the file of outputs that h describes. It is an error that wraps fs.ErrNotExist if there is none, or only
// one of other outputs or a damaged one.
func openTrunk(path string, h trunkHeader, trainRows, validRows []int) (*trunkCache, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // the map stays
	line, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	line = append(line, '\n')
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := int64(len(line)) + h.bytes() + crc32.Size
	if info.Size() != size {
		return nil, fmt.Errorf("%s has other outputs: %w", path, fs.ErrNotExist)
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %d bytes of %s: %w", size, path, err)
	}
	c := &trunkCache{header: h, mapped: mapped, values: mapped[len(line) : size-crc32.Size], train: positions(trainRows), valid: positions(validRows)}
	content, sum := mapped[:size-crc32.Size], binary.LittleEndian.Uint32(mapped[size-crc32.Size:])
	if !bytes.HasPrefix(content, line) || crc32.Checksum(content, castagnoli) != sum {
		c.close()
		return nil, fmt.Errorf("%s has other outputs or is damaged: %w", path, fs.ErrNotExist)
	}
	return c, nil
}

func positions(rows []int) map[int]int {
	at := make(map[int]int, len(rows))
	for i, row := range rows {
		at[row] = i
	}
	return at
}

func (c *trunkCache) close() {
	if c != nil && c.mapped != nil {
		_ = unix.Munmap(c.mapped)
		c.mapped = nil
	}
}

// shape is that of a batch of outputs.
func (c *trunkCache) shape(batchSize int) shapes.Shape {
	return shapes.Make(c.header.dtype(), append([]int{batchSize}, c.header.Dims...)...)
}

// entry returns the output of a row: of a view of a training row, or of a validation row. The slice is a view into the
// mapped file.
func (c *trunkCache) entry(row, view int) []byte {
	at, isTraining := c.train[row]
	if isTraining {
		at += view * c.header.Train
	} else {
		at = c.valid[row] + c.header.Views*c.header.Train
	}
	n := c.header.perItem
	return c.values[at*n : (at+1)*n : (at+1)*n]
}

// trunkKey identifies what a trunk's outputs follow from: the parameters below the cut, how pictures are changed before,
// the rows and the pictures.
func (e *engine) trunkKey(stage Stage, train, valid []int) (string, error) {
	h := sha256.New()
	augmentation, err := json.Marshal(e.recipe.Augment)
	if err != nil {
		return "", err
	}
	convention, err := json.Marshal(e.net.Convention)
	if err != nil {
		return "", err
	}
	fmt.Fprintln(h, e.net.Name, stage.FreezeBelow, e.recipe.Size, e.recipe.Seed, e.state.Stage, string(augmentation), string(convention),
		e.stores.checksum(), train, valid)
	frozen := e.net.FrozenStages(stage.FreezeBelow)
	var below []string
	for v := range e.store.IterVariables() {
		if slices.Contains(frozen, models.StageOf(v.Path())) {
			below = append(below, v.Path())
		}
	}
	slices.Sort(below)
	for _, path := range below {
		value, err := e.store.GetVariable(path).Value()
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, path)
		if err := value.ConstBytes(func(content []byte) { h.Write(content) }); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// checkSpace refuses a cache beyond the limit, or one that the disk has no room for.
func (h trunkHeader) checkSpace(dir string, limitGB float64) error {
	if limitGB == 0 {
		limitGB = 10
	}
	if float64(h.bytes()) > limitGB*1e9 {
		return fmt.Errorf("key trunk_cache: %s are above the limit of %g GB: raise limit_gb, or take fewer views, bfloat16 or a smaller size", h.size(), limitGB)
	}
	var disk unix.Statfs_t
	if err := unix.Statfs(dir, &disk); err != nil {
		return fmt.Errorf("key trunk_cache: finding free space for %s: %w", dir, err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); uint64(h.bytes()) > free {
		return fmt.Errorf("key trunk_cache: %s don't fit on the disk of %s, which has %.2f GB left: %w", h.size(), dir, float64(free)/1e9, unix.ENOSPC)
	}
	return nil
}

// size says how large the outputs are.
func (h trunkHeader) size() string {
	return fmt.Sprintf("%.3g GB of %s %v, %d views of %d training pictures and %d validation pictures", float64(h.bytes())/1e9, h.DType, h.Dims, h.Views, h.Train, h.Valid)
}
