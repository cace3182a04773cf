package inlet

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/desk"
)

// boxes are mailboxes that keep what they are given.
type boxes struct {
	blobs *channeltest.Blobs

	mu      sync.Mutex
	refuse  error
	wait    chan struct{} // until it is closed nothing is settled
	arrived chan struct{}
	got     map[string][]string // what came, by key
}

func (b *boxes) Mailbox(key string) (desk.ChannelID, channels.MailReceiver, bool, error) {
	switch key {
	case "support-1", "sales-1":
		return desk.ChannelID("ch_" + key), &box{b, key}, true, nil
	case "asleep-1":
		return "ch_asleep", nil, true, nil
	case "broken-1":
		return "", nil, false, errors.New("the index is broken")
	}
	return "", nil, false, nil
}

type box struct {
	all *boxes
	key string
}

func (b *box) ReceiveMail(ctx context.Context, m channels.Mail) error {
	b.all.mu.Lock()
	refuse, wait := b.all.refuse, b.all.wait
	b.all.mu.Unlock()
	if wait != nil {
		b.all.arrived <- struct{}{}
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if refuse != nil {
		return refuse
	}
	r, _, err := b.all.blobs.Open(ctx, m.Blob)
	if err != nil {
		return err
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	b.all.mu.Lock()
	defer b.all.mu.Unlock()
	b.all.got[b.key] = append(b.all.got[b.key], string(raw))
	return nil
}

func (b *boxes) of(key string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got[key])
}

// take empties the boxes.
func (b *boxes) take() map[string][]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	got := b.got
	b.got = map[string][]string{}
	return got
}

func open(t testing.TB, change func(*Options)) (*Listener, *boxes) {
	t.Helper()
	b := &boxes{blobs: channeltest.NewBlobs(), got: map[string][]string{}, arrived: make(chan struct{}, 100)}
	opt := Options{SMTP: "127.0.0.1:0", Domain: "in.desk.test", Blobs: b.blobs, Boxes: b}
	if change != nil {
		change(&opt)
	}
	l, err := Start(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := l.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return l, b
}

// talk is a dialogue, line by line.
type talk struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func dial(t *testing.T, addr net.Addr) *talk {
	t.Helper()
	c, err := net.Dial(addr.Network(), addr.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	k := &talk{t, c, bufio.NewReader(c)}
	t.Cleanup(func() { _ = c.Close() })
	return k
}

// says sends what there is to send and gives the answer's last line.
func (k *talk) says(text string) string {
	k.t.Helper()
	if _, err := io.WriteString(k.Conn, text); err != nil {
		return "write: " + err.Error()
	}
	for {
		line, err := k.r.ReadString('\n')
		if err != nil {
			return "read: " + err.Error()
		}
		if len(line) > 3 && line[3] == ' ' {
			return strings.TrimSpace(line)
		}
	}
}

// wants says each line and holds the answers against what they must begin with.
func (k *talk) wants(pairs ...string) {
	k.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := k.says(pairs[i]); !strings.HasPrefix(got, pairs[i+1]) {
			k.t.Fatalf("after %.60q: %q, want %s", pairs[i], got, pairs[i+1])
		}
	}
}

func (k *talk) greeted() *talk {
	k.t.Helper()
	k.wants("", "220 ", "EHLO sender.test\r\n", "250 ")
	return k
}

const (
	mail = "From: a@b.test\r\nSubject: Hi\r\n\r\nHello.\r\n"
	from = "MAIL FROM:<a@b.test>\r\n"
	rcpt = "RCPT TO:<support-1@in.desk.test>\r\n"
)

func TestRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	l, b := open(t, func(o *Options) { o.Limits.MaxBytes = 1000; o.Limits.Recipients = 2 })
	k := dial(t, l.Addrs()[0]).greeted()
	k.wants("MAIL FROM:<a@b.test> SIZE=1001\r\n", "552 5.3.4", "MAIL FROM:<a@b.test> SIZE=1000\r\n", "250 ",
		"RCPT TO:<nobody@in.desk.test>\r\n", "550 5.1.1",
		"RCPT TO:<support-1@elsewhere.test>\r\n", "550 5.7.1",
		"RCPT TO:<asleep-1@in.desk.test>\r\n", "451 4.3.0",
		"RCPT TO:<broken-1@in.desk.test>\r\n", "451 ",
		"DATA\r\n", "502 ",
		"RCPT TO:<Support-1+token@IN.desk.test>\r\n", "250 ", rcpt, "250 ", rcpt, "452 4.5.3",
		"DATA\r\n", "354 ", mail+strings.Repeat("x", 2000)+"\r\n.\r\n", "552 5.3.4",
		"MAIL FROM:<>\r\n", "250 ", rcpt, "250 ", "DATA\r\n", "354 ", mail+".\r\n", "250 ")
	got := b.of("support-1")
	if len(got) != 1 || !strings.HasPrefix(got[0], "Return-Path: <>\r\nReceived: from sender.test ([127.0.0.1])\r\n\tby in.desk.test with ESMTP; ") || !strings.HasSuffix(got[0], mail) {
		t.Errorf("taken: %q", got)
	}
}

// Twice named is given once; and 250 comes only after the receipt.
func TestAnsweredAfterTheReceipt(t *testing.T) {
	t.Parallel()
	l, b := open(t, nil)
	b.refuse = errors.New("not durable")
	k := dial(t, l.Addrs()[0]).greeted()
	k.wants(from, "250 ", rcpt, "250 ", "DATA\r\n", "354 ", mail+".\r\n", "451 4.3.0")
	b.mu.Lock()
	b.refuse = nil
	b.mu.Unlock()
	k.wants(from, "250 ", rcpt, "250 ", "RCPT TO:<support-1+x@in.desk.test>\r\n", "250 ", "RCPT TO:<sales-1@in.desk.test>\r\n", "250 ",
		"DATA\r\n", "354 ", mail+".\r\n", "250 ", "QUIT\r\n", "221 ")
	if len(b.of("support-1")) != 1 || len(b.of("sales-1")) != 1 {
		t.Errorf("taken: %q, %q", b.of("support-1"), b.of("sales-1"))
	}
}

// Ends of mail that are none must not let a mail be read as two, nor the rest of one as commands.
func TestNothingIsSmuggled(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]string{"LF.LF": "\n.\n", "LF.CRLF": "\n.\r\n", "CRLF.LF": "\r\n.\n", "CR.CR": "\r.\r", "NUL": "\x00\r\n.\x00\r\n"} {
		l, b := open(t, nil)
		k := dial(t, l.Addrs()[0]).greeted()
		smuggled := "Subject: a\r\n\r\none" + end + "MAIL FROM:<evil@b.test>\r\nRCPT TO:<sales-1@in.desk.test>\r\nDATA\r\nSubject: b\r\n\r\ntwo"
		k.wants(from, "250 ", rcpt, "250 ", "DATA\r\n", "354 ", smuggled+"\r\n.\r\n", "250 ", "NOOP\r\n", "250 2.0.0 I have")
		if got := b.of("support-1"); len(got) != 1 || !strings.Contains(got[0], "two") || len(b.of("sales-1")) != 0 {
			t.Errorf("%s: %q and %q", name, got, b.of("sales-1"))
		}
	}
}

// A sender who stalls inside a mail is cut off: what he says afterwards is no command.
func TestStallInsideAMail(t *testing.T) {
	t.Parallel()
	l, b := open(t, func(o *Options) { o.Limits.Idle = 300 * time.Millisecond })
	k := dial(t, l.Addrs()[0]).greeted()
	k.wants(from, "250 ", rcpt, "250 ", "DATA\r\n", "354 ", "Subject: a\r\n\r\nhalf", "451 4.4.2")
	if got := k.says("\r\n.\r\n"); strings.HasPrefix(got, "250") || strings.HasPrefix(got, "5") {
		t.Errorf("afterwards: %q", got)
	}
	if rest, _ := io.ReadAll(k.r); len(rest) > 200 {
		t.Errorf("more was answered: %q", rest)
	}
	if len(b.of("support-1")) != 0 {
		t.Errorf("taken: %q", b.of("support-1"))
	}
}

// Half a chunk is no mail, whether the sender vanishes or says farewell.
func TestHalfAChunk(t *testing.T) {
	t.Parallel()
	serverTLS, clientTLS := certificates(t)
	for _, secure := range []bool{false, true} {
		l, b := open(t, func(o *Options) { o.TLS = serverTLS })
		session := func(size string, text string, end bool) string {
			k := dial(t, l.Addrs()[0]).greeted()
			if secure {
				k.wants("STARTTLS\r\n", "220 ")
				raw := k.Conn
				k.Conn = tls.Client(raw, clientTLS)
				k.r = bufio.NewReader(k.Conn)
				k.wants("EHLO sender.test\r\n", "250 ")
			}
			k.wants(from, "250 ", rcpt, "250 ")
			if !end {
				return k.says("BDAT " + size + " LAST\r\n" + text)
			}
			if _, err := io.WriteString(k.Conn, "BDAT "+size+" LAST\r\n"+text); err != nil {
				t.Fatal(err)
			}
			if c, ok := k.Conn.(*tls.Conn); ok {
				_ = c.CloseWrite()
				rest, _ := io.ReadAll(k.r)
				return string(rest)
			}
			_ = k.Conn.(*net.TCPConn).CloseWrite()
			rest, _ := io.ReadAll(k.r)
			return string(rest)
		}
		if got := session("5000", mail, true); strings.Contains(got, "250 ") {
			t.Errorf("secure %v: half a chunk was answered %q", secure, got)
		}
		if n := len(b.of("support-1")); n != 0 {
			t.Errorf("secure %v: half a chunk was taken", secure)
		}
		if got := session(fmt.Sprint(len(mail)), mail, false); !strings.HasPrefix(got, "250 ") {
			t.Errorf("secure %v: a whole one was answered %q", secure, got)
		}
		if got := session(fmt.Sprint(len(mail)), mail+"QUIT\r\n", false); !strings.HasPrefix(got, "250 ") {
			t.Errorf("secure %v: one with a command sent ahead was answered %q", secure, got)
		}
		if n := len(b.of("support-1")); n != 2 {
			t.Errorf("secure %v: %d taken, want 2", secure, n)
		}
	}
}

func certificates(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	web := httptest.NewTLSServer(http.NotFoundHandler()) // it brings a certificate and who trusts it
	t.Cleanup(web.Close)
	roots := web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	return &tls.Config{Certificates: web.TLS.Certificates, MinVersion: tls.VersionTLS12}, &tls.Config{RootCAs: roots, ServerName: "example.com", MinVersion: tls.VersionTLS12}
}

func TestLMTPAnswersEachRecipient(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/lmtp"
	l, b := open(t, func(o *Options) { o.SMTP, o.LMTP = "", "unix:"+path; o.Limits.BoxAtOnce = 1 })
	b.wait = make(chan struct{})
	first := dial(t, l.Addrs()[0])
	first.wants("", "220 ", "LHLO mx.test\r\n", "250 ", from, "250 ", rcpt, "250 ", "DATA\r\n", "354 ")
	if _, err := io.WriteString(first.Conn, mail+".\r\n"); err != nil {
		t.Fatal(err)
	}
	<-b.arrived // the only place of support is taken now
	k := dial(t, l.Addrs()[0])
	k.wants("", "220 ", "LHLO mx.test\r\n", "250 ", from, "250 ", rcpt, "250 ", "RCPT TO:<nobody@in.desk.test>\r\n", "550 ",
		"RCPT TO:<sales-1@in.desk.test>\r\n", "250 ", "DATA\r\n", "354 ", mail+".\r\n", "451 4.3.2 <support-1@in.desk.test>")
	<-b.arrived
	close(b.wait)
	k.wants("", "250 2.0.0 <sales-1@in.desk.test>")
	first.wants("", "250 2.0.0 <support-1@in.desk.test>")
	if len(b.of("support-1")) != 1 || len(b.of("sales-1")) != 1 {
		t.Errorf("taken: %q, %q", b.of("support-1"), b.of("sales-1"))
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	l, _ := open(t, func(o *Options) {
		o.Limits = Limits{PerIP: 2, MailsPerIP: 3, UnknownPerIP: 2, MailsPerBox: 1}
	})
	k := dial(t, l.Addrs()[0]).greeted()
	second := dial(t, l.Addrs()[0]).greeted()
	dial(t, l.Addrs()[0]).wants("", "421 4.7.0")
	k.wants(from, "250 ", rcpt, "250 ", rcpt, "451 4.3.2", "RCPT TO:<x1@in.desk.test>\r\n", "550 ", "RCPT TO:<x2@in.desk.test>\r\n", "550 ",
		"RCPT TO:<x3@in.desk.test>\r\n", "450 4.7.1", "RSET\r\n", "250 ", from, "250 ", "RSET\r\n", "250 ", from, "250 ", "RSET\r\n", "250 ",
		from, "451 4.7.0")
	second.wants("QUIT\r\n", "221 ")
	_, _ = io.ReadAll(second.r) // it has ended
	dial(t, l.Addrs()[0]).greeted()
}

// Closing lets a mail that was read be settled, and keeps what was not with its sender.
func TestClose(t *testing.T) {
	t.Parallel()
	l, b := open(t, nil)
	b.wait = make(chan struct{})
	settling := dial(t, l.Addrs()[0]).greeted()
	settling.wants(from, "250 ", rcpt, "250 ", "DATA\r\n", "354 ")
	if _, err := io.WriteString(settling.Conn, mail+".\r\n"); err != nil {
		t.Fatal(err)
	}
	<-b.arrived
	half := dial(t, l.Addrs()[0]).greeted()
	half.wants(from, "250 ", rcpt, "250 ", "DATA\r\n", "354 ")
	idle := dial(t, l.Addrs()[0]).greeted()
	closed := make(chan error, 1)
	go func() { closed <- l.Close(t.Context()) }()
	idle.wants("", "421 ")
	half.wants("", "451 4.4.2")
	close(b.wait)
	settling.wants("", "250 ")
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if len(b.of("support-1")) != 1 {
		t.Errorf("taken: %q", b.of("support-1"))
	}
}
