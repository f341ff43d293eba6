package hub

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const testRepo = "timm/densenet169.tv_in1k"

var (
	commit1 = strings.Repeat("1a", 20)
	commit2 = strings.Repeat("2b", 20)
	weights = pattern(300_000, 251)
	other   = pattern(300_000, 241)
	config  = []byte(`{"architecture": "densenet169", "num_classes": 1000}` + "\n")
)

// pattern is what testdata/make_cache.py serves too.
func pattern(size, period int) []byte {
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(i % period)
	}
	return out
}

func sha256Of(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
func md5Of(b []byte) string    { s := md5.Sum(b); return hex.EncodeToString(s[:]) }

func gitOf(b []byte) string {
	s := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(b)), b...))
	return hex.EncodeToString(s[:])
}

// server answers like the Hugging Face Hub, like the content server that the Hub redirects to, and like a plain server of
// release files.
type server struct {
	hub, files *httptest.Server // the second: of content, on a port of its own

	mu       sync.Mutex
	main     string            // commit of main
	versions map[string][]byte // commit → content of model.safetensors
	release  []byte            // content of every plain file
	requests []string          // "GET hub /path Range"
	sent     int               // bytes of content
	tokens   map[string]string // "hub" and "files" → last Authorization

	behaviour
}

// behaviour is what the server does wrong, and when. A request sees what was set when it came.
type behaviour struct {
	cuts       []int                                         // bytes after which the next answers of content break off
	noRanges   bool                                          // ranges are ignored
	noIfRange  bool                                          // If-Range is ignored
	noETag     bool                                          // release files have none
	before     func(*http.Request)                           // called before content is sent
	halfway    func(*http.Request)                           // called after half of it
	hubStatus  int                                           // every answer of the hub
	hubHeader  map[string]string                             // with it
	fileStatus []int                                         // the next answers of content
	wrap       func(http.ResponseWriter, *http.Request) bool // answers instead, if it returns true
	noLength   bool                                          // content of unknown length
	served     []byte                                        // instead of the right content
	linkedSize string                                        // instead of the right one
}

// set changes the behaviour for requests of other processes.
func (s *server) set(change func(*behaviour)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.behaviour)
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{main: commit1, versions: map[string][]byte{commit1: weights, commit2: other}, release: weights,
		tokens: map[string]string{}}
	s.files = httptest.NewServer(http.HandlerFunc(s.serveFiles))
	s.hub = httptest.NewServer(http.HandlerFunc(s.serveHub))
	t.Cleanup(s.hub.Close)
	t.Cleanup(s.files.Close)
	return s
}

// use points the package at the server and every cache into a temporary folder, which it returns.
func (s *server) use(t *testing.T) string {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "XDG_CACHE_HOME", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN",
		"HF_TOKEN_PATH", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "HF_HUB_DISABLE_SYMLINKS",
		"KERAS_HOME", "TORCH_HOME"} {
		t.Setenv(name, "")
	}
	for name, value := range map[string]string{
		"HOME": home, "HF_HOME": filepath.Join(home, "hf"), "LONGWING_CACHE": filepath.Join(home, "longwing"),
		"HF_ENDPOINT": s.hub.URL + "/", "LONGWING_TORCHVISION_URL": s.files.URL + "/torchvision",
		"LONGWING_KERAS_URL": s.files.URL + "/keras/", "LONGWING_KERAS_CONTRIB_URL": s.files.URL + "/contrib",
	} {
		t.Setenv(name, value)
	}
	return home
}

func (s *server) note(where string, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	line := r.Method + " " + where + " " + r.URL.Path
	if span := r.Header.Get("Range"); span != "" {
		line += " " + span
	}
	s.requests = append(s.requests, line)
	s.tokens[where] = r.Header.Get("Authorization")
}

// log returns the requests so far and forgets them.
func (s *server) log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	requests := s.requests
	s.requests = nil
	return requests
}

func (s *server) sentBytes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent
}

func (s *server) serveHub(w http.ResponseWriter, r *http.Request) {
	s.note("hub", r)
	s.mu.Lock()
	now := s.behaviour
	s.mu.Unlock()
	for name, value := range now.hubHeader {
		w.Header().Set(name, value)
	}
	if now.wrap != nil && now.wrap(w, r) {
		return
	}
	if now.hubStatus != 0 {
		w.WriteHeader(now.hubStatus)
		return
	}
	fail := func(status int, code, message string) {
		w.Header().Set("X-Error-Code", code)
		w.Header().Set("X-Error-Message", message)
		w.WriteHeader(status)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rest, ok := strings.CutPrefix(r.URL.Path, "/api/resolve-cache/models/"+testRepo+"/"); ok {
		commit, _, _ := strings.Cut(rest, "/")
		w.Header().Set("X-Repo-Commit", commit)
		w.Header().Set("ETag", `"`+gitOf(config)+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(config))
		return
	}
	rest, ok := strings.CutPrefix(r.URL.Path, "/"+testRepo+"/resolve/")
	if !ok {
		fail(http.StatusUnauthorized, "RepoNotFound", "Repository not found")
		return
	}
	revision, file, _ := strings.Cut(rest, "/")
	commit := revision
	if revision == "main" {
		commit = s.main
	}
	content, ok := s.versions[commit]
	switch {
	case !ok:
		fail(http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+revision)
	case file == ConfigFile: // a small file: a relative redirect on the hub itself
		w.Header().Set("X-Repo-Commit", commit)
		w.Header().Set("ETag", `"`+gitOf(config)+`"`)
		w.Header().Set("Location", "/api/resolve-cache/models/"+testRepo+"/"+commit+"/"+file)
		w.WriteHeader(http.StatusTemporaryRedirect)
	case file == WeightsFile: // a large file: a redirect to a signed address elsewhere
		w.Header().Set("X-Repo-Commit", commit)
		w.Header().Set("X-Linked-Etag", `"`+sha256Of(content)+`"`)
		w.Header().Set("X-Linked-Size", strconv.Itoa(len(content)))
		if s.linkedSize != "" {
			w.Header().Set("X-Linked-Size", s.linkedSize)
		}
		w.Header().Set("Location", s.files.URL+"/cdn/"+commit+"?Signature=secret")
		w.WriteHeader(http.StatusFound)
	default:
		fail(http.StatusNotFound, "EntryNotFound", "Entry not found")
	}
}

func (s *server) serveFiles(w http.ResponseWriter, r *http.Request) {
	s.note("files", r)
	s.mu.Lock()
	now := s.behaviour
	content, etag := s.release, md5Of(s.release)
	if commit, ok := strings.CutPrefix(r.URL.Path, "/cdn/"); ok {
		content, etag = s.versions[commit], "xet-"+commit // not the one the hub tells
	}
	if now.served != nil {
		content = now.served
	}
	cut := -1
	if len(s.cuts) > 0 {
		cut, s.cuts = s.cuts[0], s.cuts[1:]
	}
	status := 0
	if len(s.fileStatus) > 0 {
		status, s.fileStatus = s.fileStatus[0], s.fileStatus[1:]
	}
	s.mu.Unlock()
	if status != 0 {
		w.WriteHeader(status)
		return
	}
	if now.before != nil {
		now.before(r)
	}
	if !now.noETag {
		w.Header().Set("ETag", `"`+etag+`"`)
	}
	if now.noLength {
		_, _ = w.Write(content[:1000])
		w.(http.Flusher).Flush()
		return
	}
	if now.noRanges {
		r.Header.Del("Range")
	}
	if now.noIfRange {
		r.Header.Del("If-Range")
	}
	out := &counter{ResponseWriter: w, s: s, cut: cut, half: len(content) / 2, halfway: func() {
		if now.halfway != nil {
			now.halfway(r)
		}
	}}
	http.ServeContent(out, r, "", time.Time{}, bytes.NewReader(content))
}

// counter counts what is sent, and stops where it was told to.
type counter struct {
	http.ResponseWriter
	s       *server
	written int
	cut     int
	half    int
	halfway func()
}

func (c *counter) Write(b []byte) (int, error) {
	const piece = 10_000
	total := 0
	for len(b) > 0 {
		n := min(piece, len(b))
		if c.cut >= 0 {
			n = min(n, c.cut-c.written)
		}
		if c.written < c.half {
			n = min(n, c.half-c.written)
		}
		if n > 0 {
			if _, err := c.ResponseWriter.Write(b[:n]); err != nil {
				return total, err
			}
		}
		before := c.written
		c.written, total, b = c.written+n, total+n, b[n:]
		c.s.mu.Lock()
		c.s.sent += n
		c.s.mu.Unlock()
		if c.cut >= 0 && c.written >= c.cut {
			c.ResponseWriter.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}
		if before < c.half && c.written >= c.half {
			c.ResponseWriter.(http.Flusher).Flush()
			c.halfway()
		}
	}
	return total, nil
}

// ReadFrom keeps io.Copy from going past Write.
func (c *counter) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

// untilGone sends nothing more until the client has gone.
func untilGone(r *http.Request) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// quick makes retries not wait.
func quick(opt Options) Options {
	opt.pause = time.Millisecond
	return opt
}

func mustFetch(t *testing.T, name string, opt Options) Fetched {
	t.Helper()
	got, err := Fetch(t.Context(), name, quick(opt))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// checkContent makes sure that what was fetched is the file, and that the result says so.
func checkContent(t *testing.T, got Fetched, want []byte) {
	t.Helper()
	content, err := os.ReadFile(got.Path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(content, want) {
		t.Errorf("%s has %d bytes, not those of the server's %d", got.Path, len(content), len(want))
	}
	if got.SHA256 != sha256Of(want) || got.Size != int64(len(want)) {
		t.Errorf("says SHA-256 %s and %d bytes, want %s and %d", got.SHA256, got.Size, sha256Of(want), len(want))
	}
}

// checkError makes sure that an error is one line with these parts.
func checkError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
	if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), "Signature") {
		t.Errorf("error is not one line without secrets: %q", err)
	}
}

func checkRequests(t *testing.T, s *server, want ...string) {
	t.Helper()
	if got := s.log(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("requests:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// left lists the files below a folder that are named like one in the making.
func left(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && strings.Contains(e.Name(), ".incomplete") {
			found = append(found, e.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
