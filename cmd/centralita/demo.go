package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/internal/demo"
)

const demoText = `Runs a complete sample desk on this machine: an in-process mail server with real IMAP and SMTP sockets on loopback, a
support mailbox connected to it, a web chat, three agents, and customers who write, wait for your answer and write back.
Everything is kept in a directory of its own and thrown away at the end, unless --data names one. Interrupt it to stop.`

func demonstrate(ctx context.Context, p program, args []string) (err error) {
	fs := flags(p, "demo", demoText)
	var s settings
	s.add(fs)
	s.addServer(fs)
	fs.Lookup("data").Usage = "keep the data in this `directory` (default one of its own, thrown away at the end)"
	fs.Lookup("log-level").Usage = "debug, info, warn or error (default \"warn\")"
	pace := fs.Duration("pace", 25*time.Second, "time between two new matters")
	think := fs.Duration("think", 8*time.Second, "time before a customer answers")
	most := fs.Int("customers", 200, "matters in all")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	if *pace <= 0 || *think <= 0 || *most <= 0 {
		return &usageError{"--pace, --think and --customers must be more than 0"}
	}
	if s.logLevel == "" {
		s.logLevel = "warn"
	}
	if s.dataDir == "" {
		dir, err := os.MkdirTemp("", "centralita-demo-")
		if err != nil {
			return fmt.Errorf("make a directory for the sample data: %w", err)
		}
		defer os.RemoveAll(dir)
		s.dataDir = dir
	}
	cfg, err := s.load(p)
	if err != nil {
		return err
	}
	d, err := open(ctx, p, cfg)
	if errors.Is(err, syscall.EADDRINUSE) && cfg.Address == centralita.DefaultConfig().Address {
		cfg.Address = "127.0.0.1:0" // somebody else has the usual port: a sample desk takes any
		d, err = open(ctx, p, cfg)
	}
	if err != nil {
		return err
	}
	setup, err := d.engine.SetupPath()
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", sayDemo(d.engine.Handler()))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	presented := make(chan *demo.Demo, 1)
	go func() {
		show, err := present(ctx, p, d, mux, demo.Options{BaseURL: "http://" + d.listener.Addr().String(), SetupPath: setup, Pace: *pace, Think: *think, Most: *most, Logger: d.log})
		if err != nil {
			cancel(err)
		}
		presented <- show
	}()
	err = d.run(ctx, mux)
	if show := <-presented; show != nil {
		show.Close() // after the desk: its mail server must not go first
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// sayDemo tells the browser that this is a sample desk: the workspace then has /styleguide, too.
func sayDemo(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" || r.URL.Path == "/styleguide" {
			http.SetCookie(w, &http.Cookie{Name: "centralita_demo", Value: "1", Path: "/", SameSite: http.SameSiteStrictMode})
		}
		next.ServeHTTP(w, r)
	})
}

// present starts the customers once the desk listens, and says where to look.
func present(ctx context.Context, p program, d *running, mux *http.ServeMux, opt demo.Options) (*demo.Demo, error) {
	show, err := demo.Start(ctx, opt)
	if err != nil {
		return nil, fmt.Errorf("start the sample customers: %w", err)
	}
	mux.Handle(demo.Path, show.Handler())
	mux.Handle(demo.ShopPath, show.Shop())
	fmt.Fprintf(p.out, `
Centralita is running.

  Workspace             %[1]s/
  sign in as            %[2]s   password  %[3]s
                        (also %[4]s, %[5]s)
  Customers' mailboxes  %[1]s%[6]s
  Shop with a chat      %[1]s%[9]s
  Web chat              %[1]s%[7]s

Customers are writing now. Answer one of the list "All open" and watch the reply arrive in their mailbox. %[8]s answers
tickets, too, after a while. Ctrl-C stops.
`, d.url, demo.Agents[0].Email, demo.Password, demo.Agents[1].Email, demo.Agents[2].Email, demo.Path, show.ChatPath(), demo.Agents[1].Name, demo.ShopPath)
	return show, nil
}
