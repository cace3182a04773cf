package inlet

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// FuzzDialogue says anything at all to the listener. Whatever is said, it answers and lets go, and nothing comes in that is not below
// our trace, or for a mailbox that was not named.
func FuzzDialogue(f *testing.F) {
	hello := "EHLO a.test\r\n"
	for _, seed := range []string{
		hello + from + rcpt + "DATA\r\n" + mail + ".\r\nQUIT\r\n",
		hello + from + rcpt + "BDAT 10\r\n0123456789BDAT 0 LAST\r\nQUIT\r\n",
		hello + "MAIL FROM:<> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<postmaster@in.desk.test>\r\nRSET\r\nNOOP\r\nVRFY a\r\n",
		"LHLO a\r\nHELO a\r\nSTARTTLS\r\nAUTH PLAIN\r\n\x00\xff\r\n", hello + from + rcpt + "DATA\r\nx\n.\nMAIL FROM:<e@b.test>\r\n..\r\n.\r\n",
		hello + "MAIL FROM:<@a,@b:c@d.test>\r\nRCPT TO:<\"a b\"@in.desk.test>\r\nDATA\r\n.\r\n",
	} {
		f.Add([]byte(seed))
	}
	l, b := open(f, func(o *Options) {
		o.Limits = Limits{Idle: 200 * time.Millisecond, MailsPerIP: 1 << 30, UnknownPerIP: 1 << 30, MailsPerBox: 1 << 30, MaxBytes: 64 << 10}
	})
	f.Fuzz(func(t *testing.T, said []byte) {
		c, err := net.Dial("tcp", l.Addrs()[0].String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second)) // the read below says so
		answered := make(chan error, 1)
		go func() {
			_, err := io.Copy(io.Discard, c)
			answered <- err
		}()
		_, _ = c.Write(said) // it may have hung up in the midst
		_ = c.(*net.TCPConn).CloseWrite()
		if err := <-answered; err != nil && strings.Contains(err.Error(), "timeout") {
			t.Errorf("it did not let go: %v", err)
		}
		for key, all := range b.take() {
			for _, raw := range all {
				if !strings.HasPrefix(raw, "Return-Path: <") || !strings.Contains(raw, "\r\nReceived: from ") || !strings.Contains(strings.ToLower(string(said)), key) {
					t.Errorf("%s was given %q", key, raw)
				}
			}
		}
	})
}
