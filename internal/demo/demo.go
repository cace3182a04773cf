// Package demo plays the outside world for a newcomer: a mail server over real sockets, customers who write, wait for an answer
// and write back, visitors who chat, and a page that shows the customers' mailboxes. It talks to the desk only as anybody
// could: by mail, by the chat's HTTP interface, and by the REST API.
package demo

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/internal/mailsim"
)

// SupportAddress is the mailbox of the sample desk.
const SupportAddress = "support@harbour.example"

// Password of every sample account.
const Password = "demo-harbour-2026"

// Agents of the sample desk; the first is its administrator.
var Agents = []struct{ Name, Email string }{
	{"Ana Torres", "ana@harbour.example"}, {"Ben Okafor", "ben@harbour.example"}, {"Clara Weiss", "clara@harbour.example"},
}

// Options of a demo.
type Options struct {
	BaseURL   string        // where the desk listens
	SetupPath string        // with the one-time token; "" when the desk is set up already
	Pace      time.Duration // between two new matters; 25 s
	Think     time.Duration // before a customer answers; 8 s
	Work      time.Duration // before the colleague answers, and half of what a matter rests before he closes it; two paces
	Most      int           // matters in all; 200
	Logger    *slog.Logger
}

// Demo is the running outside world.
type Demo struct {
	opt  Options
	mail *mailsim.Server
	api  *client
	log  *slog.Logger

	mu     sync.Mutex        // guards talks and closed
	talks  map[string]*story // by the customer's address: what he will say next
	closed bool              // nobody begins anything any more

	chatPath string
	wg       sync.WaitGroup
	ctx      context.Context
	cancel   context.CancelFunc
}

// Start makes the accounts, connects the channels and lets the customers begin. When ctx ends they stop; Close ends the mail server too.
func Start(ctx context.Context, opt Options) (*Demo, error) {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&opt.Pace, 25*time.Second)
	def(&opt.Think, 8*time.Second)
	def(&opt.Work, 2*opt.Pace)
	if opt.Most == 0 {
		opt.Most = 200
	}
	mail, err := mailsim.Start(mailsim.Options{KeepSent: true})
	if err != nil {
		return nil, fmt.Errorf("start the sample mail server: %w", err)
	}
	d := &Demo{opt: opt, mail: mail, log: opt.Logger, talks: map[string]*story{}, api: newClient(opt.BaseURL)}
	d.ctx, d.cancel = context.WithCancel(ctx)
	if err := d.setUp(ctx); err != nil {
		d.Close()
		return nil, err
	}
	mail.OnMail(d.received)
	d.wg.Go(d.writers)
	d.wg.Go(d.visitors)
	d.wg.Go(d.colleague)
	return d, nil
}

// Close ends the customers and the mail server.
func (d *Demo) Close() {
	d.cancel()
	d.mu.Lock()
	d.closed = true // mail may still arrive: nobody is added to those that are waited for
	d.mu.Unlock()
	d.wg.Wait()
	_ = d.mail.Close()
}

// ChatPath is the page on which a visitor can chat.
func (d *Demo) ChatPath() string { return d.chatPath }

func (d *Demo) setUp(ctx context.Context) error {
	if err := d.mail.AddAccount(SupportAddress, Password); err != nil {
		return fmt.Errorf("make the support mailbox: %w", err)
	}
	for _, s := range stories {
		if err := d.mail.AddAccount(s.address, Password); err != nil {
			return fmt.Errorf("make a customer's mailbox: %w", err)
		}
	}
	if err := d.signIn(ctx); err != nil {
		return err
	}
	team, err := d.people(ctx)
	if err != nil {
		return err
	}
	if err := d.words(ctx); err != nil {
		return err
	}
	return d.channels(ctx, team)
}

// signIn makes the administrator with the one-time token, or signs in when the desk was set up before.
func (d *Demo) signIn(ctx context.Context) error {
	admin := Agents[0]
	if _, token, first := strings.Cut(d.opt.SetupPath, "token="); first {
		return d.api.call(ctx, "POST", "/setup", map[string]any{"token": token, "name": admin.Name, "email": admin.Email, "password": Password}, nil)
	}
	return d.api.call(ctx, "POST", "/session", map[string]any{"email": admin.Email, "password": Password}, nil)
}

type agentRow struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

func (d *Demo) people(ctx context.Context) (team string, err error) {
	for _, a := range Agents[1:] {
		body := map[string]any{"email": a.Email, "name": a.Name, "role": "agent", "seat": true, "capacity": 10, "password": Password}
		if err := d.api.call(ctx, "POST", "/agents", body, nil); err != nil && !isConflict(err) {
			return "", fmt.Errorf("add %s: %w", a.Name, err)
		}
	}
	var list struct{ Agents []agentRow }
	if err := d.api.call(ctx, "GET", "/agents", nil, &list); err != nil {
		return "", err
	}
	var members []map[string]any
	for _, a := range list.Agents {
		members = append(members, map[string]any{"agent": a.ID, "main": true})
		if a.Email == Agents[0].Email {
			patch := map[string]any{"seat": true, "capacity": 10}
			if err := d.api.call(ctx, "PATCH", "/agents/"+a.ID, patch, nil); err != nil {
				return "", fmt.Errorf("give the administrator a seat: %w", err)
			}
		}
		if a.Email != Agents[2].Email { // one is away, so that availability can be seen
			if err := d.api.call(ctx, "PUT", "/agents/"+a.ID+"/availability", map[string]any{"available": true}, nil); err != nil {
				return "", err
			}
		}
	}
	var teams struct {
		Teams []struct{ ID, Name string }
	}
	if err := d.api.call(ctx, "GET", "/teams", nil, &teams); err != nil {
		return "", err
	}
	for _, t := range teams.Teams {
		if t.Name == "Support" {
			return t.ID, nil
		}
	}
	var made struct{ Team struct{ ID string } }
	err = d.api.call(ctx, "POST", "/teams", map[string]any{"name": "Support", "members": members}, &made)
	return made.Team.ID, err
}

func (d *Demo) channels(ctx context.Context, team string) error {
	routing := map[string]any{"mode": "users_and_teams", "agents": []string{}, "teams": []string{team}, "only_available": true}
	box := func(addr string) map[string]any {
		host, port := splitHostPort(addr)
		return map[string]any{"host": host, "port": port, "security": "plain", "username": SupportAddress}
	}
	email := map[string]any{
		"kind": "email", "name": "Harbour Bikes", "routing": routing,
		"config":  map[string]any{"address": SupportAddress, "imap": box(d.mail.IMAPAddr()), "smtp": box(d.mail.SMTPAddr())},
		"secrets": map[string]any{"imap_password": Password, "smtp_password": Password},
	}
	chat := map[string]any{
		"kind": "chat", "name": "Harbour chat", "routing": routing, "secrets": map[string]any{},
		"config": map[string]any{"title": "Harbour Bikes", "color": "#c2611f", "greeting": "Hi! Ask us anything about bikes, orders or repairs."},
	}
	var have struct {
		Channels []struct{ ID, Kind string }
	}
	if err := d.api.call(ctx, "GET", "/channels", nil, &have); err != nil {
		return err
	}
	ids := map[string]string{}
	for _, c := range have.Channels {
		ids[c.Kind] = c.ID
	}
	for _, body := range []map[string]any{email, chat} {
		kind := body["kind"].(string)
		if id := ids[kind]; id != "" { // a kept data directory: the mail server has other ports now
			if err := d.api.call(ctx, "PATCH", "/channels/"+id, body, nil); err != nil {
				return fmt.Errorf("change the %s channel: %w", kind, err)
			}
			continue
		}
		var made struct{ Channel struct{ ID string } }
		if err := d.api.call(ctx, "POST", "/channels", body, &made); err != nil {
			return fmt.Errorf("connect the %s channel: %w", kind, err)
		}
		ids[kind] = made.Channel.ID
	}
	d.chatPath = "/channels/" + ids["chat"] + "/"
	return nil
}
