package backend

import (
	"path/filepath"
)

// pin is a Python wheel that carries an XLA CPU plugin, fixed to the byte.
type pin struct {
	goos, goarch  string
	name, version string // of the package, for pip
	file          string // name of the wheel
	sha256        string // of the wheel, in hex
	member        string // the plugin inside it
	size          int64  // of the plugin, in bytes
	memberSHA256  string // of the plugin, in hex
}

// pins has a wheel for each platform Setup can fetch a plugin for. There is none yet for linux/arm64 and for macOS.
//
// lammps-jax-pjrt-cpu is XLA as of jaxlib 0.11.2, Apache-2.0, speaking PJRT 0.115.
var pins = []pin{{
	goos: "linux", goarch: "amd64",
	name: "lammps-jax-pjrt-cpu", version: "0.11.2",
	file:         "lammps_jax_pjrt_cpu-0.11.2-py3-none-manylinux_2_27_x86_64.whl",
	sha256:       "1319390d948b39f69f7dade496b7c385149d9ca6097a6b62114da113216d9ad1",
	member:       "lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so",
	size:         201600336,
	memberSHA256: "ad1309ac822b1b24d51b7f9947c7c9fa9ef5d67f390584cbc3d1fa2428fed9c2",
}}

// pinFor returns the wheel for a platform.
func (opt Options) pinFor(goos, goarch string) (pin, bool) {
	table := opt.pins
	if table == nil {
		table = pins
	}
	for _, p := range table {
		if p.goos == goos && p.goarch == goarch {
			return p, true
		}
	}
	return pin{}, false
}

// dir is the folder in the cache that the wheel is unpacked into; it exists only when complete.
func (p pin) dir(cache string) string {
	return filepath.Join(cache, "xla", p.name+"-"+p.version+"-"+p.sha256[:12])
}

// path is where the plugin is after unpacking. The folders of the wheel are left out.
func (p pin) path(cache string) string {
	return filepath.Join(p.dir(cache), filepath.Base(p.member))
}
