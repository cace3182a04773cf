//go:build integration

package dovecot

import (
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"
)

func TestDovecot(t *testing.T) {
	d, err := Start(map[string]string{"ana@x.test": "one"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Stop(); err != nil {
			t.Error(err)
		}
	})
	count := func(password string) (uint32, error) {
		c, err := imapclient.DialInsecure(d.IMAPAddr(), nil)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		if err := c.Login("ana@x.test", password).Wait(); err != nil {
			return 0, err
		}
		data, err := c.Select("INBOX", nil).Wait()
		if err != nil {
			return 0, err
		}
		return data.NumMessages, nil
	}
	mail := []byte("Subject: x\r\n\r\ny\r\n")
	if err := d.Deliver("ana@x.test", mail, mail); err != nil {
		t.Fatal(err)
	}
	if n, err := count("one"); n != 2 || err != nil {
		t.Errorf("%d mails, %v", n, err)
	}
	if err := d.SetPassword("ana@x.test", "two"); err != nil {
		t.Fatal(err)
	}
	if _, err := count("one"); err == nil {
		t.Error("the old password still holds")
	}
	if err := d.Restart(); err != nil {
		t.Fatal(err)
	}
	if n, err := count("two"); n != 2 || err != nil {
		t.Errorf("after a restart %d mails, %v", n, err)
	}
}
