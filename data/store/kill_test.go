package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A test that needs a process of its own, to kill it or to set limits on it, runs the test program again with these
// environment variables; it then builds a store instead of testing.
const (
	childEnv      = "LONGWING_STORE_CHILD"   // pictures folder
	childPathEnv  = "LONGWING_STORE_PATH"    // of the store
	childRowsEnv  = "LONGWING_STORE_ROWS"    // number of pictures
	childPauseEnv = "LONGWING_STORE_PAUSE"   // after each picture
	childLimitEnv = "LONGWING_STORE_MAXFILE" // bytes a file may have
)

const childSize = 8 // px

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := childBuild(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func childBuild(dir string) error {
	rows, err := strconv.Atoi(os.Getenv(childRowsEnv))
	if err != nil {
		return err
	}
	if limit, err := strconv.ParseUint(os.Getenv(childLimitEnv), 10, 64); err == nil {
		if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: limit, Max: limit}); err != nil {
			return err
		}
	}
	pause, _ := time.ParseDuration(os.Getenv(childPauseEnv))
	set := pictureSet(&testing.T{}, dir, rows)
	s, err := Build(context.Background(), set, os.Getenv(childPathEnv), Options{Size: childSize, Workers: 4, Progress: func(int, int) { time.Sleep(pause) }})
	if err != nil {
		return err
	}
	return s.Close()
}

// child is the test program run again to build a store; settings are environment variables.
func child(t *testing.T, dir, path string, rows int, settings ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), childEnv+"="+dir, childPathEnv+"="+path, childRowsEnv+"="+strconv.Itoa(rows))
	cmd.Env = append(cmd.Env, settings...)
	cmd.Stderr = &bytes.Buffer{}
	return cmd
}

func message(cmd *exec.Cmd) error {
	return errors.New(strings.TrimSpace(cmd.Stderr.(*bytes.Buffer).String()))
}

func TestKilledAtAnyMoment(t *testing.T) {
	const rows = 300
	dir, out := t.TempDir(), t.TempDir()
	set := writePictures(t, dir, rows)
	whole, path := filepath.Join(out, "whole"), filepath.Join(out, "killed")
	mustBuild(t, set, whole, Options{Size: childSize})
	rng := rand.New(rand.NewPCG(5, 7))
	kills := 0
	for range 200 {
		cmd := child(t, dir, path, rows, childPauseEnv+"=1ms")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(10+rng.IntN(120))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if err == nil {
			break
		}
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			t.Fatalf("the child failed by itself: %v: %v", err, message(cmd))
		}
		kills++
		if _, err := Open(path); err == nil && kills == 1 {
			t.Error("a store whose builder was killed at once is complete")
		}
	}
	t.Logf("killed %d times", kills)
	s := mustBuild(t, set, path, Options{Size: childSize})
	if err := s.Verify(); err != nil {
		t.Error(err)
	}
	for _, suffix := range []string{"", indexSuffix} {
		if !bytes.Equal(readFile(t, path+suffix), readFile(t, whole+suffix)) {
			t.Errorf("store%s differs from one built in one go", suffix)
		}
	}
	for _, suffix := range []string{partSuffix, journalSuffix, lockSuffix} {
		if _, err := os.Stat(path + suffix); err == nil {
			t.Errorf("left behind: %s", path+suffix)
		}
	}
}

// What a power cut or a bad disk may leave: a torn journal, a journal that is ahead of the pixels, no header.
func TestDamagedLeftovers(t *testing.T) {
	const rows = 40
	set := writePictures(t, t.TempDir(), rows)
	whole := filepath.Join(t.TempDir(), "whole")
	mustBuild(t, set, whole, Options{Size: childSize})
	for name, damage := range map[string]func(t *testing.T, path string){
		"nothing":        func(*testing.T, string) {},
		"torn record":    func(t *testing.T, path string) { truncate(t, path+journalSuffix, size(t, path+journalSuffix)-5) },
		"empty journal":  func(t *testing.T, path string) { truncate(t, path+journalSuffix, 0) },
		"torn header":    func(t *testing.T, path string) { truncate(t, path+journalSuffix, 20) },
		"no journal":     func(t *testing.T, path string) { remove(t, path+journalSuffix) },
		"no pixels":      func(t *testing.T, path string) { remove(t, path+partSuffix) },
		"pixels cut":     func(t *testing.T, path string) { truncate(t, path+partSuffix, 1000) },
		"pixels zeroed":  func(t *testing.T, path string) { overwrite(t, path+partSuffix, 0, make([]byte, 3000)) },
		"journal zeroed": func(t *testing.T, path string) { overwrite(t, path+journalSuffix, 200, make([]byte, 100)) },
		"foreign index": func(t *testing.T, path string) {
			if err := os.WriteFile(path+indexSuffix, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s")
			ctx, cancel := context.WithCancel(context.Background())
			_, err := Build(ctx, set, path, Options{Size: childSize, Workers: 2, Progress: func(done, _ int) {
				if done == rows/2 {
					cancel()
				}
			}})
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			damage(t, path)
			mustBuild(t, set, path, Options{Size: childSize})
			for _, suffix := range []string{"", indexSuffix} {
				if !bytes.Equal(readFile(t, path+suffix), readFile(t, whole+suffix)) {
					t.Errorf("store%s differs from one built in one go", suffix)
				}
			}
		})
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func overwrite(t *testing.T, path string, at int64, content []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteAt(content, at); err != nil {
		t.Fatal(err)
	}
}

func TestFullDisk(t *testing.T) {
	const rows = 60
	dir, out := t.TempDir(), t.TempDir()
	writePictures(t, dir, rows)
	path := filepath.Join(out, "s")
	for name, limit := range map[string]int{
		"no room for the pixels":  rows*childSize*childSize*3 - 1,
		"no room for the journal": 100,
	} {
		t.Run(name, func(t *testing.T) {
			cmd := child(t, dir, path, rows, childLimitEnv+"="+strconv.Itoa(limit))
			if err := cmd.Run(); err == nil {
				t.Fatal("no error, though files can't grow")
			}
			wantError(t, message(cmd), "building store "+path, "file too large")
			if got := files(t, out); got != "" {
				t.Errorf("left behind: %s", got)
			}
		})
	}
}

func TestFullFileSystem(t *testing.T) {
	dir, small := t.TempDir(), t.TempDir()
	if err := unix.Mount("tmpfs", small, "tmpfs", 0, "size=64k"); err != nil {
		t.Skipf("needs the right to mount a small file system: %v", err)
	}
	defer func() { _ = unix.Unmount(small, 0) }()
	set := writePictures(t, dir, 20)
	_, err := Build(context.Background(), set, filepath.Join(small, "s"), Options{Size: 100})
	wantError(t, err, "it needs 0.6 MB", "no space left on device")
	if !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("error %v does not wrap ENOSPC", err)
	}
	if got := files(t, small); got != "" {
		t.Errorf("left behind: %s", got)
	}
}

func TestReadOnlyTarget(t *testing.T) {
	set := writePictures(t, t.TempDir(), 2)
	dir := t.TempDir()
	if os.Geteuid() == 0 { // whom permissions don't stop
		dir = "/sys"
	} else if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	_, err := Build(context.Background(), set, filepath.Join(dir, "s"), Options{Size: 4})
	wantError(t, err, "building store "+dir)
	if !errors.Is(err, os.ErrPermission) && !errors.Is(err, syscall.EROFS) {
		t.Errorf("error %v says neither that permission is missing nor that the target is read-only", err)
	}
}

// Four pictures just below the pixel limit, four workers: they must take turns.
func TestLargePicturesTakeTurns(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("decodes 4 × 48 megapixels: not with -short or -race")
	}
	dir, out := t.TempDir(), t.TempDir()
	var file bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	img := image.NewNRGBA(image.Rect(0, 0, 8000, 6000)) // all transparent: stored with alpha, 4 bytes a pixel
	if err := encoder.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	for row := range 4 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.png", row)), file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := child(t, dir, filepath.Join(out, "s"), 4)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v", err, message(cmd))
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Skip("this system does not say how much memory a process took")
	}
	const limit = 600 << 10 // KiB, on Linux; one picture takes 192 MB
	t.Logf("largest memory: %d MiB", usage.Maxrss>>10)
	if usage.Maxrss > limit {
		t.Errorf("the build took %d KiB of memory, want at most %d", usage.Maxrss, limit)
	}
}
