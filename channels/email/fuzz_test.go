package email

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// FuzzAnswers lets an IMAP server answer with anything at all: whatever it says, the session ends its commands soon, and a mail it
// gives is as long as was announced.
func FuzzAnswers(f *testing.F) {
	const mail = "Subject: a\r\n\r\nb\r\n"
	for _, seed := range []string{
		fmt.Sprintf("* 1 FETCH (UID 1 BODY[] {%d}\r\n%s)\r\n", len(mail), mail),
		fmt.Sprintf("* 1 FETCH (BODY[] {%d}\r\n%s UID 1)\r\n* 2 FETCH (UID 2 FLAGS (\\Seen))\r\n", len(mail), mail),
		"* 1 FETCH (UID 1 RFC822.SIZE 19 INTERNALDATE \"02-Nov-2026 10:00:00 +0000\")\r\n* 3 EXISTS\r\n* 1 EXPUNGE\r\n",
		"* 1 FETCH (UID 1 BODY[] \"quoted\")\r\n", "* 1 FETCH (UID 1 BODY[] NIL)\r\n", "* 1 FETCH (UID 1 BODY[] {9999999999}\r\n",
		"* 1 FETCH (UID 1 BODY[] {70000}\r\nxx", "* 1 FETCH (X-GM-MSGID 12 UID 1)\r\n", "* SEARCH 1 2 3\r\n", "* SEARCH 0 1\r\n", "* ESEARCH (TAG \"T1\") UID ALL 1:4294967295\r\n", "* ESEARCH (TAG \"T1\") UID ALL 1:3\r\n",
		"* OK [COPYUID 1 * *] x\r\n", "* BYE\r\n", "* VANISHED 1:2\r\n", "+ go on\r\n", "T1 NO no\r\n", "* LIST (\\Sent) \"/\" Sent\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		tune := quick()
		tune.command, tune.silence, tune.limits.Raw = 300*time.Millisecond, 300*time.Millisecond, 64<<10
		s, end := fuzzedSession(t, tune, answer)
		defer end()
		start := time.Now()
		if uids, err := s.search(t.Context(), 0, time.Time{}); err == nil {
			for i, u := range uids {
				if u == 0 || i > 0 && uids[i-1] >= u {
					t.Errorf("not ascending: %v", uids)
				}
			}
		}
		_, _ = s.sizes(t.Context(), []imap.UID{1, 2})
		large := func(r io.Reader, size int64) (fetched, error) {
			n, err := io.Copy(io.Discard, r)
			if err == nil && n > size {
				t.Errorf("%d bytes of %d", n, size)
			}
			return fetched{large: true}, err
		}
		got, _ := s.bodies(t.Context(), imap.UIDSetNum(1, 2), large)
		for uid, m := range got {
			if !m.large && int64(len(m.raw)) != m.size || m.uid != uid {
				t.Errorf("mail %d (%d) has %d bytes of %d", uid, m.uid, len(m.raw), m.size)
			}
		}
		_, _ = s.sentFolder(t.Context())
		s.close()
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// fuzzedSession is a session with a server that answers every command with the same.
func fuzzedSession(t *testing.T, tune tuning, answer []byte) (s *session, end func()) {
	t.Helper()
	ours, theirs := net.Pipe()
	s = newSession(tune)
	s.raw = ours
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer theirs.Close()
		if _, err := io.WriteString(theirs, "* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n"); err != nil {
			return
		}
		for r := bufio.NewScanner(theirs); r.Scan(); {
			tag, _, _ := strings.Cut(r.Text(), " ")
			if _, err := fmt.Fprintf(theirs, "%s%s OK done\r\n", answer, tag); err != nil {
				return
			}
		}
	}()
	s.client = imapclient.New(boundConn{Conn: ours, silence: tune.silence}, s.options())
	return s, func() {
		s.close()
		<-done
	}
}

// FuzzSettings reads what administrators and the journal hold: settings, addresses, cursors.
func FuzzSettings(f *testing.F) {
	f.Add([]byte(`{"address":"a@b.test","imap":{"host":"m.b.test","security":"tls"},"smtp":{"host":"m.b.test","security":"starttls","port":25}}`), []byte(`{"imap_password":"x"}`), "v1:1:2:3:4")
	f.Add([]byte(`{"address":"a@b.test","receive":"forwarding","forwarding":{"key":"support-1"},"smtp":{"host":"::1","security":"plain"}}`), []byte(`{"smtp_password":"x"}`), "v1:5:6")
	f.Fuzz(func(t *testing.T, raw, secrets []byte, saved string) {
		if c, err := parseConfig(raw, secrets); err == nil {
			again, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			if d, err := parseConfig(again, secrets); !c.forwarded() && (err != nil || d.Address != c.Address || d.IMAP != c.IMAP || d.SMTP != c.SMTP) {
				t.Errorf("read again: %v\n%s", err, again)
			}
			if strings.ContainsAny(c.Address+c.IMAP.Username+c.SMTP.Host+c.FromName, "\r\n") {
				t.Errorf("more than a line: %+v", c)
			}
		}
		_ = mailKey(raw)
		if c, err := parseCursor(saved); err == nil {
			if again, err := parseCursor(c.String()); err != nil || again.uid != c.uid || again.validity != c.validity {
				t.Errorf("%q became %q: %v", saved, c, err)
			}
		}
	})
}

func TestWhatASearchNames(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		all  imap.NumSet
		want []imap.UID
		bad  bool
	}{
		"UIDs":           {imap.UIDSet{{Start: 3, Stop: 5}, {Start: 9, Stop: 9}}, []imap.UID{3, 4, 5, 9}, false},
		"numbers":        {imap.SeqSetNum(7), []imap.UID{7}, false},
		"nothing":        {nil, nil, false},
		"all there are":  {imap.UIDSet{{Start: 4, Stop: 0}}, nil, true},
		"zero":           {imap.UIDSet{{}}, nil, true},
		"too many":       {imap.UIDSet{{Start: 1, Stop: 4294967295}}, nil, true},
		"many by pieces": {imap.UIDSet{{Start: 1, Stop: maxFound}, {Start: 1, Stop: 1}}, nil, true},
	} {
		if got, err := numbersOf(&imap.SearchData{All: c.all}); !slices.Equal(got, c.want) || (err != nil) != c.bad {
			t.Errorf("%s: got %d numbers, %v", name, len(got), err)
		}
	}
}
