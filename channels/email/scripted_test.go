package email

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/desk"
)

// scripted is an IMAP server that breaks the rules on purpose. It has mails with UIDs from 1; sequence numbers are the
// same.
type scripted struct {
	t     *testing.T
	ln    net.Listener
	wg    sync.WaitGroup
	caps  string
	mails []string
	// fetch writes the response for one mail; nil is the right one. byUID tells how it was asked for; alone whether it
	// was asked for by itself.
	fetch  func(s *scripted, w io.Writer, uid int, items string, byUID, alone bool) (goOn bool)
	onIdle func(w *bufio.Writer) (goOn bool)

	mu       sync.Mutex
	honesty  bool         // fetch is not asked any more
	deleted  map[int]bool // UIDs that SEARCH does not list
	said     []string     // the commands, without their tags
	visible  int          // mails there are now
	accepted int
	conns    []net.Conn
}

func startScripted(t *testing.T, s *scripted) *scripted {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.t, s.ln = t, ln
	if s.caps == "" {
		s.caps = "IMAP4rev1"
	}
	for n := range 5 {
		s.mails = append(s.mails, crlfText(plainMail(n+1, "")))
	}
	s.wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.accepted++
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			s.wg.Go(func() {
				defer conn.Close()
				s.serve(conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		s.mu.Lock()
		for _, c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		s.wg.Wait()
	})
	return s
}

func crlfText(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func (s *scripted) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.visible
}

func (s *scripted) show(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.visible = n
}

func (s *scripted) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

func (s *scripted) serve(conn net.Conn) {
	w := bufio.NewWriter(conn)
	r := bufio.NewScanner(conn)
	fmt.Fprintf(w, "* OK [CAPABILITY %s] ready\r\n", s.caps)
	_ = w.Flush()
	for r.Scan() {
		tag, line, _ := strings.Cut(r.Text(), " ")
		verb, args, _ := strings.Cut(line, " ")
		if strings.EqualFold(verb, "UID") {
			sub, rest, _ := strings.Cut(args, " ")
			verb, args = "UID "+sub, rest
		}
		if !s.answer(w, r, tag, strings.ToUpper(verb), args) || w.Flush() != nil {
			_ = w.Flush()
			return
		}
	}
}

func (s *scripted) healed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.honesty
}

func (s *scripted) answer(w *bufio.Writer, r *bufio.Scanner, tag, verb, args string) (goOn bool) {
	s.mu.Lock()
	s.said = append(s.said, verb+" "+args)
	s.mu.Unlock()
	switch verb {
	case "CAPABILITY":
		fmt.Fprintf(w, "* CAPABILITY %s\r\n", s.caps)
	case "EXAMINE", "SELECT":
		fmt.Fprintf(w, "* %d EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n* OK [UIDNEXT %d] ok\r\n", s.count(), s.count()+1)
	case "UID SEARCH", "SEARCH":
		fmt.Fprintf(w, "* SEARCH%s\r\n", s.search(args))
	case "UID FETCH", "FETCH":
		set, items, _ := strings.Cut(args, " ")
		uids := s.members(set)
		for _, uid := range uids {
			f := s.fetch
			if f == nil || s.healed() || !strings.Contains(items, "BODY") {
				f = honest
			}
			if !f(s, w, uid, items, verb == "UID FETCH", len(uids) == 1) {
				return false
			}
		}
	case "IDLE":
		if s.onIdle != nil {
			return s.onIdle(w)
		}
		fmt.Fprint(w, "+ idling\r\n")
		_ = w.Flush()
		if !r.Scan() {
			return false
		}
	}
	fmt.Fprintf(w, "%s OK done\r\n", tag)
	return true
}

// search keeps the star rule: "n:*" names the last mail even when its UID is below n.
func (s *scripted) search(args string) (list string) {
	_, set, _ := strings.Cut(args, "UID ")
	set, _, _ = strings.Cut(set, " ")
	s.mu.Lock()
	deleted := maps.Clone(s.deleted)
	s.mu.Unlock()
	for _, uid := range s.members(set) {
		if deleted[uid] {
			continue
		}
		list += " " + strconv.Itoa(uid)
	}
	return list
}

func (s *scripted) members(set string) (uids []int) {
	last := s.count()
	number := func(v string) int {
		if v == "*" {
			return last
		}
		n, err := strconv.Atoi(v)
		if err != nil {
			s.t.Errorf("set %q", set)
		}
		return n
	}
	for r := range strings.SplitSeq(set, ",") {
		a, b, ranged := strings.Cut(r, ":")
		from, to := number(a), number(a)
		if ranged {
			to = number(b)
		}
		for uid := min(from, to); uid <= max(from, to); uid++ {
			if uid >= 1 && uid <= last {
				uids = append(uids, uid)
			}
		}
	}
	return uids
}

// honest answers as it should.
func honest(s *scripted, w io.Writer, uid int, items string, _, _ bool) bool {
	raw := s.mails[uid-1]
	fmt.Fprintf(w, "* %d FETCH (UID %d", uid, uid)
	if strings.Contains(items, "INTERNALDATE") {
		fmt.Fprint(w, ` INTERNALDATE "02-Nov-2026 10:00:00 +0000"`)
	}
	if strings.Contains(items, "RFC822.SIZE") {
		fmt.Fprintf(w, " RFC822.SIZE %d", len(raw))
	}
	if strings.Contains(items, "BODY") {
		fmt.Fprintf(w, " BODY[] {%d}\r\n%s", len(raw), raw)
	}
	fmt.Fprint(w, ")\r\n")
	return true
}

func (s *scripted) connect(t *testing.T) *Connector {
	t.Helper()
	conf, secrets := configFor(t, s.ln.Addr().String(), "127.0.0.1:9", "plain", "")
	tune := quick()
	tune.command, tune.silence = time.Second, 1500*time.Millisecond
	c, _ := connect(t, conf, secrets, tune)
	return c
}

type fetch = func(s *scripted, w io.Writer, uid int, items string, byUID, alone bool) bool

// lie is a way to answer FETCH that has been seen in the world.
type lie struct {
	fetch fetch
	aside int // which mail is set aside; 0: none
	gone  int // which mail is not there any more; 0: none
}

func lies() map[string]lie {
	return map[string]lie{
		"honest": {},
		"the UID comes after the text": {fetch: func(s *scripted, w io.Writer, uid int, _ string, _, _ bool) bool {
			fmt.Fprintf(w, "* %d FETCH (BODY[] {%d}\r\n%s UID %d)\r\n", uid, len(s.mails[uid-1]), s.mails[uid-1], uid)
			return true
		}},
		"flags come before the mail": {fetch: func(s *scripted, w io.Writer, uid int, items string, byUID, alone bool) bool {
			fmt.Fprintf(w, "* %d FETCH (UID %d FLAGS (\\Seen))\r\n", uid, uid)
			return honest(s, w, uid, items, byUID, alone)
		}},
		"the third mail's text is never given": {aside: 3, fetch: func(s *scripted, w io.Writer, uid int, items string, byUID, alone bool) bool {
			return uid == 3 || honest(s, w, uid, items, byUID, alone)
		}},
		"the third mail cannot be understood": {aside: 3, fetch: func(s *scripted, w io.Writer, uid int, items string, byUID, alone bool) bool {
			if uid != 3 {
				return honest(s, w, uid, items, byUID, alone)
			}
			fmt.Fprintf(w, "* 3 FETCH (UID 3 X-GM-MSGID 1278455344230334865 BODY[] {2}\r\nxx)\r\n")
			return true
		}},
		"the third mail ends the connection": {aside: 3, fetch: func(s *scripted, w io.Writer, uid int, items string, byUID, alone bool) bool {
			return uid != 3 && honest(s, w, uid, items, byUID, alone)
		}},
		"the third mail is deleted before it is fetched": {gone: 3, fetch: func(s *scripted, w io.Writer, uid int, items string, byUID, alone bool) bool {
			if uid != 3 {
				return honest(s, w, uid, items, byUID, alone)
			}
			s.mu.Lock()
			s.deleted = map[int]bool{3: true}
			s.mu.Unlock()
			return true
		}},
		"a mail is cut off now and then": {fetch: func() fetch {
			var mu sync.Mutex
			cuts := 4
			return func(s *scripted, w io.Writer, uid int, items string, byUID, alone bool) bool {
				mu.Lock()
				defer mu.Unlock()
				if cuts > 0 && uid >= 2 {
					cuts--
					fmt.Fprintf(w, "* %d FETCH (UID %d BODY[] {%d}\r\n%s", uid, uid, len(s.mails[uid-1]), s.mails[uid-1][:60])
					return false
				}
				return honest(s, w, uid, items, byUID, alone)
			}
		}()},
	}
}

func TestServersThatLie(t *testing.T) {
	t.Parallel()
	for name, tc := range lies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startScripted(t, &scripted{fetch: tc.fetch})
			in := channeltest.NewIntake()
			supervised(t, s.connect(t), in)
			awaitPhase(t, in, "polling")
			s.show(5)
			want := 5
			if tc.aside > 0 {
				want = 4
				await(t, in, "a mail set aside", func() bool { return len(in.Set()) == 1 })
				if q := in.Set()[0]; q.Item != fmt.Sprintf("uid:5:%d", tc.aside) || q.Cause == "" {
					t.Errorf("set aside: %+v", q)
				}
			}
			if tc.gone > 0 {
				want = 4
			}
			for i, item := range awaitItems(t, in, want) {
				n := i + 1
				if missing := tc.aside + tc.gone; missing > 0 && n >= missing {
					n++
				}
				if m := item.Message; m.Subject != fmt.Sprintf("Question %d", n) || m.Body.Text != fmt.Sprintf("Text of question %d.", n) {
					t.Errorf("item %d is %q: %q", i, m.Subject, m.Body.Text)
				}
			}
			await(t, in, "the cursor at the end", func() bool { return strings.HasPrefix(in.Cursor(), "v1:5:5:") })
			if len(in.Items()) != want {
				t.Errorf("%d items, want %d", len(in.Items()), want)
			}
			s.onlyLooked()
		})
	}
}

// onlyLooked: nothing was asked of the server but what changes nothing, and nothing of which the answer has brought
// clients down before.
func (s *scripted) onlyLooked() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	harmless := regexp.MustCompile(`^(CAPABILITY |LOGIN |EXAMINE |NOOP |IDLE |LOGOUT |UID SEARCH |SEARCH |(UID )?FETCH [0-9:,]+ \(UID (INTERNALDATE RFC822.SIZE|RFC822.SIZE INTERNALDATE|BODY.PEEK\[\])\)$)`)
	for _, line := range s.said {
		if !harmless.MatchString(line) {
			s.t.Errorf("the server was told %q", line)
		}
	}
}

// A mail that the server did not give is asked for again when somebody wants it, and is taken in then.
func TestAskedForAgain(t *testing.T) {
	t.Parallel()
	s := startScripted(t, &scripted{fetch: lies()["the third mail's text is never given"].fetch})
	in, c := channeltest.NewIntake(), s.connect(t)
	supervised(t, c, in)
	awaitPhase(t, in, "polling")
	s.show(5)
	await(t, in, "a mail set aside", func() bool { return len(in.Set()) == 1 })
	q := in.Set()[0]
	if again, aside, err := c.Replay(t.Context(), q); again != nil || aside == nil || aside.Cause != q.Cause || err != nil {
		t.Errorf("while the server still does not give it: %v, %v, %v", again, aside, err)
	}
	s.mu.Lock()
	s.honesty = true
	s.mu.Unlock()
	again, aside, err := c.Replay(t.Context(), q)
	if err != nil || aside != nil || again == nil || again.Message.Subject != "Question 3" || again.Message.RawBlob == "" {
		t.Errorf("when it does: %v, %v, %v", again, aside, err)
	}
	s.mu.Lock()
	s.deleted = map[int]bool{3: true}
	s.mu.Unlock()
	for item, cause := range map[string]string{q.Item: "not on the server any more", "uid:4:3": "numbered its mails anew"} {
		if again, aside, err := c.Replay(t.Context(), desk.Quarantined{Item: item}); again != nil || aside == nil || !strings.Contains(aside.Cause, cause) || err != nil {
			t.Errorf("%s: %v, %v, %v", item, again, aside, err)
		}
	}
	for item, can := range map[string]bool{q.Item: true, "mail:abc": false, "past:1:9:7:1700000000": true, "past:x": false} {
		if c.CanReplay(desk.Quarantined{Item: item}) != can {
			t.Errorf("%s can be asked for again: %v", item, !can)
		}
	}
	if _, _, err := c.Replay(t.Context(), desk.Quarantined{Item: "mail:abc"}); !errors.Is(err, channels.ErrNotKept) {
		t.Errorf("one that came another way: %v", err)
	}
	s.onlyLooked()
}

// A server that does not stop to say that something happened holds nobody up.
func TestFloodOfNews(t *testing.T) {
	t.Parallel()
	s := startScripted(t, &scripted{caps: "IMAP4rev1 IDLE", onIdle: func(w *bufio.Writer) bool {
		fmt.Fprint(w, "+ idling\r\n")
		for n := range 20_000 {
			fmt.Fprintf(w, "* %d EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n* OK still here\r\n", 1+n%2)
		}
		return false // and hangs up
	}})
	in := channeltest.NewIntake()
	supervised(t, s.connect(t), in)
	await(t, in, "several floods", func() bool { return s.connections() > 3 })
	s.show(2)
	awaitItems(t, in, 2)
}

func TestDeadLinks(t *testing.T) {
	t.Parallel()
	cases := map[string]func(w *bufio.Writer) bool{
		"the server never lets us idle": func(*bufio.Writer) bool { return true },
		"the link dies while idling": func(w *bufio.Writer) bool {
			fmt.Fprint(w, "+ idling\r\n") // and DONE is never answered
			return true
		},
	}
	for name, onIdle := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startScripted(t, &scripted{caps: "IMAP4rev1 IDLE", onIdle: onIdle})
			in := channeltest.NewIntake()
			failures, stop := supervised(t, s.connect(t), in)
			await(t, in, "a second connection", func() bool { return s.connections() > 1 && in.Status().Phase == "idling" })
			s.show(1)
			awaitItems(t, in, 1)
			for _, err := range failures() {
				if channels.ClassOf(err) != channels.Temporary {
					t.Errorf("%v", err)
				}
			}
			start := time.Now()
			stop()
			if d := time.Since(start); d > 4*time.Second { // a command is given 5 s
				t.Errorf("stopping took %v", d)
			}
		})
	}
}
