package torchfile

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/longwing-ml/longwing/models/pretrained/tensorfile"
)

// archive is a zip file whose members lie below one folder.
type archive struct {
	r       io.ReaderAt
	size    int64
	members map[string]*zip.File
}

// readZip returns the object of a file of torch ≥ 1.6: the pickle is data.pkl, storage 7 is data/7.
func readZip(r io.ReaderAt, size int64) (any, error) {
	a, err := openArchive(r, size)
	if err != nil {
		return nil, err
	}
	if a.members["constants.pkl"] != nil {
		return nil, errors.New("it is TorchScript: save torch.save(model.state_dict(), path) instead")
	}
	if err := a.checkByteOrder(); err != nil {
		return nil, err
	}
	pickle, start, err := a.open("data.pkl")
	if err != nil {
		return nil, err
	}
	m := newMachine(io.NewSectionReader(r, start, pickle), pickle)
	m.openStorage = a.storage
	return m.load()
}

func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := tensorfile.Zip(r, size)
	if err != nil {
		return nil, err
	}
	a := &archive{r: r, size: size, members: make(map[string]*zip.File, len(z.File))}
	if len(z.File) == 0 {
		return nil, errors.New("the archive is empty")
	}
	folder, _, _ := strings.Cut(z.File[0].Name, "/")
	for _, f := range z.File {
		name, ok := strings.CutPrefix(f.Name, folder+"/")
		if !ok {
			continue
		}
		if a.members[name] != nil {
			return nil, fmt.Errorf("member %.200q is in the archive twice", name)
		}
		a.members[name] = f
	}
	return a, nil
}

// member returns a member whose bytes stand in the file as they are, which is how torch writes all.
func (a *archive) member(name string) (*zip.File, error) {
	f := a.members[name]
	if f == nil {
		return nil, fmt.Errorf("the archive has no member %.200q", name)
	}
	if f.Method != zip.Store || f.CompressedSize64 != f.UncompressedSize64 {
		return nil, fmt.Errorf("member %.200q is compressed, which torch.save does not do: unpack the archive and pack it uncompressed", name)
	}
	if f.UncompressedSize64 > uint64(a.size) {
		return nil, fmt.Errorf("member %.200q has %d bytes in a file of %d", name, f.UncompressedSize64, a.size)
	}
	return f, nil
}

// open returns the size of a member and where it starts.
func (a *archive) open(name string) (size, start int64, err error) {
	f, err := a.member(name)
	if err != nil {
		return 0, 0, err
	}
	start, err = f.DataOffset()
	if err != nil {
		return 0, 0, fmt.Errorf("member %.200q: %w", name, err)
	}
	return int64(f.UncompressedSize64), start, nil
}

func (a *archive) checkByteOrder() error {
	const name, little = "byteorder", "little"
	if a.members[name] == nil { // torch before 2.1
		return nil
	}
	size, start, err := a.open(name)
	if err != nil {
		return err
	}
	text := make([]byte, min(size, int64(len(little))))
	if err := tensorfile.ReadFull(a.r, text, start); err != nil {
		return fmt.Errorf("member %.200q: %w", name, err)
	}
	if string(text) != little {
		return fmt.Errorf("its byte order is %q, only %q is read: save it anew on another machine", text, little)
	}
	return nil
}

// storage takes the id ("storage", type, key, location, number of elements). Where the data starts is looked up on
// loading: it would be one more access to the disk per storage.
func (a *archive) storage(id tuple) (*storage, error) {
	if len(id) != 5 {
		return nil, fmt.Errorf("a storage of %d fields, want 5", len(id))
	}
	key, s, err := newStorage(id, a.size)
	if err != nil {
		return nil, err
	}
	f, err := a.member("data/" + key)
	if err != nil {
		return nil, err
	}
	if s.bytes > int64(f.UncompressedSize64) {
		return nil, fmt.Errorf("storage %q wants %d bytes, its member has %d", key, s.bytes, f.UncompressedSize64)
	}
	s.start = f.DataOffset
	return s, nil
}

// newStorage reads what both formats have in common.
func newStorage(id tuple, fileSize int64) (key string, s *storage, err error) {
	kindOf, ok := id[0].(string)
	numbers, ok1 := id[1].(numberType)
	key, ok2 := id[2].(string)
	count, ok3 := id[4].(int64)
	if !ok || kindOf != "storage" || !ok1 || !ok2 || !ok3 || len(key) > 100 {
		return "", nil, errors.New("a reference to data that is not (\"storage\", type, key, location, size)")
	}
	if count < 0 || count > fileSize/numbers.width {
		return "", nil, fmt.Errorf("storage %q of %d numbers in a file of %d bytes", key, count, fileSize)
	}
	return key, &storage{numbers: numbers, bytes: count * numbers.width}, nil
}
