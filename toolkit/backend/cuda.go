package backend

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gomlx/go-xla/installer"
)

// The CUDA plugin go-xla v0.4.3's installer is asked for: JAX's own, for CUDA 13.
const (
	cudaPlugin  = "cuda13"
	cudaVersion = "0.11.2"
)

// cudaPath is where go-xla's installer puts the plugin below the cache: the plugin finds NVIDIA's libraries by their
// place relative to itself.
func cudaPath(cache string) string {
	return filepath.Join(cache, "xla", "lib", "go-xla", "nvidia", installer.NVIDIAPJRTPluginFileName)
}

// setupCUDA fetches the CUDA plugin and NVIDIA's libraries, several gigabytes, with go-xla's installer.
func setupCUDA(cache string, opt Options) error {
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		return fmt.Errorf("CUDA on %s/%s: go-xla has a CUDA plugin for linux/amd64 only", runtime.GOOS, runtime.GOARCH)
	}
	if !installer.HasNvidiaGPU() {
		return errors.New("no NVIDIA GPU found: there is no /dev/nvidia*, and nvidia-smi is missing or reports none; `longwing setup` without --cuda sets up the CPU")
	}
	plugin := cudaPath(cache)
	if checkPluginFile(plugin) == nil {
		opt.log("the CUDA plugin is already in %s", plugin)
		return nil
	}
	if strings.ContainsAny(cache, ", \t\n") {
		return fmt.Errorf("CUDA's libraries can't be found below a path with a space or comma (%s): set LONGWING_CACHE to a folder without", cache)
	}
	opt.log("fetching JAX's CUDA plugin %s and NVIDIA's libraries with go-xla's installer (several GB)", cudaVersion)
	err := quietly(func() error {
		return installer.CudaInstall(cudaPlugin, cudaVersion, filepath.Join(cache, "xla", "lib", "go-xla"), false, installer.Quiet)
	})
	if err != nil {
		return fmt.Errorf("installing the CUDA plugin: %w", err)
	}
	return nil
}
