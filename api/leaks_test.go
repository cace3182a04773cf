package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// secrets are words of a ticket that is not to be seen: of its subject, what is said in it, who wrote it, and a file.
var secrets = []string{"xylophone", "quokka", "zanzibar", "periwinkle"}

func tellsSecret(text string) string {
	for _, s := range secrets {
		if strings.Contains(strings.ToLower(text), s) {
			return s
		}
	}
	return ""
}

// hiddenTicket makes a ticket of the administrator's with everything in it that could leak.
func hiddenTicket(t *testing.T, h *house, ada *browser) (id desk.ConversationID, blob string) {
	t.Helper()
	id = h.receive("zanzibar", 1, "I have lost my quokka")
	ada.must(200, "PUT", "/conversations/"+string(id)+"/subject", map[string]any{"subject": "Xylophone"})
	blob = ada.must(201, "POST", "/uploads?name=periwinkle.txt", strings.NewReader("periwinkle")).str("blob")
	h.assign(id, ada.agent)
	ada.must(200, "POST", "/conversations/"+string(id)+"/notes", map[string]any{
		"message_id": "nt_1", "text": "quokka", "attachments": []any{map[string]any{"blob": blob, "name": "periwinkle.txt", "media_type": "text/plain", "size": 1}},
	})
	ada.must(200, "PUT", "/conversations/"+string(id)+"/drafts/reply", map[string]any{"text": "About your quokka", "device": "d", "leaving": true})
	return id, blob
}

// operations are all routes that are described: method and path.
func operations(t *testing.T, b *browser) [][2]string {
	t.Helper()
	var doc struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal([]byte(b.must(200, "GET", "/openapi.json", nil).raw), &doc); err != nil {
		t.Fatal(err)
	}
	var out [][2]string
	for path, methods := range doc.Paths {
		for method := range methods {
			out = append(out, [2]string{strings.ToUpper(method), path})
		}
	}
	if len(out) < 90 {
		t.Fatalf("%d routes: the description is not whole", len(out))
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[1]+a[0], b[1]+b[0]) })
	return out
}

// Every route there is, asked by who may not see a ticket for all that names it: no answer says a word of it, and nothing is done.
func TestNoRouteTellsOfAHiddenTicket(t *testing.T) {
	t.Parallel()
	h, find := openSearching(t)
	ada := h.admin()
	id, blob := hiddenTicket(t, h, ada)
	if got := find(ada, "xylophone"); got.len("hits") != 1 {
		t.Fatalf("it cannot be found by who may see it: %s", got.raw)
	}
	contact := string(desk.ContactIDFor(1, "zanzibar@customer.example"))
	number := fmt.Sprintf("%.0f", ada.must(200, "GET", "/conversations/"+string(id), nil).num("ticket", "number"))
	version := ada.must(200, "GET", "/conversations/"+string(id), nil).num("version")
	all := operations(t, ada)
	for _, who := range []*browser{ada.limited("Ben", "own"), ada.limited("Cleo", "team")} {
		mine := h.receive("anna", 1, "Hello")
		h.assign(mine, who.agent)
		for _, o := range all {
			method, path := o[0], o[1]
			if path == "/socket" || path == "/setup" || path == "/session" {
				continue // the socket has tests of its own; the others are before an agent is one
			}
			for _, of := range []string{string(id), contact, string(mine)} {
				p := strings.NewReplacer("{id}", of, "{number}", number, "{message}", "nt_1", "{kind}", "reply", "{hash}", blob, "{agent}", who.agent,
					"{property}", "pr_1", "{item}", "it_1", "{session}", "se_1").Replace(path)
				if method == http.MethodGet {
					p += "?q=xylophone&limit=50&agents=" + who.agent + "&conversation=" + of
				} else if of == string(mine) || !strings.Contains(path, "{") {
					continue // what one does with one's own is one's own
				}
				var body any
				if method != http.MethodGet && method != http.MethodDelete {
					body = plausible(path, string(id), who.agent)
				}
				got := who.do(method, p, body)
				if s := tellsSecret(got.raw); s != "" && got.status < 500 && !strings.Contains(got.header.Get("Content-Type"), "html") {
					t.Errorf("%s %s tells %s %q: %s", method, p, who.agent, s, got.raw)
				}
				if strings.Contains(path, "/conversations/") && of == string(id) && got.status < 400 {
					t.Errorf("%s %s: %d", method, p, got.status)
				}
				if strings.HasPrefix(path, "/contacts/") && of == contact && got.status < 400 {
					t.Errorf("%s %s: %d", method, p, got.status)
				}
			}
		}
		// Many at once, and what the answers count.
		for _, action := range []string{"unsnooze", "spam", "follow"} {
			got := who.must(200, "POST", "/tickets/bulk", map[string]any{"ids": []string{string(id)}, "action": map[string]any{"kind": action}})
			if got.str("results", 0, "outcome") != "refused" || tellsSecret(got.raw) != "" {
				t.Errorf("in bulk: %s", got.raw)
			}
		}
		got := who.must(200, "POST", "/tickets/counts", map[string]any{"filters": []any{map[string]any{}, map[string]any{"owner": []string{ada.agent}}, map[string]any{"channel": []string{"ch_mail"}}}})
		if got.num("counts", 0, "count") != 1 || got.num("counts", 1, "count") != 0 || got.num("counts", 2, "count") != 1 {
			t.Errorf("counts: %s", got.raw)
		}
		h.assign(mine, ada.agent)
	}
	if now := ada.must(200, "GET", "/conversations/"+string(id), nil).num("version"); now != version {
		t.Errorf("somebody who may not see the ticket changed it: version %v, then %v", version, now)
	}
}

// plausible is a body that the route takes, as far as one fits many.
func plausible(path, conversation, agent string) any {
	switch {
	case strings.HasSuffix(path, "/owner"):
		return map[string]any{"agent": agent}
	case strings.HasSuffix(path, "/status"):
		return map[string]any{"status": "closed"}
	case strings.HasSuffix(path, "/priority"):
		return map[string]any{"priority": "high"}
	case strings.HasSuffix(path, "/subject"):
		return map[string]any{"subject": "Mine"}
	case strings.HasSuffix(path, "/tags"):
		return map[string]any{"add": []string{}}
	case strings.HasSuffix(path, "/team"):
		return map[string]any{"team": nil}
	case strings.HasSuffix(path, "/stage"):
		return map[string]any{"stage": "st_1"}
	case strings.HasSuffix(path, "/snooze"):
		return map[string]any{"until": nil}
	case strings.HasSuffix(path, "/spam"):
		return map[string]any{"spam": true}
	case strings.HasSuffix(path, "/merge"):
		return map[string]any{"into": conversation}
	case strings.HasSuffix(path, "/split"):
		return map[string]any{"messages": []string{"nt_1"}}
	case strings.HasSuffix(path, "/blocked"):
		return map[string]any{"blocked": true}
	case strings.HasSuffix(path, "/name"):
		return map[string]any{"name": "Mine"}
	case strings.HasSuffix(path, "/send-at"):
		return map[string]any{"send_at": nil}
	case strings.HasSuffix(path, "/together"):
		return map[string]any{"note": map[string]any{"message_id": "nt_2", "text": "x"}}
	case strings.Contains(path, "/properties/"):
		return map[string]any{"value": ""}
	case strings.Contains(path, "/drafts/"):
		return map[string]any{"text": "x", "device": "d"}
	}
	return map[string]any{"message_id": "nt_2", "text": "x"}
}

// A ticket that was merged into one that is not to be seen does not say what that one is about, and is not taken out of it.
func TestAMergeTellsNothingOfTheOtherTicket(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	id, _ := hiddenTicket(t, h, ada)
	ben := ada.limited("Ben", "own")
	mine := h.receive("anna", 1, "Hello")
	h.assign(mine, ben.agent)
	path := "/conversations/" + string(mine)
	s := ben.screen().hello()
	s.sync(string(mine))
	before := s.position
	ada.must(200, "POST", path+"/merge", map[string]any{"into": string(id)})
	s.sync(string(mine))
	if got := ben.must(200, "GET", path, nil); tellsSecret(got.raw) != "" || !strings.Contains(got.raw, `"merged"`) {
		t.Errorf("over REST: %s", got.raw)
	}
	if got := ada.must(200, "GET", path, nil); tellsSecret(got.raw) == "" {
		t.Errorf("the administrator's: %s", got.raw)
	}
	_ = s.ws.Close()
	s.position = before
	s.hello()
	s.sync(string(mine))
	if heard := strings.Join(s.heard, "\n"); tellsSecret(heard) != "" || !strings.Contains(heard, "conversation_merged") {
		t.Errorf("over the socket: %s", heard)
	}
	if got := ben.must(403, "DELETE", path+"/merge", nil); tellsSecret(got.raw) != "" {
		t.Errorf("taken back: %s", got.raw)
	}
	if got := ada.must(200, "DELETE", path+"/merge", nil); got.str("ticket", "merged_into") != "" {
		t.Errorf("taken back by who sees both: %s", got.raw)
	}
}

// Blocking a contact sets all their tickets aside, and says of how many only what one sees of them.
func TestBlockingCountsWhatOneSees(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben := ada.limited("Ben", "own")
	mine := h.receive("anna", 1, "Hello")
	h.assign(mine, ben.agent)
	channel := ada.must(201, "POST", "/channels", map[string]any{"kind": "email", "name": "Mail", "config": map[string]any{"address": "help@example.com", "host": "h"}}).str("channel", "id")
	other := ada.must(201, "POST", "/tickets", map[string]any{"request_id": "r1", "channel": channel, "subject": "Another", "contact": map[string]any{"email": "anna@customer.example"}}).str("ticket", "id")
	got := ben.must(200, "PUT", "/contacts/"+string(desk.ContactIDFor(1, "anna@customer.example"))+"/blocked", map[string]any{"blocked": true})
	if got.num("tickets") != 1 {
		t.Errorf("blocked: %s", got.raw)
	}
	if ada.must(200, "GET", "/conversations/"+other, nil).get("ticket", "spam") != true {
		t.Error("the other one of the contact is not set aside")
	}
}

// How a channel is connected, whom its rule names and what came in broken is for who runs the desk.
func TestWhatAgentsAreShownOfAChannel(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben, dan := ada.limited("Ben", "own"), ada.colleague("Dan")
	channel := ada.must(201, "POST", "/channels", map[string]any{
		"kind": "email", "name": "Mail", "config": map[string]any{"address": "help@example.com", "host": "mail.internal"},
		"routing": map[string]any{"mode": "users_and_teams", "agents": []string{dan.agent}},
	}).str("channel", "id")
	screens := map[*browser]*screen{}
	for _, b := range []*browser{ada, ben, dan} {
		screens[b] = b.screen().hello()
		screens[b].sync()
	}
	h.command(desk.ChannelID(channel).Stream(), &deskpb.QuarantineItem{Item: &deskpb.ItemQuarantined{Item: "it_1", Cause: "broken quokka", Summary: "quokka"}})
	tells := func(text string) bool {
		return strings.Contains(text, "mail.internal") || strings.Contains(text, dan.agent) && strings.Contains(text, "routing") || strings.Contains(text, "quarantined:")
	}
	for b, s := range screens {
		s.sync()
		list := b.must(200, "GET", "/channels", nil)
		leads := b == ada
		if got := strings.Contains(list.raw, "mail.internal") || strings.Contains(list.raw, "quarantined") || strings.Contains(list.raw, "routing"); got != leads {
			t.Errorf("%s is shown %s", b.agent, list.raw)
		}
		if list.str("channels", 0, "name") != "Mail" || list.str("channels", 0, "health", "state") == "" || list.get("channels", 0, "partial") != !leads {
			t.Errorf("%s is shown %s", b.agent, list.raw)
		}
		var of []string
		for _, f := range s.heard {
			if strings.HasPrefix(f, "channel:") {
				of = append(of, f)
			}
		}
		if heard := strings.Join(of, "\n"); heard == "" || tells(heard) != leads {
			t.Errorf("%s heard %s", b.agent, heard)
		}
	}
}

// Before a colleague is called one is told who would see the ticket only because of that.
func TestWhoWouldSeeATicketOnlyIfCalled(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben, cleo, dan := ada.limited("Ben", "own"), ada.limited("Cleo", "team"), ada.colleague("Dan")
	id := h.receive("anna", 1, "Hello")
	path := "/conversations/" + string(id) + "/outsiders?agents=" + strings.Join([]string{ben.agent, cleo.agent, dan.agent, ada.agent, ben.agent, "ag_none"}, ",")
	outside := func(by *browser) []any {
		return by.must(200, "GET", path, nil).get("agents").([]any)
	}
	if got := outside(dan); !slices.Equal(got, []any{ben.agent, cleo.agent}) {
		t.Errorf("outsiders: %v", got)
	}
	if ben.must(404, "GET", path, nil).raw != ben.must(404, "GET", "/conversations/cv_none/outsiders", nil).raw {
		t.Error("hidden is told from missing")
	}
	dan.must(200, "POST", "/conversations/"+string(id)+"/notes", map[string]any{"message_id": "nt_1", "text": "Ben?", "mentions": []string{ben.agent}})
	if got := outside(ben); !slices.Equal(got, []any{cleo.agent}) {
		t.Errorf("outsiders, when one was called: %v", got)
	}
	ben.must(200, "DELETE", "/conversations/"+string(id)+"/mention", nil)
	ben.must(200, "GET", "/conversations/"+string(id), nil) // whoever was called follows: looking does not end it
	ben.must(200, "DELETE", "/conversations/"+string(id)+"/followers/"+ben.agent, nil)
	ben.must(404, "GET", "/conversations/"+string(id), nil)
	if got := dan.must(422, "GET", "/conversations/"+string(id)+"/outsiders?agents=Ben%20B", nil); got.str("errors", 0, "location") != "query.agents[0]" {
		t.Errorf("no id: %s", got.raw)
	}
}
