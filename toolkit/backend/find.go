package backend

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/go-xla/installer"
	"github.com/gomlx/go-xla/pjrt"

	"github.com/longwing-ml/longwing/internal/checkout"
)

// ErrNoPlugin is what the errors of Find and Open wrap when no plugin is there yet.
var ErrNoPlugin = errors.New("no XLA plugin found")

// Options says where to look and how to fetch. The zero value is right nearly always.
type Options struct {
	CacheDir string            // holds fetched plugins; "" is checkout.CacheDir's folder
	CUDA     bool              // Setup: install the CUDA plugin, not the CPU one
	Wheel    string            // Setup: take the pinned wheel from this file instead of fetching it
	Python   string            // Setup: the Python whose pip fetches; "" is .venv's, else python3
	Log      func(line string) // Setup: told what is being done, a line each; may be nil
	pins     []pin             // the wheels known; nil is the package's own table (tests have smaller ones)
}

// Found is a plugin that was found and not opened yet.
type Found struct {
	Plugin  string // "cpu", "cuda", …, or the path given in GOMLX_BACKEND; "" for the pure-Go backend
	Path    string // file of the plugin; "" for the pure-Go backend
	Package string // pinned package it came from, "name version", if any
	Source  string // one of the Source constants
	config  string // what compute.NewWithConfig gets
	preload bool   // load the plugin and give it to go-xla as preloadName first
}

// String names the plugin for messages.
func (f *Found) String() string {
	switch {
	case f.Source == SourceEnv && strings.Contains(os.Getenv(compute.ConfigEnvVar), f.Path):
		return fmt.Sprintf("%s=%s", compute.ConfigEnvVar, os.Getenv(compute.ConfigEnvVar))
	case f.Source == SourceEnv:
		return fmt.Sprintf("%s=%s (%s)", compute.ConfigEnvVar, os.Getenv(compute.ConfigEnvVar), f.Path)
	}
	return fmt.Sprintf("the %s plugin %s", f.Source, f.Path)
}

// preference is go-xla's own order of plugins.
var preference = []string{"cuda", "rocm", "cpu"}

// Find finds the plugin that Open will open, without downloading or opening anything. The order is the package's; the
// error wraps ErrNoPlugin if there is none, and says what to do.
func Find(_ context.Context, opt Options) (*Found, error) {
	cache, err := opt.cacheDir()
	if err != nil {
		return nil, err
	}
	if config := os.Getenv(compute.ConfigEnvVar); config != "" {
		return findNamed(config, cache, opt)
	}
	plugins := available(cache, opt)
	for _, name := range preference {
		if found, ok := plugins[name]; ok {
			return found, nil
		}
	}
	return nil, notFound("cpu", cache)
}

// findNamed resolves the value of GOMLX_BACKEND.
func findNamed(config, cache string, opt Options) (*Found, error) {
	name, rest, _ := strings.Cut(config, ":")
	if !slices.Contains(compute.List(), name) {
		known := compute.List()
		slices.Sort(known)
		return nil, fmt.Errorf("%s=%s: unknown backend %q: known are %s", compute.ConfigEnvVar, config, name, strings.Join(known, ", "))
	}
	if name == "go" {
		return &Found{Source: SourceEnv, config: config}, nil
	}
	plugin, options, _ := strings.Cut(rest, ",")
	if filepath.IsAbs(plugin) {
		if err := checkPluginFile(plugin); err != nil {
			return nil, fmt.Errorf("%s=%s: %w", compute.ConfigEnvVar, config, err)
		}
		return &Found{Plugin: plugin, Path: plugin, Source: SourceEnv, config: config}, nil
	}
	if strings.ContainsRune(plugin, filepath.Separator) {
		return nil, fmt.Errorf("%s=%s: the path of a plugin must be absolute, %q is not", compute.ConfigEnvVar, config, plugin)
	}
	plugins := available(cache, opt)
	candidates := []string{plugin}
	if plugin == "" {
		candidates = preference
	}
	for _, candidate := range candidates {
		found, ok := plugins[candidate]
		if !ok {
			continue
		}
		found.Source = SourceEnv
		if options != "" {
			found.config += "," + options
		}
		return found, nil
	}
	if plugin == "" {
		plugin = "cpu"
	}
	return nil, fmt.Errorf("%s=%s: %w", compute.ConfigEnvVar, config, notFound(plugin, cache))
}

// available lists the plugins that can be opened by name: those installed where go-xla looks, and for names that are not
// there, those in the cache.
func available(cache string, opt Options) map[string]*Found {
	plugins := map[string]*Found{}
	there := installed()
	for _, name := range slices.Sorted(maps.Keys(there)) { // cpu comes before cpu_v0.83.1, which answers to cpu too
		found := &Found{Plugin: name, Path: there[name], Source: SourceInstalled, config: "xla:" + name}
		base, _, versioned := strings.Cut(name, "_v")
		if base == "cpu" {
			found.config, found.preload = "xla:"+preloadName, true
		}
		plugins[name] = found
		if _, ok := plugins[base]; versioned && !ok {
			plugins[base] = found
		}
	}
	if _, ok := plugins["cpu"]; !ok {
		if found := findFetched(cache, opt); found != nil {
			plugins["cpu"] = found
		}
	}
	if _, ok := plugins["cuda"]; !ok && installer.HasNvidiaGPU() {
		if path := cudaPath(cache); checkPluginFile(path) == nil {
			plugins["cuda"] = &Found{Plugin: "cuda", Path: path, Source: SourceFetched, config: "xla:" + path}
		}
	}
	return plugins
}

// findFetched returns the pinned plugin for this machine if Setup has put it into the cache and it is whole.
func findFetched(cache string, opt Options) *Found {
	p, ok := opt.pinFor(runtime.GOOS, runtime.GOARCH)
	if !ok {
		return nil
	}
	path := p.path(cache)
	if info, err := os.Stat(path); err != nil || info.Size() != p.size {
		return nil
	}
	return &Found{Plugin: "cpu", Path: path, Package: p.name + " " + p.version, Source: SourceFetched,
		config: "xla:" + preloadName, preload: true}
}

// checkPluginFile says why the file can't be a plugin: a better message than the system loader's.
func checkPluginFile(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no file %s", path)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a file", path)
	}
	return nil
}

// notFound is the error for a plugin that is nowhere.
func notFound(plugin, cache string) error {
	command := "longwing setup"
	if plugin == "cuda" {
		command += " --cuda"
	}
	return fmt.Errorf("%w: no plugin %q in %s, nor fetched into %s: run `%s`, or set %s=xla:/path/of/plugin.so",
		ErrNoPlugin, plugin, searched(), filepath.Join(cache, "xla"), command, compute.ConfigEnvVar)
}

// searched names the folders go-xla looks in, for messages.
func searched() string {
	if dirs, ok := os.LookupEnv(pjrt.PJRTPluginPathsEnv); ok {
		return fmt.Sprintf("%s=%s", pjrt.PJRTPluginPathsEnv, dirs)
	}
	return "~/.local/lib/go-xla, /usr/local/lib/go-xla or the system's library folders"
}

func (opt Options) cacheDir() (string, error) {
	if opt.CacheDir != "" {
		return filepath.Abs(opt.CacheDir)
	}
	return checkout.CacheDir()
}

func (opt Options) log(format string, args ...any) {
	if opt.Log != nil {
		opt.Log(fmt.Sprintf(format, args...))
	}
}
