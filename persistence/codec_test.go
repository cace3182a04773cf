package persistence_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/journaltest"
	"github.com/centralita/centralita/proto/deskpb"
)

func sampleRecord() desk.Record {
	return &deskpb.Record{
		Stream: "conversation/cv_1", Version: 7, Position: 42, AtMs: 1_700_000_000_000, Key: "k", Epoch: 3,
		By: &deskpb.Author{Kind: deskpb.Author_KIND_CONTACT, Id: "ct_1", Name: "Ana"},
		Event: deskpb.NewEvent(&deskpb.MessageReceived{
			Message: "ms_1", Channel: "ch_1", ExternalId: "<1@mail>", Body: &deskpb.Body{Text: "¿Dónde está mi pedido?"},
		}),
	}
}

func encode(t testing.TB, r desk.Record) []byte {
	t.Helper()
	b, err := persistence.EncodeRecord(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRecordRoundTrip(t *testing.T) {
	t.Parallel()
	want := sampleRecord()
	b := encode(t, want)
	if want.Position != 42 {
		t.Fatal("encoding changed the record")
	}
	got, err := persistence.DecodeRecord(42, b)
	if err != nil || !proto.Equal(got, want) {
		t.Fatalf("got %v, %v", got, err)
	}
	want.Position = 0
	if !bytes.Equal(encode(t, want), b) {
		t.Fatal("the position is in the bytes")
	}
	for seed := range uint64(3) {
		for _, e := range journaltest.History(200, journaltest.Seeded(seed)) {
			for _, r := range e.Records {
				if got, err := persistence.DecodeRecord(0, encode(t, r)); err != nil || !proto.Equal(got, r) {
					t.Fatalf("got %v, %v; want %v", got, err, r)
				}
			}
		}
	}
}

// A field of a newer version is kept by an older one that rewrites the record.
func TestUnknownFieldsSurvive(t *testing.T) {
	t.Parallel()
	r := sampleRecord()
	r.ProtoReflect().SetUnknown([]byte{0xa0, 0x06, 0x07}) // field 100, varint 7
	got, err := persistence.DecodeRecord(42, encode(t, r))
	if err != nil || !proto.Equal(got, r) {
		t.Fatalf("got %v, %v", got, err)
	}
}

func TestDamageIsSeen(t *testing.T) {
	t.Parallel()
	whole := encode(t, sampleRecord())
	for i := range whole {
		for bit := range 8 {
			b := bytes.Clone(whole)
			b[i] ^= 1 << bit
			wantDamaged(t, b)
		}
		wantDamaged(t, whole[:i])
	}
	wantDamaged(t, append(bytes.Clone(whole), 0))
	empty, err := persistence.EncodeRecord(&deskpb.Record{})
	if err != nil {
		t.Fatal(err)
	}
	wantDamaged(t, empty)
}

func wantDamaged(t *testing.T, b []byte) {
	t.Helper()
	_, err := persistence.DecodeRecord(42, b)
	damaged, ok := errors.AsType[*persistence.CorruptError](err)
	if !ok || damaged.Position != 42 || !errors.Is(err, persistence.ErrCorrupt) || !strings.Contains(err.Error(), "position 42") {
		t.Fatalf("damage gives %v", err)
	}
}

// FuzzRecordCodec: whatever is on the disk, decoding gives a record or an error, and what it gives can be kept again.
func FuzzRecordCodec(f *testing.F) {
	whole := encode(f, sampleRecord())
	f.Add(whole)
	f.Add(whole[:10])
	f.Add([]byte{1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := persistence.DecodeRecord(9, b)
		if err != nil {
			if !errors.Is(err, persistence.ErrCorrupt) || r != nil {
				t.Fatalf("damage gives %v, %v", r, err)
			}
			return
		}
		again, err := persistence.DecodeRecord(9, encode(t, r))
		if err != nil || !proto.Equal(again, r) {
			t.Fatalf("%v came back as %v, %v", r, again, err)
		}
	})
}
