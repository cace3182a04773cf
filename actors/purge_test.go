package actors_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/centralita/centralita/actors"
	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/proto/deskpb"
)

// stored keeps a file and gives its name.
func stored(t *testing.T, files *memory.Blobs, content string) string {
	t.Helper()
	hash, _, err := files.Put(t.Context(), strings.NewReader(content), 1<<20)
	must(t, err)
	return hash
}

func withFile(item desk.Inbound, raw, attached string) desk.Inbound {
	item.Message.RawBlob = raw
	item.Message.Body.Attachments = []*deskpb.Attachment{{Blob: attached, Name: "offer.pdf"}}
	return item
}

func startWith(t *testing.T, store *memory.Store, files *memory.Blobs) *life {
	t.Helper()
	return startFrom(t, store, actors.Config{Files: files, SpamDays: desk.SpamKeptDays, Tuning: actors.Tuning{SleepAfter: 1000 * time.Hour}}, nil)
}

// Spam goes ninety days after it became spam and the last thing happened in it, across restarts: the ticket, its number, its files that nobody
// else has. What comes for it afterwards is a ticket of its own. The audit says how many.
func TestOldSpamIsPurged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, files := memory.New(), memory.NewBlobs()
		l := startWith(t, store, files)
		_, w := l.channel("support@desk.example", nil)
		raw, own, shared := stored(t, files, "the mail"), stored(t, files, "an offer"), stored(t, files, "a logo")
		must(t, w.deliver(withFile(mail("spam", "eve@some.test", "Buy"), raw, own)))
		must(t, w.deliver(withFile(mail("spam too", "eve@some.test", "Buy again", "mid:spam"), raw, shared)))
		must(t, w.deliver(withFile(mail("real", "carla@shop.example", "Help"), "", shared)))
		must(t, w.deliver(mail("later", "mallory@bad.example", "Old, and spam since lately")))
		synctest.Wait()
		of := func(name string) desk.Ticket {
			for _, v := range []desk.View{desk.ViewOpen, desk.ViewSpam} {
				for _, row := range l.tickets(v) {
					if row.ContactName == "Customer "+name {
						return row
					}
				}
			}
			return nil
		}
		spam := of("eve@some.test")
		conv := desk.ConversationID(spam.Conversation)
		l.do(conv.Stream(), deskpb.NewCommand(&deskpb.MarkSpam{}))
		time.Sleep(50 * 24 * time.Hour)
		l.do(desk.ConversationID(of("mallory@bad.example").Conversation).Stream(), deskpb.NewCommand(&deskpb.MarkSpam{}))
		l.stop()

		l = startWith(t, store, files)
		synctest.Wait()
		w = l.wires["support@desk.example"]
		time.Sleep(39 * 24 * time.Hour)
		if of("eve@some.test") == nil {
			t.Fatal("it is gone too soon")
		}
		time.Sleep(2 * 24 * time.Hour)
		synctest.Wait()
		if row := of("eve@some.test"); row != nil {
			t.Fatalf("it is there after 91 days: %v", row)
		}
		if of("carla@shop.example") == nil || of("mallory@bad.example") == nil {
			t.Fatal("what is no spam, or lately became it, is gone")
		}
		l.isGone(spam)
		for hash, gone := range map[string]bool{raw: true, own: true, shared: false} {
			if _, _, err := files.Open(t.Context(), hash); errors.Is(err, fs.ErrNotExist) != gone {
				t.Errorf("file %s: %v", hash, err)
			}
		}
		page, err := store.Index().Audit(desk.AuditQuery{Noun: desk.KindChannel, Kind: "spam_purged"})
		if err != nil || len(page.Entries) != 1 || page.Entries[0].Changes[0].After != "1" || page.Entries[0].Changes[1].After != "90" {
			t.Errorf("the audit says %v, %v", page.Entries, err)
		}

		must(t, w.deliver(mail("spam", "eve@some.test", "Buy"))) // what was taken in before is not taken in again
		if of("eve@some.test") != nil {
			t.Error("it came back")
		}
		must(t, w.deliver(mail("anew", "eve@some.test", "I am a person", "mid:spam too")))
		synctest.Wait()
		again := of("eve@some.test")
		if again == nil || again.Conversation != spam.Conversation || again.Number != 4 || again.Messages != 1 || again.Purged {
			t.Fatalf("what came afterwards is %v", again)
		}
		l.readsFrom(conv, again.PurgedVersion)
		l.stop()
	})
}

// isGone: nothing finds the ticket, and nothing is left to be done about it.
func (l *life) isGone(spam desk.Ticket) {
	l.t.Helper()
	row := l.ticket(desk.ConversationID(spam.Conversation))
	if !row.Purged || row.Subject+row.Preview+row.ContactName+row.Contact != "" {
		l.t.Errorf("left is %v", row)
	}
	if got, err := l.store.Index().TicketByNumber(spam.Number); got != nil || err != nil {
		l.t.Errorf("its number finds %v, %v", got, err)
	}
	if got, err := l.store.Index().TicketsOfContact(desk.ContactID(spam.Contact), 0); len(got) != 0 || err != nil {
		l.t.Errorf("its contact has %v, %v", got, err)
	}
	if left, err := l.store.Index().Purged(); len(left) != 0 || err != nil {
		l.t.Errorf("files are still looked for: %v, %v", left, err)
	}
}

// readsFrom: whoever reads the conversation reads what came after a version.
func (l *life) readsFrom(conv desk.ConversationID, version uint64) {
	l.t.Helper()
	for r, err := range l.sys.Records(context.Background(), conv.Stream(), 0) {
		if err != nil || r.Version <= version {
			l.t.Fatalf("what was purged is read: %v, %v", r, err)
		}
	}
}

// What was said aside because of a ticket that is purged goes with it: its row, its records, its files, what it had to tell; one whose mail is
// on its way goes when that is over, and the ticket's files with it. What answers it later has a ticket of its own.
func TestSideConversationsArePurgedWithTheirTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, files := memory.New(), memory.NewBlobs()
		l := startWith(t, store, files)
		defer l.stop()
		l.agent("ana", 5, true)
		_, w := l.channel("support@desk.example", nil)
		raw, offer := stored(t, files, "the spam"), stored(t, files, "an offer")
		answer, price := stored(t, files, "the supplier's mail"), stored(t, files, "a price")
		must(t, w.deliver(withFile(mail("spam", "eve@some.test", "Buy"), raw, offer)))
		synctest.Wait()
		spam := l.tickets(desk.ViewOpen)[0]
		conv := desk.ConversationID(spam.Conversation)
		side := l.aside(conv, "s1")
		must(t, w.deliver(withFile(mail("a1", supplier, "Two euros", "mid:s1"), answer, price)))
		synctest.Wait()
		if l.side(side).Messages != 2 {
			t.Fatalf("%v", l.side(side))
		}
		l.do(conv.Stream(), deskpb.NewCommand(&deskpb.MarkSpam{}))
		time.Sleep(90*24*time.Hour - time.Hour)
		stuck := true
		w.onSend = func(desk.Outbound) (string, error) {
			if stuck {
				return "", &channels.Error{Class: channels.Temporary, Reason: "busy"}
			}
			return "x", nil
		}
		must(t, l.ask(side, &deskpb.RequestReply{Message: "s2", Body: &deskpb.Body{Text: "please do"}}))
		time.Sleep(14 * time.Hour)
		synctest.Wait()
		if !l.ticket(conv).Purged || l.side(side) == nil {
			t.Fatalf("a mail that is on its way is forgotten: %v", l.ticket(conv))
		}
		stuck = false
		time.Sleep(2 * 24 * time.Hour)
		synctest.Wait()
		l.isGone(spam)
		if row, err := store.Index().Side(side); row != nil || err != nil {
			t.Errorf("its row is %v, %v", row, err)
		}
		if all, err := store.Index().SidesOf(conv); len(all) != 0 || err != nil {
			t.Errorf("its ticket has %v, %v", all, err)
		}
		row, err := store.Index().PurgedSidesOf(conv)
		if err != nil || len(row) != 1 {
			t.Fatalf("%v, %v", row, err)
		}
		l.readsFrom(side, row[0].Version)
		for _, hash := range []string{raw, offer, answer, price} {
			if _, _, err := files.Open(t.Context(), hash); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("file %s: %v", hash, err)
			}
		}
		must(t, w.deliver(mail("a2", supplier, "Three euros", "mid:s1")))
		synctest.Wait()
		if all := l.tickets(desk.ViewOpen); len(all) != 1 || all[0].Conversation == spam.Conversation || all[0].Subject == "" {
			t.Errorf("what answers it later is in %v", all)
		}
	})
}

// For ever is for ever, and what an administrator says counts more than the installation.
func TestSpamIsKeptAsLongAsOneSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := startWith(t, store, memory.NewBlobs())
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		keep := func(days uint32) {
			l.do(desk.SpamID.Stream(), deskpb.NewCommand(&deskpb.SaveSetting{Setting: &deskpb.Setting{Value: &deskpb.Setting_Spam{Spam: &deskpb.SpamRules{KeepDays: &days}}}}))
		}
		keep(0)
		must(t, w.deliver(mail("spam", "eve@some.test", "Buy")))
		synctest.Wait()
		l.do(desk.ConversationID(l.tickets(desk.ViewOpen)[0].Conversation).Stream(), deskpb.NewCommand(&deskpb.MarkSpam{}))
		time.Sleep(200 * 24 * time.Hour)
		if n := len(l.tickets(desk.ViewSpam)); n != 1 {
			t.Fatalf("%d are kept for ever", n)
		}
		keep(7)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if n := len(l.tickets(desk.ViewSpam)); n != 0 {
			t.Fatalf("%d are kept for more than seven days", n)
		}
	})
}

// What was merged into spam goes with it; what messages were split off stays as long as those, whose stream it is.
func TestPurgeOfWhatBelongsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memory.New()
		l := startWith(t, store, memory.NewBlobs())
		defer l.stop()
		_, w := l.channel("support@desk.example", nil)
		for i := range 2 {
			must(t, w.deliver(mail(fmt.Sprint("m", i), "eve@some.test", "Buy")))
		}
		must(t, w.deliver(mail("s0", "mallory@bad.example", "One")))
		must(t, w.deliver(mail("s1", "mallory@bad.example", "Two", "mid:s0")))
		synctest.Wait()
		var eves []desk.Ticket
		var split desk.Ticket
		for _, row := range l.tickets(desk.ViewOpen) {
			if row.ContactName == "Customer eve@some.test" {
				eves = append(eves, row)
			} else {
				split = row
			}
		}
		from, into := desk.ConversationID(eves[0].Conversation), desk.ConversationID(eves[1].Conversation)
		l.do(from.Stream(), deskpb.NewCommand(&deskpb.MergeConversation{Into: string(into), IntoNumber: eves[1].Number}))
		l.do(into.Stream(), deskpb.NewCommand(&deskpb.TakeInConversation{Conversation: string(from), Number: eves[0].Number}))
		l.do(into.Stream(), deskpb.NewCommand(&deskpb.MarkSpam{}))
		taken := desk.ConversationID("cv_taken")
		apart := desk.ConversationID(split.Conversation)
		l.do(apart.Stream(), deskpb.NewCommand(&deskpb.SplitOffMessages{
			Into: string(taken), Number: split.Number, Opening: &deskpb.ConversationOpened{Channel: split.Channel, Contact: split.Contact, Subject: "Two"},
			Messages: []*deskpb.SplitMessage{{Message: string(desk.MessageIDFor(desk.ChannelID(split.Channel), "s1")), Inbound: true}},
		}))
		time.Sleep(10 * time.Second) // the timers open what was split off
		synctest.Wait()
		if row := l.ticket(taken); row.Subject != "Two" {
			t.Fatalf("split off is %v", row)
		}
		l.do(apart.Stream(), deskpb.NewCommand(&deskpb.MarkSpam{}))
		time.Sleep(91 * 24 * time.Hour)
		synctest.Wait()
		if !l.ticket(from).Purged || !l.ticket(into).Purged {
			t.Errorf("%v, %v", l.ticket(from), l.ticket(into))
		}
		if l.ticket(apart).Purged || l.ticket(taken).Purged {
			t.Error("messages of a ticket that is no spam are gone")
		}
		l.do(taken.Stream(), deskpb.NewCommand(&deskpb.MarkSpam{}))
		time.Sleep(92 * 24 * time.Hour)
		synctest.Wait()
		if !l.ticket(apart).Purged || !l.ticket(taken).Purged {
			t.Error("both are spam, and there")
		}
	})
}
