package show

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/longwing-ml/longwing/plots"
)

func ExampleTable() {
	Table([]string{"split", "pictures"}, [][]string{{"train", "46680"}, {"valid", "11671"}})
	// Output:
	// split  pictures
	// train  46680
	// valid  11671
}

func ExampleMarkdown() {
	Markdown("**done**")
	// Output: **done**
}

func ExampleFigure() {
	Figure(plots.LongTail([]int{300, 40, 5}))
	// Output: [figure of 900 by 420 px; shown in a notebook]
}

func TestTableIsEscapedAndAligned(t *testing.T) {
	got := tableHTML([]string{"name", "n"}, [][]string{{`<script>alert("x")</script>`, "-1.5e3"}, {"short row"}})
	const want = `<table>
<tr><th style="text-align:left">name</th><th style="text-align:left">n</th></tr>
<tr><td style="text-align:left">&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;</td><td style="text-align:right">-1.5e3</td></tr>
<tr><td style="text-align:left">short row</td></tr>
</table>
`
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// TestMain lets the test binary play a notebook cell.
func TestMain(m *testing.M) {
	switch os.Getenv("LONGWING_TEST_CELL") {
	case "":
		os.Exit(m.Run())
	case "shows":
		Markdown("*text*")
		Table([]string{"a"}, [][]string{{"1"}})
		Figure(plots.LongTail([]int{300, 40, 5}))
		Image(image.NewGray(image.Rect(0, 0, 4, 3)))
	case "trains":
		train(os.Getenv("LONGWING_TEST_RUN"))
	case "fails":
		Figure(plots.LongTail(nil))
	case "joined":
		Figure(&plots.Figure{}, errors.New("first"), errors.New("second"))
	case "no picture":
		Image(nil)
	}
	os.Exit(0)
}

func cell(name string, env ...string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(append(os.Environ(), "LONGWING_TEST_CELL="+name), env...)
	return c
}

func TestWhatCannotBeShownFailsTheCell(t *testing.T) {
	for name, want := range map[string]string{"fails": "no classes", "joined": "first; second", "no picture": "empty"} {
		var stderr bytes.Buffer
		c := cell(name)
		c.Stderr = &stderr
		err := c.Run()
		if c.ProcessState.ExitCode() != 1 || !strings.Contains(stderr.String(), want) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("%s: %v, stderr %q; want status 1 and a line with %q", name, err, stderr.String(), want)
		}
	}
}

// What a cell sends is read here as the GoNB kernel does: gob messages over a pair of named pipes.
func TestMessagesToTheNotebook(t *testing.T) {
	messages := talk(t, "shows")
	if len(messages) != 4 {
		t.Fatalf("%d messages, want text, table, figure and picture", len(messages))
	}
	if got := messages[0].Data[protocol.MIMETextMarkdown]; got != "*text*" {
		t.Errorf("text is %v", got)
	}
	if got, ok := messages[1].Data[protocol.MIMETextHTML].(string); !ok || !strings.HasPrefix(got, "<table>") {
		t.Errorf("table is %v", got)
	}
	for i, size := range []image.Point{{X: 900, Y: 420}, {X: 4, Y: 3}} {
		message := messages[2+i]
		content, ok := message.Data[protocol.MIMEImagePNG].([]byte)
		if !ok {
			t.Fatalf("message %d holds no PNG: %v", 2+i, message.Data)
		}
		config, err := png.DecodeConfig(bytes.NewReader(content))
		if err != nil || config.Width%size.X != 0 {
			t.Errorf("PNG is %d pixels wide (%v), want a multiple of %d", config.Width, err, size.X)
		}
		if got := fmt.Sprint(message.Metadata["image/png"]); got != fmt.Sprintf("map[height:%d width:%d]", size.Y, size.X) {
			t.Errorf("size on the page is %v, want %v", got, size)
		}
	}
}

// talk runs a cell and returns what it sends.
func talk(t *testing.T, name string, env ...string) []protocol.DisplayData {
	t.Helper()
	dir := t.TempDir()
	there, back := filepath.Join(dir, "there"), filepath.Join(dir, "back")
	for _, pipe := range []string{there, back} {
		if err := unix.Mkfifo(pipe, 0o600); err != nil {
			t.Skipf("this system has no named pipes: %v", err)
		}
	}
	c := cell(name, append(env, protocol.GONB_PIPE_ENV+"="+there, protocol.GONB_PIPE_BACK_ENV+"="+back)...)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	messages, err := kernel(there, back)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("the cell failed: %v", err)
	}
	return messages
}

// kernel collects messages until the cell ends, answering its requests to synchronise.
func kernel(there, back string) ([]protocol.DisplayData, error) {
	in, err := os.Open(there)
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(back, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()
	decoder, encoder := gob.NewDecoder(in), gob.NewEncoder(out)
	var messages []protocol.DisplayData
	for {
		var message protocol.DisplayData
		if err := decoder.Decode(&message); err != nil {
			return messages, nil // the cell has closed its end
		}
		request, isRequest := message.Data[protocol.MIMECommValue].(protocol.CommValue)
		if !isRequest {
			messages = append(messages, message)
			continue
		}
		ack := protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: request.Value}
		if err := encoder.Encode(ack); err != nil {
			return messages, err
		}
	}
}
