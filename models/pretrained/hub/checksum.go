package hub

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
)

// Algorithms of a Checksum.
const (
	SHA256 = "sha256"
	MD5    = "md5"
	Git    = "git" // SHA-1 of git's blob, which is what the Hub tells of small files
)

// Checksum is what a publisher says of a file's content. An SHA-256 may be shortened to its first digits, as in
// torchvision's file names: eight digits find damage, but don't keep out a forger.
type Checksum struct {
	Algorithm string `json:"algorithm"`
	Hex       string `json:"hex"` // lower case
}

// String is "sha256 a639ec97", or empty for the zero value.
func (c Checksum) String() string { return strings.TrimSpace(c.Algorithm + " " + c.Hex) }

// content is what a file was found to hold.
type content struct {
	sha256 string
	size   int64
}

// mismatch is the error of a file that is not what its publisher says.
type mismatch struct {
	path      string
	got, want Checksum
}

func (m *mismatch) Error() string {
	return fmt.Sprintf("%s: its checksum is %s, published is %s", m.path, m.got, m.want)
}

// verify reads a file and compares it with checksums, of which zero values are passed over. The error is a *mismatch if
// the file can be read but is not the one.
func verify(path string, want ...Checksum) (content, error) {
	info, err := os.Stat(path)
	if err != nil {
		return content{}, err
	}
	if !info.Mode().IsRegular() { // opening a pipe would wait for its writer
		return content{}, fmt.Errorf("%s is not a file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return content{}, err
	}
	defer f.Close()
	sums := map[string]hash.Hash{SHA256: sha256.New()}
	for _, c := range want {
		switch c.Algorithm {
		case MD5:
			sums[MD5] = md5.New()
		case Git:
			sums[Git] = sha1.New()
			_, _ = fmt.Fprintf(sums[Git], "blob %d\x00", info.Size())
		}
	}
	var writers []io.Writer
	for _, sum := range sums {
		writers = append(writers, sum)
	}
	size, err := io.Copy(io.MultiWriter(writers...), f)
	if err != nil {
		return content{}, fmt.Errorf("reading %s: %w", path, err)
	}
	for _, c := range want {
		if c == (Checksum{}) {
			continue
		}
		got := Checksum{c.Algorithm, hex.EncodeToString(sums[c.Algorithm].Sum(nil))}
		if !strings.HasPrefix(got.Hex, c.Hex) {
			return content{}, &mismatch{path, got, c}
		}
	}
	return content{hex.EncodeToString(sums[SHA256].Sum(nil)), size}, nil
}
