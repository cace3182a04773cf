//go:build integration

package main

import (
	"fmt"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/internal/mailsim"
)

// The desk is killed at random moments while mails, chats and replies flow. Afterwards every acknowledged message is there
// exactly once, every reply was handed to SMTP at most once or is shown as unknown, owners and the waiting line are as before
// another kill, and the index equals one rebuilt from the journal.
func TestKilledAtRandomMoments(t *testing.T) {
	w := newKillWorld(t)
	for round := range killRounds {
		d := w.start()
		if round == 0 {
			w.setUp(d)
		}
		stop := make(chan struct{})
		var traffic sync.WaitGroup
		for _, f := range []func(<-chan struct{}){w.writeMails, w.chat, w.answer, w.meddle} {
			traffic.Go(func() { f(stop) })
		}
		randomMoment(50, 950)
		d.kill()
		close(stop)
		traffic.Wait()
	}
	d := w.start()
	w.settled()
	w.verify()
	owners, line := w.owners(), w.line()
	d.kill()
	d = w.start()
	w.settled()
	if again := w.owners(); fmt.Sprint(again) != fmt.Sprint(owners) {
		t.Errorf("owners before the kill %v, after it %v", owners, again)
	}
	if again := w.line(); !slices.Equal(again, line) {
		t.Errorf("the line before the kill %v, after it %v", line, again)
	}
	d.end()
	out, err := exec.Command(w.binary, "check", "--data", w.data).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "ok    index equals the journal") || !strings.Contains(string(out), "index equals the journal") {
		t.Errorf("check: %v\n%s", err, out)
	}
	t.Logf("%d rounds: %d mails, %d chat messages acknowledged, %d replies acknowledged", killRounds, len(w.mails), len(w.chats.acked), len(w.replies.acked))
}

// randomMoment is when to kill, in milliseconds from now: nothing is waited for.
func randomMoment(least, span int) {
	time.Sleep(time.Duration(least+rand.IntN(span)) * time.Millisecond)
}

// ledger remembers what was asked for and what was acknowledged.
type ledger struct {
	mu    sync.Mutex
	asked map[string]bool
	acked map[string]bool
}

func newLedger() *ledger { return &ledger{asked: map[string]bool{}, acked: map[string]bool{}} }

func (l *ledger) note(token string, acked bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked[token] = true
	if acked {
		l.acked[token] = true
	}
}

type killWorld struct {
	t            *testing.T
	binary, data string
	address      string
	mail         *mailsim.Server
	imapAddr     string // where the desk finds the mail server
	smtpAddr     string
	rest         *restClient
	chatPath     string

	mu             sync.Mutex
	mails          []string          // tokens, every one must arrive
	threads        []string          // Message-IDs of them
	parent         map[string]string // token → token of the mail it answers
	tokenOf        map[string]string // Message-ID → token
	chats, replies *ledger
	n              int
	listed         int // tickets in the list when it was looked at
}

const (
	killSupport = "support@desk.test"
	killSecret  = "correct horse battery"
)

func newKillWorld(t *testing.T) *killWorld {
	t.Helper()
	w := &killWorld{t: t, data: t.TempDir(), chats: newLedger(), replies: newLedger(), parent: map[string]string{}, tokenOf: map[string]string{}}
	w.binary, w.address = buildProgram(t), freeAddress(t)
	w.rest = newRESTClient("http://" + w.address)
	var err error
	if w.mail, err = mailsim.Start(mailsim.Options{}); err != nil {
		t.Fatal(err)
	}
	w.imapAddr, w.smtpAddr = w.mail.IMAPAddr(), w.mail.SMTPAddr()
	t.Cleanup(func() { _ = w.mail.Close() })
	for _, a := range append(customers(), killSupport) {
		if err := w.mail.AddAccount(a, killSecret); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func customers() (out []string) {
	for i := range 12 {
		out = append(out, fmt.Sprintf("customer%d@c%d.test", i, i))
	}
	return out
}

func (w *killWorld) setUp(d *child) {
	w.t.Helper()
	token := ""
	eventually(w.t, 30*time.Second, "the setup link is printed", func() bool {
		_, rest, _ := strings.Cut(d.out.String(), "/setup?token=")
		line, _, whole := strings.Cut(rest, "\n")
		token = line
		return whole
	})
	w.must("POST", "/setup", obj{"token": token, "name": "Ana", "email": "ana@desk.test", "password": killSecret}, nil)
	var ids []string
	for i := range 3 {
		var made struct{ Agent struct{ ID string } }
		w.must("POST", "/agents", obj{"email": fmt.Sprintf("a%d@desk.test", i), "name": fmt.Sprintf("Agent %d", i), "role": "agent", "seat": true,
			"capacity": 4, "password": killSecret}, &made)
		ids = append(ids, made.Agent.ID)
		w.must("PUT", "/agents/"+made.Agent.ID+"/availability", obj{"available": true}, nil)
	}
	rule := obj{"mode": "users_and_teams", "agents": ids, "teams": []string{}, "only_available": true}
	ih, ip := hostPort(w.imapAddr)
	sh, sp := hostPort(w.smtpAddr)
	w.must("POST", "/channels", obj{"kind": "email", "name": "Support", "routing": rule,
		"config": obj{"address": killSupport, "imap": obj{"host": ih, "port": ip, "security": "plain", "username": killSupport},
			"smtp": obj{"host": sh, "port": sp, "security": "plain", "username": killSupport}},
		"secrets": obj{"imap_password": killSecret, "smtp_password": killSecret}}, nil)
	var made struct{ Channel struct{ ID string } }
	w.must("POST", "/channels", obj{"kind": "chat", "name": "Chat", "routing": rule, "config": obj{"title": "Chat"}, "secrets": obj{}}, &made)
	w.chatPath = "/channels/" + made.Channel.ID + "/v1/"
	eventually(w.t, 20*time.Second, "the mailbox is watched", func() bool { return w.healthy("idling") })
}

func (w *killWorld) must(method, path string, in, out any) {
	w.t.Helper()
	if err := w.rest.call(method, path, in, out); err != nil {
		w.t.Fatalf("%s %s: %v", method, path, err)
	}
}

func (w *killWorld) token(kind string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	return fmt.Sprintf("%s-%06d", kind, w.n)
}

// writeMails delivers to the mailbox: new matters, and answers to earlier ones.
func (w *killWorld) writeMails(stop <-chan struct{}) {
	for flowing(stop, 4*time.Millisecond) {
		tok := w.token("mail")
		id := tok + "@c.test"
		i := rand.IntN(12)
		from := fmt.Sprintf("customer%d@c%d.test", i, i)
		head := ""
		w.mu.Lock()
		if n := len(w.threads); n > 0 && rand.IntN(2) == 0 {
			parent := w.threads[rand.IntN(n)]
			head = "In-Reply-To: <" + parent + ">\r\nReferences: <" + parent + ">\r\n"
			from = w.senderOf(parent)
			w.parent[tok] = w.tokenOf[parent]
		}
		w.mails = append(w.mails, tok)
		w.threads = append(w.threads, id)
		w.tokenOf[id] = tok
		w.parent["from/"+id] = from
		w.mu.Unlock()
		raw := "From: <" + from + ">\r\nTo: " + killSupport + "\r\nSubject: " + tok + "\r\nMessage-ID: <" + id + ">\r\n" + head +
			"Date: " + time.Now().Format(time.RFC1123Z) + "\r\n\r\n" + tok + " says hello.\r\n"
		if err := w.mail.Deliver(killSupport, []byte(raw)); err != nil {
			w.t.Error(err)
		}
	}
}

func (w *killWorld) senderOf(id string) string { return w.parent["from/"+id] }

// chat: a few visitors, each message with an id of its own, repeated until it is acknowledged or the desk is gone.
func (w *killWorld) chat(stop <-chan struct{}) {
	c := newRESTClient("http://" + w.address)
	var s struct {
		Token string `json:"visitor_token"`
	}
	if err := c.do("POST", w.chatPath+"session", "", obj{"page": "/"}, &s); err != nil {
		return
	}
	for flowing(stop, 8*time.Millisecond) {
		tok := w.token("chat")
		err := c.do("POST", w.chatPath+"messages", s.Token, obj{"client_msg_id": tok, "text": tok}, nil)
		w.chats.note(tok, err == nil)
	}
}

// answer replies to random tickets.
func (w *killWorld) answer(stop <-chan struct{}) {
	for flowing(stop, 5*time.Millisecond) {
		tickets := w.tickets("open", 1)
		if len(tickets) == 0 {
			continue
		}
		tok := w.token("reply")
		err := w.rest.call("POST", "/conversations/"+tickets[rand.IntN(len(tickets))].ID+"/replies", obj{"message_id": tok, "text": tok}, nil)
		w.replies.note(tok, err == nil)
	}
}

// meddle closes tickets, puts some back and changes availability.
func (w *killWorld) meddle(stop <-chan struct{}) {
	for flowing(stop, 15*time.Millisecond) {
		tickets := w.tickets("open", 1)
		if len(tickets) == 0 {
			continue
		}
		id := tickets[rand.IntN(len(tickets))].ID
		switch rand.IntN(3) {
		case 0:
			_ = w.rest.call("PUT", "/conversations/"+id+"/owner", obj{"agent": nil}, nil)
		default:
			_ = w.rest.call("PUT", "/conversations/"+id+"/status", obj{"status": "closed"}, nil)
		}
	}
}

func flowing(stop <-chan struct{}, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-stop:
		return false
	case <-timer.C:
		return true
	}
}

type killTicket struct {
	ID, Subject string
	Number      uint64
	Owner       *struct{ ID string }
}

func (w *killWorld) tickets(view string, pages int) (all []killTicket) {
	cursor := ""
	for range pages {
		var page struct {
			Tickets []killTicket
			Next    string
		}
		if err := w.rest.call("GET", "/tickets?limit=200&view="+view+"&cursor="+cursor, nil, &page); err != nil {
			return all
		}
		all = append(all, page.Tickets...)
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	return all
}

// settled waits until nothing is under way.
func (w *killWorld) settled() {
	w.t.Helper()
	eventually(w.t, 90*time.Second, "everything has settled", func() bool {
		return w.healthy("idling") && len(w.contents("mail")) >= len(w.mails)
	})
}

func (w *killWorld) healthy(phase string) bool {
	var list struct {
		Channels []struct {
			Kind   string
			Health struct {
				Phase       string
				InFlight    int `json:"in_flight"`
				OutboxDepth int `json:"outbox_depth"`
				Lag         int
			}
		}
	}
	if err := w.rest.call("GET", "/channels", nil, &list); err != nil {
		return false
	}
	for _, c := range list.Channels {
		h := c.Health
		if h.InFlight > 0 || h.OutboxDepth > 0 || c.Kind == "email" && (h.Phase != phase || h.Lag > 0) {
			return false
		}
	}
	return true
}

type killItem struct {
	conversation, kind, state string
}

// contents reads every conversation and finds the tokens of a kind in it.
func (w *killWorld) contents(kind string) map[string][]killItem {
	found := map[string][]killItem{}
	for _, view := range []string{"open", "closed"} {
		for _, tk := range w.tickets(view, 1000) {
			var c struct {
				Timeline []struct {
					Kind     string
					Body     *struct{ Text string }
					Delivery *struct{ State string }
				}
			}
			if err := w.rest.call("GET", "/conversations/"+tk.ID, nil, &c); err != nil {
				return nil
			}
			for _, it := range c.Timeline {
				if it.Body == nil || !strings.HasPrefix(it.Body.Text, kind+"-") {
					continue
				}
				tok := strings.Fields(it.Body.Text)[0]
				item := killItem{conversation: tk.ID, kind: it.Kind}
				if it.Delivery != nil {
					item.state = it.Delivery.State
				}
				found[tok] = append(found[tok], item)
			}
		}
	}
	return found
}

func (w *killWorld) verify() {
	w.t.Helper()
	mails, chats, replies := w.contents("mail"), w.contents("chat"), w.contents("reply")
	for _, tok := range w.mails {
		if n := len(mails[tok]); n != 1 {
			w.t.Errorf("%s is there %d times", tok, n)
			continue
		}
		if p := w.parent[tok]; p != "" && len(mails[p]) == 1 && mails[p][0].conversation != mails[tok][0].conversation {
			w.t.Errorf("%s answers %s, and they are in two tickets", tok, p)
		}
	}
	for tok := range w.chats.asked {
		if n := len(chats[tok]); n > 1 || n == 0 && w.chats.acked[tok] {
			w.t.Errorf("%s is there %d times, acknowledged %v", tok, n, w.chats.acked[tok])
		}
	}
	arrived := map[string]int{}
	for _, a := range customers() {
		for _, m := range w.mail.Mailbox(a) {
			if f := strings.Fields(m.Text); len(f) > 0 {
				arrived[f[0]]++
			}
		}
	}
	states := map[string]int{}
	for tok := range w.replies.asked {
		is := replies[tok]
		if len(is) > 1 || len(is) == 0 && w.replies.acked[tok] {
			w.t.Errorf("%s is there %d times, acknowledged %v", tok, len(is), w.replies.acked[tok])
		}
		if len(is) != 1 {
			continue
		}
		state, n := is[0].state, arrived[tok]
		states[state]++
		if n > 1 || n == 1 && state == "failed" || state == "queued" || state == "sending" {
			w.t.Errorf("%s is %s and arrived %d times", tok, state, n)
		}
	}
	w.t.Logf("replies: %v", states)
}

func (w *killWorld) owners() map[string]string {
	out := map[string]string{}
	for _, tk := range w.tickets("open", 1000) {
		if tk.Owner != nil {
			out[tk.ID] = tk.Owner.ID
		}
	}
	return out
}

func (w *killWorld) line() (ids []string) {
	var got struct{ Tickets []killTicket }
	w.must("GET", "/line", nil, &got)
	for _, tk := range got.Tickets {
		ids = append(ids, tk.ID)
	}
	return ids
}
