package garden

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
)

const temporaryPrefix = ".drawing-"

func isTemporary(name string) bool { return strings.HasPrefix(name, temporaryPrefix) }

// writeUnflushed writes a file under a temporary name and renames it, so that a kill never leaves half a picture. It
// does not flush to disk: tens of thousands of flushes would take longer than the drawing. Write flushes the whole
// folder before it calls the garden complete, and checks every picture's checksums when it goes on with one that is not.
func writeUnflushed(path string, content []byte) error {
	temporary := filepath.Join(filepath.Dir(path), temporaryPrefix+filepath.Base(path))
	if err := os.WriteFile(temporary, content, 0o644); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		_ = os.Remove(temporary)
		return err
	}
	return nil
}

// isWholePNG reads a file and reports whether it is a PNG from signature to IEND with every chunk's CRC right.
func isWholePNG(path string) bool {
	content, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	rest, ok := bytes.CutPrefix(content, []byte("\x89PNG\r\n\x1a\n"))
	for ok && len(rest) >= 12 {
		length := binary.BigEndian.Uint32(rest)
		if uint64(length)+12 > uint64(len(rest)) {
			return false
		}
		chunk := rest[4 : 8+length]
		if crc32.ChecksumIEEE(chunk) != binary.BigEndian.Uint32(rest[8+length:]) {
			return false
		}
		rest = rest[12+length:]
		if string(chunk[:4]) == "IEND" {
			return len(rest) == 0
		}
	}
	return false
}
