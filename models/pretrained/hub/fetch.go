package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ErrNotCached is wrapped by the error of an offline Fetch that finds nothing.
var ErrNotCached = errors.New("not in the cache")

// Options of Fetch. The zero value fetches what the name says into the usual caches.
type Options struct {
	// Revision of a repository: a branch, a tag or a commit. Empty: the one in the name, or main, whose file must then
	// have the published checksum where one is known.
	Revision string
	// File of a repository. Empty: WeightsFile.
	File string
	// Offline asks no server: what is not in the cache is an error.
	Offline bool
	// CacheDir is the folder to keep files in, instead of Hugging Face's for files of the Hub and of weights in
	// longwing's cache folder for others.
	CacheDir string
	// Progress is called as bytes come, also with those that an earlier attempt left; total is −1 while unknown.
	Progress func(done, total int64)
	// Log is called with lines for the user: waiting, trying again.
	Log func(line string)
	// Stall is how long to wait for a server that sends nothing. Zero: 30 seconds.
	Stall time.Duration
	// Retries is how often in a row to try again after a failure that may pass, such as a cut connection, without a
	// byte gained. Zero: 4; negative: never.
	Retries int

	pause time.Duration // before the first retry, doubled for each further one; zero: a second
}

// Fetched is a file in a cache, of the published content.
type Fetched struct {
	Known
	Path      string `json:"path"`
	Revision  string `json:"revision,omitempty"` // commit of the repository
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size"` // bytes
	FromCache bool   `json:"from_cache"`
	// Checked is what the content was compared with: the published checksum, or the one that the Hub tells. It is zero for
	// a file that nothing is known of: one of the Hub, asked for offline, on a disk without links.
	Checked Checksum `json:"checked,omitzero"`
}

// Fetch returns the file of the named weights, from a cache if it is there. The path may be a symbolic link, and belongs
// to the cache: don't write to it.
//
// Two processes that fetch the same file fetch it once. After an error the bytes that came are kept for the next call,
// unless they are wrong. A file of a branch, such as main, costs one request even if it is cached, to see whether the
// branch has moved; if the server can't be reached the cached commit is used. A file of a commit costs none.
func Fetch(ctx context.Context, name string, opt Options) (Fetched, error) {
	k, revision, err := Find(name)
	if err != nil {
		return Fetched{}, err
	}
	s := &session{Options: opt, http: newClient()}
	defer s.http.CloseIdleConnections()
	var got Fetched
	if k.Repo != "" {
		got, err = s.fetchFromHub(ctx, k, revision)
	} else {
		got, err = s.fetchURL(ctx, k)
	}
	if err != nil {
		return Fetched{}, fmt.Errorf("weights %s: %w", k.Name, err)
	}
	return got, nil
}

// session is one call of Fetch.
type session struct {
	Options
	http *http.Client
}

func (s *session) log(format string, args ...any) {
	if s.Log != nil {
		s.Log(fmt.Sprintf(format, args...))
	}
}

func (s *session) stall() time.Duration {
	if s.Stall > 0 {
		return s.Stall
	}
	return 30 * time.Second
}
