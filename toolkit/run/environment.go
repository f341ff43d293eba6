package run

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// Environment is what environment.json records about the machine and the program, enough to explain a difference
// between two runs. Names of hosts, users and folders are left out on purpose.
type Environment struct {
	Longwing string    `json:"longwing"`         // module version, "(devel)" for a build from a checkout
	Commit   string    `json:"commit,omitempty"` // of the checkout, with "-modified" if it had changes
	Go       string    `json:"go"`               // e.g. "go1.26.8"
	OS       string    `json:"os"`               // e.g. "linux"
	Arch     string    `json:"arch"`             // e.g. "amd64"
	CPU      string    `json:"cpu,omitempty"`    // model name
	Cores    int       `json:"cores"`            // processors this process may use
	Backend  string    `json:"backend,omitempty"`
	Plugin   string    `json:"plugin,omitempty"` // name and version of the XLA plugin
	Platform string    `json:"platform,omitempty"`
	Devices  []string  `json:"devices,omitempty"`
	Started  time.Time `json:"started"` // UTC, whole seconds
}

// CurrentEnvironment fills in all but the backend's part.
func CurrentEnvironment() Environment {
	e := Environment{
		Longwing: "(devel)",
		Go:       runtime.Version(),
		OS:       runtime.GOOS,
		Arch:     runtime.GOARCH,
		CPU:      cpuModel("/proc/cpuinfo"),
		Cores:    runtime.GOMAXPROCS(0),
		Started:  time.Now().UTC().Truncate(time.Second),
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		if build.Main.Version != "" {
			e.Longwing = build.Main.Version
		}
		e.Commit = commit(build.Settings)
	}
	return e
}

func commit(settings []debug.BuildSetting) string {
	revision, suffix := "", ""
	for _, s := range settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			suffix = "-modified"
		}
	}
	if revision == "" {
		return ""
	}
	return revision + suffix
}

// cpuModel reads Linux's list of processors; "" where there is none.
func cpuModel(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		key, value, found := strings.Cut(lines.Text(), ":")
		if found && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// WriteEnvironment stores the environment as environment.json.
func (r *Run) WriteEnvironment(e Environment) error {
	text, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("writing environment: %w", err)
	}
	return atomicfile.WriteBytes(r.environmentPath(), append(text, '\n'))
}

// ReadEnvironment reads environment.json.
func (r *Run) ReadEnvironment() (Environment, error) {
	var e Environment
	text, err := os.ReadFile(r.environmentPath())
	if err != nil {
		return e, fmt.Errorf("reading environment: %w", err)
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("reading %s: %w", r.environmentPath(), err)
	}
	return e, nil
}

func (r *Run) environmentPath() string { return filepath.Join(r.dir, environmentFile) }
