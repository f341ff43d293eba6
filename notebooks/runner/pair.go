package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/longwing-ml/longwing/internal/atomicfile"
)

// CheckPairs makes sure that each notebook's source NAME.md has a NAME.ipynb beside it with the same cells. The error
// says which cell of which file differs, a line each.
func CheckPairs(ctx context.Context, opt Options) error {
	names, err := Names(nil, opt)
	if err != nil {
		return err
	}
	environment, err := opt.environment()
	if err != nil {
		return err
	}
	args := []string{opt.script("pair.py")}
	for _, name := range names {
		args = append(args, filepath.Join(opt.sources(), name+".md"))
	}
	command := exec.CommandContext(ctx, opt.python(), args...)
	command.Env = environment
	var differences, complaints bytes.Buffer
	command.Stdout, command.Stderr = &differences, &complaints
	if err := command.Run(); err != nil {
		if text := strings.TrimSpace(differences.String()); text != "" {
			return fmt.Errorf("%s: `make pair` writes the notebooks anew from their sources", text)
		}
		return fmt.Errorf("comparing notebooks with their sources: %s", lastLine(complaints.String(), err))
	}
	return nil
}

// WritePairs copies executed notebooks from opt.Out over the NAME.ipynb beside their sources, with smaller pictures and
// without what depends on the machine. A notebook that failed is not copied, and is an error.
func WritePairs(ctx context.Context, asked []string, opt Options) error {
	names, err := Names(asked, opt)
	if err != nil {
		return err
	}
	for _, name := range names {
		executed := filepath.Join(opt.out(), name+".ipynb")
		raw, err := os.ReadFile(executed)
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s was not executed: run `longwing notebooks run %s` first", name, name)
		} else if err != nil {
			return err
		}
		clean, err := withoutRun(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", executed, err)
		}
		small, err := opt.shrink(ctx, clean)
		if err != nil {
			return fmt.Errorf("making the pictures of %s smaller: %w", executed, err)
		}
		if err := atomicfile.WriteBytes(filepath.Join(opt.sources(), name+".ipynb"), small); err != nil {
			return err
		}
	}
	return CheckPairs(ctx, opt)
}

// shrink makes the pictures of a notebook small enough to be committed.
func (opt Options) shrink(ctx context.Context, notebook []byte) ([]byte, error) {
	environment, err := opt.environment()
	if err != nil {
		return nil, err
	}
	command := exec.CommandContext(ctx, opt.python(), opt.script("shrink.py"))
	command.Env = environment
	command.Stdin = bytes.NewReader(notebook)
	var small, complaints bytes.Buffer
	command.Stdout, command.Stderr = &small, &complaints
	if err := command.Run(); err != nil {
		return nil, errors.New(lastLine(complaints.String(), err))
	}
	return small.Bytes(), nil
}

// withoutRun takes the record of the run (wall time) out of an executed notebook.
func withoutRun(raw []byte) ([]byte, error) {
	var notebook map[string]any
	if err := json.Unmarshal(raw, &notebook); err != nil {
		return nil, fmt.Errorf("not a notebook: %w", err)
	}
	metadata, _ := notebook["metadata"].(map[string]any)
	run, ok := metadata["longwing"].(map[string]any)
	if !ok {
		return nil, errors.New("was not made by `longwing notebooks run`")
	}
	if run["failure"] != nil {
		return nil, errors.New("did not run to its end")
	}
	delete(metadata, "longwing")
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err := encoder.Encode(notebook)
	return b.Bytes(), err
}
