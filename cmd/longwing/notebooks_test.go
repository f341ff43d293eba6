package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestNotebooksOutsideOfASourceTree(t *testing.T) {
	t.Setenv("LONGWING_HOME", t.TempDir())
	for _, command := range []string{"run", "publish", "check", "pair"} {
		status, _, stderr := longwing("notebooks", command)
		if status != statusFailed || !strings.Contains(stderr, "not inside a longwing source tree") {
			t.Errorf("notebooks %s: exit status %d, error %q", command, status, stderr)
		}
	}
}

func TestNotebooksRunWhereNothingIsSetUp(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module github.com/longwing-ml/longwing\n")
	write(t, filepath.Join(root, "notebooks", "01-look.md"), "# Look\n")
	t.Setenv("LONGWING_HOME", root)
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"run"}, "run `make setup`"},
		{[]string{"run", "02"}, `there is no notebook "02"`},
		{[]string{"publish"}, "run `make setup`"},
		{[]string{"pair"}, "01-look was not executed"},
	} {
		status, _, stderr := longwing(append([]string{"notebooks"}, test.args...)...)
		if status != statusFailed || !strings.Contains(stderr, test.want) {
			t.Errorf("notebooks %s: exit status %d, error %q, want %q", strings.Join(test.args, " "), status, stderr, test.want)
		}
	}
}
