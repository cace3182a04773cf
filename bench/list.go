package bench

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/badger"
	"github.com/centralita/centralita/persistence/search"
	"github.com/centralita/centralita/proto/deskpb"
)

// lists measures what an agent waits for when a list is opened, over HTTP: with so many open tickets of ten messages each, while
// tickets change. The limit is looking at each of the same rows in memory once, which is what any list by filter has to do
// at least. First comes the start: from opening the engine to the first page of a list that the index keeps, and of one by filter.
func lists(r *run) error {
	dir, err := r.openTickets()
	if err != nil {
		return err
	}
	if err := r.searchable(dir); err != nil {
		return err
	}
	began := time.Now()
	o, err := r.openOffice(dir, nil, nil)
	if err != nil {
		return err
	}
	l := &listing{run: r, office: o, client: http.Client{Timeout: time.Minute}}
	err = l.measure(began)
	if l.server != nil {
		err = errors.Join(err, l.server.Close())
	}
	return errors.Join(err, o.close())
}

type listing struct {
	*run
	*office
	server *http.Server
	base   string
	cookie string
	client http.Client
	rows   []desk.Row
}

func (l *listing) measure(began time.Time) error {
	if err := l.serve(); err != nil {
		return err
	}
	views := map[string]string{
		"built_in": "/tickets?view=open",
		"filtered": "/tickets?sort=waiting&order=asc&filter=" + url.QueryEscape(`{"status":["open"],"priority":["urgent"],"owner":["nobody","me"],"waiting":{}}`),
		"counts":   "/tickets/counts",
	}
	for _, first := range []string{"built_in", "filtered"} {
		if err := l.get(views[first]); err != nil {
			return err
		}
		l.out.alone("start_to_first_"+first+"_list", ms(time.Since(began)), "ms")
	}
	err := l.engine.Index().EachTicket(func(t desk.Ticket) bool {
		l.rows = append(l.rows, desk.RowOf(t, nil))
		return true
	})
	if err != nil {
		return err
	}
	l.out.say("%d tickets", len(l.rows))
	took, limit := map[string]latencies{}, latencies{}
	until := time.Now().Add(l.For)
	for i := 0; i < 3 || time.Now().Before(until); i++ {
		for name, path := range views {
			if err := l.change(i); err != nil {
				return err
			}
			at := time.Now()
			if err := l.get(path); err != nil {
				return err
			}
			took[name] = append(took[name], time.Since(at))
			if l.limits() {
				limit = append(limit, l.look())
			}
		}
	}
	for _, name := range []string{"built_in", "filtered", "counts"} {
		l.out.quantiles(name, took[name], limit)
	}
	return nil
}

// look is the limit: each row is looked at once.
func (l *listing) look() time.Duration {
	at, n := time.Now(), 0
	for i := range l.rows {
		if r := &l.rows[i]; r.Status == deskpb.TicketStatus_TICKET_STATUS_NEW && r.WaitingMs != 0 {
			n++
		}
	}
	if n < 0 {
		panic("never")
	}
	return time.Since(at)
}

// change moves one ticket to the front of the lists.
func (l *listing) change(i int) error {
	cmd := deskpb.NewCommand(&deskpb.AddNote{Message: fmt.Sprintf("ms_list_%d_%d", time.Now().UnixNano(), i), Body: &deskpb.Body{Text: "Called the carrier."}})
	cmd.By = operator
	_, err := l.engine.Do(l.ctx, desk.ConversationID(l.rows[i*7919%len(l.rows)].Conversation).Stream(), cmd)
	return err
}

// serve opens the door to an agent who is signed in.
func (l *listing) serve() error {
	agents, err := l.hire(l.ctx, 1)
	if err != nil {
		return err
	}
	var raw [32]byte
	_, _ = rand.Read(raw[:])
	token := base64.RawURLEncoding.EncodeToString(raw[:])
	hash := sha256.Sum256([]byte(token))
	open := deskpb.NewCommand(&deskpb.OpenSession{Session: hex.EncodeToString(hash[:]), ExpiresAtMs: time.Now().Add(time.Hour).UnixMilli(), UserAgent: "bench"})
	if _, err := l.engine.Do(l.ctx, agents[0].Stream(), open); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	l.base, l.cookie = "http://"+listener.Addr().String()+"/api/v1", "centralita_session="+token
	l.server = &http.Server{Handler: l.engine.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = l.server.Serve(listener) }()
	return nil
}

// get reads a whole answer.
func (l *listing) get(path string) error {
	req, err := http.NewRequestWithContext(l.ctx, http.MethodGet, l.base+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", l.cookie)
	resp, err := l.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close() //nolint:errcheck // it was only read
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", path, resp.Status)
	}
	return nil
}

// openTickets gives a data directory with so many open tickets, from the cache or made now.
func (r *run) openTickets() (dir string, err error) {
	dir, err = r.cached(fmt.Sprintf("open-%d-%d-%d", historyFormat, persistence.ProjectionFormat, r.Tickets))
	if err != nil {
		return "", err
	}
	return dir, r.once(dir, fmt.Sprintf("%d open tickets of ten messages each", r.Tickets), func() error { return r.makeTickets(dir) })
}

// searchable brings the search index up to the journal: a desk that makes a million messages searchable is another benchmark.
func (r *run) searchable(dir string) (err error) {
	store, err := badger.Open(journalDir(dir), badger.Options{ReserveFile: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	index, err := search.Open(store, search.Options{Dir: filepath.Join(dir, "search")})
	if err != nil {
		return err
	}
	if index.Behind() > 100_000 {
		r.out.say("making %d records searchable, once", index.Behind())
	}
	return errors.Join(index.CatchUp(r.ctx), index.Close())
}

func (r *run) makeTickets(dir string) (err error) {
	o, err := r.openOffice(dir, nil, nil) // so that there is a channel
	if err != nil {
		return err
	}
	channel := o.channel
	if err := o.close(); err != nil {
		return err
	}
	store, err := badger.Open(journalDir(dir), badger.Options{ReserveFile: -1})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	h, p := newHistorian(store), newPost("lists")
	for i := 0; i < r.Tickets && r.ctx.Err() == nil; i++ {
		first, m := p.open()
		contact := string(desk.ContactIDFor(int32(deskpb.IdentityKind_IDENTITY_KIND_EMAIL), first.Message.Identity.Value))
		events := []desk.Event{deskpb.NewEvent(&deskpb.ConversationOpened{
			Channel: string(channel), ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_CUSTOM, Contact: contact, Subject: first.Message.Subject,
			Priority: deskpb.Priority(1 + i%4), ContactName: first.Message.Name,
		}), deskpb.NewEvent(received(channel, contact, first))}
		if i%3 == 0 {
			events = append(events, deskpb.NewEvent(&deskpb.ConversationAssigned{Agent: string(agentID(i % 50)), AgentName: "Bo"}))
		}
		for range 9 {
			item, _ := p.answer(m)
			events = append(events, deskpb.NewEvent(received(channel, contact, item)))
		}
		h.append(desk.ConversationIDFor(channel, "item/"+m.root).Stream(), events)
	}
	return errors.Join(h.wait(), r.ctx.Err())
}
