package backend

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// unpack checks a wheel against its pinned SHA-256 and puts its plugin and its licences into the folder dir, which is
// there only once complete. An older dir is replaced.
func unpack(p pin, wheel, dir string) error {
	sum, err := hashFile(wheel)
	if err != nil {
		return err
	}
	if sum != p.sha256 {
		return fmt.Errorf("%s has SHA-256 %s, pinned is %s: it is damaged or another file, and was not unpacked", wheel, sum, p.sha256)
	}
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("%s: %w", wheel, err)
	}
	defer func() { _ = archive.Close() }()

	fresh, err := os.MkdirTemp(filepath.Dir(dir), ".unpacking-*")
	if err != nil {
		return fmt.Errorf("unpacking %s: %w", wheel, err)
	}
	defer func() { _ = os.RemoveAll(fresh) }()
	if err := os.Chmod(fresh, 0o755); err != nil {
		return fmt.Errorf("unpacking %s: %w", wheel, err)
	}
	if err := unpackMembers(p, &archive.Reader, fresh); err != nil {
		return fmt.Errorf("unpacking %s: %w", wheel, err)
	}
	return replaceDir(fresh, dir)
}

// unpackMembers copies the plugin, checked by size and SHA-256, and the licences.
func unpackMembers(p pin, archive *zip.Reader, into string) error {
	for _, member := range archive.File {
		if !filepath.IsLocal(member.Name) || strings.Contains(member.Name, `\`) {
			return fmt.Errorf("member %q points outside the folder", member.Name)
		}
	}
	var complete bool
	for _, member := range archive.File {
		base := path.Base(member.Name)
		switch {
		case member.Name == p.member:
			sum, err := copyMember(member, filepath.Join(into, base), p.size)
			if err != nil {
				return err
			}
			if sum != p.memberSHA256 {
				return fmt.Errorf("member %s has SHA-256 %s, pinned is %s", member.Name, sum, p.memberSHA256)
			}
			complete = true
		case strings.Contains(member.Name, ".dist-info/licenses/") && !member.FileInfo().IsDir():
			if _, err := copyMember(member, filepath.Join(into, base), 1<<22); err != nil {
				return err
			}
		}
	}
	if !complete {
		return fmt.Errorf("there is no member %s", p.member)
	}
	return nil
}

// copyMember writes a member of at most limit bytes to a file and returns its SHA-256, in hex.
func copyMember(member *zip.File, to string, limit int64) (string, error) {
	from, err := member.Open()
	if err != nil {
		return "", fmt.Errorf("member %s: %w", member.Name, err)
	}
	defer func() { _ = from.Close() }()
	hash := sha256.New()
	err = atomicfile.Write(to, func(w io.Writer) error {
		n, err := io.Copy(io.MultiWriter(w, hash), io.LimitReader(from, limit+1))
		if err != nil {
			return fmt.Errorf("member %s: %w", member.Name, err)
		}
		if n > limit {
			return fmt.Errorf("member %s is larger than %d bytes", member.Name, limit)
		}
		return nil
	})
	return hex.EncodeToString(hash.Sum(nil)), err
}

// replaceDir moves fresh to dir in one step; a folder already there (damaged, or just made by another process) goes.
func replaceDir(fresh, dir string) error {
	err := os.Rename(fresh, dir)
	if errors.Is(err, os.ErrExist) {
		old := fresh + ".old"
		if err := os.Rename(dir, old); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		defer func() { _ = os.RemoveAll(old) }()
		err = os.Rename(fresh, dir)
	}
	if err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(dir))
}
