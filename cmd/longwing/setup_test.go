package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/backend"
)

func TestSetupSaysWhatWasFound(t *testing.T) {
	if _, err := backend.Find(t.Context(), backend.Options{}); errors.Is(err, backend.ErrNoPlugin) {
		t.Skip("no XLA plugin here yet: run `make setup`")
	}
	var info backend.Info
	if err := json.Unmarshal([]byte(mustRun(t, "setup", "--json")), &info); err != nil {
		t.Fatal(err)
	}
	if info.Backend == "" || info.Platform == "" || len(info.Devices) == 0 || info.Source == "" {
		t.Errorf("got %+v", info)
	}
	text := mustRun(t, "setup")
	for _, want := range []string{info.Path, info.Version, info.Platform, info.Devices[0], info.Source} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwithout %q", text, want)
		}
	}
	if got := mustRun(t, "setup", "--quiet"); got != "" {
		t.Errorf("with --quiet it says %q", got)
	}
}

func TestSetupFails(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.whl")
	for _, test := range []struct {
		name, backend string
		args          []string
		status        int
		want          string
	}{
		{"broken backend", "xla:/nowhere.so", nil, statusFailed, "GOMLX_BACKEND=xla:/nowhere.so: there is no file /nowhere.so"},
		{"missing wheel", "", []string{"--wheel", missing}, statusFailed, missing},
		{"extra argument", "", []string{"cuda"}, statusUsage, "unknown command"},
		{"unknown flag", "", []string{"--gpu"}, statusUsage, "--gpu"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("GOMLX_BACKEND", test.backend)
			t.Setenv("LONGWING_CACHE", t.TempDir())
			status, stdout, stderr := longwing(append([]string{"setup"}, test.args...)...)
			lines := strings.Split(strings.TrimSpace(stderr), "\n")
			if last := lines[len(lines)-1]; status != test.status || stdout != "" || !strings.HasPrefix(last, "longwing: ") || !strings.Contains(last, test.want) {
				t.Errorf("exit status %d, output %q, error %q; want %d and a last line with %q", status, stdout, stderr, test.status, test.want)
			}
		})
	}
}
