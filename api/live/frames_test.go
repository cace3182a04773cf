package live

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// FuzzClientFrame: whatever a peer sends, reading it does not panic, what is accepted is a whole frame, and what is refused can
// be told to the peer.
func FuzzClientFrame(f *testing.F) {
	for _, frame := range []*deskpb.ClientFrame{
		{Id: "1", Kind: &deskpb.ClientFrame_Hello{Hello: &deskpb.Hello{Epoch: "e", Position: 7}}},
		{Id: "2", Kind: &deskpb.ClientFrame_Subscribe{Subscribe: &deskpb.Subscribe{Tickets: true, Conversations: []string{"cv_1"}}}},
		{Id: "3", Kind: &deskpb.ClientFrame_Command{Command: &deskpb.AgentCommand{Stream: "conversation/cv_1", Command: deskpb.NewCommand(&deskpb.RequestReply{
			Message: "m", Body: &deskpb.Body{Text: "x", Attachments: []*deskpb.Attachment{{Blob: "b"}}}, To: []*deskpb.Address{{Address: "a@b.example"}}})}}},
		{Kind: &deskpb.ClientFrame_Typing{Typing: &deskpb.Typing{Conversation: "cv_1", On: true}}},
		{Kind: &deskpb.ClientFrame_Ping{Ping: &deskpb.Ping{}}},
	} {
		asJSON, err := protojson.Marshal(frame)
		if err != nil {
			f.Fatal(err)
		}
		asBinary, err := proto.Marshal(frame)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(asJSON, false)
		f.Add(asBinary, true)
	}
	for _, s := range []string{``, `{}`, `{"id":"x","color":1}`, `{"hello":{"position":-1}}`, `{"id":"` + strings.Repeat("x", 70) + `"}`, `{"id":"` + strings.Repeat("x", 70) + `"x`, `{"id":"` + strings.Repeat("x", 70) + `","color":1}`, `{"command":{"command":{"command":{}}}}`, "{\"id\":\"\xff\"}", `{"id":"a","ping":{},"hello":{}}`} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, binary bool) {
		frame, err, fatal := decode(data, binary)
		if fatal && err == nil {
			t.Fatal("fatal without an error")
		}
		if len(frame.GetId()) > 64 {
			t.Fatalf("an id of %d bytes", len(frame.Id))
		}
		if err != nil {
			if !utf8.ValidString(err.Error()) || err.Error() == "" {
				t.Fatalf("an error that cannot be told: %q", err)
			}
			answer := encode(refusedFrame(frame.GetId(), &desk.Error{Code: desk.Invalid, Message: err.Error()}), binary)
			back := &deskpb.ServerFrame{}
			if binary {
				err = proto.Unmarshal(answer.Data, back)
			} else {
				err = protojson.Unmarshal(answer.Data, back)
			}
			if err != nil || back.GetRefused().GetCode() != "invalid" {
				t.Fatalf("the refusal does not arrive: %v, %v", back, err)
			}
			return
		}
		if frame.Kind == nil {
			t.Fatal("accepted a frame without a kind")
		}
		wire, err := proto.Marshal(frame)
		if err != nil {
			t.Fatalf("accepted what cannot be written: %v", err)
		}
		again, err, _ := decode(wire, true)
		if err != nil || !proto.Equal(frame, again) {
			t.Fatalf("%v became %v: %v", frame, again, err)
		}
	})
}

func TestWhatCannotBeEncodedIsSaid(t *testing.T) {
	t.Parallel()
	for _, binary := range []bool{false, true} {
		f := encode(recordFrame(&deskpb.Record{Stream: "conversation/\xff"}), binary)
		if !strings.Contains(string(f.Data), "internal") {
			t.Errorf("%q", f.Data)
		}
	}
}

// TestEncodedOncePerEncoding: a thousand sockets share the bytes.
func TestEncodedOncePerEncoding(t *testing.T) {
	t.Parallel()
	f := frames{frame: caughtUpFrame(7)}
	asJSON, asBinary := f.of(false), f.of(true)
	if f.of(false) != asJSON || f.of(true) != asBinary || asBinary == asJSON || asJSON.Binary || !asBinary.Binary {
		t.Error("a frame is encoded twice")
	}
	if !json.Valid(f.of(false).Data) {
		t.Errorf("%q", f.of(false).Data)
	}
}

// Of what not everybody is shown there are two shapes, and each is made once, however many look.
func TestEachShapeIsEncodedOnce(t *testing.T) {
	t.Parallel()
	whole := agentFrame(6, &deskpb.AgentSummary{Agent: "ag_ben", Name: "Ben", Load: 7, ShownVersion: 3, Version: 9})
	c := change{topic: topicAgent, id: "ag_ben", frames: frames{frame: whole}, plain: plainOf(whole, 2)}
	for _, binary := range []bool{false, true} {
		ada, ben, cleo, dan := eyes{binary: binary, leads: true}, eyes{binary: binary, agent: "ag_ben"}, eyes{binary: binary, agent: "ag_cleo"}, eyes{binary: binary, agent: "ag_dan"}
		if c.of(ada) != c.of(ben) || c.of(cleo) != c.of(dan) || c.of(ada) == c.of(cleo) {
			t.Error("a shape is made more often than once, or the shapes are one")
		}
	}
	if c.plain = plainOf(whole, 3); c.of(eyes{agent: "ag_cleo"}) != nil || c.of(eyes{agent: "ag_ben"}) == nil {
		t.Error("nothing that colleagues see changed, and they are told all the same")
	}
}

// record makes the n-th record of a journal; only what changes() looks at.
func record(position, version uint64, stream string, m proto.Message) desk.Record {
	return &deskpb.Record{Stream: stream, Version: version, Position: position, Event: deskpb.NewEvent(m)}
}

// fixedRows answers every row as it is at the end.
type fixedRows struct{ tickets map[string]uint64 }

func (r fixedRows) Ticket(id desk.ConversationID) (desk.Ticket, error) {
	return &deskpb.TicketSummary{Conversation: string(id), Version: r.tickets[string(id)]}, nil
}
func (fixedRows) Contact(id desk.ContactID) (desk.Contact, error) {
	return &deskpb.ContactSummary{Contact: string(id)}, nil
}
func (fixedRows) Agent(id desk.AgentID) (desk.Agent, error) {
	return &deskpb.AgentSummary{Agent: string(id)}, nil
}
func (fixedRows) Channel(desk.ChannelID) (desk.Channel, error) { return nil, nil }
func (fixedRows) Setting(desk.SettingID) (desk.Setting, error) { return nil, nil }
func (fixedRows) Team(desk.TeamID) (desk.Team, error)          { return nil, nil }

// TestOrderOfABatch pins the rule that makes every position safe to resume from: rows once, where they changed last, before the
// record of the same event, and with the position before it.
func TestOrderOfABatch(t *testing.T) {
	t.Parallel()
	rows := fixedRows{map[string]uint64{"a": 3, "b": 1}}
	h := New(Options{Rows: rows, Teams: rows})
	note := &deskpb.NoteAdded{}
	list, err := h.changes([]desk.Record{
		record(11, 2, "conversation/a", note),
		record(12, 1, "conversation/b", note),
		record(13, 9, "agent/x", &deskpb.AvailabilityChanged{}),
		record(14, 10, "agent/x", &deskpb.SessionOpened{}),
		record(15, 3, "conversation/a", note),
		record(16, 4, "channel/c", &deskpb.ChannelCursorMoved{}),
		record(17, 5, "channel/c", &deskpb.ItemQuarantined{}), // its row is gone
		record(18, 1, "contact/k", &deskpb.ContactNamed{}),
		record(19, 1, "team/t", &deskpb.TeamAdded{}),
	}, func(t topic, id string) bool { return t != topicRecord || id == "a" })
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range list {
		got = append(got, plainJSON(t, list[i].of(eyes{leads: true}).Data))
	}
	golden(t, "batch.txt", strings.Join(got, "\n")+"\n")
}

// plainJSON takes protojson's deliberate instability out.
func plainJSON(t *testing.T, data []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// golden compares with a file of testdata; with GOLDEN=write it writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("GOLDEN") == "write" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

func TestBudget(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	b := newBudget(now)
	count := func(n int) (c [3]int) {
		for range n {
			c[b.take(now)]++
		}
		return c
	}
	if got := count(budgetBurst + 10); got != [3]int{budgetBurst, 10, 0} {
		t.Errorf("burst: %v", got)
	}
	now = now.Add(time.Second)
	if got := count(100); got[within] != budgetPerSec-10 {
		t.Errorf("after a second: %v", got)
	}
	if got := count(1000); got[farOver] == 0 {
		t.Errorf("a flood: %v", got)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"report.pdf": "report.pdf", "../../etc/passwd": "passwd", `C:\temp\a.txt`: "a.txt", "a\u202egnp.exe": "agnp.exe", "": "file", "...": "file",
		"a\x00b\nc": "abc", strings.Repeat("é", 150): strings.Repeat("é", 100), "\xff\xfe": "file", `a"<b>`: "ab",
	} {
		if got := CleanFileName(in); got != want {
			t.Errorf("name %q became %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"image/PNG": "image/png", "text/plain; charset=x": "text/plain", "": "application/octet-stream", "text": "application/octet-stream",
		"text/ht ml": "application/octet-stream", "a/b/c": "application/octet-stream", "x/\r\ny": "application/octet-stream",
	} {
		if got := CleanMediaType(in); got != want {
			t.Errorf("type %q became %q, want %q", in, got, want)
		}
	}
	for _, bad := range []string{"", "a b@c.d", "a@b.c,d@e.f", "a@b.c\nX: y", "<a@b.c>", strings.Repeat("x", 300), "a\x00@b.c", "\xff@b.c"} {
		if a, ok := cleanAddress(&deskpb.Address{Address: bad}); ok {
			t.Errorf("address %q became %v", bad, a)
		}
	}
	if a, ok := cleanAddress(&deskpb.Address{Name: " Ana\r\nBcc: x ", Address: " ana@example.com "}); !ok || a.Name != "Ana Bcc: x" || a.Address != "ana@example.com" {
		t.Errorf("address %v", a)
	}
}
