package actors_test

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// ReceiveMail implements channels.MailReceiver.
func (w *wire) ReceiveMail(context.Context, channels.Mail) error { return nil }

// TestWhoseMailItIs: an address is its channel's as soon as and as long as the channel has it; the postmaster's mail is the
// oldest channel's.
func TestWhoseMailItIs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := start(t, memory.New(), actors.Tuning{})
		defer l.stop()
		whose := func(key string) string {
			id, receiver, known, err := l.sys.Mailbox(key)
			if err != nil {
				t.Fatal(err)
			}
			state := map[bool]string{true: " known", false: " unknown"}[known]
			if receiver != nil {
				state += " up"
			}
			return string(id) + state
		}
		wants := func(key, want string) {
			t.Helper()
			for range 2 { // found, and remembered
				if got := whose(key); got != want {
					t.Errorf("%s: %q, want %q", key, got, want)
				}
			}
		}
		l.channel("help@x", nil)
		wants("sales-1", " unknown")
		wants("help", " unknown")
		wants("postmaster", " known")
		sales, _ := l.channel("sales-1@in", nil)
		wants("sales-1", string(sales)+" known up")
		time.Sleep(time.Second)
		support, _ := l.channel("support-1@in", nil)
		wants("support-1", string(support)+" known up")
		wants("postmaster", string(sales)+" known up")

		move := func(id desk.ChannelID, to string) {
			t.Helper()
			if err := l.sys.ReconfigureChannel(context.Background(), id, desk.NewChannel{Kind: "wire", Name: to, Config: []byte(strconv.Quote(to))}, nil); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		move(sales, "sales-2@in")
		wants("sales-1", " unknown")
		wants("sales-2", string(sales)+" known up")
		move(support, "sales-1@in") // an address that was another's
		wants("sales-1", string(support)+" known up")
		l.do(sales.Stream(), deskpb.NewCommand(&deskpb.SwitchChannel{On: false}))
		synctest.Wait()
		wants("sales-2", string(sales)+" known")
		last, _ := l.channel("postmaster@in", nil)
		wants("postmaster", string(last)+" known up")
	})
}
