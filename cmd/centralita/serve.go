package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/centralita/centralita"
)

// settings are the flags every command that opens the desk shares; flags win over the environment, which wins over the file.
type settings struct {
	config, dataDir, address, publicURL, logLevel string
}

func (s *settings) add(fs *flag.FlagSet) {
	fs.StringVar(&s.config, "config", "", "read settings from this TOML `file`")
	fs.StringVar(&s.dataDir, "data", "", "`directory` of the data (default \"data\")")
	fs.StringVar(&s.logLevel, "log-level", "", "debug, info, warn or error (default \"info\")")
}

func (s *settings) addServer(fs *flag.FlagSet) {
	fs.StringVar(&s.address, "address", "", "listen on `host:port` (default \"127.0.0.1:8080\")")
	fs.StringVar(&s.publicURL, "public-url", "", "how browsers reach the desk, such as `https://desk.example.com`")
}

func (s *settings) load(p program) (centralita.Config, error) {
	c, err := centralita.LoadConfig(s.config, p.getenv)
	if err != nil {
		return c, err
	}
	for field, value := range map[*string]string{&c.DataDir: s.dataDir, &c.Address: s.address, &c.PublicURL: s.publicURL, &c.LogLevel: s.logLevel} {
		if value != "" {
			*field = value
		}
	}
	return c, c.Validate()
}

const serveText = `Runs the help desk until it is interrupted. No configuration is needed: it keeps its data in ./data and listens on
127.0.0.1:8080. The first time it prints a link by which the first administrator makes an account.

Settings come from --config (TOML), the environment (CENTRALITA_DATA_DIR, CENTRALITA_ADDRESS, CENTRALITA_PUBLIC_URL,
CENTRALITA_LOG_LEVEL, CENTRALITA_LOG_FORMAT; CENTRALITA_MAIL_… for mail that is forwarded to the desk) and these flags; the later one wins.`

func serve(ctx context.Context, p program, args []string) error {
	fs := flags(p, "serve", serveText)
	var s settings
	s.add(fs)
	s.addServer(fs)
	if _, err := parse(fs, args); err != nil {
		return err
	}
	cfg, err := s.load(p)
	if err != nil {
		return err
	}
	d, err := open(ctx, p, cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "Centralita listens on %s\n", d.url)
	for _, addr := range d.engine.MailAddrs() {
		fmt.Fprintf(p.out, "Mail for %s is taken on %s\n", cfg.Mail.Domain, addr)
	}
	if path, err := d.engine.SetupPath(); err == nil && path != "" {
		fmt.Fprintf(p.out, "Make the first administrator here (works once): %s%s\n", d.url, path)
	}
	return d.run(ctx, d.engine.Handler())
}

// running is an open engine with its listener.
type running struct {
	engine   *centralita.Engine
	listener net.Listener
	url      string
	log      *slog.Logger
}

func open(ctx context.Context, p program, cfg centralita.Config) (*running, error) {
	log := cfg.NewLogger(p.err)
	ln, err := net.Listen("tcp", cfg.Address)
	if err != nil {
		return nil, fmt.Errorf("address: listen on %s: %w", cfg.Address, err)
	}
	url := strings.TrimSuffix(cfg.PublicURL, "/")
	if url == "" {
		url = "http://" + ln.Addr().String()
	}
	engine, err := centralita.Open(ctx, centralita.Options{DataDir: cfg.DataDir, PublicURL: cfg.PublicURL, Mail: cfg.Mail, OAuth: cfg.OAuth, Discovery: cfg.Discovery, SpamDays: cmp.Or(cfg.SpamDays, -1), Logger: log})
	if err != nil {
		return nil, errors.Join(err, ln.Close())
	}
	return &running{engine: engine, listener: ln, url: url, log: log}, nil
}

const stopTime = 20 * time.Second

// run serves until ctx ends, then stops in order: no new requests, sockets told to come back, connectors ended, everything
// under way durable.
func (d *running) run(ctx context.Context, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug)}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(d.listener) }()
	control, endControl := context.WithCancel(context.Background())
	defer endControl()
	go func() {
		if err := d.engine.ServeControl(control); err != nil {
			d.log.Warn("a backup of the running desk will not be possible", "err", err)
		}
	}()
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	stop, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	shut := make(chan struct{})
	go func() {
		defer close(shut)
		_ = srv.Shutdown(stop) // who is still served after stopTime is cut off with the process
	}()
	closeErr := d.engine.Close(stop)
	<-shut
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, closeErr)
}
