package discover

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
)

// guess tries the names that are usual, the protected ports only.
func (s *search) guess(ctx context.Context) {
	imap := s.first(ctx, "imap", []string{"imap." + s.domain, "mail." + s.domain, s.domain}, 993, 143)
	smtp := s.first(ctx, "smtp", []string{"smtp." + s.domain, "mail." + s.domain, s.domain}, 465, 587)
	c := desk.FoundMailbox{IMAP: <-imap, SMTP: <-smtp}
	var hosts []string
	for _, h := range []string{c.IMAP.Host, c.SMTP.Host} {
		if h != "" {
			hosts = append(hosts, h)
		}
	}
	c.Sources = []desk.FoundSource{{Kind: "guess", Detail: strings.Join(hosts, ", ")}}
	s.add(rankGuess, c)
}

// first is the first of the usual servers that answers, in their order; "" for none.
func (s *search) first(ctx context.Context, protocol string, hosts []string, tlsPort, startPort int) <-chan desk.FoundServer {
	var all []desk.FoundServer
	for _, h := range hosts {
		all = append(all, desk.FoundServer{Host: h, Port: tlsPort, Security: "tls"}, desk.FoundServer{Host: h, Port: startPort, Security: "starttls"})
	}
	out := make(chan desk.FoundServer, 1)
	go func() {
		answers := make([]bool, len(all))
		s.each(len(all), func(i int) { answers[i] = s.probe(ctx, protocol, all[i]) == nil })
		for i, yes := range answers {
			if yes {
				out <- all[i]
				return
			}
		}
		out <- desk.FoundServer{}
	}()
	return out
}

// look finds out which servers answer; each is asked once, whoever named it.
func (s *search) look(ctx context.Context, all []candidate) {
	type key struct {
		protocol string
		at       desk.FoundServer
	}
	known := map[key]bool{}
	var keys []key
	want := func(protocol string, at desk.FoundServer) key {
		at.Username = ""
		k := key{protocol, at}
		if _, ok := known[k]; !ok && at.Host != "" {
			known[k] = false
			keys = append(keys, k)
		}
		return k
	}
	for _, c := range all {
		want("imap", c.IMAP)
		want("smtp", c.SMTP)
	}
	var mu sync.Mutex
	s.each(len(keys), func(i int) {
		yes := s.probe(ctx, keys[i].protocol, keys[i].at) == nil
		mu.Lock()
		defer mu.Unlock()
		known[keys[i]] = yes
	})
	for i := range all {
		c := &all[i]
		c.IMAP.Answers, c.SMTP.Answers = known[want("imap", c.IMAP)], known[want("smtp", c.SMTP)]
		c.Answers = c.IMAP.Answers && c.SMTP.Answers
	}
}

// probe connects, makes the connection safe and hears the server's greeting. It says nothing of anybody.
func (s *search) probe(ctx context.Context, protocol string, at desk.FoundServer) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	conn, err := s.dial(ctx, "tcp", net.JoinHostPort(at.Host, strconv.Itoa(at.Port)))
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // nothing was written that matters
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	config := &tls.Config{ServerName: at.Host, RootCAs: s.opt.Roots, MinVersion: tls.VersionTLS12}
	if at.Security == "tls" {
		safe := tls.Client(conn, config)
		if err := safe.HandshakeContext(ctx); err != nil {
			return err
		}
		return greeting(newLines(safe), protocol)
	}
	l := newLines(conn)
	if err := greeting(l, protocol); err != nil || at.Security == "plain" {
		return err
	}
	if err := l.startTLS(protocol); err != nil {
		return err
	}
	return tls.Client(conn, config).HandshakeContext(ctx)
}

// lines reads and writes lines, not many and not long ones.
type lines struct {
	conn net.Conn
	in   *bufio.Reader
	left int
}

func newLines(conn net.Conn) *lines { return &lines{conn, bufio.NewReaderSize(conn, 2048), 50} }

func (l *lines) read() (string, error) {
	if l.left--; l.left < 0 {
		return "", errors.New("the server says too much")
	}
	line, err := l.in.ReadSlice('\n')
	return strings.TrimSpace(string(line)), err
}

func greeting(l *lines, protocol string) error {
	if protocol == "smtp" {
		return l.reply("220")
	}
	line, err := l.read()
	if err == nil && !strings.HasPrefix(line, "* OK") {
		err = errors.New("that is no IMAP server")
	}
	return err
}

// reply reads an answer of SMTP, which may have several lines.
func (l *lines) reply(code string) error {
	for {
		line, err := l.read()
		if err != nil {
			return err
		}
		if !strings.HasPrefix(line, code) {
			return errors.New("the server does not answer as it should")
		}
		if len(line) == 3 || line[3] != '-' {
			return nil
		}
	}
}

func (l *lines) startTLS(protocol string) error {
	if protocol == "smtp" {
		if err := l.say("EHLO localhost"); err != nil {
			return err
		}
		if err := l.reply("250"); err != nil {
			return err
		}
		if err := l.say("STARTTLS"); err != nil {
			return err
		}
		return l.reply("220")
	}
	if err := l.say("a1 STARTTLS"); err != nil {
		return err
	}
	for {
		line, err := l.read()
		if err != nil {
			return err
		}
		if strings.HasPrefix(line, "* ") {
			continue
		}
		if !strings.HasPrefix(line, "a1 OK") {
			return errors.New("the server does not take STARTTLS")
		}
		return nil
	}
}

func (l *lines) say(words string) error {
	_, err := l.conn.Write([]byte(words + "\r\n"))
	return err
}
