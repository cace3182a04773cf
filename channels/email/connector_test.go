package email

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/mailsim"
)

func TestIdentifyTellsAllFaults(t *testing.T) {
	t.Parallel()
	_, err := Kind().Identify(json.RawMessage(`{"address":"x","imap":{"security":"tls","port":99999},"smtp":{"host":"mail.test","security":"none"},"poll_seconds":-1}`), nil)
	for _, field := range []string{"address", "imap.host", "imap.port", "smtp.security", "imap_password", "poll_seconds"} {
		if err == nil || !strings.Contains(err.Error(), "invalid: "+field+":") {
			t.Errorf("no fault of %s in: %v", field, err)
		}
	}
	var refusal *desk.Error
	if !errors.As(err, &refusal) {
		t.Errorf("%T is no refusal", err)
	}
	address, err := Kind().Identify(json.RawMessage(`{"address":"Support@Desk.Test","imap":{"host":"mail.test","security":"tls"},"smtp":{"host":"mail.test","security":"starttls"}}`),
		json.RawMessage(`{"imap_password":"x"}`))
	if err != nil || address != "support@desk.test" {
		t.Errorf("got %q, %v", address, err)
	}
}

func TestFirstConnectTakesNoOldMail(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	deliver(t, s, support, plainMail(1, ""))
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	_, stop := supervised(t, c, in)
	awaitPhase(t, in, "idling")
	deliver(t, s, support, plainMail(2, ""))
	items := awaitItems(t, in, 1)
	if got := items[0].Message.Subject; got != "Question 2" {
		t.Errorf("the first item is %q", got)
	}
	await(t, in, "cursor", func() bool { return strings.HasPrefix(in.Cursor(), "v1:1:2:") })
	stop()
	deliver(t, s, support, plainMail(3, ""))
	c, _ = connect(t, conf, secrets, quick())
	supervised(t, c, in)
	if got := awaitItems(t, in, 2)[1].Message.Subject; got != "Question 3" {
		t.Errorf("after the restart came %q", got)
	}
}

// A mailbox is ours from when the channel was made, not from when its first connection happened to come about.
func TestMailBeforeTheFirstConnection(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	made := time.Now().Add(-time.Hour)
	at := func(n int, came time.Time) {
		t.Helper()
		if err := s.DeliverAt(support, []byte(strings.ReplaceAll(plainMail(n, ""), "\n", "\r\n")), came); err != nil {
			t.Fatal(err)
		}
	}
	at(1, made.Add(-48*time.Hour))
	at(2, made.Add(-2*time.Second)) // of the same day: the server's search finds it
	at(3, made)
	at(4, made.Add(time.Minute))
	at(5, made.Add(-30*24*time.Hour)) // an old one, moved here
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, _ := connect(t, conf, secrets, quick())
	c.env.Connected = made
	in := channeltest.NewIntake()
	supervised(t, c, in)
	await(t, in, "the cursor behind all", func() bool { return strings.HasPrefix(in.Cursor(), "v1:1:5:") })
	at(6, time.Now())
	items := awaitItems(t, in, 3)
	for i, want := range []string{"Question 3", "Question 4", "Question 6"} {
		if got := items[i].Message.Subject; got != want {
			t.Errorf("item %d is %q, not %q", i, got, want)
		}
	}
}

// The same, with nothing that is ours: what was there stays out.
func TestOldMailStaysOut(t *testing.T) {
	t.Parallel()
	for _, renumbered := range []bool{false, true} {
		s := startMail(t, mailsim.Options{})
		for n := range 3 {
			if err := s.DeliverAt(support, []byte(strings.ReplaceAll(plainMail(n, ""), "\n", "\r\n")), time.Now().Add(-30*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
		conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
		c, _ := connect(t, conf, secrets, quick())
		c.env.Connected = time.Now().Add(-time.Minute)
		in := channeltest.NewIntake()
		if renumbered {
			if err := in.SaveCursor(t.Context(), cursor{validity: 99, uid: 7, last: time.Now(), since: time.Now()}.String()); err != nil {
				t.Fatal(err)
			}
		}
		supervised(t, c, in)
		await(t, in, "the cursor behind all", func() bool { return strings.HasPrefix(in.Cursor(), "v1:1:3:") })
		deliver(t, s, support, plainMail(9, ""))
		if got := awaitItems(t, in, 1)[0].Message.Subject; got != "Question 9" {
			t.Errorf("renumbered %v: %q was taken in", renumbered, got)
		}
	}
}

func TestSecurities(t *testing.T) {
	t.Parallel()
	for name, security := range map[string]mailsim.Security{"tls": mailsim.TLS, "starttls": mailsim.StartTLS} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startMail(t, mailsim.Options{Security: security})
			conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), name, s.CAPEM())
			c, _ := connect(t, conf, secrets, quick())
			if err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			in := channeltest.NewIntake()
			supervised(t, c, in)
			awaitPhase(t, in, "idling")
			deliver(t, s, support, plainMail(1, ""))
			awaitItems(t, in, 1)
			if _, err := c.Send(t.Context(), answer("cv_1", "ms_1", "Good morning.")); err != nil {
				t.Error(err)
			}
			conf, secrets = configFor(t, s.IMAPAddr(), s.SMTPAddr(), name, "")
			c, _ = connect(t, conf, secrets, quick())
			err := c.Check(t.Context())
			if err == nil || strings.Count(err.Error(), "certificate is not trusted") != 2 {
				t.Errorf("a certificate of nobody was trusted: %v", err)
			}
		})
	}
}

func TestCheckTellsAllFaults(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	conf, _ := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	c, _ := connect(t, conf, json.RawMessage(`{"imap_password":"not-the-password"}`), quick())
	err := c.Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "incoming mail") || !strings.Contains(err.Error(), "outgoing mail") {
		t.Errorf("got %v", err)
	}
	if strings.Contains(fmt.Sprint(err), "not-the-password") {
		t.Error("the password is told")
	}
	for i, part := range err.(interface{ Unwrap() []error }).Unwrap() {
		if e, is := errors.AsType[*channels.Error](part); !is || e.Field != [...]string{"imap_password", "smtp_password"}[i] {
			t.Errorf("the field at fault: %v", part)
		}
	}
	in := channeltest.NewIntake()
	if err := c.Run(t.Context(), in); channels.ClassOf(err) != channels.Auth {
		t.Errorf("Run with a wrong password: %v", err)
	}
}
