package show

import (
	"bytes"
	"fmt"
	"os"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/longwing-ml/longwing/toolkit/run"
)

type printer struct{}

func (printer) Say(text string)                          { fmt.Println(text) }
func (printer) Progress(string, int, int, string)        {}
func (printer) Epoch(train, valid run.Record, best bool) { fmt.Println("epoch", train.Epoch, best) }

// train plays a run of three epochs.
func train(dir string) {
	r, err := run.Create(dir)
	if err == nil {
		err = r.WriteRecipe([]byte("model: none\n"))
	}
	live := Live(dir, printer{})
	for epoch := 1; epoch <= 3 && err == nil; epoch++ {
		a := run.Record{Phase: run.Train, Epoch: epoch, Step: epoch, Loss: 1 / float64(epoch), LR: 0.1}
		b := run.Record{Phase: run.Valid, Epoch: epoch, Step: epoch, Loss: 1.5 / float64(epoch), Accuracy: 0.2 * float64(epoch)}
		for _, record := range []run.Record{a, b} {
			if err = r.Append(record); err != nil {
				break
			}
		}
		live.Epoch(a, b, true)
	}
	if err != nil {
		fail(err)
	}
}

// TestLiveDrawsInOnePlace looks at the messages of a cell that trains: one figure an epoch, all with one id.
func TestLiveDrawsInOnePlace(t *testing.T) {
	messages := talk(t, "trains", "LONGWING_TEST_RUN="+t.TempDir())
	if len(messages) != 3 {
		t.Fatalf("%d messages, want 3", len(messages))
	}
	var last []byte
	for i, m := range messages {
		content, ok := m.Data[protocol.MIMEImagePNG].([]byte)
		if !ok || bytes.Equal(content, last) {
			t.Errorf("message %d is not another figure", i)
		}
		if m.DisplayID == "" || m.DisplayID != messages[0].DisplayID {
			t.Errorf("message %d has the id %q", i, m.DisplayID)
		}
		last = content
	}
}

func TestLiveOutsideANotebook(t *testing.T) {
	if _, isCell := os.LookupEnv(protocol.GONB_PIPE_ENV); isCell {
		t.Skip("this is a notebook")
	}
	Live("/not/there", printer{}).Epoch(run.Record{}, run.Record{}, false) // must not touch the run
}
