//go:build integration

package main

import (
	"net/smtp"
	"testing"
	"time"

	"github.com/centralita/centralita"
	"github.com/centralita/centralita/internal/mailsim"
)

// When the last mail came is known after a restart too; and a channel that waits for its next attempt looks at once when it is told to.
func TestSyncNowAndTheLastItem(t *testing.T) {
	mail := startMailServer(t, supportAddress, customerAddress)
	way, err := mailsim.NewProxy(mail.IMAPAddr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = way.Close() })
	dir := t.TempDir()
	slowly := func(o *centralita.Options) { o.Tuning.RestartMin, o.Tuning.RestartMax = time.Hour, time.Hour }
	d := openDesk(t, dir, slowly)
	admin := d.setUp(t)
	ch := admin.connect(t, mailChannel(supportAddress, way.Addr(), mail.SMTPAddr(), admin))
	awaitIdle(t, admin, ch.ID)
	last := func(c *restClient) string {
		t.Helper()
		var all struct {
			Channels []struct {
				Health struct {
					LastItemAt string `json:"last_item_at"`
				}
			}
		}
		c.must(t, "GET", "/channels", nil, &all)
		return all.Channels[0].Health.LastItemAt
	}
	if at := last(admin); at != "" {
		t.Errorf("an item before any: %s", at)
	}
	write := func(id string) {
		t.Helper()
		raw := letter{from: "Carla <" + customerAddress + ">", to: supportAddress, subject: id, id: id + "@customer.test", text: "A question."}.raw()
		auth := smtp.PlainAuth("", customerAddress, mailPassword, "127.0.0.1")
		if err := smtp.SendMail(mail.SMTPAddr(), auth, customerAddress, []string{supportAddress}, raw); err != nil {
			t.Fatal(err)
		}
	}
	arrived := func(c *restClient, n int) {
		t.Helper()
		eventually(t, patience, "the mail", func() bool { return len(c.tickets(t, "open")) == n })
	}
	write("first")
	arrived(admin, 1)
	eventually(t, patience, "when it came", func() bool { return last(admin) != "" })

	d.stop()
	way.Refuse(true)
	way.CutAll()
	d = openDesk(t, dir, slowly)
	admin.base = d.url // the session holds
	if last(admin) == "" {
		t.Error("after a restart nobody knows when the last mail came")
	}
	admin.awaitChannel(t, ch.ID, "retrying")
	write("second")
	way.Refuse(false)
	before := time.Now()
	admin.must(t, "POST", "/channels/"+ch.ID+"/sync", nil, nil)
	arrived(admin, 2)
	if took := time.Since(before); took > 10*time.Minute {
		t.Errorf("it waited for its next attempt: %v", took)
	}
	admin.must(t, "PUT", "/channels/"+ch.ID+"/on", obj{"on": false}, nil)
	if err := admin.call("POST", "/channels/"+ch.ID+"/sync", nil, nil); err == nil {
		t.Error("a channel that is off was told to look")
	}
}
