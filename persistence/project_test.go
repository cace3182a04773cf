package persistence_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/journaltest"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// mapTx is an index in a map.
type mapTx map[string]string

func (m mapTx) Get(key []byte) ([]byte, error) {
	if v, ok := m[string(key)]; ok {
		return []byte(v), nil
	}
	return nil, nil
}
func (m mapTx) Set(key, value []byte) error { m[string(key)] = string(value); return nil }
func (m mapTx) Delete(key []byte) error     { delete(m, string(key)); return nil }

// However records are grouped, and however much is remembered, the index is the same to the byte.
func TestGroupingDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		var records []desk.Record
		for _, e := range journaltest.History(300, journaltest.Seeded(seed)) {
			persistence.StampEntry(e)
			for _, r := range e.Records {
				records = append(records, r)
				r.Position = uint64(len(records))
			}
		}
		alone := mapTx{}
		for _, r := range records {
			if err := persistence.Project(alone, r); err != nil {
				t.Fatal(err)
			}
		}
		for _, size := range []int{1, 2, 7, 50, len(records)} {
			grouped, p := mapTx{}, persistence.NewProjector(size)
			for group := range slices.Chunk(records, size) {
				for _, r := range group {
					if err := p.Project(grouped, r); err != nil {
						t.Fatal(err)
					}
				}
				if err := p.Flush(grouped); err != nil {
					t.Fatal(err)
				}
				if size == 7 {
					p.Reset()
				}
			}
			if !maps.Equal(alone, grouped) {
				t.Fatalf("seed %d: in groups of %d the index is another one", seed, size)
			}
		}
	}
}

// Long and odd texts of the outside are kept apart, and found again.
func TestTextsOfTheOutside(t *testing.T) {
	t.Parallel()
	s := memory.New()
	texts := []string{
		"a", "a\x00", "a\x00b", "\xff\xfe", "ä", strings.Repeat("k", 255), strings.Repeat("k", 256), strings.Repeat("k", 257),
		strings.Repeat("k", 5000), strings.Repeat("k", 4999) + "x",
	}
	for i, text := range texts {
		id := desk.ConversationIDFor("ch_1", string(rune('a'+i)))
		e := persistence.Entry{Stream: id.Stream(), Records: []desk.Record{{
			Stream: string(id.Stream()), Version: 1, Event: deskpb.NewEvent(&deskpb.MessageReceived{
				Message: "ms", Channel: "ch_1", ExternalId: text, ThreadKeys: []string{text},
			}),
		}}}
		if _, err := journaltest.Append(t, s, e); err != nil {
			t.Fatal(err)
		}
	}
	for i, text := range texts {
		want := desk.ConversationIDFor("ch_1", string(rune('a'+i)))
		byThread, err := s.Index().Thread("ch_1", text)
		byMessage, _, err2 := s.Index().MessageByExternal("ch_1", text)
		if err != nil || err2 != nil || byThread != want || byMessage != want {
			t.Errorf("%.20q (%d bytes): %s, %s, want %s", text, len(text), byThread, byMessage, want)
		}
		if other, _ := s.Index().Thread("ch_2", text); other != "" {
			t.Errorf("%.20q is known on another channel", text)
		}
	}
}

func TestBadQueries(t *testing.T) {
	t.Parallel()
	x := memory.New().Index()
	for field, q := range map[string]desk.TicketQuery{
		"limit":  {View: desk.ViewOpen, Limit: 201},
		"view":   {View: "mine"},
		"owner":  {View: desk.ViewOwned},
		"cursor": {View: desk.ViewOpen, Cursor: "%%"},
	} {
		_, err := x.Tickets(q)
		if refusal, ok := err.(*desk.Error); !ok || refusal.Code != desk.Invalid || refusal.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := x.Tickets(desk.TicketQuery{View: desk.ViewOpen, Limit: -1}); err == nil {
		t.Error("a negative limit")
	}
}

func TestRecentForgetsTheOldest(t *testing.T) {
	t.Parallel()
	r := persistence.NewRecent[int, int](10)
	for i := range 100 {
		r.Put(i, i)
		if _, ok := r.Get(0); !ok {
			t.Fatalf("0 was forgotten after %d although it is in use", i)
		}
	}
	kept := 0
	for i := range 100 {
		if v, ok := r.Get(i); ok {
			kept++
			if v != i {
				t.Fatalf("%d is %d", i, v)
			}
		}
	}
	if kept < 2 || kept > 20 {
		t.Fatalf("%d of 100 are kept", kept)
	}
	r.Clear()
	if _, ok := r.Get(99); ok {
		t.Fatal("kept after clear")
	}
}

// A session's secret, a password and sealed secrets are in no row that lists show.
func TestSecretsStayApart(t *testing.T) {
	t.Parallel()
	index := mapTx{}
	position := uint64(0)
	project := func(stream desk.StreamID, version uint64, e *deskpb.Event) {
		position++
		r := &deskpb.Record{Stream: string(stream), Version: version, Position: position, Event: e}
		if err := persistence.Project(index, r); err != nil {
			t.Fatal(err)
		}
	}
	project("agent/ag_1", 1, deskpb.NewEvent(&deskpb.AgentAdded{Email: "a@b", Name: "A"}))
	project("agent/ag_1", 2, deskpb.NewEvent(&deskpb.AgentPasswordSet{Hash: "TOP-SECRET"}))
	project("channel/ch_1", 1, deskpb.NewEvent(&deskpb.ChannelConnected{Name: "Mail", SealedSecrets: []byte("TOP-SECRET")}))
	for k, v := range index {
		if strings.Contains(v, "TOP-SECRET") && !bytes.ContainsAny([]byte{k[1]}, "pZ") {
			t.Errorf("key %q shows a secret", k)
		}
	}
}
