package desk_test

import (
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Only what is spam, or was merged into spam, is let go, and only as it was seen; what comes afterwards begins anew.
func TestPurge(t *testing.T) {
	t.Parallel()
	purge := func(c *desk.Conversation, m *deskpb.PurgeConversation) (int, string) {
		out, err := desk.Conversations.Decide(c, deskpb.NewCommand(m))
		return len(out), desk.ReasonOf(err)
	}
	c := desk.Conversations.Initial()
	evolve := func(e *deskpb.Event) { c = desk.Conversations.Evolve(c, e) }
	if n, reason := purge(c, &deskpb.PurgeConversation{}); n != 0 || reason != "" {
		t.Errorf("of nothing: %d, %s", n, reason)
	}
	evolve(deskpb.NewEvent(&deskpb.ConversationOpened{Channel: "ch_1", Contact: "ct_1", ContactName: "Eve", Subject: "Cheap"}))
	evolve(deskpb.NewEvent(&deskpb.MessageReceived{Message: "ms_1", Channel: "ch_1", ExternalId: "e1", From: &deskpb.Address{Address: "eve@some.test"}}))
	if n, reason := purge(c, &deskpb.PurgeConversation{Version: c.Version}); n != 0 || reason != "no_spam" {
		t.Errorf("of a ticket that is no spam: %d, %s", n, reason)
	}
	evolve(deskpb.NewEvent(&deskpb.TicketMarkedSpam{Cause: desk.CauseDenied}))
	if n, reason := purge(c, &deskpb.PurgeConversation{Version: c.Version - 1}); n != 0 || reason != "moved" {
		t.Errorf("of one that moved: %d, %s", n, reason)
	}
	evolve(deskpb.NewEvent(&deskpb.ReplyRequested{Message: "rp_1", Channel: "ch_1"}))
	if n, reason := purge(c, &deskpb.PurgeConversation{Version: c.Version}); n != 0 || reason != "sending" {
		t.Errorf("while a reply is on its way: %d, %s", n, reason)
	}
	evolve(deskpb.NewEvent(&deskpb.DeliverySettled{Message: "rp_1", State: deskpb.DeliveryState_DELIVERY_STATE_SENT}))
	if n, reason := purge(c, &deskpb.PurgeConversation{Version: c.Version}); n != 1 || reason != "" {
		t.Errorf("of spam: %d, %s", n, reason)
	}
	evolve(deskpb.NewEvent(&deskpb.ConversationPurged{Cause: "spam"}))
	if c.Opened || c.Spam || len(c.Messages)+len(c.Parties) != 0 || c.Version != 6 || c.ContactName != "" {
		t.Errorf("something is left: %+v", c)
	}
	if _, err := desk.Conversations.Decide(c, deskpb.NewCommand(&deskpb.UnmarkSpam{})); desk.CodeOf(err) != desk.NotFound {
		t.Errorf("it is restored: %v", err)
	}
	if n, _ := purge(c, &deskpb.PurgeConversation{FilesRemoved: true}); n != 1 {
		t.Error("it is not told that its files are gone")
	}
	evolve(deskpb.NewEvent(&deskpb.PurgedFilesRemoved{}))
	if n, _ := purge(c, &deskpb.PurgeConversation{FilesRemoved: true}); n != 0 {
		t.Error("it is told twice")
	}
	out, err := desk.Conversations.Decide(c, deskpb.NewCommand(&deskpb.ReceiveMessage{
		Message: &deskpb.MessageReceived{Message: "ms_2", Channel: "ch_1", ExternalId: "e2"}, Opening: &deskpb.ConversationOpened{Channel: "ch_1"},
	}))
	if err != nil || len(out) < 2 || out[0].GetConversationOpened() == nil {
		t.Errorf("what comes afterwards opens nothing: %v, %v", out, err)
	}

	merged := desk.Conversations.Initial()
	for _, e := range []*deskpb.Event{deskpb.NewEvent(&deskpb.ConversationOpened{Channel: "ch_1"}), deskpb.NewEvent(&deskpb.ConversationMerged{Into: "cv_spam"})} {
		merged = desk.Conversations.Evolve(merged, e)
	}
	for into, want := range map[string]int{"cv_spam": 1, "cv_other": 0, "": 0} {
		if n, _ := purge(merged, &deskpb.PurgeConversation{Version: 2, Into: into}); n != want {
			t.Errorf("merged into %q: %d events", into, n)
		}
	}
}
