package backend

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gomlx/compute"
)

// Setup makes sure that there is a plugin, opens it and says what it is.
//
// A plugin that Find finds is used; otherwise the pinned wheel for this platform is fetched with pip, which honours the
// user's index configuration, checked against its SHA-256, and unpacked into the cache. With opt.CUDA it is go-xla's
// installer that fetches the CUDA plugin, if the machine has a GPU. A file in the cache that is not what was fetched
// is replaced. On error the cache is as it was.
func Setup(ctx context.Context, opt Options) (*Info, error) {
	cache, err := opt.cacheDir()
	if err != nil {
		return nil, err
	}
	if opt.CUDA {
		if err := setupCUDA(cache, opt); err != nil {
			return nil, err
		}
	}
	found, err := Find(ctx, opt)
	switch {
	case opt.Wheel != "" || errors.Is(err, ErrNoPlugin) && wantsCPU(os.Getenv(compute.ConfigEnvVar)):
		err = fetch(ctx, cache, opt)
	case err == nil && found.preload:
		err = checkFetched(ctx, found, cache, opt)
	}
	if err != nil {
		return nil, err
	}
	if found, err = Find(ctx, opt); err != nil {
		return nil, err
	}
	_, info, err := openFound(found)
	return info, err
}

// wantsCPU tells whether a value of GOMLX_BACKEND can be met by a plugin for the CPU that isn't installed.
func wantsCPU(config string) bool {
	name, rest, _ := strings.Cut(config, ":")
	plugin, _, _ := strings.Cut(rest, ",")
	return name != "go" && (plugin == "" || plugin == "cpu")
}

// checkFetched compares the plugin in the cache with its pinned SHA-256 and fetches it again if it differs.
func checkFetched(ctx context.Context, found *Found, cache string, opt Options) error {
	p, _ := opt.pinFor(runtime.GOOS, runtime.GOARCH)
	sum, err := hashFile(found.Path)
	if err != nil {
		return err
	}
	if sum == p.memberSHA256 {
		return nil
	}
	opt.log("%s is damaged: fetching it again", found.Path)
	return fetch(ctx, cache, opt)
}

// hashFile returns the SHA-256 of a file, in hex.
func hashFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// fetch gets the pinned wheel, from a file or through pip, and unpacks it into the cache.
func fetch(ctx context.Context, cache string, opt Options) error {
	p, ok := opt.pinFor(runtime.GOOS, runtime.GOARCH)
	if !ok {
		return fmt.Errorf("no XLA plugin is pinned for %s/%s (only linux/amd64 so far): build or install one with go-xla's installer (go run github.com/gomlx/go-xla/cmd/pjrt_installer), or set %s=xla:/path/of/plugin.so",
			runtime.GOOS, runtime.GOARCH, compute.ConfigEnvVar)
	}
	if err := os.MkdirAll(filepath.Join(cache, "xla"), 0o755); err != nil {
		return fmt.Errorf("making the cache folder: %w", err)
	}
	removeLeftovers(filepath.Join(cache, "xla"))
	wheel := opt.Wheel
	if dropped := filepath.Join(cache, p.file); wheel == "" && checkPluginFile(dropped) == nil {
		wheel = dropped
	}
	if wheel == "" {
		folder, err := os.MkdirTemp(filepath.Join(cache, "xla"), ".download-*")
		if err != nil {
			return fmt.Errorf("making a folder for the download: %w", err)
		}
		defer func() { _ = os.RemoveAll(folder) }()
		opt.log("fetching %s %s with pip", p.name, p.version)
		if err := download(ctx, p, folder, opt); err != nil {
			return fmt.Errorf("fetching %s %s: %w; without a network, get %s elsewhere and put it into %s, or give it with `longwing setup --wheel FILE`",
				p.name, p.version, err, p.file, cache)
		}
		wheel = filepath.Join(folder, p.file)
	}
	opt.log("checking and unpacking %s", wheel)
	return unpack(p, wheel, p.dir(cache))
}

// removeLeftovers removes temporary folders that a killed Setup left behind, once nothing can be using them.
func removeLeftovers(folder string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && strings.HasPrefix(entry.Name(), ".") && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.RemoveAll(filepath.Join(folder, entry.Name()))
		}
	}
}
