package hub

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// folder is a repository in Hugging Face's cache:
//
//	<cache>/models--timm--densenet169.tv_in1k
//	    blobs/<ETag>                        the content: an SHA-256, or git's SHA-1 of a small file
//	    refs/main                           the commit of a branch or tag
//	    snapshots/<commit>/<file>           a link to the blob
//	<cache>/.locks/models--timm--densenet169.tv_in1k/<ETag>.lock
type folder struct{ cache, name string }

func newFolder(cache, repo string) folder {
	return folder{cache, "models--" + strings.ReplaceAll(repo, "/", "--")}
}

func (f folder) path(elements ...string) string {
	return filepath.Join(append([]string{f.cache, f.name}, elements...)...)
}

func (f folder) blob(etag string) string { return f.path("blobs", etag) }

func (f folder) lock(etag string) string {
	return filepath.Join(f.cache, ".locks", f.name, etag+".lock")
}

func (f folder) snapshot(commit, file string) string {
	return f.path("snapshots", commit, filepath.FromSlash(file))
}

// commit is what the cache knows a revision to be; empty if it knows nothing.
func (f folder) commit(revision string) string {
	if commitPattern.MatchString(revision) {
		return revision
	}
	text, err := os.ReadFile(f.path("refs", filepath.FromSlash(revision)))
	if commit := strings.TrimSpace(string(text)); err == nil && commitPattern.MatchString(commit) {
		return commit
	}
	return ""
}

// note writes down what commit a branch or tag is.
func (f folder) note(revision, commit string) error {
	if revision == commit || f.commit(revision) == commit {
		return nil
	}
	path := f.path("refs", filepath.FromSlash(revision))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, []byte(commit))
}

// linked is the checksum by which a cached file's link names its blob. It is the zero value for a file that is no link,
// as on disks without links.
func (f folder) linked(commit, file string) Checksum {
	target, err := os.Readlink(f.snapshot(commit, file))
	if err != nil {
		return Checksum{}
	}
	sum, _ := etagChecksum(filepath.Base(target))
	return sum
}

// link makes a file of a commit out of a blob, over whatever is there: another program may have left a link to nothing.
func (f folder) link(etag, commit, file string) error {
	path, blob := f.snapshot(commit, file), f.blob(etag)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	target, err := filepath.Rel(filepath.Dir(path), blob)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if !isTrue(os.Getenv("HF_HUB_DISABLE_SYMLINKS")) && os.Symlink(target, path) == nil {
		return nil
	}
	return os.Rename(blob, path) // what huggingface_hub does where links can't be made
}

// etagChecksum reads an ETag of the Hub as the checksum that it is; false if it is none.
func etagChecksum(etag string) (Checksum, bool) {
	for _, c := range etag {
		if !strings.ContainsRune("0123456789abcdef", c) {
			return Checksum{}, false
		}
	}
	switch len(etag) {
	case 64:
		return Checksum{SHA256, etag}, true
	case 40:
		return Checksum{Git, etag}, true
	}
	return Checksum{}, false
}
