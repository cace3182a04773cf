package api

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
)

// ForgetUploads makes it as after a restart: who brought which file is not known any more.
func (s *Server) ForgetUploads() {
	s.uploads.mu.Lock()
	defer s.uploads.mu.Unlock()
	s.uploads.seen, s.uploads.last = nil, nil
}

// CheapenPasswords is for tests of other things: a hash takes 30 ms, and ten times that under the race detector.
func (s *Server) CheapenPasswords() {
	s.passwords.kib = 64
	s.passwords.decoy = s.passwords.phc(random(argonSaltLen), random(argonKeyLen))
}

func TestPasswordsCostWhatTheyShould(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	hash, err := p.hash(t.Context(), "correct horse battery")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatalf("%s, %v", hash, err)
	}
	if argonKiB*hashesAtOnce > 64*1024 {
		t.Error("a flood of sign-ins takes more than 64 MiB")
	}
	other, err := p.hash(t.Context(), "correct horse battery")
	if err != nil || other == hash {
		t.Errorf("two hashes are the same, %v", err)
	}
	for password, want := range map[string]bool{"correct horse battery": true, "Correct horse battery": false, "": false} {
		if ok, err := p.matches(t.Context(), password, hash); ok != want || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
	}
	if ok, err := p.matches(t.Context(), "anything", ""); ok || err != nil {
		t.Errorf("no account: %v, %v", ok, err)
	}
	c, err := parsePHC(p.decoy)
	if err != nil || c.kib != argonKiB || c.passes != argonPasses {
		t.Errorf("an account that is not there answers sooner: %+v, %v", c, err)
	}
}

func TestDamagedHashes(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	for _, s := range []string{
		"x", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5a2V5", "$argon2id$v=16$m=64,t=1,p=1$c2FsdA$a2V5", "$argon2id$v=19$m=64$c2FsdA$a2V5",
		"$argon2id$v=19$m=9999999,t=1,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5a2V5", "$argon2id$v=19$m=64,t=0,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5a2V5a2V5",
		"$argon2id$v=19$m=64,t=1,p=1$!$a2V5", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$!", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$a2V5",
	} {
		if ok, err := p.matches(t.Context(), "x", s); ok || err == nil {
			t.Errorf("%q: %v, %v", s, ok, err)
		}
	}
}

func TestFewHashesAtOnce(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	var leave []func()
	for range hashesAtOnce {
		l, err := p.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	waiting, stop := context.WithCancel(t.Context())
	gone := make(chan error, hashesWaiting)
	for range hashesWaiting {
		go func() {
			l, err := p.enter(waiting)
			if err == nil {
				l()
			}
			gone <- err
		}()
	}
	for len(p.queue) < cap(p.queue) {
		select {
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
		}
	}
	if _, err := p.enter(t.Context()); desk.CodeOf(err) != desk.Unavailable {
		t.Errorf("one more: %v", err)
	}
	stop()
	for range hashesWaiting {
		if err := <-gone; err == nil {
			t.Error("entered beside the two")
		}
	}
	for _, l := range leave {
		l()
	}
	if l, err := p.enter(t.Context()); err != nil || len(p.queue) != 1 || len(p.slots) != 1 {
		t.Errorf("afterwards: %v, %d waiting", err, len(p.queue))
	} else {
		l()
	}
}

func TestBucketsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	b := newBuckets(2, time.Second, 3)
	take := func(key string) bool { _, ok := b.take(key, now); return ok }
	if first, second, third := take("a"), take("a"), take("a"); !first || !second || third {
		t.Error("a burst of two")
	}
	b.giveBack("a", now)
	if !take("a") {
		t.Error("what is given back can be taken")
	}
	take("b")
	take("c")
	if !take("d") || !take("e") || take("f") { // all of these are strangers who share what is left
		t.Error("strangers do not share a bucket when there is no room")
	}
	if len(b.keys) > 4 {
		t.Errorf("%d keys", len(b.keys))
	}
	now = now.Add(time.Minute)
	if !take("g") || len(b.keys) > 4 {
		t.Errorf("full buckets are not forgotten: %d", len(b.keys))
	}
}
