package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/longwing-ml/longwing/internal/checkout"
)

// download has pip put the pinned wheel into folder. pip decides where from: it reads the user's configuration and
// environment. What it delivers is checked by the caller.
func download(ctx context.Context, p pin, folder string, opt Options) error {
	python := opt.python()
	command := exec.CommandContext(ctx, python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
		"--no-deps", "--no-cache-dir", "--only-binary=:all:", "--dest", folder, p.name+"=="+p.version)
	var messages bytes.Buffer
	command.Stdout, command.Stderr = &messages, &messages
	err := command.Run()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("there is no %s: install Python 3.10 or later with pip", python)
	case err != nil && strings.Contains(messages.String(), "No module named pip"):
		return fmt.Errorf("%s has no pip: install Python's pip package", python)
	case err != nil:
		return fmt.Errorf("pip: %s", lastComplaint(messages.String(), err))
	}
	if _, err := os.Stat(filepath.Join(folder, p.file)); err != nil {
		return fmt.Errorf("pip delivered %s instead of %s", listing(folder), p.file)
	}
	return nil
}

// python is the interpreter whose pip fetches: the one asked for, the checkout's own, or python3.
func (opt Options) python() string {
	if opt.Python != "" {
		return opt.Python
	}
	if root, err := checkout.Root(); err == nil {
		own := filepath.Join(root, ".venv", "bin", "python")
		if info, err := os.Stat(own); err == nil && info.Mode().IsRegular() {
			return own
		}
	}
	return "python3"
}

// lastComplaint picks pip's own reason out of what it printed.
func lastComplaint(printed string, err error) string {
	var errorsSeen []string
	lines := strings.Split(strings.TrimSpace(printed), "\n")
	for _, line := range lines {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "ERROR: "); ok {
			errorsSeen = append(errorsSeen, strings.TrimSpace(text))
		}
	}
	switch last := strings.TrimSpace(lines[len(lines)-1]); {
	case len(errorsSeen) > 0:
		return strings.Join(errorsSeen, "; ")
	case last != "":
		return last
	}
	return err.Error()
}

// listing names the files of a folder, for a message.
func listing(folder string) string {
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		return "nothing"
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return strings.Join(names, ", ")
}
