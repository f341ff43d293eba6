//go:build unix

package run_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/longwing-ml/longwing/toolkit/run"
)

// TestMain lets the test binary play the second process of TestLock.
func TestMain(m *testing.M) {
	if dir := os.Getenv("LONGWING_TEST_HOLD_LOCK"); dir != "" {
		holdLock(dir)
	}
	os.Exit(m.Run())
}

func holdLock(dir string) {
	r, err := run.Open(dir)
	if err == nil {
		_, err = r.Lock()
	}
	fmt.Println(err)
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n') // until the test closes the pipe or kills us
	os.Exit(0)
}

func TestLock(t *testing.T) {
	r := create(t)
	if err := r.WriteRecipe(nil); err != nil {
		t.Fatal(err)
	}
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "LONGWING_TEST_HOLD_LOCK="+r.Dir())
	input, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = input.Close() }()
	output, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "<nil>\n" {
		t.Fatalf("the other process could not lock: %q, %v", line, err)
	}
	_, err = r.Lock()
	mentions(t, err, r.Dir(), fmt.Sprintf("process %d", other.Process.Pid))
	if !errors.Is(err, run.ErrLocked) {
		t.Errorf("%v does not wrap ErrLocked", err)
	}

	if err := other.Process.Kill(); err != nil { // no chance to clean up
		t.Fatal(err)
	}
	_ = other.Wait() // "signal: killed"
	unlock, err := r.Lock()
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	_, err = r.Lock()
	mentions(t, err, fmt.Sprintf("process %d", os.Getpid()))
	unlock()
	unlock, err = r.Lock()
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	unlock()
}
