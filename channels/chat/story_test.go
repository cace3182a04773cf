package chat

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// TestOnlyWhatAVisitorMaySeeIsShown walks every kind of event, each field filled with a word, and looks for the word.
func TestOnlyWhatAVisitorMaySeeIsShown(t *testing.T) {
	t.Parallel()
	shown := map[string]bool{}
	kinds := (&deskpb.Event{}).ProtoReflect().Descriptor().Oneofs().ByName("kind").Fields()
	for i := range kinds.Len() {
		e := &deskpb.Event{}
		m := e.ProtoReflect().NewField(kinds.Get(i))
		fill(m.Message(), 0)
		e.ProtoReflect().Set(kinds.Get(i), m)
		if r := e.GetMessageReceived(); r != nil {
			r.Channel, r.ExternalId = "ch", "v_1/m1"
		}
		if r := e.GetReplyRequested(); r != nil {
			r.Channel, r.Thread, r.AgentName = "ch", "v_1", "Ana SECRET"
		}
		s := story{channel: "ch", visitor: "v_1", closed: true}
		if got := s.fold(&deskpb.Record{Stream: "conversation/c", Version: 1, Event: e}); got != nil {
			shown[string(kinds.Get(i).Name())] = true
		}
	}
	want := map[string]bool{"message_received": true, "reply_requested": true, "ticket_status_changed": true, "conversation_rated": true}
	if len(shown) != len(want) {
		t.Errorf("shown %v, want %v", shown, want)
	}
	for k := range want {
		if !shown[k] {
			t.Errorf("%s is not shown", k)
		}
	}
}

func fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.IsList() || f.IsMap() || depth > 3:
		case f.Kind() == protoreflect.StringKind:
			m.Set(f, protoreflect.ValueOfString("SECRET"))
		case f.Kind() == protoreflect.MessageKind:
			fill(m.Mutable(f).Message(), depth+1)
		}
	}
}

func TestShownFieldsAreOnAList(t *testing.T) {
	t.Parallel()
	r := &deskpb.ReplyRequested{}
	fill(r.ProtoReflect(), 0)
	r.Channel, r.Thread, r.AgentName, r.Message = "ch", "v_1", "Ana SECRET", "ms"
	r.Body = &deskpb.Body{Text: "hello", Html: "SECRET"}
	r.Body.Attachments = []*deskpb.Attachment{{Blob: "SECRET", Name: "a.pdf"}}
	m := &deskpb.MessageReceived{}
	fill(m.ProtoReflect(), 0)
	m.Channel, m.ExternalId, m.Message, m.ClientId = "ch", "v_1/m1", "ms", "m1"
	m.Body = &deskpb.Body{Text: "hello"}
	for _, fact := range []proto.Message{r, m} {
		s := story{channel: "ch", visitor: "v_1"}
		e := s.fold(&deskpb.Record{Stream: "conversation/c", Version: 1, Event: deskpb.NewEvent(fact), By: &deskpb.Author{Name: "SECRET"}, Key: "SECRET"})
		if e == nil || strings.Contains(string(e.data), "SECRET") {
			t.Errorf("%T: %s", fact, e.data)
		}
	}
}

func TestWhatBelongsToOthersIsNotShown(t *testing.T) {
	t.Parallel()
	body := &deskpb.Body{Text: "x"}
	for name, fact := range map[string]proto.Message{
		"another visitor's message":        &deskpb.MessageReceived{Channel: "ch", ExternalId: "v_12/m1", Body: body},
		"a message of another channel":     &deskpb.MessageReceived{Channel: "mail", ExternalId: "v_1/m1", Body: body},
		"a reply to another visitor":       &deskpb.ReplyRequested{Channel: "ch", Thread: "v_2", Body: body},
		"a reply on another channel":       &deskpb.ReplyRequested{Channel: "mail", Thread: "v_1", Body: body},
		"a status that the visitor knows":  &deskpb.TicketStatusChanged{To: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_US},
		"a status between two open states": &deskpb.TicketStatusChanged{To: deskpb.TicketStatus_TICKET_STATUS_WAITING_ON_CONTACT},
	} {
		s := story{channel: "ch", visitor: "v_1"}
		if e := s.fold(&deskpb.Record{Stream: "conversation/c", Version: 1, Event: deskpb.NewEvent(fact)}); e != nil || s.version != 1 {
			t.Errorf("%s is shown", name)
		}
	}
}

func TestFoldTwiceIsFoldOnce(t *testing.T) {
	t.Parallel()
	s := story{channel: "ch", visitor: "v_1"}
	rec := &deskpb.Record{Stream: "conversation/c", Version: 1, Event: deskpb.NewEvent(&deskpb.ReplyRequested{Channel: "ch", Thread: "v_1", Message: "a"})}
	if s.fold(rec) == nil || s.fold(rec) != nil || len(s.events) != 1 || len(s.replies) != 1 {
		t.Errorf("%d events, %d replies", len(s.events), len(s.replies))
	}
}

// A reply that can be taken back is shown when it leaves, and never if it was taken back.
func TestAReplyThatWaitsIsNotShown(t *testing.T) {
	t.Parallel()
	s := story{channel: "ch", visitor: "v_1"}
	version := uint64(0)
	fold := func(m proto.Message) *event {
		version++
		return s.fold(&deskpb.Record{Stream: "conversation/c", Version: version, Event: deskpb.NewEvent(m)})
	}
	waits := func(id string) *deskpb.ReplyRequested {
		return &deskpb.ReplyRequested{Channel: "ch", Thread: "v_1", Message: id, Body: &deskpb.Body{Text: id}, SendAtMs: 9}
	}
	if fold(waits("a")) != nil || fold(waits("b")) != nil || fold(&deskpb.ReplyCanceled{Message: "a"}) != nil {
		t.Fatal("shown before it left")
	}
	if fold(&deskpb.DeliveryStarted{Message: "a", Attempt: 1}) != nil {
		t.Error("shown although it was taken back")
	}
	e := fold(&deskpb.DeliveryStarted{Message: "b", Attempt: 1})
	if e == nil || e.seq != version || !strings.Contains(string(e.data), `"text":"b"`) {
		t.Fatalf("%v", e)
	}
	if fold(&deskpb.DeliveryStarted{Message: "b", Attempt: 2}) != nil || len(s.replies) != 1 || len(s.held) != 0 {
		t.Error("shown twice")
	}
}

func TestHugeReplyIsCut(t *testing.T) {
	t.Parallel()
	s := story{channel: "ch", visitor: "v_1"}
	e := s.fold(&deskpb.Record{Stream: "conversation/c", Version: 1, Event: deskpb.NewEvent(&deskpb.ReplyRequested{
		Channel: "ch", Thread: "v_1", Message: "a", Body: &deskpb.Body{Text: "x" + strings.Repeat("é", 1<<19)},
	})})
	var w wireEvent
	var m wireMessage
	w.D = &m
	if err := json.Unmarshal(e.data, &w); err != nil || !m.Truncated || len(m.Text) > maxShownBytes || !utf8.ValidString(m.Text) || strings.ContainsRune(m.Text, utf8.RuneError) {
		t.Errorf("%v truncated %v, %d bytes", err, m.Truncated, len(m.Text))
	}
}

func TestMemoryOfAStoryIsBounded(t *testing.T) {
	t.Parallel()
	s := story{channel: "ch", visitor: "v_1"}
	for v := range uint64(200) {
		s.fold(&deskpb.Record{Stream: "conversation/c", Version: v + 1, Event: deskpb.NewEvent(&deskpb.MessageReceived{
			Channel: "ch", ExternalId: "v_1/x", Body: &deskpb.Body{Text: strings.Repeat("x", 10_000)},
		})})
	}
	if s.bytes > maxEventBytes || s.bytes == 0 || s.last != 200 || s.base == 0 {
		t.Errorf("%d bytes in %d events", s.bytes, len(s.events))
	}
	if events, ok := s.since(s.epoch, s.base); !ok || len(events) != len(s.events) {
		t.Errorf("%d events, %v", len(events), ok)
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                  "",
		"<p>Hello <b>you</b></p><p>Bye</p>": "Hello you\nBye",
		"a<br>b<BR/>c":                      "a\nb\nc",
		"&lt;script&gt; &amp; &ntilde;":     "<script> & ñ",
		"1 < 2":                             "1 < 2",
	} {
		if got := plainText(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestFirstName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Ana Torres": "Ana", "  Ana ": "Ana", "": "", "ana@example.com": "", "Zoë": "Zoë"} {
		if got := firstName(in); got != want {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func FuzzFrame(f *testing.F) {
	for _, seed := range []string{
		`{"t":"hello","epoch":"e_1","last_seq":7}`, `{"t":"need","from":3}`, `{"t":"ack","seq":9007199254740991}`, `{"t":"typing","on":true}`,
		`{"t":"ping"}`, `{"t":"hello","last_seq":1e3}`, `{"T":"PING"}`, `{"t":null}`, `[[[[`, "\x00\xff", `{"t":"read","seq":-1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fr, err := decodeFrame(data)
		if err != nil {
			if desk.CodeOf(err) != desk.Invalid {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if max(fr.LastSeq, fr.From, fr.Seq) > maxSeq || fr.T == "" || fr.Epoch != "" && !desk.ValidID(fr.Epoch) {
			t.Fatalf("%+v was accepted", fr)
		}
		again, err := decodeFrame(mustJSON(fr))
		if err != nil || again != fr {
			t.Fatalf("%+v came back as %+v, %v", fr, again, err)
		}
		s := story{channel: "ch", visitor: "v_1"} // whatever a client says, it is answered
		s.resume("welcome", fr.Epoch, fr.LastSeq)
		s.due(fr.Seq, fr.Seq)
	})
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	s := story{channel: "ch", visitor: "v_1"}
	e := deskpb.NewEvent(&deskpb.ReplyRequested{Channel: "ch", Thread: "v_1", Message: "ms_1", AgentName: "Ana Torres", Body: &deskpb.Body{Text: strings.Repeat("word ", 40)}})
	for v := uint64(1); b.Loop(); v++ {
		s.fold(&deskpb.Record{Stream: "conversation/c", Version: v, Event: e})
		s.replies = s.replies[:0]
	}
}
