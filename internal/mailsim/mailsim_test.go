package mailsim

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func start(t *testing.T, opts Options) *Server {
	t.Helper()
	s, err := Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, a := range []string{"ana@x.test", "bea@x.test"} {
		if err := s.AddAccount(a, "secret"); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func submit(s *Server, mech sasl.Client, to, raw string) error {
	c, err := smtp.Dial(s.SMTPAddr())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Auth(mech); err != nil {
		return err
	}
	return c.SendMail("ana@x.test", []string{to}, strings.NewReader(raw))
}

func plain() sasl.Client { return sasl.NewPlainClient("", "ana@x.test", "secret") }

const raw = "From: Ana <ana@x.test>\r\nTo: bea@x.test\r\nSubject: Hello\r\nMessage-ID: <1@x.test>\r\n\r\nText.\r\n"

func TestSubmission(t *testing.T) {
	t.Parallel()
	s := start(t, Options{KeepSent: true})
	var hooked []string
	s.OnMail(func(account string, m Message) { hooked = append(hooked, account+" "+m.Subject) })
	if err := submit(s, plain(), "bea@x.test", raw); err != nil {
		t.Fatal(err)
	}
	if err := submit(s, sasl.NewLoginClient("ana@x.test", "secret"), "Bea@X.test", raw); err != nil {
		t.Fatal(err)
	}
	box := s.Mailbox("bea@x.test")
	if len(box) != 2 || box[0].Subject != "Hello" || strings.TrimSpace(box[0].Text) != "Text." || Address(box[0].From) != "ana@x.test" || box[0].MessageID != "1@x.test" {
		t.Errorf("%+v", box)
	}
	if len(s.Folder("ana@x.test", "Sent")) != 2 || fmt.Sprint(hooked) != "[bea@x.test Hello bea@x.test Hello]" || s.Attempts() != 2 {
		t.Errorf("sent %d, hooked %v", len(s.Folder("ana@x.test", "Sent")), hooked)
	}
	var refusal *smtp.SMTPError
	if err := submit(s, plain(), "nobody@x.test", raw); !errors.As(err, &refusal) || refusal.Code != 550 {
		t.Errorf("unknown recipient: %v", err)
	}
	if err := s.SetPassword("ana@x.test", "other"); err != nil {
		t.Fatal(err)
	}
	if err := submit(s, plain(), "bea@x.test", raw); !errors.As(err, &refusal) || refusal.Code != 535 {
		t.Errorf("old password: %v", err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]Faults{
		"mail": {MailCode: 451}, "rcpt": {RcptCode: map[string]int{"bea@x.test": 450}}, "data": {DataCode: 554},
		"drop": {DropMail: true}, "silent": {LoseAfterDot: true},
	} {
		s := start(t, Options{})
		s.SetFaults(f)
		if err := submit(s, plain(), "bea@x.test", raw); err == nil || len(s.Mailbox("bea@x.test")) > 0 {
			t.Errorf("%s: %v, %d mails", name, err, len(s.Mailbox("bea@x.test")))
		}
		s.SetFaults(Faults{DropAfterDot: true})
		if err := submit(s, plain(), "bea@x.test", raw); err == nil || len(s.Mailbox("bea@x.test")) != 1 {
			t.Errorf("%s: taken in silence: %v, %d mails", name, err, len(s.Mailbox("bea@x.test")))
		}
		s.SetFaults(Faults{})
		if err := submit(s, plain(), "bea@x.test", raw); err != nil {
			t.Errorf("%s: healed: %v", name, err)
		}
	}
}

func TestOldMailGoes(t *testing.T) {
	t.Parallel()
	s := start(t, Options{MaxMessages: 20, MaxBytes: 1000})
	for n := range 100 {
		if err := s.Deliver("ana@x.test", fmt.Appendf(nil, "Subject: %d\r\n\r\nx", n)); err != nil {
			t.Fatal(err)
		}
	}
	box := s.Mailbox("ana@x.test")
	if len(box) > 20 || box[len(box)-1].Subject != "99" {
		t.Errorf("%d mails, the last %q", len(box), box[len(box)-1].Subject)
	}
	c, err := imapclient.DialInsecure(s.IMAPAddr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("ana@x.test", "secret").Wait(); err != nil {
		t.Fatal(err)
	}
	if data, err := c.Select("INBOX", nil).Wait(); err != nil || int(data.NumMessages) != len(box) || data.UIDNext != 101 {
		t.Errorf("%+v, %v", data, err)
	}
	if err := s.Deliver("ana@x.test", make([]byte, 2000)); err == nil {
		t.Error("a mail above the limit was taken")
	}
	if err := s.Deliver("nobody@x.test", []byte(raw)); err == nil {
		t.Error("nobody's mail was taken")
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Security: TLS})
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(s.CAPEM())) {
		t.Fatal("no certificate")
	}
	c, err := imapclient.DialTLS(s.IMAPAddr(), &imapclient.Options{TLSConfig: &tls.Config{RootCAs: pool}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("ana@x.test", "secret").Wait(); err != nil {
		t.Error(err)
	}
}

func TestProxy(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = c.Write(make([]byte, 10_000)); _ = c.Close() }()
		}
	}()
	p, err := NewProxy(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.CutAfter(100, 2500)
	for _, want := range []int{100, 2500, 10_000} {
		c, err := net.Dial("tcp", p.Addr())
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(c) // a cut may show as a reset
		if len(b) != want {
			t.Errorf("%d bytes, want %d", len(b), want)
		}
		_ = c.Close()
	}
	p.Refuse(true)
	c, err := net.Dial("tcp", p.Addr())
	if err == nil {
		if b, _ := io.ReadAll(c); len(b) > 0 {
			t.Errorf("refused and yet %d bytes", len(b))
		}
		_ = c.Close()
	}
}

func TestReadForPeople(t *testing.T) {
	t.Parallel()
	m := read([]byte("From: =?utf-8?q?J=C3=BCrgen?= <j@x.test>\r\nSubject: =?utf-8?b?w7w=?=\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n"+
		"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=C3=BC=C3=9Fe\r\n"+
		"--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--b--\r\n--a\r\nContent-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n"+
		"Content-Disposition: attachment; filename=\"=?UTF-8?q?=C3=BC.csv?=\"\r\n\r\nYQ==\r\n--a--\r\n"), time.Time{})
	if m.From != "Jürgen <j@x.test>" || m.Subject != "ü" || m.Text != "Grüße" || m.HTML != "<p>x</p>" || fmt.Sprint(m.Attachments) != "[ü.csv]" {
		t.Errorf("%+v", m)
	}
	if m := read([]byte("no mail"), time.Time{}); m.Text != "no mail" {
		t.Errorf("%+v", m)
	}
}
