package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	headMain = "HEAD hub /timm/densenet169.tv_in1k/resolve/main/model.safetensors"
	getFirst = "GET hub /timm/densenet169.tv_in1k/resolve/1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a/model.safetensors"
	cdnFirst = "GET files /cdn/1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a"
)

func TestHubFetchesOnce(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	var last, total int64
	got := mustFetch(t, "densenet169", Options{Progress: func(d, n int64) { last, total = d, n }})
	checkContent(t, got, weights)
	checkRequests(t, s, headMain, getFirst, cdnFirst)
	if got.FromCache || got.Revision != commit1 || got.Name != testRepo[len("timm/"):] || got.Checked != (Checksum{SHA256, sha256Of(weights)}) {
		t.Errorf("got %+v", got)
	}
	if last != 300_000 || total != 300_000 {
		t.Errorf("progress ended at %d of %d", last, total)
	}
	if want := filepath.Join(home, "hf", "hub", "models--timm--densenet169.tv_in1k", "snapshots", commit1, "model.safetensors"); got.Path != want {
		t.Errorf("path is %s, want %s", got.Path, want)
	}

	again := mustFetch(t, "densenet169", Options{})
	checkContent(t, again, weights)
	checkRequests(t, s, headMain)
	pinned := mustFetch(t, "densenet169@"+commit1, Options{})
	checkContent(t, pinned, weights)
	checkRequests(t, s)
	if !again.FromCache || !pinned.FromCache || again.Path != got.Path || pinned.Path != got.Path {
		t.Errorf("later calls got %+v and %+v", again, pinned)
	}
}

// TestHubCacheIsPythons compares the cache with the one that huggingface_hub makes of the same files.
func TestHubCacheIsPythons(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
	checkContent(t, mustFetch(t, "densenet169", Options{File: ConfigFile}), config)

	text, err := os.ReadFile("testdata/cache.json")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	cache := filepath.Join(home, "hf", "hub")
	err = filepath.WalkDir(cache, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(cache, path)
		switch {
		case strings.HasPrefix(name, ".locks"):
			got[name] = "lock"
		case e.Type()&fs.ModeSymlink != 0:
			target, _ := os.Readlink(path)
			got[name] = "link to " + target
		default:
			content, _ := os.ReadFile(path)
			got[name] = "sha256 " + sha256Of(content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s is %q, huggingface_hub makes %q", name, got[name], want[name])
		}
	}
	for name := range got {
		if want[name] == "" {
			t.Errorf("%s is no file of huggingface_hub", name)
		}
	}
}

func TestHubCacheFolder(t *testing.T) {
	for _, test := range []struct {
		name string
		env  map[string]string
		want string // below the home folder
	}{
		{"by itself", map[string]string{"HF_HOME": ""}, ".cache/huggingface/hub"},
		{"XDG_CACHE_HOME", map[string]string{"HF_HOME": "", "XDG_CACHE_HOME": "~/xdg"}, "xdg/huggingface/hub"},
		{"HF_HOME", map[string]string{"HF_HOME": "$HOME/here"}, "here/hub"},
		{"HF_HUB_CACHE", map[string]string{"HF_HUB_CACHE": "~/cache", "HF_HOME": "~/here"}, "cache"},
	} {
		t.Run(test.name, func(t *testing.T) {
			home := newServer(t).use(t)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			if got, err := hubCache(); err != nil || got != filepath.Join(home, test.want) {
				t.Errorf("got %s, %v, want %s below %s", got, err, test.want, home)
			}
		})
	}
}

func TestHubGoesOnAfterACut(t *testing.T) {
	for _, test := range []struct {
		name     string
		noRanges bool
		sent     int
		want     []string // requests for content
	}{
		{"with ranges", false, 300_000, []string{cdnFirst, cdnFirst + " bytes=100000-", cdnFirst + " bytes=150000-"}},
		{"a server without ranges", true, 100_000 + 50_000 + 300_000, []string{cdnFirst, cdnFirst + " bytes=100000-", cdnFirst + " bytes=50000-"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			home := s.use(t)
			s.cuts, s.noRanges = []int{100_000, 50_000}, test.noRanges
			var said []string
			got := mustFetch(t, "densenet169", Options{Log: func(line string) { said = append(said, line) }})
			checkContent(t, got, weights)
			if sent := s.sentBytes(); sent != test.sent {
				t.Errorf("the server sent %d bytes, want %d", sent, test.sent)
			}
			var content []string
			for _, request := range s.log() {
				if strings.HasPrefix(request, cdnFirst) {
					content = append(content, request)
				}
			}
			if !slices.Equal(content, test.want) {
				t.Errorf("requests for content: %q", content)
			}
			if len(said) != 2 || !strings.Contains(said[0], "cut off after 0.1 MB of 0.3 MB") || !strings.Contains(said[0], "trying again in") {
				t.Errorf("said %q", said)
			}
			if found := left(t, home); found != nil {
				t.Errorf("left %q", found)
			}
		})
	}
}

func TestHubGivesUpAndTheNextCallGoesOn(t *testing.T) {
	s := newServer(t)
	s.use(t)
	s.cuts = []int{100_000, 0, 0, 100_000}
	_, err := Fetch(t.Context(), "densenet169", quick(Options{Retries: 1}))
	checkError(t, err, "weights densenet169.tv_in1k: ", "cut off", "the next call goes on after 0.1 MB")
	if sent := s.sentBytes(); sent != 100_000 {
		t.Errorf("sent %d bytes in two attempts", sent)
	}
	_, err = Fetch(t.Context(), "densenet169", quick(Options{Retries: -1}))
	checkError(t, err, "the next call goes on after 0.1 MB")
	_, err = Fetch(t.Context(), "densenet169", quick(Options{Retries: -1}))
	checkError(t, err, "cut off after 0.2 MB of 0.3 MB", "the next call goes on after 0.2 MB")
	checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
	if sent := s.sentBytes(); sent != 300_000 {
		t.Errorf("sent %d bytes in all, the file has 300000", sent)
	}
}

func TestHubTriesAgainOnlyWhatMayPass(t *testing.T) {
	for _, test := range []struct {
		status   int
		attempts int
	}{{503, 2}, {500, 2}, {429, 2}, {408, 2}, {403, 1}, {410, 1}} {
		t.Run(fmt.Sprint(test.status), func(t *testing.T) {
			s := newServer(t)
			s.use(t)
			s.fileStatus = []int{test.status}
			got, err := Fetch(t.Context(), "densenet169", quick(Options{}))
			if attempts := len(s.log()) / 2; attempts != test.attempts {
				t.Errorf("%d attempts, want %d", attempts, test.attempts)
			}
			if test.attempts == 1 {
				checkError(t, err, fmt.Sprint(test.status))
			} else if err != nil {
				t.Error(err)
			} else {
				checkContent(t, got, weights)
			}
		})
	}
}

func TestHubRefusesWrongContent(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	s.served = other
	_, err := Fetch(t.Context(), "densenet169", quick(Options{}))
	checkError(t, err, "model.safetensors", "sha256 "+sha256Of(other), "sha256 "+sha256Of(weights), "removed")
	if found := left(t, home); found != nil {
		t.Errorf("left %q", found)
	}
	s.served = nil
	checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
}

func TestHubReplacesADamagedPart(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	blobs := filepath.Join(home, "hf", "hub", "models--timm--densenet169.tv_in1k", "blobs")
	for _, test := range []struct {
		name string
		part []byte
	}{{"wrong bytes", other[:1000]}, {"too long", make([]byte, 300_001)}, {"whole, but wrong", other}} {
		t.Run(test.name, func(t *testing.T) {
			if err := os.RemoveAll(filepath.Dir(blobs)); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(blobs, sha256Of(weights)+".incomplete"), test.part)
			checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
		})
	}
	t.Run("whole and right", func(t *testing.T) {
		if err := os.RemoveAll(filepath.Dir(blobs)); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(blobs, sha256Of(weights)+".incomplete"), weights)
		s.log()
		checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
		checkRequests(t, s, headMain)
	})
}

func TestHubReplacesADamagedFile(t *testing.T) {
	s := newServer(t)
	s.use(t)
	got := mustFetch(t, "densenet169", Options{})
	blob, err := filepath.EvalSymlinks(got.Path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, blob, weights[:len(weights)-1])
	for _, name := range []string{"densenet169", "densenet169@" + commit1} {
		_, err = Fetch(t.Context(), name, Options{Offline: true})
		checkError(t, err, got.Path, sha256Of(weights), "longwing weights fetch densenet169.tv_in1k")
		if errors.Is(err, ErrNotCached) {
			t.Error("a damaged file is said to be absent")
		}
	}
	again := mustFetch(t, "densenet169", Options{})
	checkContent(t, again, weights)
	if again.FromCache {
		t.Error("said to come from the cache")
	}

	if err := os.Remove(blob); err != nil { // a link to nothing, as go-huggingface leaves after a cut
		t.Fatal(err)
	}
	checkContent(t, mustFetch(t, "densenet169@"+commit1, Options{}), weights)
}

func TestHubFollowsMain(t *testing.T) {
	s := newServer(t)
	s.use(t)
	first := mustFetch(t, "densenet169", Options{})
	s.main = commit2
	second := mustFetch(t, "densenet169", Options{})
	checkContent(t, second, other)
	checkContent(t, first, weights)
	if first.Revision != commit1 || second.Revision != commit2 || second.FromCache {
		t.Errorf("revisions %s and %s", first.Revision, second.Revision)
	}
	offline := mustFetch(t, "densenet169", Options{Offline: true})
	checkContent(t, offline, other)
	if offline.Revision != commit2 {
		t.Errorf("offline, main is %s", offline.Revision)
	}
	checkContent(t, mustFetch(t, "densenet169", Options{Offline: true, Revision: commit1}), weights)
	s.log()

	s.versions[commit1] = other // the same content at another commit is not fetched again
	s.main = commit1
	if err := os.Remove(first.Path); err != nil {
		t.Fatal(err)
	}
	third := mustFetch(t, "densenet169", Options{})
	checkContent(t, third, other)
	checkRequests(t, s, headMain)
	if !third.FromCache {
		t.Error("not said to come from the cache")
	}
}

func TestHubOutOfReach(t *testing.T) {
	s := newServer(t)
	s.use(t)
	s.hub.Close()
	_, err := Fetch(t.Context(), "densenet169", quick(Options{Retries: 1}))
	checkError(t, err, hostOf(s.hub.URL), "connection refused", "or copy the folder models--timm--densenet169.tv_in1k into ")

	s = newServer(t)
	s.use(t)
	checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
	s.hub.Close()
	var said []string
	got := mustFetch(t, "densenet169", Options{Log: func(line string) { said = append(said, line) }})
	checkContent(t, got, weights)
	if !got.FromCache || len(said) != 1 || !strings.Contains(said[0], "using commit 1a1a1a1 of the cache") {
		t.Errorf("got %+v, said %q", got, said)
	}
}

func TestHubOffline(t *testing.T) {
	s := newServer(t)
	s.use(t)
	for _, test := range []struct {
		name, env string
		opt       Options
	}{{"option", "", Options{Offline: true}}, {"environment", "1", Options{}}, {"a revision", "yes", Options{Revision: "v1"}}} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("HF_HUB_OFFLINE", test.env)
			_, err := Fetch(t.Context(), "densenet169", test.opt)
			checkError(t, err, "not in the cache", "models--timm--densenet169.tv_in1k", "longwing weights fetch densenet169.tv_in1k")
			if !errors.Is(err, ErrNotCached) {
				t.Errorf("%v is not ErrNotCached", err)
			}
		})
	}
	mustFetch(t, "densenet169", Options{})
	s.log()
	checkContent(t, mustFetch(t, "densenet169", Options{Offline: true}), weights)
	checkRequests(t, s)
}

func TestHubRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		fetch string
		opt   Options
		token string
		set   func(*server)
		want  []string
	}{
		{"a revision that is not there", "densenet169@v9", Options{}, "", nil, []string{"timm/densenet169.tv_in1k", `no revision "v9"`, "404"}},
		{"a file that is not there", "densenet169", Options{File: "tf_model.h5"}, "", nil, []string{"no file tf_model.h5 at revision main", "404"}},
		{"a repository that is not there", "hf:timm/nothing", Options{}, "", nil, []string{"no repository timm/nothing", "HF_TOKEN", "longwing weights list", "401"}},
		{"a bad token", "densenet169", Options{}, "hf_bad", func(s *server) { s.hubStatus = 401 }, []string{"the token of HF_TOKEN is refused", "401"}},
		{"a gated repository", "densenet169", Options{}, "", func(s *server) {
			s.hubStatus, s.hubHeader = 403, map[string]string{"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is\trestricted"}
		}, []string{"conditions", "https://huggingface.co/timm/densenet169.tv_in1k", "HF_TOKEN", "403", `Access is\trestricted`}},
		{"forbidden", "densenet169", Options{}, "", func(s *server) { s.hubStatus = 403 }, []string{"HF_TOKEN", "403"}},
		{"a hub that is down", "densenet169", Options{Retries: -1}, "", func(s *server) { s.hubStatus = 502 }, []string{"502 Bad Gateway", "try again later"}},
		{"a token that can't be sent", "densenet169", Options{}, "a\x01b", nil, []string{"HF_TOKEN", "can't be sent"}},
		{"an endpoint that is no address", "densenet169", Options{}, "", func(s *server) { s.hub.URL = "hub.example" }, []string{`"hub.example/timm/`, "HF_ENDPOINT"}},
		{"two revisions", "densenet169@v1", Options{Revision: "v2"}, "", nil, []string{"v1", "v2"}},
		{"a revision that leads out", "densenet169", Options{Revision: "../x"}, "", nil, []string{"no revision"}},
		{"a file that leads out", "densenet169", Options{File: "../x"}, "", nil, []string{"no file"}},
		{"an absolute file", "densenet169", Options{File: "/etc/passwd"}, "", nil, []string{"no file"}},
		{"another kind of server", "densenet169", Options{}, "", func(s *server) {
			s.wrap = func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("hello")); return true }
		}, []string{"does not answer like a Hugging Face Hub", "HF_ENDPOINT"}},
		{"a commit that leads out", "densenet169", Options{}, "", func(s *server) {
			s.wrap = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("X-Repo-Commit", "../../../x")
				w.Header().Set("ETag", `"`+gitOf(config)+`"`)
				return true
			}
		}, []string{"does not answer like a Hugging Face Hub"}},
		{"an ETag that leads out", "densenet169", Options{}, "", func(s *server) {
			s.wrap = func(w http.ResponseWriter, _ *http.Request) bool {
				w.Header().Set("X-Repo-Commit", commit1)
				w.Header().Set("ETag", `"../../../x"`)
				return true
			}
		}, []string{"does not answer like a Hugging Face Hub"}},
		{"redirects without end", "densenet169", Options{}, "", func(s *server) {
			s.wrap = func(w http.ResponseWriter, r *http.Request) bool {
				http.Redirect(w, r, r.URL.Path, http.StatusFound)
				return true
			}
		}, []string{"more than 10 redirects"}},
		{"another size", "densenet169", Options{}, "", func(s *server) { s.linkedSize = "300001" }, []string{"300000 bytes instead of 300001"}},
		{"no room", "densenet169", Options{}, "", func(s *server) {
			s.linkedSize = "1152921504606846976"
			s.noLength = true
		}, []string{"no space left on device", "1152921504606.8 MB are needed", "HF_HOME"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			if test.set != nil {
				test.set(s)
			}
			home := s.use(t)
			t.Setenv("HF_TOKEN", test.token)
			_, err := Fetch(t.Context(), test.fetch, quick(test.opt))
			checkError(t, err, test.want...)
			if _, err := os.Stat(filepath.Join(home, "x")); err == nil {
				t.Error("something was written outside of the cache")
			}
		})
	}
}

func TestHubDiskFull(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	partial := filepath.Join(home, "hf", "hub", "models--timm--densenet169.tv_in1k", "blobs", sha256Of(weights)+".incomplete")
	if err := os.MkdirAll(filepath.Dir(partial), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/dev/full", partial); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(partial); err != nil {
		t.Skip("needs /dev/full")
	}
	_, err := Fetch(t.Context(), "densenet169", quick(Options{}))
	checkError(t, err, partial, "no space left on device")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v does not wrap ENOSPC", err)
	}
}

func TestHubKeepsToPublishedContent(t *testing.T) {
	s := newServer(t)
	s.use(t)
	k, _, err := Find("densenet169")
	if err != nil {
		t.Fatal(err)
	}
	k.Checksum = Checksum{SHA256, sha256Of(weights)}
	publish(t, k)
	checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
	checkContent(t, mustFetch(t, "densenet169", Options{File: ConfigFile}), config)
	s.main = commit2
	_, err = Fetch(t.Context(), "densenet169", quick(Options{}))
	checkError(t, err, "has changed since it was published", sha256Of(other), sha256Of(weights), "densenet169.tv_in1k@"+commit2)
	checkContent(t, mustFetch(t, "densenet169@"+commit2, Options{}), other)
	checkContent(t, mustFetch(t, "densenet169", Options{Revision: "main"}), other)
}

func TestHubToken(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(t *testing.T, home string)
		want string
	}{
		{"none", func(*testing.T, string) {}, ""},
		{"HF_TOKEN", func(t *testing.T, _ string) { t.Setenv("HF_TOKEN", " hf_env\n") }, "Bearer hf_env"},
		{"file", func(t *testing.T, home string) { write(t, filepath.Join(home, "hf", "token"), []byte("hf_file\n")) }, "Bearer hf_file"},
		{"HF_TOKEN_PATH", func(t *testing.T, home string) {
			write(t, filepath.Join(home, "elsewhere"), []byte("hf_path"))
			t.Setenv("HF_TOKEN_PATH", "~/elsewhere")
		}, "Bearer hf_path"},
		{"switched off", func(t *testing.T, _ string) {
			t.Setenv("HF_TOKEN", "hf_env")
			t.Setenv("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
		}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			test.set(t, s.use(t))
			checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
			if s.tokens["hub"] != test.want {
				t.Errorf("the hub got %q, want %q", s.tokens["hub"], test.want)
			}
			if s.tokens["files"] != "" {
				t.Errorf("the content server got the token: %q", s.tokens["files"])
			}
		})
	}
}

func TestRedirects(t *testing.T) {
	request := func(address string) *http.Request {
		r, err := newRequest(t.Context(), http.MethodGet, address, "secret")
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, test := range []struct {
		name, from, to string
		kept           bool
		fails          string
	}{
		{"same server", "https://hub.example/a", "https://hub.example/b", true, ""},
		{"part of the domain", "https://hub.example/a", "https://cdn.hub.example/b", false, ""},
		{"another port", "https://hub.example/a", "https://hub.example:444/b", false, ""},
		{"without encryption", "https://hub.example/a", "http://hub.example/b", false, "redirected from https to http://hub.example"},
	} {
		t.Run(test.name, func(t *testing.T) {
			next := request(test.to)
			err := checkRedirect(next, []*http.Request{request(test.from)})
			if test.fails != "" {
				checkError(t, err, test.fails)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if kept := next.Header.Get("Authorization") != ""; kept != test.kept {
				t.Errorf("token kept: %v", kept)
			}
		})
	}
}

func TestHubStalls(t *testing.T) {
	for _, test := range []struct {
		name  string
		stall time.Duration
		want  error
		says  string
	}{
		{"too long", 50 * time.Millisecond, nil, "cut off after 0.1 MB of 0.3 MB: nothing came for 50ms"},
		{"cancelled meanwhile", time.Hour, context.Canceled, "context canceled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			s.use(t)
			s.halfway = untilGone
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err := Fetch(ctx, "densenet169", quick(Options{Stall: test.stall, Retries: -1, Progress: func(done, _ int64) {
				if done == 150_000 && test.want != nil {
					cancel()
				}
			}}))
			checkError(t, err, test.says, "the next call goes on after 0.1 MB")
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v does not wrap %v", err, test.want)
			}
			s.halfway = nil
			checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
			if sent := s.sentBytes(); sent != len(weights) {
				t.Errorf("the server sent %d bytes in two attempts, the file has %d", sent, len(weights))
			}
		})
	}
	t.Run("before any answer", func(t *testing.T) {
		s := newServer(t)
		s.use(t)
		s.wrap = func(_ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }
		_, err := Fetch(t.Context(), "densenet169", quick(Options{Stall: 20 * time.Millisecond, Retries: -1}))
		checkError(t, err, "nothing came for 20ms", "try again later")
	})
}

func TestHubWithoutLinks(t *testing.T) {
	s := newServer(t)
	s.use(t)
	t.Setenv("HF_HUB_DISABLE_SYMLINKS", "1")
	got := mustFetch(t, "densenet169", Options{})
	checkContent(t, got, weights)
	if info, err := os.Lstat(got.Path); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%s is %v, %v", got.Path, info, err)
	}
	s.log()
	checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
	checkRequests(t, s, headMain)
	checkContent(t, mustFetch(t, "densenet169", Options{Offline: true}), weights)
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// publish replaces the table of known weights.
func publish(t *testing.T, ks ...Known) {
	t.Helper()
	before := known
	known = ks
	t.Cleanup(func() { known = before })
}
