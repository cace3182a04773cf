package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// The helper's side of chat: visitors who are there, and some who write.

// talk is an order to write: steadily when PerSecond is set, else with so many messages under way at once.
type talk struct {
	PerSecond float64
	InFlight  int
	ForNs     int64
	Echo      bool // over the plain sockets, whose other end repeats it
	Bytes     int  // of a text
}

// visitor is somebody on a web page.
type visitor struct {
	base  string // of the channel
	token string
}

var visitorsClient = &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 512}}

// arrive opens a session, its socket, and says hello, as the widget does.
func (v *visitor) arrive(ctx context.Context, address, path string) (net.Conn, error) {
	v.base = "http://" + address + path
	var session struct {
		Token  string `json:"visitor_token"`
		Ticket string `json:"ticket"`
	}
	for began := time.Now(); ; pause(ctx, 50*time.Millisecond) {
		err := v.post(ctx, "v1/session", struct{}{}, &session)
		if err == nil {
			break
		}
		if time.Since(began) > 10*time.Second || ctx.Err() != nil { // its channel may only just have begun
			return nil, err
		}
	}
	v.token = session.Token
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	if err = upgrade(conn, address, path+"v1/ws?ticket="+url.QueryEscape(session.Ticket), ""); err == nil {
		_, err = conn.Write(masked(opText, []byte(`{"t":"hello","epoch":"","last_seq":0}`)))
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func (v *visitor) post(ctx context.Context, path string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if v.token != "" {
		req.Header.Set("Authorization", "Bearer "+v.token)
	}
	resp, err := visitorsClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s was answered %s: %.200s", path, resp.Status, answer)
	}
	return json.Unmarshal(answer, out)
}

// dialEcho opens a WebSocket to who repeats what it is sent.
func dialEcho(ctx context.Context, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{Timeout: 10 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	if err := upgrade(conn, address, "/", ""); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// talk writes, and tells what was written when. Everybody takes turns.
func (s *screens) talk(ctx context.Context, o talk) (screenReport, error) {
	var mu sync.Mutex
	var out screenReport
	say := func(int) error {
		mu.Lock()
		s.talked++
		n := s.talked
		name := fmt.Sprintf("m%d", n)
		if o.Echo {
			name = fmt.Sprintf("#%d", n)
		}
		at := time.Now().UnixNano()
		out.Said = append(out.Said, durable{Conversation: name, Version: 1, AtNs: at})
		mu.Unlock()
		text := name + " " + strings.Repeat("x", max(o.Bytes-len(name)-1, 1))
		if o.Echo {
			_, err := s.echoes[n%len(s.echoes)].Write(masked(opText, []byte(text)))
			return err
		}
		var answer struct{}
		v := &s.visitors[n%len(s.visitors)]
		return v.post(ctx, "v1/messages", map[string]string{"client_msg_id": name, "text": text}, &answer)
	}
	var t turn
	var err error
	if o.PerSecond > 0 {
		t, err = steadily(ctx, o.PerSecond, time.Duration(o.ForNs), say)
	} else {
		t, err = inFlight(ctx, o.InFlight, time.Duration(o.ForNs), 0, say)
	}
	out.TookNs = int64(t.took)
	return out, err
}
