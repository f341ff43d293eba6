package checkout

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// tree makes a source tree in a folder whose name has a space, and returns its real path.
func tree(t *testing.T, goMod string) string {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	root := filepath.Join(folder, "a tree")
	if err := os.MkdirAll(filepath.Join(root, "deep", "er"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte(goMod), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

func TestRootAndCacheDir(t *testing.T) {
	root := tree(t, "// a comment\nmodule github.com/longwing-ml/longwing\n\ngo 1.26\n")
	other := tree(t, "module example.org/other\n")
	cache := t.TempDir()
	user := t.TempDir()
	for _, test := range []struct {
		name, dir, home, cache string
		wantRoot, wantCache    string // "" is an error
	}{
		{"in the root", root, "", "", root, filepath.Join(root, ".cache")},
		{"deep in the tree", filepath.Join(root, "deep", "er"), "", "", root, filepath.Join(root, ".cache")},
		{"cache set", root, "", cache, root, cache},
		{"home set", other, root, "", root, filepath.Join(root, ".cache")},
		{"home wrong", root, other, "", "", ""},
		{"home wrong, cache set", root, other, cache, "", cache},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(test.dir)
			t.Setenv(HomeEnv, test.home)
			t.Setenv(CacheEnv, test.cache)
			t.Setenv("XDG_CACHE_HOME", user)
			got, err := Root()
			check(t, "root", got, err, test.wantRoot)
			got, err = CacheDir()
			check(t, "cache", got, err, test.wantCache)
		})
	}
}

func check(t *testing.T, what, got string, err error, want string) {
	t.Helper()
	if want == "" {
		if !errors.Is(err, ErrNoCheckout) {
			t.Errorf("%s: got %q, %v, want ErrNoCheckout", what, got, err)
		}
		return
	}
	if err != nil || got != want {
		t.Errorf("%s: got %q, %v, want %q", what, got, err, want)
	}
}

func TestOutsideOfATree(t *testing.T) {
	user := t.TempDir()
	t.Chdir(tree(t, "module example.org/other\n"))
	t.Setenv(HomeEnv, "")
	t.Setenv(CacheEnv, "")
	t.Setenv("XDG_CACHE_HOME", user)
	if program, err := os.Executable(); err == nil {
		if _, ok := above(filepath.Dir(program)); ok {
			t.Skip("the test program itself is in a tree")
		}
	}
	if got, err := Root(); !errors.Is(err, ErrNoCheckout) {
		t.Errorf("root: got %q, %v, want ErrNoCheckout", got, err)
	}
	got, err := CacheDir()
	check(t, "cache", got, err, filepath.Join(user, "longwing"))
}
