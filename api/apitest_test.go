package api_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/api"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/metrics"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/persistence/tableau"
	"github.com/centralita/centralita/proto/deskpb"
)

// engine is a small honest desk: the real rules over the real journal in memory, without actors.
type engine struct {
	*memory.Store
	workspaces

	mu      sync.Mutex // guards streams and clock, and keeps commands in one order
	streams map[desk.StreamID]*folded
	clock   int64

	listeners sync.Map // *func(desk.PresenceSign) → nil
	notReady  error
	status    []desk.ChannelStatus
	checked   error
	handlers  map[desk.ChannelID]http.Handler
	secrets   map[desk.ChannelID][]byte
	synced    []desk.ChannelID
	rotated   []string
}

func newEngine() *engine {
	return &engine{
		Store: memory.New(), streams: map[desk.StreamID]*folded{}, handlers: map[desk.ChannelID]http.Handler{},
		secrets: map[desk.ChannelID][]byte{}, workspaces: workspaces{open: map[desk.AgentID]int{}, counted: make(chan struct{})},
	}
}

func (e *engine) Do(_ context.Context, id desk.StreamID, cmd desk.Command) (desk.Done, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.clock = max(e.clock+1, time.Now().UnixMilli()) // no two commands in one millisecond: lists have one order
	cmd.AtMs = e.clock
	s := e.stream(id)
	events, err := s.decide(cmd)
	if err != nil || len(events) == 0 {
		return desk.Done{Version: s.version, Position: e.Store.Head()}, err
	}
	entry := persistence.Entry{Stream: id, Expect: s.version}
	for i, ev := range events {
		entry.Records = append(entry.Records, &deskpb.Record{
			Stream: string(id), Version: s.version + uint64(i) + 1, AtMs: cmd.AtMs, By: cmd.By, Event: ev,
		})
	}
	type result struct {
		at  desk.Position
		err error
	}
	settled := make(chan result, 1)
	e.Append(entry, func(at desk.Position, err error) { settled <- result{at, err} })
	r := <-settled
	if r.err != nil {
		return desk.Done{}, r.err
	}
	for _, ev := range events {
		s.evolve(ev)
	}
	s.version += uint64(len(events))
	return desk.Done{Version: s.version, Position: r.at, Changed: true}, nil
}

func (e *engine) Watch(ctx context.Context, after desk.Position) iter.Seq2[desk.Record, error] {
	return e.Tail(ctx, after)
}

func (e *engine) Records(ctx context.Context, id desk.StreamID, after uint64) iter.Seq2[desk.Record, error] {
	return persistence.Shown(ctx, e.Store, id, after)
}

func (e *engine) Head() (string, desk.Position) { return e.Epoch(), e.Store.Head() }
func (e *engine) Ready() error                  { return e.notReady }

func (e *engine) Presence(sign desk.PresenceSign) {
	e.listeners.Range(func(k, _ any) bool { (*k.(*func(desk.PresenceSign)))(sign); return true })
}

func (e *engine) OnPresence(ctx context.Context, f func(desk.PresenceSign)) {
	e.listeners.Store(&f, nil)
	context.AfterFunc(ctx, func() { e.listeners.Delete(&f) })
}

func (e *engine) ConnectChannel(ctx context.Context, n desk.NewChannel, by *deskpb.Author) (desk.ChannelID, error) {
	var config struct{ Address, Host string }
	if err := json.Unmarshal(n.Config, &config); err != nil {
		return "", desk.Refuse(desk.Invalid, "config", "must be JSON")
	}
	var faults []error
	if config.Address == "" {
		faults = append(faults, desk.Refuse(desk.Invalid, "config.address", "must not be empty"))
	}
	if config.Host == "" {
		faults = append(faults, desk.Refuse(desk.Invalid, "config.host", "must not be empty"))
	}
	if faults != nil {
		return "", errors.Join(faults...)
	}
	id := desk.ChannelID(desk.DeriveID("ch_", n.Kind, config.Address))
	cmd := deskpb.NewCommand(&deskpb.ConnectChannel{Channel: &deskpb.ChannelConnected{
		Kind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Name: n.Name, Config: n.Config, SealedSecrets: n.Secrets, Routing: n.Routing, Address: config.Address,
	}})
	cmd.By = by
	e.secrets[id] = n.Secrets
	_, err := e.Do(ctx, id.Stream(), cmd)
	return id, err
}

func (e *engine) ReconfigureChannel(ctx context.Context, id desk.ChannelID, n desk.NewChannel, by *deskpb.Author) error {
	cmd := deskpb.NewCommand(&deskpb.ChangeChannel{Channel: &deskpb.ChannelChanged{Name: n.Name, Config: n.Config, SealedSecrets: n.Secrets, Routing: n.Routing, Address: "help@example.com"}, RoutingWas: n.Was, ConfigWas: n.ConfigWas})
	cmd.By = by
	if n.Secrets != nil {
		e.secrets[id] = n.Secrets
	}
	_, err := e.Do(ctx, id.Stream(), cmd)
	return err
}

func (e *engine) CheckChannel(context.Context, desk.ChannelID) error { return e.checked }
func (e *engine) ChannelStatus() []desk.ChannelStatus                { return e.status }
func (e *engine) ChannelHandler(id desk.ChannelID) http.Handler      { return e.handlers[id] }

// blobs keeps files in a map.
type blobs struct{ sync.Map }

func (b *blobs) Put(_ context.Context, r io.Reader, limit int64) (string, int64, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return "", 0, err
	}
	if int64(len(data)) > limit {
		return "", 0, errors.New("too large")
	}
	sum := sha256.Sum256(data)
	hash := hex.EncodeToString(sum[:])
	b.Store(hash, data)
	return hash, int64(len(data)), nil
}

type blob struct{ *bytes.Reader }

func (blob) Close() error { return nil }

func (b *blobs) Open(_ context.Context, hash string) (io.ReadSeekCloser, int64, error) {
	data, ok := b.Load(hash)
	if !ok {
		return nil, 0, fmt.Errorf("open blob %s: %w", hash, fs.ErrNotExist)
	}
	return blob{bytes.NewReader(data.([]byte))}, int64(len(data.([]byte))), nil
}

// house is a door in front of an engine, over a real loopback socket.
type house struct {
	t      testing.TB
	engine *engine
	blobs  *blobs
	server *api.Server
	http   *httptest.Server
	log    *lockedBuffer
	stop   func() // ends Run, as a shutdown does
}

type lockedBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const setupToken = "one-time-token"

// open makes a house that is served.
func open(t testing.TB, change ...func(*api.Options)) *house {
	t.Helper()
	h := build(t, change...)
	h.http = httptest.NewServer(h.server.Handler())
	return h
}

func build(t testing.TB, change ...func(*api.Options)) *house {
	t.Helper()
	h := &house{t: t, engine: newEngine(), blobs: &blobs{}, log: &lockedBuffer{}}
	index := h.engine.Index()
	lists := tableau.New(h.engine.Store, nil)
	opt := api.Options{
		Engine: h.engine, Channels: h.engine, Trials: h.engine, ChannelSecrets: h.engine, Replays: h.engine, Router: h.engine, Signs: h.engine, Tickets: index, Lists: lists, People: index, Finder: index, Secrets: index, Accounts: index, ChannelRows: index, Settings: index, Audits: index, Notices: index, Sides: index,
		Blobs: h.blobs, Vault: newVault(t), SetupToken: func() string { return setupToken }, Metrics: metrics.New(),
		Logger:    slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Workspace: fstest.MapFS{"index.html": {Data: []byte("<!doctype html>workspace")}, "assets/app-abc123.js": {Data: []byte("go()")}},
		SanitizeHTML: func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(s, "<script>", ""), "</script>", "")
		},
	}
	for _, f := range change {
		f(&opt)
	}
	var err error
	if h.server, err = api.New(opt); err != nil {
		t.Fatal(err)
	}
	h.server.CheapenPasswords()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = h.server.Run(ctx) })
	running.Go(func() { lists.Run(ctx) })
	h.stop = func() { cancel(); running.Wait() }
	t.Cleanup(func() {
		h.stop()
		if h.http != nil {
			h.http.Close()
		}
		_ = h.engine.Close()
	})
	return h
}

// browser is one person's HTTP client with cookies.
type browser struct {
	*house
	client *http.Client
	agent  string
}

func (h *house) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{house: h, client: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

const password = "correct horse battery"

// admin makes the first administrator and signs in.
func (h *house) admin() *browser {
	h.t.Helper()
	b := h.browser()
	b.must(204, "POST", "/setup", map[string]any{"token": setupToken, "name": "Ada Admin", "email": "ada@example.com", "password": password})
	b.agent = b.me()
	return b
}

// colleague adds an agent and signs in as them.
func (b *browser) colleague(name string) *browser {
	b.t.Helper()
	email := strings.ToLower(name) + "@example.com"
	b.must(201, "POST", "/agents", map[string]any{"email": email, "name": name, "role": "agent", "password": password})
	c := b.house.browser()
	c.must(200, "POST", "/session", map[string]any{"email": email, "password": password})
	c.agent = c.me()
	return c
}

func (b *browser) me() string {
	b.t.Helper()
	return b.must(200, "GET", "/me", nil).str("agent", "id")
}

func (b *browser) cookie(name string) string {
	req, err := http.NewRequest("GET", b.http.URL, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(req.URL) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// request sends a request as the page would.
func (b *browser) request(method, path string, body any, change ...func(*http.Request)) *http.Response {
	b.t.Helper()
	var r io.Reader
	if raw, ok := body.(io.Reader); ok {
		r = raw
	} else if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		r = bytes.NewReader(data)
	}
	if !strings.HasPrefix(path, "//") {
		path = "/api/v1" + path
	} else {
		path = path[1:]
	}
	req, err := http.NewRequest(method, b.http.URL+path, r)
	if err != nil {
		b.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Origin", b.http.URL)
	if csrf := b.cookie("centralita_csrf"); csrf != "" {
		req.Header.Set("X-Centralita-CSRF", csrf)
	}
	for _, f := range change {
		f(req)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp
}

// answer is a decoded JSON body.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	raw    string
	v      any
}

func (b *browser) do(method, path string, body any, change ...func(*http.Request)) answer {
	b.t.Helper()
	resp := b.request(method, path, body, change...)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	a := answer{t: b.t, status: resp.StatusCode, header: resp.Header, raw: string(data)}
	if kind := resp.Header.Get("Content-Type"); strings.Contains(kind, "json") && !strings.Contains(kind, "ndjson") {
		if err := json.Unmarshal(data, &a.v); err != nil {
			b.t.Fatalf("%s %s: %v in %q", method, path, err, data)
		}
	}
	return a
}

func (b *browser) must(status int, method, path string, body any, change ...func(*http.Request)) answer {
	b.t.Helper()
	a := b.do(method, path, body, change...)
	if a.status != status {
		b.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.status, status, a.raw)
	}
	return a
}

// get walks into the answer by keys and indexes.
func (a answer) get(path ...any) any {
	a.t.Helper()
	v := a.v
	for _, p := range path {
		switch k := p.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				a.t.Fatalf("no %v in %s", path, a.raw)
			}
			v = m[k]
		case int:
			l, ok := v.([]any)
			if !ok || k >= len(l) {
				a.t.Fatalf("no %v in %s", path, a.raw)
			}
			v = l[k]
		}
	}
	return v
}

func (a answer) str(path ...any) string {
	a.t.Helper()
	s, ok := a.get(path...).(string)
	if !ok {
		a.t.Fatalf("%v is no string in %s", path, a.raw)
	}
	return s
}

func (a answer) num(path ...any) float64 {
	a.t.Helper()
	n, ok := a.get(path...).(float64)
	if !ok {
		a.t.Fatalf("%v is no number in %s", path, a.raw)
	}
	return n
}

func (a answer) len(path ...any) int {
	a.t.Helper()
	l, ok := a.get(path...).([]any)
	if !ok {
		a.t.Fatalf("%v is no list in %s", path, a.raw)
	}
	return len(l)
}

// receive lets a contact write; the conversation is named by thread.
func (h *house) receive(thread string, n int, text string) desk.ConversationID {
	h.t.Helper()
	const channel = desk.ChannelID("ch_mail")
	contact := desk.ContactIDFor(1, thread+"@customer.example")
	id := desk.ConversationIDFor(channel, thread)
	h.command(contact.Stream(), &deskpb.EnsureContact{
		Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: thread + "@customer.example"}, Name: "Customer " + thread,
	})
	external := fmt.Sprintf("%s-%d", thread, n)
	h.command(id.Stream(), &deskpb.ReceiveMessage{
		Opening: &deskpb.ConversationOpened{
			Channel: string(channel), ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: string(contact), ContactName: "Customer " + thread,
			Subject: "About " + thread, Priority: deskpb.Priority_PRIORITY_NORMAL,
			Routing: &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Agents: []string{"ag_any"}},
		},
		Message: &deskpb.MessageReceived{
			Message: string(desk.MessageIDFor(channel, external)), Channel: string(channel), ExternalId: external, Contact: string(contact),
			From: &deskpb.Address{Name: "Customer " + thread, Address: thread + "@customer.example"}, Subject: "About " + thread, Body: &deskpb.Body{Text: text},
		},
	})
	return id
}

func (h *house) command(stream desk.StreamID, m proto.Message) desk.Done {
	h.t.Helper()
	d, err := h.engine.Do(context.Background(), stream, deskpb.NewCommand(m))
	if err != nil {
		h.t.Fatalf("%T on %s: %v", m, stream, err)
	}
	return d
}
