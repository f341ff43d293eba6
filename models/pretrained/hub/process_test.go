package hub

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// fetchEnv makes the test program fetch weights of this name and end, as a process that can be killed.
const fetchEnv = "LONGWING_TEST_FETCH"

func TestMain(m *testing.M) {
	if name := os.Getenv(fetchEnv); name != "" {
		got, err := Fetch(context.Background(), name, Options{Log: func(line string) { fmt.Println(line) }})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(got.SHA256, got.FromCache)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// process starts a process that fetches weights.
func process(t *testing.T, name string) (*exec.Cmd, *strings.Builder) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program)
	command.Env = append(os.Environ(), fetchEnv+"="+name)
	said := &strings.Builder{}
	command.Stdout, command.Stderr = said, said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	return command, said
}

func TestKilledProcessIsResumed(t *testing.T) {
	s := newServer(t)
	home := s.use(t)
	half := make(chan struct{})
	s.set(func(b *behaviour) {
		b.halfway = func(r *http.Request) {
			close(half)
			untilGone(r)
		}
	})
	command, said := process(t, "densenet169")
	<-half
	blob := home + "/hf/hub/models--timm--densenet169.tv_in1k/blobs/" + sha256Of(weights) + ".incomplete"
	for {
		if info, err := os.Stat(blob); err == nil && info.Size() == int64(len(weights)/2) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err == nil {
		t.Fatalf("the process ended by itself: %s", said)
	}

	s.set(func(b *behaviour) { b.halfway = nil })
	s.log()
	checkContent(t, mustFetch(t, "densenet169", Options{}), weights)
	checkRequests(t, s, headMain, getFirst+" bytes=150000-", cdnFirst+" bytes=150000-")
	if sent := s.sentBytes(); sent != len(weights) {
		t.Errorf("the server sent %d bytes in all, the file has %d", sent, len(weights))
	}
}

func TestTwoProcesses(t *testing.T) {
	s := newServer(t)
	s.use(t)
	asked := make(chan struct{}, 2)
	s.set(func(b *behaviour) {
		b.wrap = func(_ http.ResponseWriter, r *http.Request) bool {
			if r.Method == http.MethodHead {
				asked <- struct{}{}
			}
			return false
		}
		b.before = func(*http.Request) { // content comes when both have asked what it is
			<-asked
			<-asked
		}
	})
	first, firstSaid := process(t, "densenet169")
	second, secondSaid := process(t, "densenet169")
	for _, err := range []error{first.Wait(), second.Wait()} {
		if err != nil {
			t.Fatalf("%v: %s%s", err, firstSaid, secondSaid)
		}
	}
	said := firstSaid.String() + secondSaid.String()
	if sent := s.sentBytes(); sent != len(weights) || strings.Count(said, sha256Of(weights)+" true") != 1 || strings.Count(said, sha256Of(weights)+" false") != 1 {
		t.Errorf("the server sent %d bytes; the processes said:\n%s", sent, said)
	}
}
