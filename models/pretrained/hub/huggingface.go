package hub

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// hubFile is a file of a repository on the Hugging Face Hub, as asked for.
type hubFile struct {
	*session
	repo, file string
	revision   string   // branch, tag or commit
	published  Checksum // of the file at the default revision; zero if unknown
	endpoint   string
	token      string
	tokenFrom  string
	folder     folder
}

// hubVersion is what the Hub says of the file.
type hubVersion struct {
	commit string
	etag   Checksum
	size   int64 // bytes; −1 if it doesn't say
}

func (s *session) fetchFromHub(ctx context.Context, k Known, named string) (Fetched, error) {
	h, err := s.newHubFile(k, named)
	if err != nil {
		return Fetched{}, err
	}
	offline := s.Offline || hubOffline()
	before, cacheErr := h.cached(k, h.folder.commit(h.revision), Checksum{})
	if cacheErr == nil && (offline || h.revision == before.Revision) {
		return before, nil
	}
	if offline {
		return Fetched{}, h.explainOffline(k, cacheErr)
	}

	retries := s.retries()
	if cacheErr == nil {
		retries = 0 // a server that is down or far away need not keep anyone waiting
	}
	version, err := h.ask(ctx, retries)
	if err != nil && cacheErr == nil && passing(err) && ctx.Err() == nil {
		s.log("%s: using commit %.7s of the cache", oneLine(err), before.Revision)
		return before, nil
	}
	if err != nil {
		return Fetched{}, h.explain(err)
	}
	if h.published.Algorithm == version.etag.Algorithm && h.published != version.etag {
		return Fetched{}, fmt.Errorf("%s has changed since it was published: at %s of %s (commit %s) its checksum is %s, published is %s; to use it all the same, name the commit: %s@%s",
			h.file, h.revision, h.repo, version.commit, version.etag, h.published, k.Name, version.commit)
	}
	if cacheErr == nil && before.Revision == version.commit && before.Checked == version.etag {
		return before, nil
	}
	if got, err := h.cached(k, version.commit, version.etag); err == nil {
		_ = h.folder.note(h.revision, version.commit) // a cache may be read-only
		return got, nil
	}
	return h.download(ctx, k, version)
}

func (s *session) newHubFile(k Known, named string) (*hubFile, error) {
	if s.Revision != "" && named != "" && s.Revision != named {
		return nil, fmt.Errorf("the name asks for revision %s, the options for %s", named, s.Revision)
	}
	h := &hubFile{session: s, repo: k.Repo, file: cmp.Or(s.File, WeightsFile), revision: cmp.Or(s.Revision, named), endpoint: hubEndpoint()}
	if h.revision == "" {
		h.revision = "main"
		if h.file == WeightsFile {
			h.published = k.Checksum
		}
	}
	if err := checkRevision(h.revision); err != nil {
		return nil, err
	}
	if err := checkFile(h.file); err != nil {
		return nil, err
	}
	cache, err := hubCache()
	if s.CacheDir != "" {
		cache, err = filepath.Abs(s.CacheDir)
	}
	if err != nil {
		return nil, err
	}
	h.folder = newFolder(cache, k.Repo)
	h.token, h.tokenFrom, err = hubToken()
	return h, err
}

// cached returns the file of a commit in the cache if its content is right. The error wraps os.ErrNotExist if there is
// none, and is a *mismatch if it is damaged.
func (h *hubFile) cached(k Known, commit string, etag Checksum) (Fetched, error) {
	if commit == "" {
		return Fetched{}, os.ErrNotExist
	}
	path := h.folder.snapshot(commit, h.file)
	checked := cmp.Or(etag, h.folder.linked(commit, h.file), h.published)
	got, err := verify(path, checked, h.published)
	if err != nil {
		return Fetched{}, err
	}
	return Fetched{Known: k, Path: path, Revision: commit, SHA256: got.sha256, Size: got.size, FromCache: true, Checked: checked}, nil
}

// download gets the file's content into the cache and links it.
func (h *hubFile) download(ctx context.Context, k Known, version hubVersion) (Fetched, error) {
	etag := version.etag.Hex
	blob := h.folder.blob(etag)
	if err := os.MkdirAll(filepath.Dir(blob), 0o755); err != nil {
		return Fetched{}, err
	}
	unlock, err := h.lock(ctx, h.folder.lock(etag))
	if err != nil {
		return Fetched{}, err
	}
	defer unlock()

	fromCache := true // another process, or another commit with the same content
	got, err := verify(blob, version.etag)
	if err != nil {
		fromCache = false
		d := &download{session: h.session, name: h.file, url: h.address(version.commit), token: h.token, path: blob,
			partial: blob + ".incomplete", fixed: true, size: version.size, want: []Checksum{version.etag, h.published}, dirEnv: "HF_HOME"}
		if got, err = d.run(ctx); err != nil {
			return Fetched{}, h.explain(err)
		}
	}
	if err := h.folder.link(etag, version.commit, h.file); err != nil {
		return Fetched{}, err
	}
	if err := h.folder.note(h.revision, version.commit); err != nil {
		return Fetched{}, err
	}
	return Fetched{Known: k, Path: h.folder.snapshot(version.commit, h.file), Revision: version.commit, SHA256: got.sha256,
		Size: got.size, FromCache: fromCache, Checked: version.etag}, nil
}

// address is the file's at a revision.
func (h *hubFile) address(revision string) string {
	return h.endpoint + "/" + h.repo + "/resolve/" + url.PathEscape(revision) + "/" + (&url.URL{Path: h.file}).EscapedPath()
}

// ask learns from the Hub what the revision's file is.
func (h *hubFile) ask(ctx context.Context, retries int) (version hubVersion, err error) {
	err = h.retry(ctx, retries, func() (int64, error) {
		watched, _, stop := h.watched(ctx)
		defer stop()
		request, err := newRequest(watched, http.MethodHead, h.address(h.revision), h.token)
		if err != nil {
			return 0, err
		}
		response, err := h.send(request)
		if err != nil {
			return 0, err
		}
		_ = response.Body.Close()
		version, err = readVersion(response)
		return 0, err
	})
	return version, err
}

// readVersion takes the Hub's answer to a HEAD apart. What it says becomes part of paths, so it is checked.
func readVersion(response *http.Response) (hubVersion, error) {
	redirect := response.StatusCode >= 300 && response.StatusCode < 400
	if !redirect && response.StatusCode != http.StatusOK {
		return hubVersion{}, newStatusError(response)
	}
	header := response.Header
	etag := cmp.Or(header.Get(linkedETagHeader), header.Get("ETag"))
	sum, ok := etagChecksum(strings.Trim(strings.TrimPrefix(etag, "W/"), `"`))
	v := hubVersion{commit: header.Get(commitHeader), etag: sum, size: -1}
	if !ok || !commitPattern.MatchString(v.commit) {
		return hubVersion{}, &refusal{fmt.Sprintf("%s does not answer like a Hugging Face Hub (%s %.60q, ETag %.80q): check HF_ENDPOINT and any proxy",
			response.Request.URL.Host, commitHeader, v.commit, etag)}
	}
	if size, err := strconv.ParseInt(header.Get(linkedSizeHeader), 10, 64); err == nil && size >= 0 {
		v.size = size
	} else if !redirect {
		v.size = response.ContentLength
	}
	return v, nil
}

// explainOffline says why the cache can't help and what to do.
func (h *hubFile) explainOffline(k Known, err error) error {
	fetch := fmt.Sprintf("with a network (`longwing weights fetch %s`)", k.Name)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s of %s at %s is %w %s: fetch it %s, or copy the folder %s there from a machine that has it",
			h.file, h.repo, h.revision, ErrNotCached, h.folder.cache, fetch, h.folder.name)
	}
	return fmt.Errorf("%w: fetch it anew %s", err, fetch)
}

// explain says what a failure means and what to do.
func (h *hubFile) explain(err error) error {
	if passing(err) {
		return fmt.Errorf("%w; try again later, or copy the folder %s into %s from a machine that has it", err, h.folder.name, h.folder.cache)
	}
	var status *statusError
	if !errors.As(err, &status) || status.host != hostOf(h.endpoint) {
		return err
	}
	page := "https://huggingface.co/" + h.repo
	switch {
	case status.code == "RevisionNotFound":
		return fmt.Errorf("repository %s has no revision %q: %s/commits/main lists them: %w", h.repo, h.revision, page, err)
	case status.code == "EntryNotFound":
		return fmt.Errorf("repository %s has no file %s at revision %s: %s/tree/main lists them: %w", h.repo, h.file, h.revision, page, err)
	case status.code == "GatedRepo":
		return fmt.Errorf("repository %s wants its conditions accepted: do so on %s, and set HF_TOKEN to a token of that account: %w", h.repo, page, err)
	case status.status == http.StatusUnauthorized && h.token != "":
		return fmt.Errorf("the token of %s is refused for repository %s: check the name, or renew the token (public weights need none): %w", h.tokenFrom, h.repo, err)
	case status.status == http.StatusUnauthorized || status.status == http.StatusNotFound:
		return fmt.Errorf("there is no repository %s, or it is private: check the name, or set HF_TOKEN to a token that may read it (`longwing weights list` names the known ones): %w", h.repo, err)
	case status.status == http.StatusForbidden:
		return fmt.Errorf("repository %s may not be read: set HF_TOKEN to a token that may: %w", h.repo, err)
	}
	return err
}
