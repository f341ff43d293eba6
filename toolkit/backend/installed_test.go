package backend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInstalled(t *testing.T) {
	first, second := t.TempDir(), t.TempDir()
	for _, path := range []string{
		filepath.Join(first, "pjrt_c_api_cpu_plugin.so"),
		filepath.Join(second, "pjrt_c_api_cpu_plugin.so"),
		filepath.Join(second, "pjrt-plugin-npu.so"),
		filepath.Join(second, "libz.so"),
	} {
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", "/nowhere:"+first+":"+second)
	got := installed()
	if len(got) != 2 || got["cpu"] != filepath.Join(first, "pjrt_c_api_cpu_plugin.so") || got["npu"] != filepath.Join(second, "pjrt-plugin-npu.so") {
		t.Errorf("got %v, want cpu from the first folder and npu from the second", got)
	}

	if err := os.Remove(filepath.Join(first, "pjrt_c_api_cpu_plugin.so")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(first, "pjrt_c_api_cpu_v0.83.1_plugin.so"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PJRT_PLUGIN_LIBRARY_PATH", first)
	if found := available(t.TempDir(), Options{})["cpu"]; found == nil || found.Plugin != "cpu_v0.83.1" {
		t.Errorf("cpu is %+v, want the plugin with a version in its name", found)
	}
}

func TestSystemFolders(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"ld.so.conf":  "# a comment\n/first # and another\n\ninclude " + folder + "/more/*.conf\nrelative\n/last\n",
		"more/a.conf": "/second\n",
		"more/b.conf": "/third\ninclude " + folder + "/more/*.conf\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := systemFolders(filepath.Join(folder, "ld.so.conf"), 0)
	text := strings.Join(got, " ")
	if !strings.HasPrefix(text, "/first /second /third") || !strings.HasSuffix(text, "/last") {
		t.Errorf("got %q", got)
	}
}
