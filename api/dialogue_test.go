package api_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/centralita/centralita/api/live"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// TestDialogues plays the conversations of testdata/dialogues. Lines:
//
//	> a message of the client, as it is sent ($conv, $agent, $epoch are filled in)
//	< the frame that comes next, times taken out
//	! something that happens on the desk: receive, note, typing
//	cut: the connection breaks; open: another is made
//	= the code with which the server closes
//
// GOLDEN=write fills in what comes after < and =.
func TestDialogues(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/dialogues/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no dialogues", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d := newDialogue(t)
			var out strings.Builder
			for n, line := range strings.SplitAfter(string(script), "\n") {
				got := d.play(strings.TrimSuffix(line, "\n"))
				if want := strings.TrimSuffix(line, "\n"); got != want && os.Getenv("GOLDEN") != "write" {
					t.Errorf("%s:%d\n got %s\nwant %s", file, n+1, got, want)
				}
				out.WriteString(got)
				if strings.HasSuffix(line, "\n") {
					out.WriteString("\n")
				}
			}
			if os.Getenv("GOLDEN") == "write" {
				if err := os.WriteFile(file, []byte(out.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

type dialogue struct {
	t       *testing.T
	ada     *browser
	conv    desk.ConversationID
	ws      *websocket.Conn
	tickets map[string]string // the last row shown: how records fall into batches is chance, the same row twice is left out
}

func newDialogue(t *testing.T) *dialogue {
	h := open(t)
	d := &dialogue{t: t, ada: h.admin(), tickets: map[string]string{}}
	d.conv = h.receive("anna", 1, "Hello")
	d.ada.screen().hello().sync() // the feed has passed the beginning
	d.dial()
	return d
}

func (d *dialogue) dial() {
	dialer := websocket.Dialer{Subprotocols: []string{live.ProtocolJSON}}
	ws, _, err := dialer.Dial(d.ada.socketURL(), d.ada.header())
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(func() { _ = ws.Close() })
	d.ws = ws
}

// play does what a line says and gives the line as it should have been.
func (d *dialogue) play(line string) string {
	mark, rest, _ := strings.Cut(line, " ")
	switch mark {
	case ">":
		epoch, _ := d.ada.engine.Head()
		text := strings.NewReplacer("$conv", string(d.conv), "$agent", d.ada.agent, "$epoch", epoch).Replace(rest)
		if err := d.ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			d.t.Fatal(err)
		}
	case "!":
		d.happen(strings.Fields(rest))
	case "<":
		return "< " + d.next()
	case "=":
		_, _, err := d.ws.ReadMessage()
		ce, ok := err.(*websocket.CloseError) //nolint:errorlint // gorilla gives it as it is
		if !ok {
			return fmt.Sprintf("= no close: %v", err)
		}
		return fmt.Sprintf("= %d %s", ce.Code, ce.Text)
	case "cut":
		_ = d.ws.UnderlyingConn().Close()
	case "open":
		d.dial()
		clear(d.tickets)
	}
	return line
}

func (d *dialogue) happen(words []string) {
	switch words[0] {
	case "receive":
		d.ada.receive(words[1], 1, strings.Join(words[2:], " "))
	case "note":
		d.ada.command(d.conv.Stream(), &deskpb.AddNote{Message: words[1], Body: &deskpb.Body{Text: strings.Join(words[2:], " ")}})
	case "typing":
		d.ada.engine.Presence(desk.PresenceSign{Conversation: d.conv, Who: "contact", Name: words[1], Typing: true})
	case "feed": // has passed everything that happened
		d.ada.screen().hello().sync()
	default:
		d.t.Fatalf("what is %q?", words[0])
	}
}

func (d *dialogue) next() string {
	for {
		_ = d.ws.SetReadDeadline(time.Now().Add(5 * time.Second))
		_, data, err := d.ws.ReadMessage()
		if err != nil {
			return err.Error()
		}
		var v map[string]any
		if err := json.Unmarshal(data, &v); err != nil {
			d.t.Fatal(err)
		}
		v = d.mask(v).(map[string]any)
		text, err := json.Marshal(v)
		if err != nil {
			d.t.Fatal(err)
		}
		if ticket, is := v["ticket"].(map[string]any); is {
			row := ticket["ticket"].(map[string]any)
			id, version := row["conversation"].(string), row["version"].(string)
			if d.tickets[id] == version {
				continue
			}
			d.tickets[id] = version
		}
		return string(text)
	}
}

// mask takes out what differs from run to run.
func (d *dialogue) mask(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, inner := range x {
			if x[k] = d.mask(inner); strings.HasSuffix(k, "Ms") {
				x[k] = "T"
			}
		}
	case []any:
		for i := range x {
			x[i] = d.mask(x[i])
		}
	case string:
		epoch, _ := d.ada.engine.Head()
		return strings.NewReplacer(string(d.conv), "$conv", d.ada.agent, "$agent", epoch, "$epoch").Replace(x)
	}
	return v
}
