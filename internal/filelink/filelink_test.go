package filelink_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/filelink"
)

func TestOnlyWhatWasSignedOpensUntilItsTime(t *testing.T) {
	t.Parallel()
	s := filelink.New([]byte("key of this desk"))
	now := time.Unix(1_800_000_000, 0)
	want := filelink.File{Blob: strings.Repeat("ab", 32), Name: "Übersicht 2026.pdf", MediaType: "application/pdf", UntilUnix: now.Add(time.Hour).Unix()}
	link := s.Link("https://desk.example.com", want)
	token, ok := strings.CutPrefix(link, "https://desk.example.com/files/")
	if !ok || link != s.Link("https://desk.example.com/", want) {
		t.Fatalf("the link is %q", link)
	}
	if got, err := s.Open(token, now); err != nil || got != want {
		t.Errorf("opens as %+v, %v", got, err)
	}
	if _, err := s.Open(token, now.Add(time.Hour)); !errors.Is(err, filelink.ErrExpired) {
		t.Errorf("when its time has come: %v", err)
	}
	if _, err := filelink.New([]byte("another key")).Open(token, now); !errors.Is(err, filelink.ErrForged) {
		t.Errorf("signed by another desk: %v", err)
	}
	newer := filelink.New([]byte("a newer key"), []byte("key of this desk"))
	if got, err := newer.Open(token, now); err != nil || got != want {
		t.Errorf("after the key was replaced: %+v, %v", got, err)
	}
	if _, err := newer.Open(token, now.Add(time.Hour)); !errors.Is(err, filelink.ErrExpired) {
		t.Errorf("then, when its time has come: %v", err)
	}
	replaced, _ := strings.CutPrefix(newer.Link("https://desk.example.com", want), "https://desk.example.com/files/")
	if _, err := s.Open(replaced, now); !errors.Is(err, filelink.ErrForged) {
		t.Errorf("a link is not made with the newest key: %v", err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw { // no byte of it may be another
		raw[i] ^= 1
		if f, err := s.Open(base64.RawURLEncoding.EncodeToString(raw), now); !errors.Is(err, filelink.ErrForged) {
			t.Errorf("with byte %d changed: %+v, %v", i, f, err)
		}
		raw[i] ^= 1
	}
	for _, bad := range []string{"", "a", "====", token[:len(token)-1], token + "A", strings.Repeat("A", 10_000)} {
		if f, err := s.Open(bad, now); !errors.Is(err, filelink.ErrForged) {
			t.Errorf("%.20q opens as %+v, %v", bad, f, err)
		}
	}
}
