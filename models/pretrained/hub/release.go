package hub

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/longwing-ml/longwing/internal/checkout"
)

// fetchURL gets a release file of torchvision, Keras or keras-contrib.
func (s *session) fetchURL(ctx context.Context, k Known) (Fetched, error) {
	if s.File != "" || s.Revision != "" {
		return Fetched{}, errors.New("it is a single file, without other files or revisions")
	}
	dir := s.CacheDir
	if dir == "" {
		cache, err := checkout.CacheDir()
		if err != nil {
			return Fetched{}, err
		}
		dir = filepath.Join(cache, "weights")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Fetched{}, err
	}
	file := filepath.Join(dir, k.Source, path.Base(k.URL))
	if got, err := cachedRelease(k, file); err == nil {
		return got, nil
	} else if s.Offline && !errors.Is(err, os.ErrNotExist) {
		return Fetched{}, fmt.Errorf("%w: fetch it anew with a network (`longwing weights fetch %s`)", err, k.Name)
	}
	if theirs := libraryCache(k); theirs != "" {
		if got, err := cachedRelease(k, theirs); err == nil {
			return got, nil
		}
	}
	if s.Offline {
		return Fetched{}, fmt.Errorf("%w: fetch it with a network (`longwing weights fetch %s`), or put %s at %s", ErrNotCached, k.Name, k.URL, file)
	}

	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return Fetched{}, err
	}
	unlock, err := s.lock(ctx, filepath.Join(dir, ".locks", k.Source+"--"+path.Base(k.URL)+".lock"))
	if err != nil {
		return Fetched{}, err
	}
	defer unlock()
	if got, err := cachedRelease(k, file); err == nil { // by another process
		return got, nil
	}
	d := &download{session: s, name: path.Base(k.URL), url: mirrored(k), path: file, partial: file + ".incomplete", size: -1,
		want: []Checksum{k.Checksum}, dirEnv: checkout.CacheEnv}
	got, err := d.run(ctx)
	if err != nil {
		return Fetched{}, explainRelease(k, d, err)
	}
	return Fetched{Known: k, Path: file, SHA256: got.sha256, Size: got.size, Checked: k.Checksum}, nil
}

func cachedRelease(k Known, file string) (Fetched, error) {
	got, err := verify(file, k.Checksum)
	if err != nil {
		return Fetched{}, err
	}
	return Fetched{Known: k, Path: file, SHA256: got.sha256, Size: got.size, FromCache: true, Checked: k.Checksum}, nil
}

// libraryCache is where the library itself would have put the file; empty if that can't be told.
func libraryCache(k Known) string {
	var dir string
	var err error
	switch k.Source {
	case Keras, KerasContrib:
		if dir, err = expand(firstEnv("~/.keras", "KERAS_HOME")); err == nil {
			dir = filepath.Join(dir, "models")
		}
	case Torchvision:
		home := firstEnv("", "TORCH_HOME")
		if home == "" {
			if home, err = userCache(); err == nil {
				home = filepath.Join(home, "torch")
			}
		}
		if err == nil {
			dir, err = expand(filepath.Join(home, "hub", "checkpoints"))
		}
	}
	if err != nil || dir == "" {
		return ""
	}
	return filepath.Join(dir, path.Base(k.URL))
}

// releases are the places of release files and the variables that name a mirror of each.
var releases = []struct{ source, url, env string }{
	{Torchvision, torchvisionURL, "LONGWING_TORCHVISION_URL"},
	{Keras, kerasURL, "LONGWING_KERAS_URL"},
	{KerasContrib, kerasContribURL, "LONGWING_KERAS_CONTRIB_URL"},
}

// mirrored is the address of a file where the user wants it from.
func mirrored(k Known) string {
	for _, r := range releases {
		if file, ok := strings.CutPrefix(k.URL, r.url); ok {
			return strings.TrimRight(firstEnv(r.url, r.env), "/") + "/" + file
		}
	}
	return k.URL
}

// redacted hides a password in a mirror's address.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "?"
	}
	return u.Redacted()
}

// explainRelease says what a failure means and what to do.
func explainRelease(k Known, d *download, err error) error {
	var status *statusError
	switch {
	case passing(err):
		return fmt.Errorf("%s: %w; try again later, or put the file at %s", d.name, err, d.path)
	case errors.As(err, &status):
		var others []string
		for _, other := range known {
			if other.Architecture == k.Architecture && other.Source != k.Source {
				others = append(others, other.Name)
			}
		}
		return fmt.Errorf("%s: %w: other weights of %s are %s", redacted(d.url), err, k.Architecture, strings.Join(others, ", "))
	}
	return err
}
