//go:build integration

package email

import (
	"bytes"
	"maps"
	"sync/atomic"
	"testing"

	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/channels/email/tidy"
	"github.com/centralita/centralita/internal/mailsim"
)

// Connections are cut when the server is asked to mark or move, before it hears of it and before its answer is heard: in the end each mail
// was taken in once and is where it belongs, once.
func TestDovecotAfterIntakeCut(t *testing.T) {
	const n = 60
	for _, do := range []tidy.Settings{{Do: tidy.Read}, {Do: tidy.Move, Folder: "Done"}} {
		t.Run(do.Do, func(t *testing.T) {
			d := startDovecot(t)
			proxy, err := mailsim.NewProxy(d.IMAPAddr())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = proxy.Close() }) // cuts what is left
			box := openBox(t, d.IMAPAddr())
			if err := box.Create("Done", nil).Wait(); err != nil {
				t.Fatal(err)
			}
			conf, secrets := configFor(t, proxy.Addr(), d.LMTPAddr(), "plain", "")
			conf = after(t, conf, "", do)
			start := func(in *channeltest.Intake) (stop func()) {
				c, _ := connect(t, conf, secrets, quick()) // another process: nothing but the cursor is left
				_, stop = supervised(t, c, in)
				return stop
			}
			in := channeltest.NewIntake()
			stop := start(in)
			awaitPhase(t, in, "idling")
			var cuts atomic.Int32
			var asked atomic.Bool
			proxy.Tap(func(fromServer bool, b []byte) {
				command := !fromServer && (bytes.Contains(b, []byte("UID STORE")) || bytes.Contains(b, []byte("UID MOVE")))
				asked.CompareAndSwap(false, command)
				switch n := cuts.Load(); {
				case n%2 == 0 && command, n%2 == 1 && fromServer && asked.Load():
					if n < 4 {
						cuts.Add(1)
						asked.Store(false)
						proxy.CutAll()
					}
				}
			})
			mails := backlog(n)
			for part := range 5 {
				if err := d.Deliver(support, mails[part*n/5:(part+1)*n/5]...); err != nil {
					t.Fatal(err)
				}
				awaitItems(t, in, (part+1)*n/5)
				if part < 4 {
					await(t, in, "a cut", func() bool { return int(cuts.Load()) > part })
					stop()
					stop = start(in)
				}
			}
			await(t, in, "all done", settledAll(in, n))
			if got := len(in.Items()); got != n {
				t.Errorf("%d items of %d mails", got, n)
			}
			left, read := contents(t, box, "INBOX")
			done, _ := contents(t, box, "Done")
			want, wantDone, wantRead := map[string]int{}, numbered(0, n-1), 0
			if do.Do == tidy.Read {
				want, wantDone, wantRead = wantDone, want, n
			}
			if !maps.Equal(left, want) || !maps.Equal(done, wantDone) || read != wantRead {
				t.Errorf("inbox %v (%d read), folder %v", left, read, done)
			}
			t.Logf("%d connections, %d cut, %d handed over", proxy.Accepted(), cuts.Load(), len(in.Calls()))
		})
	}
}
