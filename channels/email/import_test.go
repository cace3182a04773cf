package email

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/proto/deskpb"
)

// shelf takes in what is of the past.
type shelf struct {
	mu       sync.Mutex
	items    []desk.Inbound
	known    map[string]bool
	aside    []desk.Quarantined
	progress *deskpb.ImportMoved
	onTake   func(desk.Inbound) error
}

func newShelf() *shelf { return &shelf{known: map[string]bool{}, progress: &deskpb.ImportMoved{}} }

func (s *shelf) Take(_ context.Context, item desk.Inbound) (known bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onTake != nil {
		if err := s.onTake(item); err != nil {
			return false, err
		}
	}
	if s.known[item.ExternalID] {
		return true, nil
	}
	s.known[item.ExternalID] = true
	s.items = append(s.items, item)
	return false, nil
}

func (s *shelf) Quarantine(_ context.Context, q desk.Quarantined) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.aside = append(s.aside, q)
	return nil
}

func (s *shelf) Progress() *deskpb.ImportMoved { return s.progress }

func (s *shelf) Move(_ context.Context, p *deskpb.ImportMoved) error {
	s.progress = proto.CloneOf(p)
	return nil
}

func (s *shelf) subjects() (all []string) {
	for _, i := range s.items {
		all = append(all, i.Message.Subject)
	}
	return all
}

var longAgo = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func oldMail(day int, from, to, subject, more string) []byte {
	return []byte(strings.ReplaceAll(fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nDate: %s\nMessage-ID: <%s@past.test>\n%s\nThe text of %s.\n",
		from, to, subject, longAgo.AddDate(0, 0, day).Format(time.RFC1123Z), strings.ReplaceAll(strings.ToLower(subject), " ", "-"), more, subject), "\n", "\r\n"))
}

// filed puts mails of long ago into the support mailbox: what the customers wrote, and what the team answered.
func filed(t *testing.T, s *mailsim.Server) {
	t.Helper()
	for _, m := range []struct {
		folder, from, to, subject, more string
		day                             int
	}{
		{"INBOX", "Ana <" + customer + ">", support, "Question", "", 10},
		{"Sent", "Bea <" + support + ">", "Ana <" + customer + ">", "Answer", "In-Reply-To: <question@past.test>\n", 11},
		{"INBOX", "Ana <" + customer + ">", support, "Thanks", "In-Reply-To: <answer@past.test>\n", 12},
		{"Sent", support, "Bob <bob@other.test>", "Offer", "", 20},
		{"Sent", support, support, "To ourselves", "", 21},
		{"INBOX", "Ana <" + customer + ">", support, "Too old", "", -30},
	} {
		if err := s.File(support, m.folder, oldMail(m.day, m.from, m.to, m.subject, m.more), longAgo.AddDate(0, 0, m.day)); err != nil {
			t.Fatal(err)
		}
	}
}

func imported(t *testing.T, s *mailsim.Server) (*Connector, desk.PastQuery) {
	t.Helper()
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), securityPlain, "")
	c, _ := connect(t, conf, secrets, quick())
	return c, desk.PastQuery{Since: longAgo, Until: time.Now(), Inbox: true, Sent: true}
}

func TestThePastOfAMailbox(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	filed(t, s)
	c, q := imported(t, s)
	own := answer("cv_1", "r1", "By the desk")
	if _, err := c.Send(t.Context(), own); err != nil {
		t.Fatal(err)
	}
	sent := s.Mailbox(customer) // the desk's own reply has a copy in the Sent folder
	if err := s.File(support, "Sent", sent[len(sent)-1].Raw, longAgo.AddDate(0, 0, 22)); err != nil {
		t.Fatal(err)
	}
	folders, err := c.CountPast(t.Context(), q)
	if err != nil || len(folders) != 2 || folders[0] != (desk.PastFolder{Name: "INBOX", Mails: 2}) || folders[1].Mails < 4 || !folders[1].Sent {
		t.Fatalf("%+v %v", folders, err)
	}
	in := newShelf()
	if err := c.Import(t.Context(), q, in); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(in.subjects()); got != "[Question Answer Thanks Offer]" {
		t.Fatalf("taken in: %s", got)
	}
	p := in.progress
	if p.Taken != 4 || p.Skipped != 1 || p.Known < 1 || p.Aside != 0 || int(p.Total) != folders[0].Mails+folders[1].Mails || p.Total != p.Taken+p.Known+p.Skipped {
		t.Errorf("progress %v", p)
	}
	for i, want := range []struct {
		day  int
		sent bool
		who  string
	}{{10, false, customer}, {11, true, customer}, {12, false, customer}, {20, true, "bob@other.test"}} {
		m := in.items[i].Message
		if m.Past == nil || !m.Past.At.Equal(longAgo.AddDate(0, 0, want.day)) || m.Past.Sent != want.sent || m.Identity.Value != want.who ||
			m.Automatic != "" || m.BySubject || m.FollowUpAfter != 0 || m.Return != nil || m.JoinOnlyFrom == want.sent {
			t.Errorf("%s: %+v of %v", m.Subject, m.Past, m)
		}
	}
	if m := in.items[1].Message; m.From.Name != "Bea" || m.ThreadKeys[len(m.ThreadKeys)-1] != "mid:answer@past.test" {
		t.Errorf("the answer is from %v, keys %v", m.From, m.ThreadKeys)
	}
	if err := c.Import(t.Context(), q, in); err != nil || len(in.items) != 4 {
		t.Errorf("it was over, and again: %v, %d items", err, len(in.items))
	}
	c.env.Connected = longAgo.AddDate(0, 0, 12)
	before := newShelf()
	if err := c.Import(t.Context(), q, before); err != nil || fmt.Sprint(before.subjects()) != "[Question Answer Offer]" {
		t.Errorf("what came since the channel was connected is not of the past: %v %v", before.subjects(), err)
	}
	c.env.Connected = time.Time{}
	all := newShelf()
	q.Since, q.Sent = time.Time{}, false
	if err := c.Import(t.Context(), q, all); err != nil || fmt.Sprint(all.subjects()) != "[Too old Question Thanks]" {
		t.Errorf("everything of the inbox: %v %v", all.subjects(), err)
	}
}

// A mail that is refused is set aside and the others come in; read again it is still one of the past.
func TestAPoisonMailOfThePast(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	filed(t, s)
	c, q := imported(t, s)
	in := newShelf()
	in.onTake = func(i desk.Inbound) error {
		if i.Message.Subject == "Answer" {
			return desk.Refuse(desk.Invalid, "body", "too wild")
		}
		return nil
	}
	if err := c.Import(t.Context(), q, in); err != nil {
		t.Fatal(err)
	}
	if len(in.items) != 3 || len(in.aside) != 1 || in.progress.Aside != 1 || !strings.Contains(in.aside[0].Cause, "too wild") {
		t.Fatalf("%v, aside %+v", in.subjects(), in.aside)
	}
	again, aside, err := c.Replay(t.Context(), in.aside[0])
	if err != nil || aside != nil || again.Message.Past == nil || !again.Message.Past.Sent || !again.Message.Past.At.Equal(longAgo.AddDate(0, 0, 11)) {
		t.Errorf("read again: %+v %+v %v", again, aside, err)
	}
	q2 := in.aside[0]
	q2.RawBlob = "" // it could not be had at first
	again, aside, err = c.Replay(t.Context(), q2)
	if err != nil || aside != nil || again.Message.Subject != "Answer" || again.Message.Past == nil {
		t.Errorf("fetched again: %+v %+v %v", again, aside, err)
	}
	if _, _, err := c.Replay(t.Context(), desk.Quarantined{Item: "past:9:x"}); err == nil {
		t.Error("an item that is none was read again")
	}
}

// The line is cut again and again: what was noted is not asked for again, nothing is left out.
func TestAnImportOverABadLine(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	const n = 300
	for i := range n {
		raw := oldMail(i%28, fmt.Sprintf("c%d@customer.test", i), support, fmt.Sprintf("Mail %d", i), "")
		raw = append(raw, []byte(strings.Repeat("It goes on and on. ", 150))...)
		if err := s.File(support, "INBOX", raw, longAgo.AddDate(0, 0, i%28)); err != nil {
			t.Fatal(err)
		}
	}
	way, err := mailsim.NewProxy(s.IMAPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = way.Close() })
	conf, secrets := configFor(t, way.Addr(), s.SMTPAddr(), securityPlain, "")
	c, _ := connect(t, conf, secrets, quick())
	way.CutAfter(60_000, 200_000, 90_000, 300_000, 100, 150_000)
	in := newShelf()
	q := desk.PastQuery{Until: time.Now(), Inbox: true, Sent: true}
	calls, err := 0, error(nil)
	for calls = 1; calls < 50; calls++ {
		if err = c.Import(t.Context(), q, in); err == nil {
			break
		}
	}
	if err != nil || len(in.items) != n || in.progress.Total != n || calls < 2 {
		t.Fatalf("%d mails after %d calls, progress %v: %v", len(in.items), calls, in.progress, err)
	}
	for _, i := range in.items {
		if len(i.Message.Body.Text) < 2700 {
			t.Errorf("%s was cut short", i.Message.Subject)
		}
	}
}

func TestThePastOfWhatHasNone(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	c, q := imported(t, s)
	c.config.IMAP.Folder = "Nowhere"
	if _, err := c.CountPast(t.Context(), q); channels.ClassOf(err) != channels.Auth && channels.ClassOf(err) != channels.Temporary {
		t.Errorf("a folder that is not there: %v", err)
	}
	if err := c.Import(t.Context(), q, newShelf()); err == nil {
		t.Error("a folder that is not there was read")
	}
}

// Where archived mail is in a folder of all mail alone, that folder is chosen: what other folders have too comes in once, the team's own mails are
// theirs, and what is still being written stays out.
func TestThePastOfAnArchive(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	filed(t, s)
	const all = "All Mail"
	box := openBox(t, s.IMAPAddr())
	if err := box.Create(all, nil).Wait(); err != nil {
		t.Fatal(err)
	}
	for day, m := range map[int]struct{ from, to, subject, more string }{
		10: {"Ana <" + customer + ">", support, "Question", ""}, // it is in the inbox, too
		13: {"Cleo <cleo@other.test>", support, "Archived", ""},
		14: {"Bea <" + support + ">", "Cleo <cleo@other.test>", "Answered", "In-Reply-To: <archived@past.test>\n"},
		15: {"Bea <" + support + ">", "Cleo <cleo@other.test>", "Half written", ""},
	} {
		if err := s.File(support, all, oldMail(day, m.from, m.to, m.subject, m.more), longAgo.AddDate(0, 0, day)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := box.Select(all, nil).Wait(); err != nil {
		t.Fatal(err)
	}
	found, err := box.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Subject", Value: "Half written"}}}, nil).Wait()
	if err != nil || len(found.AllUIDs()) != 1 {
		t.Fatalf("%v, %v", found, err)
	}
	if err := box.Store(imap.UIDSetNum(found.AllUIDs()...), &imap.StoreFlags{Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagDraft}}, nil).Close(); err != nil {
		t.Fatal(err)
	}
	c, q := imported(t, s)
	q.Sent, q.Folder = false, all
	folders, err := c.CountPast(t.Context(), q)
	if err != nil || len(folders) != 2 || folders[1] != (desk.PastFolder{Name: all, Mails: 3}) {
		t.Fatalf("%+v, %v", folders, err)
	}
	in := newShelf()
	if err := c.Import(t.Context(), q, in); err != nil || fmt.Sprint(in.subjects()) != "[Question Thanks Archived Answered]" || in.progress.Known != 1 {
		t.Fatalf("taken in: %v, %v, %v", in.subjects(), in.progress, err)
	}
	if m := in.items[3].Message; !m.Past.Sent || m.Identity.Value != "cleo@other.test" {
		t.Errorf("the team's own: %+v of %v", m.Past, m.Identity)
	}
	q.Folder = "Nowhere"
	var e *desk.Error
	if _, err := c.CountPast(t.Context(), q); !errors.As(err, &e) || e.Field != "folder" {
		t.Errorf("a folder that is not there: %v", err)
	}
	q.Folder = "inbox" // the one that is read anyway
	if folders, err = c.CountPast(t.Context(), q); err != nil || len(folders) != 1 {
		t.Errorf("the inbox twice: %v, %v", folders, err)
	}
}
