package demo

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"time"
)

// visitors chat one after the other, as the web page's widget would: over HTTP, with the long-poll fallback.
func (d *Demo) visitors() {
	for n := range d.opt.Most {
		pause := 3 * d.opt.Pace
		if n == 0 {
			pause = min(3*time.Second, d.opt.Pace)
		}
		if !d.pause(pause) {
			return
		}
		if err := d.chat(chats[n%len(chats)]); err != nil && d.ctx.Err() == nil {
			d.log.Warn("a sample visitor could not chat", "err", err)
		}
	}
}

type chatSession struct {
	Token string `json:"visitor_token"`
	Epoch string `json:"epoch"` // "" until there is a conversation
	Seq   uint64 `json:"seq"`
}

type chatEvents struct {
	Epoch  string `json:"epoch"`
	Seq    uint64 `json:"seq"`
	Events []struct {
		Kind string `json:"kind"`
		Seq  uint64 `json:"seq"`
		D    struct {
			Agent string `json:"agent"`
		} `json:"d"`
	} `json:"events"`
}

// chat says each line after an agent has answered the one before, and leaves when nobody does for a while.
func (d *Demo) chat(lines []string) error {
	visitor := &client{base: d.opt.BaseURL, http: &http.Client{Jar: d.api.http.Jar, Timeout: 90 * time.Second}}
	base := d.opt.BaseURL + d.chatPath + "v1/"
	var s chatSession
	open := func() error {
		return visitor.do(d.ctx, "POST", base+"session", "", map[string]any{"page": "/bikes"}, &s)
	}
	err := open()
	for tries := 0; err != nil && tries < 40 && d.pause(250*time.Millisecond); tries++ { // the channel may not have started yet
		err = open()
	}
	if err != nil {
		return fmt.Errorf("open a chat: %w", err)
	}
	seen := s.Seq
	for _, line := range lines {
		body := map[string]any{"client_msg_id": rand.Text(), "text": line}
		if err := visitor.do(d.ctx, "POST", base+"messages", s.Token, body, nil); err != nil {
			return fmt.Errorf("say something: %w", err)
		}
		answered, err := d.answer(visitor, base, &s, &seen)
		if err != nil || !answered {
			return err
		}
		if !d.pause(d.opt.Think / 2) {
			return nil
		}
	}
	return nil
}

// answer waits up to five minutes for words of an agent.
func (d *Demo) answer(visitor *client, base string, s *chatSession, seen *uint64) (bool, error) {
	deadline := time.Now().Add(5 * time.Minute)
	for time.Now().Before(deadline) && d.ctx.Err() == nil {
		var got chatEvents
		url := fmt.Sprintf("%sevents?after=%d&epoch=%s", base, *seen, s.Epoch)
		if err := visitor.do(d.ctx, "GET", url, s.Token, nil, &got); err != nil {
			return false, fmt.Errorf("wait for an answer: %w", err)
		}
		answered := false
		s.Epoch = got.Epoch
		for _, e := range got.Events {
			answered = answered || e.D.Agent != "" && e.Seq > *seen
		}
		*seen = max(*seen, got.Seq)
		if answered {
			return true, nil
		}
		if !d.pause(500 * time.Millisecond) { // the desk waits with its answer; should it not, this is no loop without a rest
			return false, nil
		}
	}
	return false, nil
}
