package discover

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is a small internet: names, public addresses that lead to servers on this machine, and a certificate for all names.
type world struct {
	t      *testing.T
	srv    map[string][]*net.SRV
	mx     map[string][]*net.MX
	hosts  map[string]string // → address
	leads  map[string]string // address:port → where it is on this machine
	roots  *x509.CertPool
	cert   tls.Certificate
	silent chan struct{}

	mu     sync.Mutex
	dialed []string
	asked  []string // of pages: host, path and query
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, srv: map[string][]*net.SRV{}, mx: map[string][]*net.MX{}, hosts: map[string]string{}, leads: map[string]string{}, silent: make(chan struct{})}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		DNSNames: []string{"*.example.com", "example.com", "*.provider.net", "database.test"},
	}
	raw, err := x509.CreateCertificate(rand.Reader, about, about, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	w.roots, w.cert = x509.NewCertPool(), tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
	w.roots.AddCert(leaf)
	t.Cleanup(func() { close(w.silent) })
	return w
}

func (w *world) finder() *Finder {
	return New(Options{Resolver: w, Dial: w.dial, Roots: w.roots, Database: "https://database.test/", Limit: 10 * time.Second})
}

var errNone = &net.DNSError{Err: "no such host", IsNotFound: true}

func (w *world) LookupSRV(_ context.Context, service, proto, name string) (string, []*net.SRV, error) {
	if all := w.srv["_"+service+"._"+proto+"."+name]; all != nil {
		return name, all, nil
	}
	return "", nil, errNone
}

func (w *world) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	if all := w.mx[name]; all != nil {
		return all, nil
	}
	return nil, errNone
}

func (w *world) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if a := w.hosts[host]; a != "" {
		return []netip.Addr{netip.MustParseAddr(a)}, nil
	}
	return nil, errNone
}

func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dialed = append(w.dialed, address)
	to := w.leads[address]
	w.mu.Unlock()
	if to == "" {
		return nil, errors.New("connection refused")
	}
	return (&net.Dialer{}).DialContext(ctx, network, to)
}

// at gives a host an address of its own and leads a port of it to a server.
func (w *world) at(host, ip, port, to string) {
	w.hosts[host] = ip
	w.leads[net.JoinHostPort(ip, port)] = to
}

// pages serves pages over TLS for a host.
func (w *world) pages(host, ip string, h http.HandlerFunc) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked = append(w.asked, r.Host+r.URL.RequestURI())
		w.mu.Unlock()
		h(out, r)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{w.cert}}
	s.Config.ErrorLog = nil
	s.StartTLS()
	w.t.Cleanup(s.Close)
	w.at(host, ip, "443", s.Listener.Addr().String())
}

// mail is a server that greets, speaks STARTTLS when it is asked to, and fails the test when it is told anything else.
func (w *world) mail(protocol, security string) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go w.serve(conn, protocol, security)
		}
	}()
	return ln.Addr().String()
}

func (w *world) serve(conn net.Conn, protocol, security string) {
	defer conn.Close() //nolint:errcheck // a test's
	if security == "silent" {
		<-w.silent
		return
	}
	config := &tls.Config{Certificates: []tls.Certificate{w.cert}}
	if security == "tls" {
		conn = tls.Server(conn, config)
	}
	hello := map[string]string{"imap": "* OK ready\r\n", "smtp": "220-hello\r\n220 ready\r\n", "http": "HTTP/1.1 400 what\r\n\r\n"}[protocol]
	if _, err := io.WriteString(conn, hello); err != nil || security == "tls" {
		_, _ = io.Copy(io.Discard, conn)
		return
	}
	l := newLines(conn)
	for {
		line, err := l.read()
		switch {
		case err != nil:
			return
		case strings.HasPrefix(line, "EHLO "):
			_ = l.say("250-hi\r\n250 STARTTLS")
		case line == "STARTTLS" || line == "a1 STARTTLS":
			_ = l.say(map[string]string{"STARTTLS": "220 go", "a1 STARTTLS": "* OK soon\r\na1 OK go"}[line])
			_ = tls.Server(conn, config).Handshake()
			return
		default:
			w.t.Errorf("a probe said %q", line)
			return
		}
	}
}
