package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// shelf is what tabs of one browser remember together.
type shelf struct {
	mu    sync.Mutex
	token string
	out   []letter // in the order in which they were written
}

// letter is a message on its way.
type letter struct {
	id, text string
	at       time.Time
}

func (s *shelf) keep(m letter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = append(s.out, m)
}

func (s *shelf) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = slices.DeleteFunc(s.out, func(m letter) bool { return m.id == id })
}

func (s *shelf) unsent() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.out)
}

// stranger is a tab that does what protocol.md says, as the widget does, and nothing more.
type stranger struct {
	name  string
	shelf *shelf
	base  string // ends in a slash
	air   *air
	http  *http.Client
	stop  context.CancelFunc
	done  sync.WaitGroup
	work  chan struct{}

	mu        sync.Mutex // guards the fields below
	out       []letter
	sent      map[string]bool // durable, and its event has not come
	said      []wire
	truncated bool
	epoch     string
	last      uint64
	token     string
	heard     time.Time
	needing   bool
	socket    *websocket.Conn
	written   int
	polled    int // answers of long polls
	resets    int
	refusals  []string // what was answered that repeating does not cure
	elsewhere bool
}

func newStranger(name, base string, a *air, s *shelf) *stranger {
	ctx, stop := context.WithCancel(context.Background())
	v := &stranger{name: name, shelf: s, base: base, air: a, stop: stop, work: make(chan struct{}, 1), out: s.unsent(), sent: make(map[string]bool)}
	v.http = &http.Client{Transport: &http.Transport{DialContext: a.dial, MaxConnsPerHost: 6}}
	v.done.Go(func() { v.live(ctx) })
	v.done.Go(func() { v.flush(ctx) })
	v.done.Go(func() { v.adoptOrphans(ctx) })
	return v
}

// leave closes the tab: what it was doing is cut off.
func (v *stranger) leave() {
	v.stop()
	v.done.Wait()
	v.http.CloseIdleConnections()
}

// say puts a message into the outbox.
func (v *stranger) say() {
	v.mu.Lock()
	v.written++
	m := letter{id: fmt.Sprintf("%s-%d", v.name, v.written), at: time.Now()}
	m.text = "text of " + m.id
	v.out = append(v.out, m)
	v.mu.Unlock()
	v.shelf.keep(m)
	v.nudge()
}

func (v *stranger) nudge() {
	select {
	case v.work <- struct{}{}:
	default:
	}
}

// call is a request; refused says that repeating does not cure it.
func (v *stranger) call(ctx context.Context, patience time.Duration, method, path string, body, into any) (refused bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var in io.Reader
	if body != nil {
		in = bytes.NewReader(mustJSON(body))
	}
	req, err := http.NewRequestWithContext(ctx, method, v.base+path, in)
	if err != nil {
		return true, err
	}
	v.mu.Lock()
	token := v.token
	v.mu.Unlock()
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := v.http.Do(req)
	if err != nil {
		return false, err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return false, err
	}
	if resp.StatusCode >= 300 {
		var e wireError // a refusal without a code is not the desk's
		again := json.Unmarshal(data, &e) != nil || e.Code == "" || resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusRequestTimeout
		return !again, fmt.Errorf("%s: %d %s", path, resp.StatusCode, data)
	}
	if into == nil {
		return false, nil
	}
	return false, json.Unmarshal(data, into)
}

func (v *stranger) refuse(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.refusals = append(v.refusals, err.Error())
}

// pause is false when the tab was closed.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// delayed is the pause after n failures in a row.
func delayed(n int, most time.Duration) time.Duration {
	return time.Duration(float64(min(most, 500*time.Millisecond<<min(max(n, 0), 10))) * (0.5 + rand.Float64()))
}

func (v *stranger) flush(ctx context.Context) {
	for failures := 0; ctx.Err() == nil; {
		v.mu.Lock()
		token := v.token
		i := slices.IndexFunc(v.out, func(m letter) bool { return !v.sent[m.id] })
		var m letter
		if i >= 0 {
			m = v.out[i]
		}
		v.mu.Unlock()
		if i < 0 || token == "" {
			select {
			case <-v.work:
			case <-ctx.Done():
			}
			continue
		}
		refused, err := v.call(ctx, 15*time.Second, "POST", "v1/messages", map[string]string{"client_msg_id": m.id, "text": m.text}, nil)
		switch {
		case err == nil:
			failures = 0
			v.mu.Lock()
			v.sent[m.id] = true
			v.mu.Unlock()
			v.shelf.drop(m.id)
		case ctx.Err() != nil:
			return
		case refused:
			v.refuse(err)
			return
		default:
			pause(ctx, delayed(failures, 30*time.Second))
			failures++
		}
	}
}

// adoptOrphans takes over what a tab that was closed has left behind.
func (v *stranger) adoptOrphans(ctx context.Context) {
	for pause(ctx, 10*time.Second) {
		v.mu.Lock()
		for _, m := range v.shelf.unsent() {
			mine := slices.ContainsFunc(v.out, func(o letter) bool { return o.id == m.id })
			told := slices.ContainsFunc(v.said, func(e wire) bool { return e.D.ClientID == m.id })
			if !mine && !told && time.Since(m.at) > 20*time.Second {
				v.out = append(v.out, m)
			}
		}
		v.mu.Unlock()
		v.nudge()
	}
}

// live holds the line.
func (v *stranger) live(ctx context.Context) {
	blocked := 0
	for failures := 0; ctx.Err() == nil; failures++ {
		var s session
		v.mu.Lock()
		v.shelf.mu.Lock()
		v.token = v.shelf.token
		v.shelf.mu.Unlock()
		body := map[string]any{"visitor_token": v.token, "epoch": v.epoch, "last_seq": v.last}
		v.mu.Unlock()
		refused, err := v.call(ctx, 15*time.Second, "POST", "v1/session", body, &s)
		if refused {
			v.refuse(err)
			return
		}
		if err == nil {
			v.adopt(s)
			if blocked >= 2 {
				v.poll(ctx, &failures)
				blocked = 1
			} else if opened := v.listen(ctx, s.Ticket, &failures); opened {
				blocked = 0
			} else {
				blocked++
			}
		}
		pause(ctx, delayed(failures, 4*time.Second))
	}
}

func (v *stranger) adopt(s session) {
	v.mu.Lock()
	v.token = s.Token
	v.mu.Unlock()
	v.shelf.mu.Lock()
	v.shelf.token = s.Token
	v.shelf.mu.Unlock()
	v.take(s.wire)
	v.nudge()
}

// listen serves one socket until it ends.
func (v *stranger) listen(ctx context.Context, ticket string, failures *int) (opened bool) {
	d := websocket.Dialer{NetDialContext: v.air.dial, HandshakeTimeout: 10 * time.Second}
	ws, resp, err := d.DialContext(ctx, "ws"+v.base[len("http"):]+"v1/ws?ticket="+ticket, nil)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	defer context.AfterFunc(ctx, func() { _ = ws.Close() })()
	v.mu.Lock()
	v.socket, v.heard = ws, time.Now()
	v.send(map[string]any{"t": "hello", "tab": v.name, "epoch": v.epoch, "last_seq": v.last})
	v.mu.Unlock()
	watching, end := context.WithCancel(ctx)
	var watch sync.WaitGroup
	watch.Go(func() { v.watch(watching, ws) })
	for {
		var w wire
		if err = ws.ReadJSON(&w); err != nil {
			break
		}
		if w.T == "welcome" || w.T == "reset" {
			*failures = -1
		}
		v.take(w)
	}
	v.mu.Lock()
	v.socket = nil
	if e, ok := errors.AsType[*websocket.CloseError](err); ok && e.Code == 4009 {
		v.elsewhere = true
	}
	v.mu.Unlock()
	end()
	watch.Wait()
	_ = ws.Close()
	return true
}

// watch probes a socket that is silent and gives one up that stays so.
func (v *stranger) watch(ctx context.Context, ws *websocket.Conn) {
	for pause(ctx, 5*time.Second) {
		v.mu.Lock()
		silent := time.Since(v.heard)
		if silent > 25*time.Second {
			v.send(map[string]any{"t": "ping"})
		}
		v.mu.Unlock()
		if silent > 40*time.Second {
			_ = ws.Close()
			return
		}
	}
}

// send is called with the lock held.
func (v *stranger) send(frame any) {
	if v.socket != nil {
		_ = v.socket.SetWriteDeadline(time.Now().Add(time.Second))
		_ = v.socket.WriteJSON(frame)
	}
}

// poll does without sockets for two minutes.
func (v *stranger) poll(ctx context.Context, failures *int) {
	for until := time.Now().Add(2 * time.Minute); ctx.Err() == nil && time.Now().Before(until); {
		v.mu.Lock()
		path := fmt.Sprintf("v1/events?epoch=%s&after=%d", v.epoch, v.last)
		v.mu.Unlock()
		var w wire
		if refused, err := v.call(ctx, 40*time.Second, "GET", path, nil, &w); refused {
			v.refuse(err)
			return
		} else if err != nil {
			return
		}
		*failures = -1
		v.take(w)
		v.mu.Lock()
		v.polled++
		v.mu.Unlock()
	}
}

func (v *stranger) take(w wire) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.heard = time.Now()
	switch w.T {
	case "reset":
		v.said, v.last, v.truncated = nil, w.Prev, w.Truncated
		v.out = slices.DeleteFunc(v.out, func(m letter) bool { return v.sent[m.id] })
		v.resets++
		fallthrough
	case "welcome", "events":
		v.needing = false
		if w.Epoch != "" {
			v.epoch = w.Epoch
		}
		for _, e := range w.Events {
			v.apply(e)
		}
	case "ev":
		v.epoch = w.Epoch
		v.apply(w)
		v.send(map[string]any{"t": "ack", "seq": v.last})
	}
}

// apply is called with the lock held.
func (v *stranger) apply(e wire) {
	if e.Seq <= v.last {
		return
	}
	if e.Prev != v.last {
		if !v.needing {
			v.send(map[string]any{"t": "need", "from": v.last})
		}
		v.needing = true
		return
	}
	v.last = e.Seq
	v.said = append(v.said, e)
	if e.Kind == "message" {
		v.out = slices.DeleteFunc(v.out, func(m letter) bool { return m.id == e.D.ClientID })
		delete(v.sent, e.D.ClientID)
		v.shelf.drop(e.D.ClientID)
	}
}
