//go:build integration

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
	"github.com/centralita/centralita/proto/deskpb"
)

// postman keeps the last state of every reply.
type postman struct {
	mu    sync.Mutex
	state map[string]deskpb.DeliveryState
}

func watchReplies(t *testing.T, e *centralita.Engine) *postman {
	t.Helper()
	p := &postman{state: map[string]deskpb.DeliveryState{}}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for r, err := range e.Watch(ctx, 0) {
			if err != nil {
				return
			}
			p.mu.Lock()
			switch k := r.Event.GetKind().(type) {
			case *deskpb.Event_ReplyRequested:
				p.state[k.ReplyRequested.Message] = deskpb.DeliveryState_DELIVERY_STATE_QUEUED
			case *deskpb.Event_ReplyRetried:
				p.state[k.ReplyRetried.Message] = deskpb.DeliveryState_DELIVERY_STATE_QUEUED
			case *deskpb.Event_DeliverySettled:
				p.state[k.DeliverySettled.Message] = k.DeliverySettled.State
			}
			p.mu.Unlock()
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
	return p
}

// settled waits until every one of n replies has ended, and gives their states.
func (p *postman) settled(t *testing.T, n int) map[string]deskpb.DeliveryState {
	t.Helper()
	out := map[string]deskpb.DeliveryState{}
	eventually(t, time.Minute, "every reply has ended", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		for m, s := range p.state {
			out[m] = s
			if s == deskpb.DeliveryState_DELIVERY_STATE_QUEUED || s == deskpb.DeliveryState_DELIVERY_STATE_SENDING {
				return false
			}
		}
		return len(out) == n
	})
	return out
}

// The outgoing server puts one mail in ten off, refuses one in fifty, takes one in ten without saying so and loses one in ten without
// saying so. No reply is lost, none is shown as failed that arrived, none arrives twice by itself; and what a person sends again is
// the same mail, byte for byte.
func TestOutboxAgainstABadServer(t *testing.T) {
	const n = 200
	s := startMailServer(t, supportAddress, "carla@customer.test")
	d := openDesk(t, "", func(o *centralita.Options) {
		o.Tuning.RetryDelays = []time.Duration{20 * time.Millisecond}
	})
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, s.IMAPAddr(), s.SMTPAddr()))
	awaitIdle(t, admin, ch.ID)
	for i := range n {
		l := letter{from: "Carla <carla@customer.test>", to: supportAddress, subject: fmt.Sprintf("Matter %d", i), id: fmt.Sprintf("matter%d@customer.test", i), text: "Hello"}
		if err := s.Deliver(supportAddress, l.raw()); err != nil {
			t.Fatal(err)
		}
	}
	c := follow(t, d.engine)
	eventually(t, time.Minute, "all matters are tickets", func() bool { return c.messages("Matter") >= n })
	post := watchReplies(t, d.engine)
	s.SetMood(func() mailsim.Faults {
		switch x := rand.IntN(100); {
		case x < 10:
			return mailsim.Faults{DataCode: 451}
		case x < 12:
			return mailsim.Faults{DataCode: 550}
		case x < 22:
			return mailsim.Faults{DropAfterDot: true}
		case x < 32:
			return mailsim.Faults{LoseAfterDot: true}
		}
		return mailsim.Faults{}
	})
	conversation := map[string]string{}
	for _, tk := range admin.tickets(t, "open") {
		reply := "reply-" + strings.Fields(tk.Subject)[1]
		conversation[reply] = tk.ID
		admin.must(t, "POST", "/conversations/"+tk.ID+"/replies", obj{"message_id": reply, "text": reply + " is this."}, nil)
	}
	states := post.settled(t, n)
	arrived := repliesAt(s)
	count := map[string]int{}
	for reply, state := range states {
		name := strings.ToLower(strings.TrimPrefix(state.String(), "DELIVERY_STATE_"))
		count[name]++
		if k := len(arrived[reply]); k > 1 || k == 1 && name == "failed" || k == 0 && name == "sent" {
			t.Errorf("%s is %s and arrived %d times", reply, name, k)
		}
	}
	t.Logf("%d replies: %v, %d arrived", n, count, len(arrived))
	if count["unknown"] == 0 || count["sent"] == 0 {
		t.Errorf("the server was too good: %v", count)
	}

	s.SetMood(nil)
	for reply, state := range states {
		if state != deskpb.DeliveryState_DELIVERY_STATE_SENT {
			admin.must(t, "POST", "/conversations/"+conversation[reply]+"/replies/"+reply+"/retry", nil, nil)
		}
	}
	allArriveTheSame(t, s, post, n)
}

// allArriveTheSame: every reply is sent now, and whatever arrived twice is one mail.
func allArriveTheSame(t *testing.T, s *mailsim.Server, post *postman, n int) {
	t.Helper()
	eventually(t, time.Minute, "what was sent again has arrived", func() bool { return len(repliesAt(s)) == n })
	for reply, state := range post.settled(t, n) {
		if state != deskpb.DeliveryState_DELIVERY_STATE_SENT {
			t.Errorf("%s is %v", reply, state)
		}
	}
	twice := 0
	for reply, copies := range repliesAt(s) {
		for _, raw := range copies[1:] {
			twice++
			if raw != copies[0] {
				t.Errorf("the copies of %s differ:\n%s\n%s", reply, copies[0], raw)
			}
		}
	}
	t.Logf("%d arrived a second time when a person sent them again: the same bytes", twice)
	if twice == 0 {
		t.Error("none did: nothing was shown")
	}
}

// repliesAt are the raw replies that the customer has, by their first word.
func repliesAt(s *mailsim.Server) map[string][]string {
	out := map[string][]string{}
	for _, m := range s.Mailbox("carla@customer.test") {
		if word, _, found := strings.Cut(m.Text, " "); found && strings.HasPrefix(word, "reply-") {
			out[word] = append(out[word], string(m.Raw))
		}
	}
	return out
}

// knowEachOther: each of two tickets names the other as one of the same mail, once.
func knowEachOther(t *testing.T, admin *restClient, one, two string) {
	t.Helper()
	for _, pair := range [][2]string{{one, two}, {two, one}} {
		var read struct {
			Timeline []struct {
				Activity *struct{ Code, Cause, Conversation string }
			}
		}
		admin.must(t, "GET", "/conversations/"+pair[0], nil, &read)
		links := 0
		for _, item := range read.Timeline {
			if a := item.Activity; a != nil && a.Code == "linked" && a.Cause == desk.LinkSameMail && a.Conversation == pair[1] {
				links++
			}
		}
		if links != 1 {
			t.Errorf("%s names the other ticket of the same mail %d times", pair[0], links)
		}
	}
}

// The same mail to two mailboxes of the desk is a ticket in each, once, also when one of them is numbered anew.
func TestOneMailToTwoMailboxes(t *testing.T) {
	s := startMailServer(t, supportAddress, "sales@desk.test")
	d := openDesk(t, "", nil)
	admin := d.setUp(t)
	both := []string{supportAddress, "sales@desk.test"}
	ids := map[string]string{}
	for _, address := range both {
		ids[address] = admin.connect(t, mailChannel(address, s.IMAPAddr(), s.SMTPAddr())).ID
		awaitIdle(t, admin, ids[address])
	}
	raws := map[int][]byte{}
	send := func(address string, n int) {
		t.Helper()
		if raws[n] == nil { // the same bytes each time: a mail of another second is another one
			l := letter{from: "Carla <carla@customer.test>", to: strings.Join(both, ", "), subject: fmt.Sprintf("Both %d", n), id: fmt.Sprintf("both%d@customer.test", n), text: "Hello"}
			raws[n] = l.raw()
		}
		if err := s.Deliver(address, raws[n]); err != nil {
			t.Fatal(err)
		}
	}
	c := follow(t, d.engine)
	there := func(want int) func() bool {
		return func() bool {
			c.mu.Lock()
			defer c.mu.Unlock()
			n := 0
			for name, all := range c.arrivals {
				if strings.HasPrefix(name, "Both") {
					n += len(all)
				}
			}
			return n >= want
		}
	}
	for _, address := range both {
		for n := range 20 {
			send(address, n)
		}
	}
	eventually(t, patience, "forty messages", there(40))
	if err := s.ResetInbox(supportAddress); err != nil {
		t.Fatal(err)
	}
	for n := range 21 { // the old ones are there again, and one is new
		send(supportAddress, n)
	}
	admin.must(t, "PUT", "/channels/"+ids[supportAddress]+"/on", obj{"on": false}, nil)
	admin.awaitChannel(t, ids[supportAddress], "off")
	admin.must(t, "PUT", "/channels/"+ids[supportAddress]+"/on", obj{"on": true}, nil)
	eventually(t, patience, "the new one", there(41))
	awaitIdle(t, admin, ids[supportAddress])
	c.mu.Lock()
	defer c.mu.Unlock()
	if pair := c.arrivals["Both 0"]; len(pair) == 2 {
		knowEachOther(t, admin, desk.StreamID(pair[0].stream).ID(), desk.StreamID(pair[1].stream).ID())
	}
	for n := range 21 {
		all := c.arrivals[fmt.Sprintf("Both %d", n)]
		if want := map[bool]int{true: 2, false: 1}[n < 20]; len(all) != want || want == 2 && all[0].stream == all[1].stream {
			t.Errorf("mail %d arrived %v, want one in each of %d mailboxes", n, all, want)
		}
	}
}
