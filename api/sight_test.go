package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// limited makes an agent who sees only part of the tickets.
func (b *browser) limited(name, access string) *browser {
	b.t.Helper()
	c := b.colleague(name)
	b.must(200, "PATCH", "/agents/"+c.agent, map[string]any{"access": access})
	return c
}

func (h *house) assign(id desk.ConversationID, agent string) {
	h.t.Helper()
	h.command(id.Stream(), &deskpb.AssignConversation{Agent: agent, AgentName: agent})
}

func TestAnAgentLimitedToOwnTicketsOverREST(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	mine, hers := h.receive("anna", 1, "Hello"), h.receive("bob", 1, "Secret")
	waits := h.receive("carl", 1, "Nobody's")
	h.assign(mine, ben.agent)
	h.assign(hers, ada.agent)

	for view, want := range map[string]int{"open": 1, "mine": 1, "unassigned": 0, "closed": 0, "owned&owner=" + ada.agent: 0} {
		list := ben.must(200, "GET", "/tickets?view="+view, nil)
		if list.len("tickets") != want || strings.Contains(list.raw, "Secret") || strings.Contains(list.raw, "Nobody") {
			t.Errorf("view %s: %s", view, list.raw)
		}
	}
	numberOf := func(id desk.ConversationID) float64 {
		return ada.must(200, "GET", "/conversations/"+string(id), nil).num("ticket", "number")
	}
	counts := ben.must(200, "GET", "/tickets/counts", nil)
	if counts.num("open") != 1 || counts.num("unassigned") != 0 || counts.num("mine") != 1 {
		t.Errorf("counts %s", counts.raw)
	}
	if line := ben.must(200, "GET", "/line", nil); line.len("tickets") != 0 {
		t.Errorf("line %s", line.raw)
	}
	contact := func(thread string) string {
		return string(desk.ContactIDFor(1, thread+"@customer.example"))
	}
	ben.must(200, "GET", "/conversations/"+string(mine), nil)
	if got := ben.must(200, "GET", fmt.Sprintf("/tickets/number/%.0f", numberOf(mine)), nil); got.str("ticket", "id") != string(mine) {
		t.Errorf("by number: %s", got.raw)
	}
	ben.must(200, "GET", "/contacts/"+contact("anna"), nil)
	missing := ben.must(404, "GET", "/conversations/cv_none", nil)
	for _, id := range []desk.ConversationID{hers, waits} {
		path := "/conversations/" + string(id)
		if got := ben.must(404, "GET", fmt.Sprintf("/tickets/number/%.0f", numberOf(id)), nil); got.raw != ben.must(404, "GET", "/tickets/number/999999", nil).raw {
			t.Errorf("a hidden number is told from a missing one: %s", got.raw)
		}
		if got := ben.must(404, "GET", path, nil); got.str("detail") != missing.str("detail") {
			t.Errorf("hidden is told from missing: %s, %s", got.raw, missing.raw)
		}
		ben.must(404, "POST", path+"/replies", map[string]any{"message_id": "m1", "text": "x"})
		ben.must(404, "POST", path+"/notes", map[string]any{"message_id": "m1", "text": "x"})
		ben.must(404, "PUT", path+"/owner", map[string]any{"agent": ben.agent})
		ben.must(404, "PUT", path+"/status", map[string]any{"status": "closed"})
		ben.must(404, "PUT", path+"/priority", map[string]any{"priority": "high"})
		ben.must(404, "PUT", path+"/subject", map[string]any{"subject": "x"})
	}
	ben.must(404, "GET", "/contacts/"+contact("bob"), nil)
	ben.must(404, "PUT", "/contacts/"+contact("bob")+"/name", map[string]any{"name": "x"})
	ben.must(404, "PUT", "/contacts/"+contact("bob")+"/owner", map[string]any{"agent": ben.agent})
	ben.must(200, "PUT", "/conversations/"+string(mine)+"/priority", map[string]any{"priority": "high"})

	// A supervisor sees everything, and changes no settings.
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"role": "supervisor"})
	if list := ben.must(200, "GET", "/tickets?view=open", nil); list.len("tickets") != 3 {
		t.Errorf("a supervisor sees %s", list.raw)
	}
	ben.must(403, "PATCH", "/agents/"+ben.agent, map[string]any{"role": "administrator"})
	ben.must(403, "POST", "/teams", map[string]any{"name": "x", "members": []any{}})
}

// Who sees only part of the tickets sees the one they open, and learns of a contact that was out of sight no more than they
// typed.
func TestALimitedAgentOpensTickets(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben, cleo := ada.limited("Ben", "own"), ada.limited("Cleo", "team")
	channel := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Mail", "config": map[string]any{"address": "help@example.com", "host": "h"}}).str("channel", "id")
	mine := ada.must(201, "POST", "/teams", map[string]any{"name": "Mine", "members": []any{map[string]any{"agent": cleo.agent}}}).str("team", "id")
	other := ada.must(201, "POST", "/teams", map[string]any{"name": "Other", "members": []any{}}).str("team", "id")
	h.assign(h.receive("secret", 1, "Hello"), ada.agent) // of "Customer secret"
	n := 0
	ask := func(more map[string]any) map[string]any {
		n++
		body := map[string]any{"request_id": fmt.Sprint("r", n), "channel": channel, "subject": "A call", "contact": map[string]any{"email": "secret@customer.example"}}
		for k, v := range more {
			body[k] = v
		}
		return body
	}
	for _, who := range []*browser{ben, cleo} {
		got := who.must(201, "POST", "/tickets", ask(nil))
		if got.str("ticket", "owner", "id") != who.agent || got.str("ticket", "contact", "name") != "secret@customer.example" {
			t.Errorf("opened: %s", got.raw)
		}
		who.must(200, "GET", "/conversations/"+got.str("ticket", "id"), nil)
		h.assign(desk.ConversationID(got.str("ticket", "id")), ada.agent) // out of sight again, with its contact
		for _, beyond := range []map[string]any{{"owner": ada.agent}, {"owner": ada.agent, "team": other}} {
			if got := who.must(422, "POST", "/tickets", ask(beyond)); got.str("errors", 0, "location") != "body.owner" {
				t.Errorf("%v: %s", beyond, got.raw)
			}
		}
		if got := who.must(201, "POST", "/tickets", ask(map[string]any{"team": other})); got.str("ticket", "owner", "id") != who.agent {
			t.Errorf("of another team: %s", got.raw)
		}
	}
	if got := cleo.must(201, "POST", "/tickets", ask(map[string]any{"team": mine})); got.get("ticket", "owner") != nil {
		t.Errorf("of the own team: %s", got.raw)
	}
	if got := ada.must(201, "POST", "/tickets", ask(nil)); got.get("ticket", "owner") != nil || got.str("ticket", "contact", "name") != "Customer secret" {
		t.Errorf("an administrator's: %s", got.raw)
	}
}

// A limited agent's pages are full, however many tickets of others lie between.
func TestPagesOfALimitedAgent(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	var want []string
	for i := range 30 {
		id := h.receive(fmt.Sprint("c", i), 1, "Hello")
		if h.assign(id, ada.agent); i%3 == 0 {
			h.assign(id, ben.agent)
			want = append(want, string(id))
		}
	}
	slices.Reverse(want)
	var got []string
	for cursor, more := "", true; more; more = cursor != "" {
		page := ben.must(200, "GET", "/tickets?view=open&limit=4&cursor="+cursor, nil)
		for i := range page.len("tickets") {
			got = append(got, page.str("tickets", i, "id"))
		}
		if cursor = page.str("next"); cursor != "" && page.len("tickets") != 4 {
			t.Errorf("a page of %d", page.len("tickets"))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Whoever knows a file's hash has not seen it: a limited agent attaches what they brought, what they are writing with, and what
// the conversation shows.
func TestWhatALimitedAgentAttaches(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	channel := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Mail", "config": map[string]any{"address": "help@example.com", "host": "h"}}).str("channel", "id")
	upload := func(by *browser, text string) string {
		return by.must(201, "POST", "/uploads?name=a.txt", strings.NewReader(text)).str("blob")
	}
	mine, hers := h.receive("anna", 1, "Hello"), h.receive("bob", 1, "Secret")
	h.assign(mine, ben.agent)
	h.assign(hers, ada.agent)
	n := 0
	said := func(blob string) map[string]any {
		n++
		return map[string]any{"message_id": fmt.Sprint("m", n), "text": "see", "attachments": []any{map[string]any{"blob": blob, "name": "a.txt", "media_type": "text/plain", "size": 1}}}
	}
	drafted := func(blob string) map[string]any {
		return map[string]any{"text": "see", "device": "d", "leaving": true, "attachments": said(blob)["attachments"]}
	}
	at := "/conversations/" + string(mine)
	secret, shared, own, later := upload(ada, "secret"), upload(ada, "shared"), upload(ben, "own"), upload(ben, "later")
	ada.must(200, "POST", "/conversations/"+string(hers)+"/notes", said(secret))
	ada.must(200, "POST", at+"/notes", said(shared))

	missing := ben.must(422, "POST", at+"/notes", said(strings.Repeat("c", 64)))
	for name, got := range map[string]answer{
		"a reply":            ben.must(422, "POST", at+"/replies", said(secret)),
		"a note":             ben.must(422, "POST", at+"/notes", said(secret)),
		"a draft":            ben.must(422, "PUT", at+"/drafts/reply", drafted(secret)),
		"a note with others": ben.must(422, "POST", at+"/together", map[string]any{"note": said(secret)}),
	} {
		if !strings.HasSuffix(got.str("errors", 0, "location"), "attachments[0].blob") || got.str("detail") != missing.str("detail") {
			t.Errorf("%s: hidden is told from missing: %s", name, got.raw)
		}
	}
	first := said(secret)
	first["kind"] = "note"
	ben.must(422, "POST", "/tickets", map[string]any{"request_id": "r1", "channel": channel, "subject": "x", "contact": map[string]any{"email": "x@y.example"}, "message": first})
	ben.must(200, "POST", at+"/notes", said(shared))
	ben.must(200, "POST", at+"/replies", said(own))
	ben.must(200, "PUT", at+"/drafts/reply", drafted(later))
	h.server.ForgetUploads() // as a restart does
	ben.must(422, "POST", at+"/notes", said(upload(ada, "another secret")))
	ben.must(200, "GET", "/blobs/"+later, nil)
	ben.must(200, "POST", at+"/replies", said(later))
	ben.must(200, "POST", at+"/notes", said(own))
	ada.must(200, "POST", at+"/notes", said(secret)) // who sees everything
}

func TestFilesOfALimitedAgent(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	upload := func(by *browser, text string) string {
		return by.must(201, "POST", "/uploads?name=a.txt", strings.NewReader(text), func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }).str("blob")
	}
	note := func(id desk.ConversationID, blob string) {
		ada.must(200, "POST", "/conversations/"+string(id)+"/notes", map[string]any{
			"message_id": "m_" + blob[:8], "text": "see", "attachments": []any{map[string]any{"blob": blob, "name": "a.txt", "media_type": "text/plain", "size": 1}},
		})
	}
	mine, hers := h.receive("anna", 1, "Hello"), h.receive("bob", 1, "Secret")
	h.assign(mine, ben.agent)
	shared, secret, own := upload(ada, "for both"), upload(ada, "secret"), upload(ben, "of Ben's")
	note(mine, shared)
	note(hers, secret)
	ben.must(200, "GET", "/blobs/"+own, nil)
	ben.must(200, "GET", "/blobs/"+shared+"?conversation="+string(mine), nil)
	ben.must(404, "GET", "/blobs/"+shared, nil)
	ben.must(404, "GET", "/blobs/"+secret, nil)
	ben.must(404, "GET", "/blobs/"+secret+"?conversation="+string(mine), nil)
	ben.must(404, "GET", "/blobs/"+secret+"?conversation="+string(hers), nil)
	ada.must(200, "GET", "/blobs/"+secret, nil)

	report := upload(ada, "what a server said of a reply")
	ben.must(404, "GET", "/blobs/"+report+"?conversation="+string(mine), nil)
	ben.must(200, "POST", "/conversations/"+string(mine)+"/replies", map[string]any{"message_id": "rp_1", "text": "Hello", "to": []any{map[string]any{"address": "anna@customer.example"}}})
	h.command(mine.Stream(), &deskpb.StartDelivery{Message: "rp_1"})
	h.command(mine.Stream(), &deskpb.TakeReturn{Returned: &deskpb.MessageReturned{
		Message: "rp_1", Channel: "ch_mail", ExternalId: "bounce-1", Kind: desk.ReturnBounce, RawBlob: report,
	}})
	ben.must(200, "GET", "/blobs/"+report+"?conversation="+string(mine), nil)
	ben.must(404, "GET", "/blobs/"+report+"?conversation="+string(hers), nil)
}

func TestASocketTellsNothingOfOthers(t *testing.T) {
	t.Parallel()
	for _, binary := range []bool{false, true} {
		h := open(t)
		ada := h.admin()
		ben := ada.limited("Ben", "own")
		mine, hers := h.receive("anna", 1, "Hello"), h.receive("bob", 1, "Secret")
		h.assign(mine, ben.agent)
		h.assign(hers, ada.agent)
		s := ben.screen()
		s.binary = binary
		s.hello().sync(string(mine), string(hers), "cv_none") // the last two are the same to him
		if !slices.Contains(s.gone, string(hers)) || !slices.Contains(s.gone, "cv_none") {
			t.Errorf("gone: %v", s.gone)
		}
		s.gone = nil
		from := len(s.heard)

		h.receive("bob", 2, "Secret again")
		h.receive("carl", 1, "Somebody new")
		h.receive("anna", 2, "And me?")
		s.command("c1", hers.Stream(), &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Text: "x"}})
		s.command("c2", "conversation/cv_none", &deskpb.AddNote{Message: "n1", Body: &deskpb.Body{Text: "x"}})
		if a, b := s.answer("c1").GetRefused(), s.answer("c2").GetRefused(); a.GetCode() != "not_found" || a.GetMessage() != b.GetMessage() || a.GetField() != b.GetField() {
			t.Errorf("hidden is told from missing: %v, %v", a, b)
		}
		s.sync(string(mine))
		if s.tickets[string(mine)].GetPreview() != "And me?" || len(s.records[string(mine.Stream())]) == 0 {
			t.Errorf("his own: %v", s.tickets)
		}

		// Taken away while he looks at it: gone, and nothing of it any more.
		h.assign(mine, ada.agent)
		h.receive("anna", 3, "Hidden from now on")
		s.sync(string(mine))
		if !slices.Contains(s.gone, string(mine)) || s.tickets[string(mine)] != nil {
			t.Errorf("taken away: gone %v, rows %v", s.gone, s.tickets)
		}
		// Given back: it comes again.
		h.assign(mine, ben.agent)
		s.sync()
		if s.tickets[string(mine)].GetPreview() != "Hidden from now on" {
			t.Errorf("given back: %v", s.tickets)
		}
		for _, f := range s.heard[from:] {
			asked := strings.HasPrefix(f, "gone:") // the late answer to his own subscription
			if strings.Contains(f, "Secret") || strings.Contains(f, "Somebody") || strings.Contains(f, string(hers)) && !asked {
				t.Errorf("told of another's: %s", f)
			}
		}
	}
}

func TestSightThatChangesIsReadAgain(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.colleague("Ben")
	hers := h.receive("bob", 1, "Secret")
	h.assign(hers, ada.agent)
	s := ben.screen().hello()
	s.sync(string(hers))
	told := len(s.records[string(hers.Stream())])

	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"access": "team"})
	s.untilIt("a reset", func() bool { return s.resets == 1 })
	s.untilIt("gone", func() bool { return slices.Contains(s.gone, string(hers)) })
	h.receive("bob", 2, "Secret again")
	s.sync(string(hers))
	if n := len(s.records[string(hers.Stream())]); n != told {
		t.Errorf("%d records of what is hidden now", n-told)
	}
	team := ada.must(201, "POST", "/teams", map[string]any{"name": "Billing", "members": []any{
		map[string]any{"agent": ben.agent}, map[string]any{"agent": ada.agent},
	}}).str("team", "id")
	s.untilIt("a reset", func() bool { return s.resets == 2 })
	h.receive("bob", 3, "For the team")
	s.sync()
	if s.tickets[string(hers)].GetPreview() != "For the team" {
		t.Errorf("a colleague's: %v", s.tickets)
	}

	// While the screen is away its sight shrinks: it reads again instead of resuming.
	_ = s.ws.Close()
	ada.must(200, "PUT", "/teams/"+team, map[string]any{"name": "Billing", "members": []any{}})
	s.hello()
	s.sync()
	if s.resets != 3 {
		t.Errorf("%d resets", s.resets)
	}
}

func TestSignsOfOthersAreNotShown(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	hers := h.receive("bob", 1, "Secret")
	h.assign(hers, ada.agent)
	a, b := ada.screen().hello(), ben.screen().hello()
	a.sync(string(hers))
	b.sync(string(hers))
	b.say(&deskpb.ClientFrame{Kind: &deskpb.ClientFrame_Typing{Typing: &deskpb.Typing{Conversation: string(hers), On: true}}})
	h.engine.Presence(desk.PresenceSign{Conversation: hers, Who: "contact", Name: "Bob", Typing: true})
	a.untilIt("the contact's sign", func() bool {
		return slices.ContainsFunc(a.presence, func(p *deskpb.Presence) bool { return p.Who == "contact" })
	})
	h.receive("dora", 1, "x")
	b.sync()
	if len(b.presence) != 0 || slices.ContainsFunc(a.presence, func(p *deskpb.Presence) bool { return p.Who == ben.agent }) {
		t.Errorf("signs: %v, %v", a.presence, b.presence)
	}
}

// Whatever happens, and wherever a limited screen was cut off: its rows are those it may see, as they are, and no other id
// was ever told.
func TestALimitedScreenFollowsRandomHistories(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	ids := make([]desk.ConversationID, 6)
	for i := range ids {
		ids[i] = h.receive(fmt.Sprint("c", i), 0, "Hello")
	}
	everHis := map[string]bool{}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		s := ben.screen()
		s.hello().sync()
		for id, row := range listed(ben) { // as the page does: after hello, over HTTP
			s.tickets[id] = row
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			i := rapid.IntRange(0, len(ids)-1).Draw(t, "i")
			n++
			switch rapid.SampledFrom([]string{"take", "give", "write", "note", "cut"}).Draw(t, "step") {
			case "take":
				h.assign(ids[i], ada.agent)
			case "give":
				h.assign(ids[i], ben.agent)
				everHis[string(ids[i])] = true
			case "write":
				h.receive(fmt.Sprint("c", i), n, fmt.Sprint("message ", n))
			case "note":
				h.command(ids[i].Stream(), &deskpb.AddNote{Message: fmt.Sprint("n", n), Body: &deskpb.Body{Text: fmt.Sprint("note ", n)}})
			case "cut":
				_ = s.ws.Close()
				s.hello()
			}
		}
		s.sync()
		want := listed(ben)
		for id, row := range s.tickets {
			if want[id] == nil {
				t.Fatalf("%s is still shown", id)
			}
			if row.Version != want[id].Version {
				t.Fatalf("%s: version %d, want %d", id, row.Version, want[id].Version)
			}
		}
		if len(s.tickets) != len(want) {
			t.Fatalf("%d rows, want %d", len(s.tickets), len(want))
		}
		for _, id := range ids {
			for _, f := range s.heard {
				if !everHis[string(id)] && strings.Contains(f, string(id)) {
					t.Fatalf("told of %s, which was never his: %s", id, f)
				}
			}
		}
		_ = s.ws.Close()
	})
}

// listed are the rows a browser reads over HTTP, by id.
func listed(b *browser) map[string]*deskpb.TicketSummary {
	rows := map[string]*deskpb.TicketSummary{}
	page := b.must(200, "GET", "/tickets?view=open&limit=200", nil)
	for i := range page.len("tickets") {
		id := page.str("tickets", i, "id")
		rows[id] = &deskpb.TicketSummary{Conversation: id, Version: uint64(page.num("tickets", i, "version"))}
	}
	return rows
}
