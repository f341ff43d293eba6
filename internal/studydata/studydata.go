// Package studydata finds the tables of the pollinating-insects study, and other pictures, for tests that check
// published numbers. They lie outside the repository; a test that needs them is skipped where they are absent.
//
//	train, err := data.ReadLabels(studydata.Path(t, "train.csv"))
package studydata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// DirEnv names the environment variable that says where the files are, if not in ../shared/data beside the repository.
const DirEnv = "LONGWING_STUDY_DATA"

// Path returns the path of a file of the study (train.csv, test.csv, class_codes.csv, …), or skips the test.
func Path(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(dir(), name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the study's %s: put it at %s or set %s to its folder", name, path, DirEnv)
	}
	return path
}

func dir() string {
	if dir := os.Getenv(DirEnv); dir != "" {
		return dir
	}
	_, file, _, _ := runtime.Caller(0) // <repository>/internal/studydata/studydata.go
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "shared", "data")
}
