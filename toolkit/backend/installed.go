package backend

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/gomlx/go-xla/installer"
	"github.com/gomlx/go-xla/pjrt"
)

// installed lists the plugins in the folders where go-xla looks: name → path, the first folder wins.
//
// go-xla's own search loads every plugin it finds and unloads it again. A file that can't be loaded makes it panic, and
// a plugin that was unloaded and then loaded again frees memory twice when a program built with -race ends.
func installed() map[string]string {
	plugins := map[string]string{}
	for _, folder := range searchFolders() {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue // most of the folders don't exist
		}
		for _, entry := range entries {
			name := pluginName(entry.Name())
			if _, ok := plugins[name]; ok || name == "" || !usable(name) {
				continue
			}
			plugins[name] = filepath.Join(folder, entry.Name())
		}
	}
	return plugins
}

// usable tells whether the machine has what a plugin of this name computes on.
func usable(name string) bool {
	switch {
	case pjrt.IsCUDAName(name):
		return installer.HasNvidiaGPU()
	case pjrt.IsROCMName(name):
		return installer.HasAMDGPU()
	}
	return true
}

// Names of plugin files, as go-xla knows them.
var pluginNames = []*regexp.Regexp{
	regexp.MustCompile(`^pjrt_c_api_(.+)_plugin\.(?:so|dylib)$`),
	regexp.MustCompile(`^pjrt[-_]plugin[-_](.+)\.(?:so|dylib)$`),
}

// pluginName returns the plugin's name in the name of its file, or "".
func pluginName(file string) string {
	for _, pattern := range pluginNames {
		if found := pattern.FindStringSubmatch(file); found != nil {
			return found[1]
		}
	}
	return ""
}

// searchFolders are the folders where go-xla looks, in its order.
func searchFolders() []string {
	if list, ok := os.LookupEnv(pjrt.PJRTPluginPathsEnv); ok {
		return filepath.SplitList(list)
	}
	var folders []string
	if lib, err := installer.DefaultHomeLibPath(); err == nil {
		folders = append(folders, filepath.Join(lib, "go-xla"), filepath.Join(lib, "go-xla", "nvidia"), filepath.Join(lib, "gomlx", "pjrt"))
	}
	folders = append(folders, "/usr/local/lib/go-xla", "/usr/local/lib/go-xla/nvidia", "/usr/local/lib/gomlx/pjrt")
	for _, folder := range filepath.SplitList(os.Getenv("LD_LIBRARY_PATH")) {
		if filepath.IsAbs(folder) {
			folders = append(folders, folder)
		}
	}
	return append(folders, systemFolders("/etc/ld.so.conf", 0)...)
}

// systemFolders reads the folders in a file like /etc/ld.so.conf and in those it includes.
func systemFolders(path string, depth int) []string {
	file, err := os.Open(path)
	if err != nil || depth > 4 {
		return nil
	}
	defer func() { _ = file.Close() }()
	var folders []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		line = strings.TrimSpace(line)
		if pattern, ok := strings.CutPrefix(line, "include "); ok {
			included, _ := filepath.Glob(strings.TrimSpace(pattern))
			for _, path := range included {
				folders = append(folders, systemFolders(path, depth+1)...)
			}
		} else if filepath.IsAbs(line) {
			folders = append(folders, line)
		}
	}
	return folders
}
