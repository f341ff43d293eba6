package hub

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// publishRelease makes the table hold weights of every library, with the checksums of what the test server has.
func publishRelease(t *testing.T) {
	t.Helper()
	var ks []Known
	for _, name := range []string{"torchvision/densenet121", "keras/densenet121", "keras/vgg16-notop", "keras-contrib/densenet121", "densenet121"} {
		k, _, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		switch k.Checksum.Algorithm {
		case MD5:
			k.Checksum.Hex = md5Of(weights)
		case SHA256:
			k.Checksum.Hex = sha256Of(weights)[:8]
		}
		ks = append(ks, k)
	}
	publish(t, ks...)
}

const torchFile = "GET files /torchvision/densenet121-a639ec97.pth"

func TestReleaseFetchesOnce(t *testing.T) {
	for _, test := range []struct{ name, path, cached string }{
		{"torchvision/densenet121", "/torchvision/densenet121-a639ec97.pth", "torchvision/densenet121-a639ec97.pth"},
		{"keras/densenet121", "/keras/densenet/densenet121_weights_tf_dim_ordering_tf_kernels.h5", "keras/densenet121_weights_tf_dim_ordering_tf_kernels.h5"},
		{"keras/vgg16-notop", "/keras/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", "keras/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"},
		{"keras-contrib/densenet121", "/contrib/DenseNet-BC-121-32.h5", "keras-contrib/DenseNet-BC-121-32.h5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			home := s.use(t)
			publishRelease(t)
			got := mustFetch(t, test.name, Options{})
			checkContent(t, got, weights)
			checkRequests(t, s, "GET files "+test.path)
			if want := filepath.Join(home, "longwing", "weights", test.cached); got.Path != want || got.FromCache || got.Revision != "" {
				t.Errorf("got %+v, want path %s", got, want)
			}
			again := mustFetch(t, test.name, Options{})
			checkContent(t, again, weights)
			checkContent(t, mustFetch(t, test.name, Options{Offline: true}), weights)
			checkRequests(t, s)
			if !again.FromCache || again.Path != got.Path || left(t, home) != nil {
				t.Errorf("again got %+v, left %q", again, left(t, home))
			}
		})
	}
}

func TestReleaseGoesOn(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(*server)
		sent int
		want []string
	}{
		{"after a cut", func(*server) {}, 300_000, []string{torchFile, torchFile + " bytes=100000-"}},
		{"not where ranges are ignored", func(s *server) { s.noRanges = true }, 400_000, []string{torchFile, torchFile + " bytes=100000-"}},
		{"not without an ETag", func(s *server) { s.noETag = true }, 400_000, []string{torchFile, torchFile}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			s.use(t)
			publishRelease(t)
			test.set(s)
			s.cuts = []int{100_000}
			checkContent(t, mustFetch(t, "torchvision/densenet121", Options{}), weights)
			if sent := s.sentBytes(); sent != test.sent {
				t.Errorf("the server sent %d bytes, want %d", sent, test.sent)
			}
			checkRequests(t, s, test.want...)
		})
	}
}

func TestReleaseThatChangesIsNotGlued(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(*server)
		want []string
	}{
		{"by If-Range", func(*server) {}, []string{torchFile, torchFile + " bytes=100000-"}},
		{"by the ETag", func(s *server) { s.noIfRange = true }, []string{torchFile, torchFile + " bytes=100000-", torchFile}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			home := s.use(t)
			publishRelease(t)
			test.set(s)
			s.release = other // what the server has by mistake, for a while
			s.cuts = []int{100_000}
			_, err := Fetch(t.Context(), "torchvision/densenet121", quick(Options{Retries: -1}))
			checkError(t, err, "cut off after 0.1 MB of 0.3 MB", "the next call goes on")
			if found := left(t, home); len(found) != 2 {
				t.Errorf("left %q, want a part and its ETag", found)
			}
			s.release = weights
			checkContent(t, mustFetch(t, "torchvision/densenet121", Options{}), weights)
			checkRequests(t, s, test.want...)
			if found := left(t, home); found != nil {
				t.Errorf("left %q", found)
			}
		})
	}
}

// A process can be killed after the last byte and before the file has its name.
func TestReleaseThatIsWholeAlready(t *testing.T) {
	for _, test := range []struct {
		name string
		part []byte
		want []string
	}{
		{"right", weights, []string{torchFile + " bytes=300000-"}},
		{"wrong", other, []string{torchFile + " bytes=300000-", torchFile}},
		{"longer", append(slices.Clone(weights), 0), []string{torchFile + " bytes=300001-", torchFile}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			home := s.use(t)
			publishRelease(t)
			partial := filepath.Join(home, "longwing", "weights", "torchvision", "densenet121-a639ec97.pth.incomplete")
			write(t, partial, test.part)
			write(t, partial+".etag", []byte(`"`+md5Of(weights)+`"`))
			checkContent(t, mustFetch(t, "torchvision/densenet121", Options{}), weights)
			checkRequests(t, s, test.want...)
		})
	}
}

func TestReleaseRefusesWrongContent(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	publishRelease(t)
	s.release = other
	for _, name := range []string{"torchvision/densenet121", "keras/densenet121"} {
		_, err := Fetch(t.Context(), name, quick(Options{}))
		if strings.HasPrefix(name, "keras") {
			checkError(t, err, "md5 "+md5Of(other), "md5 "+md5Of(weights), "removed")
		} else {
			checkError(t, err, "sha256 "+sha256Of(other), "sha256 "+sha256Of(weights)[:8], "removed")
		}
	}
	if found := left(t, home); found != nil {
		t.Errorf("left %q", found)
	}
}

func TestReleaseFails(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	publishRelease(t)
	s.fileStatus = []int{404}
	_, err := Fetch(t.Context(), "torchvision/densenet121", quick(Options{}))
	checkError(t, err, s.files.URL+"/torchvision/densenet121-a639ec97.pth", "404 Not Found", "keras/densenet121", "densenet121.tv_in1k")
	t.Setenv("LONGWING_TORCHVISION_URL", strings.Replace(s.files.URL, "http://", "http://me:password@", 1))
	s.fileStatus = []int{403}
	_, err = Fetch(t.Context(), "torchvision/densenet121", quick(Options{}))
	checkError(t, err, "403 Forbidden")
	if strings.Contains(err.Error(), "password") {
		t.Errorf("the error has the mirror's password: %v", err)
	}
	t.Setenv("LONGWING_TORCHVISION_URL", "mirror.example/models")
	_, err = Fetch(t.Context(), "torchvision/densenet121", quick(Options{}))
	checkError(t, err, `"mirror.example/models/densenet121-a639ec97.pth" is no http or https address`)
	t.Setenv("LONGWING_TORCHVISION_URL", s.files.URL+"/torchvision")
	s.fileStatus = []int{503, 503}
	_, err = Fetch(t.Context(), "torchvision/densenet121", quick(Options{Retries: 1}))
	checkError(t, err, "503", "put the file at "+filepath.Join(home, "longwing", "weights", "torchvision", "densenet121-a639ec97.pth"))
	_, err = Fetch(t.Context(), "torchvision/densenet121", Options{Revision: "main"})
	checkError(t, err, "single file")
	s.files.Close()
	_, err = Fetch(t.Context(), "torchvision/densenet121", quick(Options{Retries: -1}))
	checkError(t, err, "connection refused", "put the file at ")
}

func TestReleaseOffline(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	publishRelease(t)
	_, err := Fetch(t.Context(), "keras/densenet121", Options{Offline: true})
	file := filepath.Join(home, "longwing", "weights", "keras", "densenet121_weights_tf_dim_ordering_tf_kernels.h5")
	checkError(t, err, "not in the cache", "longwing weights fetch keras/densenet121", kerasURL, file)
	if !errors.Is(err, ErrNotCached) {
		t.Errorf("%v is not ErrNotCached", err)
	}
	write(t, file, weights) // put there by hand
	checkContent(t, mustFetch(t, "keras/densenet121", Options{Offline: true}), weights)
	write(t, file, other)
	_, err = Fetch(t.Context(), "keras/densenet121", Options{Offline: true})
	checkError(t, err, file, md5Of(other), "longwing weights fetch keras/densenet121")
	checkRequests(t, s)
	checkContent(t, mustFetch(t, "keras/densenet121", Options{}), weights)
}

func TestReleaseInTheLibrarysCache(t *testing.T) {
	for _, test := range []struct {
		name, fetch, file string
		env               map[string]string
	}{
		{"Keras", "keras/densenet121", ".keras/models/densenet121_weights_tf_dim_ordering_tf_kernels.h5", nil},
		{"KERAS_HOME", "keras-contrib/densenet121", "k/models/DenseNet-BC-121-32.h5", map[string]string{"KERAS_HOME": "$HOME/k"}},
		{"torch", "torchvision/densenet121", ".cache/torch/hub/checkpoints/densenet121-a639ec97.pth", nil},
		{"TORCH_HOME", "torchvision/densenet121", "t/hub/checkpoints/densenet121-a639ec97.pth", map[string]string{"TORCH_HOME": "~/t"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t)
			home := s.use(t)
			publishRelease(t)
			for name, value := range test.env {
				t.Setenv(name, value)
			}
			file := filepath.Join(home, test.file)
			write(t, file, weights)
			got := mustFetch(t, test.fetch, Options{Offline: true})
			checkContent(t, got, weights)
			if got.Path != file || !got.FromCache {
				t.Errorf("got %+v, want %s", got, file)
			}
			checkRequests(t, s)

			write(t, file, other) // not the published one: ours is fetched, theirs stays
			got = mustFetch(t, test.fetch, Options{})
			checkContent(t, got, weights)
			if content, err := os.ReadFile(file); err != nil || sha256Of(content) != sha256Of(other) || got.Path == file {
				t.Errorf("the library's file was touched (%v), or used: %s", err, got.Path)
			}
		})
	}
}

func TestReleaseInAFolderOfOnesOwn(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	publishRelease(t)
	dir := filepath.Join(home, "a b", "c")
	got := mustFetch(t, "keras-contrib/densenet121", Options{CacheDir: dir})
	checkContent(t, got, weights)
	if want := filepath.Join(dir, "keras-contrib", "DenseNet-BC-121-32.h5"); got.Path != want {
		t.Errorf("path is %s, want %s", got.Path, want)
	}
}

func TestReleaseFetchedTwiceAtOnce(t *testing.T) {
	s := newServer(t)
	s.use(t)
	publishRelease(t)
	waits := make(chan struct{})
	s.halfway = func(r *http.Request) { <-waits }
	var once sync.Once
	var both sync.WaitGroup
	results := make([]Fetched, 2)
	failures := make([]error, 2)
	for i := range results {
		both.Go(func() {
			results[i], failures[i] = Fetch(t.Context(), "torchvision/densenet121", quick(Options{Log: func(line string) {
				if strings.HasPrefix(line, "waiting for another process") {
					once.Do(func() { close(waits) })
				}
			}}))
		})
	}
	both.Wait()
	cached := 0
	for i, err := range failures {
		if err != nil {
			t.Fatal(err)
		}
		checkContent(t, results[i], weights)
		if results[i].FromCache {
			cached++
		}
	}
	if sent := s.sentBytes(); sent != len(weights) || cached != 1 {
		t.Errorf("the server sent %d bytes for two calls, %d of them from the cache", sent, cached)
	}
}

func TestParseRange(t *testing.T) {
	for _, test := range []struct {
		text         string
		start, total int64
		ok           bool
	}{
		{"bytes 100-199/200", 100, 200, true}, // RFC 9110, 14.4
		{"bytes 42-1233/*", 42, -1, true},
		{"", 0, 0, false},
		{"bytes */200", 0, 0, false},
		{"bytes -1-5/10", 0, 0, false},
		{"bytes 7-9/5", 7, 5, false},
		{"lines 1-2/3", 0, 0, false},
		{"bytes 99999999999999999999-1/2", 0, 0, false},
	} {
		start, total, ok := parseRange(test.text)
		if ok != test.ok || ok && (start != test.start || total != test.total) {
			t.Errorf("%q is %d of %d, %v", test.text, start, total, ok)
		}
	}
}
