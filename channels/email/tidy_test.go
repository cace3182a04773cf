package email

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/centralita/centralita/channels/channeltest"
	"github.com/centralita/centralita/channels/email/tidy"
	"github.com/centralita/centralita/internal/mailsim"
)

// openBox is the support mailbox as its owner's own mail program has it.
func openBox(t *testing.T, addr string) *imapclient.Client {
	t.Helper()
	client, err := imapclient.DialInsecure(addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() }) // it only looked
	if err := client.Login(support, password).Wait(); err != nil {
		t.Fatal(err)
	}
	return client
}

// contents gives the subjects in a folder, how often each is there, and how many mails are marked as read.
func contents(t *testing.T, client *imapclient.Client, folder string) (subjects map[string]int, read int) {
	t.Helper()
	subjects = map[string]int{}
	data, err := client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		t.Fatal(err)
	}
	if data.NumMessages == 0 {
		return subjects, 0
	}
	all, err := client.Fetch(imap.SeqSet{imap.SeqRange{Start: 1}}, &imap.FetchOptions{Flags: true, Envelope: true}).Collect()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		subjects[m.Envelope.Subject]++
		if slices.Contains(m.Flags, imap.FlagSeen) {
			read++
		}
	}
	return subjects, read
}

func after(t *testing.T, conf json.RawMessage, folder string, do tidy.Settings) json.RawMessage {
	t.Helper()
	var c config
	if err := json.Unmarshal(conf, &c); err != nil {
		t.Fatal(err)
	}
	c.AfterIntake, c.IMAP.Folder = do, folder
	out, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// settledAll: nothing is owed to the mailbox any more, and the cursor is at a UID.
func settledAll(in *channeltest.Intake, uid imap.UID) func() bool {
	return func() bool {
		c, err := parseCursor(in.Cursor())
		return err == nil && c.uid == uid && c.owed == 0 && in.Status().Warning == ""
	}
}

func numbered(from, to int) map[string]int {
	all := map[string]int{}
	for n := from; n <= to; n++ {
		all[fmt.Sprintf("Question %d", n)] = 1
	}
	return all
}

// A mail that was taken in is marked, moved, or moved by copying where the server knows nothing better; one's own that came back stays.
func TestAfterIntake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do      tidy.Settings
		without []imap.Cap
	}{
		"read": {do: tidy.Settings{Do: tidy.Read}},
		"move": {do: tidy.Settings{Do: tidy.Move, Folder: "Done"}},
		"copy": {do: tidy.Settings{Do: tidy.Move, Folder: "Done"}, without: []imap.Cap{imap.CapMove}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startMail(t, mailsim.Options{Without: c.without})
			box := openBox(t, s.IMAPAddr())
			if err := box.Create("Done", nil).Wait(); err != nil {
				t.Fatal(err)
			}
			deliver(t, s, support, plainMail(0, "")) // of before
			conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
			conn, _ := connect(t, after(t, conf, "", c.do), secrets, quick())
			if err := conn.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			in := channeltest.NewIntake()
			supervised(t, conn, in)
			awaitPhase(t, in, "idling")
			for n := 1; n <= 3; n++ {
				deliver(t, s, support, plainMail(n, ""))
			}
			await(t, in, "all done", settledAll(in, 4))
			if got := len(in.Items()); got != 3 {
				t.Errorf("%d items", got)
			}
			left, read := contents(t, box, "INBOX")
			done, doneRead := contents(t, box, "Done")
			want, wantDone, wantRead := numbered(0, 0), numbered(1, 3), 0
			if c.do.Do == tidy.Read {
				want, wantDone, wantRead = numbered(0, 3), map[string]int{}, 3
			}
			if !maps.Equal(left, want) || !maps.Equal(done, wantDone) || read != wantRead || doneRead != 0 {
				t.Errorf("inbox %v (%d read), folder %v (%d read)", left, read, done, doneRead)
			}
		})
	}
}

// A mailbox that refuses does not keep mail from coming in: it is said, and done when it can be, by another process if need be.
func TestAfterIntakeRefusedAndEnded(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	box := openBox(t, s.IMAPAddr())
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	conf = after(t, conf, "", tidy.Settings{Do: tidy.Move, Folder: "Done"})
	conn, _ := connect(t, conf, secrets, quick())
	if err := conn.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "after_intake.folder") {
		t.Errorf("the check of a folder that is not there: %v", err)
	}
	in := channeltest.NewIntake()
	_, stop := supervised(t, conn, in)
	awaitPhase(t, in, "idling")
	deliver(t, s, support, plainMail(1, ""))
	await(t, in, "the warning", func() bool {
		return strings.Contains(in.Status().Warning, `moved to "Done"`) && in.Status().Phase == "idling"
	})
	deliver(t, s, support, plainMail(2, ""))
	awaitItems(t, in, 2)
	await(t, in, "a cursor that knows what is owed", func() bool { c, err := parseCursor(in.Cursor()); return err == nil && c.uid == 2 && c.owed == 1 })
	stop()
	if err := box.Create("Done", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	conn, _ = connect(t, conf, secrets, quick())
	supervised(t, conn, in)
	await(t, in, "all done", settledAll(in, 2))
	if got := len(in.Items()); got != 2 {
		t.Errorf("%d items", got)
	}
	left, _ := contents(t, box, "INBOX")
	if done, _ := contents(t, box, "Done"); len(left) > 0 || !maps.Equal(done, numbered(1, 2)) {
		t.Errorf("inbox %v, folder %v", left, done)
	}
}

// Another folder is watched: its numbers begin as the inbox's do, and nothing of it is missed for that.
func TestAnotherFolderIsWatched(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{})
	box := openBox(t, s.IMAPAddr())
	if err := box.Create("Team", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	conn, _ := connect(t, conf, secrets, quick())
	in := channeltest.NewIntake()
	_, stop := supervised(t, conn, in)
	awaitPhase(t, in, "idling")
	deliver(t, s, support, plainMail(1, ""))
	awaitItems(t, in, 1)
	awaitPhase(t, in, "idling")
	stop()
	if _, err := box.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	deliver(t, s, support, plainMail(2, ""))
	if err := box.Noop().Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := box.Move(imap.UIDSetNum(2), "Team").Wait(); err != nil {
		t.Fatal(err)
	}
	conn, _ = connect(t, after(t, conf, "Team", tidy.Settings{}), secrets, quick())
	folders, err := conn.Folders(t.Context())
	if err != nil || len(folders) < 2 || folders[0].Name != "INBOX" || !tidy.There(folders, "Team") {
		t.Errorf("folders: %v, %v", folders, err)
	}
	supervised(t, conn, in)
	if got := awaitItems(t, in, 2)[1].Message.Subject; got != "Question 2" {
		t.Errorf("from the other folder came %q", got)
	}
}

func TestAfterIntakeIsChecked(t *testing.T) {
	t.Parallel()
	s := startMail(t, mailsim.Options{Without: []imap.Cap{imap.CapMove, imap.CapUIDPlus}})
	conf, secrets := configFor(t, s.IMAPAddr(), s.SMTPAddr(), "plain", "")
	conn, _ := connect(t, after(t, conf, "", tidy.Settings{Do: tidy.Move, Folder: "Sent"}), secrets, quick())
	if err := conn.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "invalid: after_intake.do: this mail server cannot move") {
		t.Errorf("a server that cannot move: %v", err)
	}
	for want, bad := range map[string]tidy.Settings{
		"invalid: after_intake.do: must be":           {Do: "delete"},
		"invalid: after_intake.folder: is missing":    {Do: tidy.Move},
		"invalid: after_intake.folder: is used":       {Do: tidy.Read, Folder: "Done"},
		"invalid: after_intake.folder: is the folder": {Do: tidy.Move, Folder: "inbox"},
		"invalid: after_intake.folder: must be one":   {Do: tidy.Move, Folder: "a\r\nb"},
	} {
		if _, err := parseConfig(after(t, conf, "", bad), secrets); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", bad, err, want)
		}
	}
	if _, err := parseConfig(after(t, conf, "a\nb", tidy.Settings{}), secrets); err == nil || !strings.Contains(err.Error(), "imap.folder") {
		t.Errorf("a folder of two lines: %v", err)
	}
	for _, c := range []cursor{{validity: 3, uid: 9, owed: 4, folder: 77}, {validity: 3, uid: 9}} {
		if got, err := parseCursor(c.String()); err != nil || got.owed != c.owed || got.folder != c.folder || got.uid != 9 {
			t.Errorf("%q is read as %+v, %v", c.String(), got, err)
		}
	}
}
