package discover

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/centralita/centralita/desk"
)

const (
	noDatabase = "-"
	pageHops   = 3
	pageBytes  = 256 << 10
)

// pages reads the domain's own configuration page, at the two places where it may be. Only over TLS: what came otherwise anybody
// on the way could have written.
func (s *search) pages(ctx context.Context) {
	at := []string{
		"https://autoconfig." + s.domain + "/mail/config-v1.1.xml?emailaddress=" + url.QueryEscape(s.address),
		"https://" + s.domain + "/.well-known/autoconfig/mail/config-v1.1.xml",
	}
	s.each(len(at), func(i int) {
		if c, err := s.page(ctx, at[i]); err == nil {
			where, _, _ := strings.Cut(at[i], "?")
			c.Sources = []desk.FoundSource{{Kind: "autoconfig", Detail: where}}
			s.add(rankOwnPage, c)
		}
	})
}

// database asks the shared database, which learns the domain and nothing else.
func (s *search) database(ctx context.Context) {
	if s.opt.Database == noDatabase {
		return
	}
	if c, err := s.page(ctx, s.opt.Database+s.domain); err == nil {
		c.Sources = []desk.FoundSource{{Kind: "ispdb", Detail: s.domain}}
		s.add(rankDatabase, c)
	}
}

// page fetches and reads one configuration page.
func (s *search) page(ctx context.Context, at string) (desk.FoundMailbox, error) {
	ctx, cancel := context.WithTimeout(ctx, pageLimit)
	defer cancel()
	raw, err := s.fetch(ctx, at)
	if err != nil {
		return desk.FoundMailbox{}, err
	}
	c, err := readConfig(bytes.NewReader(raw), identity{address: s.address, local: s.local, domain: s.domain})
	if err != nil {
		return desk.FoundMailbox{}, err
	}
	for _, p := range providers { // the page of a provider one signs in with
		if p.signIn != "" && (c.IMAP.Host == p.imap || c.SMTP.Host == p.smtp) {
			c.Provider = p.signIn
		}
	}
	return c, nil
}

func (s *search) fetch(ctx context.Context, at string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, http.NoBody)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/xml, text/xml")
	transport := &http.Transport{
		DialContext: s.dial, TLSClientConfig: &tls.Config{RootCAs: s.opt.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: pageLimit, MaxResponseHeaderBytes: 32 << 10, DisableKeepAlives: true, DisableCompression: true,
	}
	client := http.Client{Transport: transport, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > pageHops || r.URL.Scheme != "https" || r.URL.User != nil {
			return errors.New("too many redirects, or to something else than a page over TLS")
		}
		r.Header.Del("Referer") // it would hold the address
		return nil
	}}
	res, err := client.Do(req) //nolint:gosec // dial goes only where the rule allows
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, pageBytes+1))
	if err == nil && len(raw) > pageBytes {
		err = errors.New("too large")
	}
	return raw, err
}

// dial connects to an address of a host that the rule allows. The address is what is checked and what is connected to, so a name
// cannot mean something else in between.
func (s *search) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	within, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	all, err := s.opt.Allow.Addresses(within, s.opt.Resolver, host)
	if err != nil {
		return nil, err
	}
	for i, a := range all[:min(len(all), 3)] {
		left, _ := within.Deadline()
		one, done := context.WithTimeout(within, time.Until(left)/time.Duration(min(len(all), 3)-i))
		var conn net.Conn
		conn, err = s.opt.Dial(one, network, net.JoinHostPort(a.String(), port))
		done()
		if err == nil {
			return conn, nil
		}
	}
	return nil, err
}
