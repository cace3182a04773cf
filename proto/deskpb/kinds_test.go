package deskpb

import (
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// kindFields gives the kinds an envelope may hold.
func kindFields(envelope proto.Message) []protoreflect.FieldDescriptor {
	fields := envelope.ProtoReflect().Descriptor().Oneofs().ByName("kind").Fields()
	all := make([]protoreflect.FieldDescriptor, fields.Len())
	for i := range all {
		all[i] = fields.Get(i)
	}
	return all
}

// empty makes a message of the field's type.
func empty(t *testing.T, f protoreflect.FieldDescriptor) proto.Message {
	t.Helper()
	kind, err := protoregistry.GlobalTypes.FindMessageByName(f.Message().FullName())
	if err != nil {
		t.Fatalf("find %s: %v", f.Message().FullName(), err)
	}
	return kind.New().Interface()
}

func TestEveryKindGoesIntoItsEnvelope(t *testing.T) {
	t.Parallel()
	for _, f := range kindFields(&Event{}) {
		m := filled(empty(t, f))
		e := NewEvent(m)
		if KindName(e) != string(f.Name()) || !proto.Equal(e.ProtoReflect().Get(f).Message().Interface(), m) {
			t.Errorf("NewEvent(%s) holds %q: %v", f.Message().Name(), KindName(e), e)
		}
	}
	for _, f := range kindFields(&Command{}) {
		m := filled(empty(t, f))
		c := NewCommand(m)
		if KindName(c) != string(f.Name()) || !proto.Equal(c.ProtoReflect().Get(f).Message().Interface(), m) {
			t.Errorf("NewCommand(%s) holds %q: %v", f.Message().Name(), KindName(c), c)
		}
	}
}

func TestEachMessageIsOneKindOnly(t *testing.T) {
	t.Parallel()
	for _, envelope := range []proto.Message{&Event{}, &Command{}} {
		seen := make(map[protoreflect.FullName]bool)
		for _, f := range kindFields(envelope) {
			if name := f.Message().FullName(); seen[name] {
				t.Errorf("%s is twice a kind of %T: NewEvent and NewCommand could not tell which", name, envelope)
			} else {
				seen[name] = true
			}
		}
	}
}

func TestAWrongMessagePanics(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(){
		"NewEvent of a command":  func() { NewEvent(&RequestReply{}) },
		"NewCommand of an event": func() { NewCommand(&ReplyRequested{}) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
	if name := KindName(&Event{}); name != "" {
		t.Errorf("an empty envelope holds %q", name)
	}
}

// TestEventNumbersSayTheirNoun: the ranges in the comment of Event, by which a reader knows whose stream it is.
func TestEventNumbersSayTheirNoun(t *testing.T) {
	t.Parallel()
	for _, f := range kindFields(&Event{}) {
		if n := f.Number(); n < 1 || n >= 200 && n < 210 || n >= 250 { // from 210 on: of conversations of a chat
			t.Errorf("%s has number %d, outside every noun's range", f.Name(), n)
		}
	}
}

// TestStoredFieldsSurvive: every field of every message that is kept on disk or sent to a screen, filled, comes back
// from bytes and from JSON.
func TestStoredFieldsSurvive(t *testing.T) {
	t.Parallel()
	stored := []proto.Message{
		&TicketSummary{}, &ContactSummary{}, &AgentSummary{}, &ChannelSummary{}, &TeamSummary{}, &SettingSummary{}, &DraftSummary{}, &QuarantinedItem{}, &OutboxItem{}, &Place{},
	}
	for _, m := range stored {
		filled(m)
	}
	for _, f := range kindFields(&Event{}) {
		r := filled(&Record{}).(*Record)
		r.Event = NewEvent(filled(empty(t, f)))
		stored = append(stored, r)
	}
	for _, f := range kindFields(&Command{}) {
		c := filled(&Command{}).(*Command)
		c.ProtoReflect().Set(f, protoreflect.ValueOfMessage(filled(empty(t, f)).ProtoReflect()))
		stored = append(stored, c)
	}
	for _, envelope := range []proto.Message{&ClientFrame{}, &ServerFrame{}} {
		for _, f := range kindFields(envelope) {
			frame := filled(envelope.ProtoReflect().New().Interface()).ProtoReflect()
			frame.Set(f, protoreflect.ValueOfMessage(filled(empty(t, f)).ProtoReflect()))
			stored = append(stored, frame.Interface())
		}
	}
	for _, m := range stored {
		survives(t, m)
	}
}

func survives(t *testing.T, m proto.Message) {
	t.Helper()
	if hole := firstHole(m.ProtoReflect()); hole != "" {
		t.Fatalf("the test does not fill %s", hole)
	}
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatalf("encode %T: %v", m, err)
	}
	fromBytes := m.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(b, fromBytes); err != nil || !proto.Equal(m, fromBytes) {
		t.Errorf("%T does not survive its bytes: %v\n was %v\n  is %v", m, err, m, fromBytes)
	}
	j, err := protojson.Marshal(m)
	if err != nil {
		t.Fatalf("encode %T as JSON: %v", m, err)
	}
	fromJSON := m.ProtoReflect().New().Interface()
	if err := protojson.Unmarshal(j, fromJSON); err != nil || !proto.Equal(m, fromJSON) {
		t.Errorf("%T does not survive its JSON: %v\n%s", m, err, j)
	}
}
