package desk_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

func writing(text string) *deskpb.Writing { return &deskpb.Writing{Text: text} }

func saved(device, text string, base uint64, change ...func(*deskpb.SaveDraft)) *deskpb.SaveDraft {
	m := &deskpb.SaveDraft{Agent: "ag", Conversation: "cv", Writing: writing(text), Device: device, Base: base}
	for _, f := range change {
		f(m)
	}
	return m
}

// draftAt decides commands one second apart and gives the state and the row; what is refused changes nothing.
func draftAt(t *testing.T, cmds ...proto.Message) (*desk.Draft, *deskpb.DraftSummary, error) {
	t.Helper()
	d := desk.Drafts.Initial()
	var row *deskpb.DraftSummary
	var last error
	for i, m := range cmds {
		cmd := deskpb.NewCommand(m)
		cmd.AtMs = int64(i+1) * desk.DraftRestMs
		evs, err := desk.Drafts.Decide(d, cmd)
		last = err
		for _, ev := range evs {
			d = desk.Drafts.Evolve(d, ev)
			row = desk.ProjectDraft(row, &deskpb.Record{Version: d.Version, AtMs: cmd.AtMs, Event: ev})
		}
	}
	return d, row, last
}

func TestADraftIsWhatTheLastDeviceSaved(t *testing.T) {
	t.Parallel()
	letGo := func(m *deskpb.SaveDraft) { m.LetGo = true }
	for name, c := range map[string]struct {
		do        []proto.Message
		text      string // "": nothing
		displaced string
		version   uint64
	}{
		"saved":                            {[]proto.Message{saved("a", "Hello", 0)}, "Hello", "", 1},
		"the same again is not news":       {[]proto.Message{saved("a", "Hello", 0), saved("a", "Hello", 1)}, "Hello", "", 1},
		"another device that had seen it":  {[]proto.Message{saved("a", "Hello", 0), saved("b", "Bye", 1)}, "Bye", "", 2},
		"another device that had not":      {[]proto.Message{saved("a", "Hello", 0), saved("b", "Bye", 0)}, "Bye", "Hello", 2},
		"nothing is lost when it goes on":  {[]proto.Message{saved("a", "Hello", 0), saved("b", "Hello you", 0)}, "Hello you", "", 2},
		"what was displaced stays beside":  {[]proto.Message{saved("a", "Hello", 0), saved("b", "Bye", 0), saved("b", "Bye now", 2)}, "Bye now", "Hello", 3},
		"until it is let go":               {[]proto.Message{saved("a", "Hello", 0), saved("b", "Bye", 0), saved("b", "Bye", 2, letGo)}, "Bye", "", 3},
		"emptied":                          {[]proto.Message{saved("a", "Hello", 0), saved("a", "  ", 1)}, "", "", 2},
		"nothing at first is not news":     {[]proto.Message{saved("a", " ", 0)}, "", "", 0},
		"sent":                             {[]proto.Message{saved("a", "Hello", 0), &deskpb.ClearDraft{Cause: "sent"}}, "", "", 2},
		"sent something else":              {[]proto.Message{saved("a", "Hello", 0), &deskpb.ClearDraft{Cause: "sent", Text: "Bye"}}, "Hello", "", 1},
		"sent this":                        {[]proto.Message{saved("a", "Hello\n", 0), &deskpb.ClearDraft{Cause: "sent", Text: "Hello"}}, "", "", 2},
		"a device that did not hear of it": {[]proto.Message{saved("a", "Hello", 0), &deskpb.ClearDraft{Cause: "sent"}, saved("b", "Hello", 1)}, "", "", 2},
		"a device that knows and means it": {[]proto.Message{saved("a", "Hello", 0), &deskpb.ClearDraft{Cause: "sent"}, saved("b", "Hello", 2)}, "Hello", "", 3},
		"clearing nothing is not news":     {[]proto.Message{&deskpb.ClearDraft{}}, "", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, row, err := draftAt(t, c.do...)
			if err != nil || d.Writing.GetText() != c.text && strings.TrimSpace(d.Writing.GetText()) != c.text || d.Displaced.GetText() != c.displaced || d.Version != c.version {
				t.Fatalf("%v: %q beside %q at version %d, want %+v", err, d.Writing.GetText(), d.Displaced.GetText(), d.Version, c)
			}
			if row.GetWriting().GetText() != d.Writing.GetText() || row.GetDisplaced().GetText() != c.displaced {
				t.Fatalf("the row says %v", row)
			}
		})
	}
}

func TestADraftHasLimits(t *testing.T) {
	t.Parallel()
	many := make([]string, desk.MaxRecipients+1)
	for name, c := range map[string]struct {
		m     *deskpb.SaveDraft
		field string
	}{
		"large":      {saved("a", strings.Repeat("x", desk.MaxDraftBytes+1), 0), "text"},
		"recipients": {saved("a", "x", 0, func(m *deskpb.SaveDraft) { m.Writing.Bcc = many }), "to"},
		"files":      {saved("a", "x", 0, func(m *deskpb.SaveDraft) { m.Writing.Files = make([]*deskpb.WritingFile, desk.MaxAttachments+1) }), "attachments"},
		"device":     {saved("", "x", 0), "device"},
		"nowhere":    {saved("a", "x", 0, func(m *deskpb.SaveDraft) { m.Conversation = "" }), "conversation"},
	} {
		if _, _, err := draftAt(t, c.m); desk.CodeOf(err) != desk.Invalid || err.(*desk.Error).Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	d, _, _ := draftAt(t, saved("a", "x", 0))
	soon := deskpb.NewCommand(saved("a", "xy", 1))
	soon.AtMs = d.SavedAtMs + desk.DraftRestMs - 1
	if _, err := desk.Drafts.Decide(d, soon); desk.ReasonOf(err) != "too_soon" {
		t.Fatalf("a save a moment after another: %v", err)
	}
	soon.GetSaveDraft().Leaving = true
	if evs, err := desk.Drafts.Decide(d, soon); err != nil || len(evs) != 1 {
		t.Fatalf("a save on leaving: %v", err)
	}
}

// Whatever two devices save in whatever order, no words are lost in silence: what stood there when a device saved without having
// seen it is in the draft or beside it.
func TestNoWordsOfADraftAreLost(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := desk.Drafts.Initial()
		has := map[string]uint64{}
		at := int64(0)
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			at += desk.DraftRestMs
			device := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "device")
			before, by := d.Writing, d.Device
			cmd := deskpb.NewCommand(saved(device, rapid.SampledFrom([]string{"", "one", "one two", "three"}).Draw(t, "text"), has[device]))
			cmd.AtMs = at
			evs, err := desk.Drafts.Decide(d, cmd)
			if err != nil {
				t.Fatal(err)
			}
			stale := has[device] < d.Version
			for _, ev := range evs {
				d = desk.Drafts.Evolve(d, ev)
			}
			if rapid.Bool().Draw(t, "hears") {
				has[device] = d.Version
			}
			if d.Writing == nil || !stale || by == device {
				continue // whoever empties a draft means it
			}
			if was := before.GetText(); !strings.HasPrefix(d.Writing.Text, was) && d.Displaced.GetText() != was {
				t.Fatalf("%q was replaced by %q, beside it is %q", was, d.Writing.Text, d.Displaced.GetText())
			}
			if again, err := desk.Drafts.Decide(d, cmd); err != nil || len(again) > 0 {
				t.Fatalf("the same again: %v %v", again, err)
			}
		}
	})
}
