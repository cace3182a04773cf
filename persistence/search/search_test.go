package search_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/persistence/memory"
	"github.com/centralita/centralita/persistence/search"
	"github.com/centralita/centralita/proto/deskpb"
)

// house is a store with its search index.
type house struct {
	t        *testing.T
	store    persistence.Store
	index    *search.Index
	versions map[desk.StreamID]uint64
	clock    int64
}

func newHouse(t *testing.T, dir string) *house {
	t.Helper()
	h := &house{t: t, store: memory.New(), versions: map[desk.StreamID]uint64{}, clock: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC).UnixMilli()}
	h.open(dir)
	t.Cleanup(func() {
		if err := h.index.Close(); err != nil {
			t.Error(err)
		}
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *house) open(dir string) {
	h.t.Helper()
	index, err := search.Open(h.store, search.Options{Dir: dir})
	if err != nil {
		h.t.Fatal(err)
	}
	h.index = index
}

func (h *house) append(stream desk.StreamID, events ...desk.Event) {
	h.t.Helper()
	h.clock += 60_000
	e := persistence.Entry{Stream: stream, Expect: h.versions[stream]}
	for _, ev := range events {
		h.versions[stream]++
		e.Records = append(e.Records, &deskpb.Record{Stream: string(stream), Version: h.versions[stream], AtMs: h.clock, Event: ev})
	}
	done := make(chan error, 1)
	h.store.Append(e, func(_ desk.Position, err error) { done <- err })
	if err := <-done; err != nil {
		h.t.Fatal(err)
	}
}

// letter opens a conversation, or goes on with one.
func (h *house) letter(thread, name, subject, text string, files ...string) desk.ConversationID {
	id := desk.ConversationID("cv_" + thread)
	address := strings.ToLower(strings.Fields(name)[0]) + "@example.com"
	contact := desk.ContactIDFor(1, address)
	if h.versions[contact.Stream()] == 0 {
		h.append(contact.Stream(), deskpb.NewEvent(&deskpb.ContactCreated{
			Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: address}, Name: name,
		}))
	}
	var events []desk.Event
	if h.versions[id.Stream()] == 0 {
		events = append(events, deskpb.NewEvent(&deskpb.ConversationOpened{
			Channel: "ch_mail", ChannelKind: deskpb.ChannelKind_CHANNEL_KIND_EMAIL, Contact: string(contact), Subject: subject, ContactName: name,
			Priority: deskpb.Priority_PRIORITY_NORMAL,
		}))
	}
	body := &deskpb.Body{Text: text}
	for _, f := range files {
		body.Attachments = append(body.Attachments, &deskpb.Attachment{Blob: strings.Repeat("0", 64), Name: f})
	}
	events = append(events, deskpb.NewEvent(&deskpb.MessageReceived{
		Message: fmt.Sprintf("ms_%s_%d", thread, h.versions[id.Stream()]), Channel: "ch_mail", ExternalId: fmt.Sprint(thread, h.versions[id.Stream()]),
		Contact: string(contact), From: &deskpb.Address{Name: name, Address: address}, Subject: subject, Body: body,
	}))
	h.append(id.Stream(), events...)
	return id
}

// find gives the conversations that a query finds, in order, after the index caught up.
func (h *house) find(q string, v *desk.Viewer) []string {
	h.t.Helper()
	var ids []string
	for _, hit := range h.page(q, v).Hits {
		ids = append(ids, hit.Ticket.Conversation[3:])
	}
	return ids
}

func (h *house) page(q string, v *desk.Viewer) desk.SearchPage {
	h.t.Helper()
	if err := h.index.CatchUp(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	query, err := desk.ParseSearch(q, time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC))
	if err != nil {
		h.t.Fatalf("%q: %v", q, err)
	}
	query.Viewer = v
	page, err := h.index.Search(h.t.Context(), query)
	if err != nil {
		h.t.Fatalf("%q: %v", q, err)
	}
	return page
}

// sample is a desk with a few conversations.
func sample(t *testing.T) *house {
	h := newHouse(t, "")
	h.letter("invoice", "Ana García", "Duda sobre facturación", "Hola, no entiendo la factura de octubre. Los envíos salen mal.", "factura-octubre.pdf")
	h.append(desk.TeamID("tm_1").Stream(), deskpb.NewEvent(&deskpb.TeamAdded{Name: "Facturación y pagos"}))
	h.append(desk.SettingID("tg_1").Stream(), deskpb.NewEvent(&deskpb.SettingSaved{
		Setting: &deskpb.Setting{Value: &deskpb.Setting_Tag{Tag: &deskpb.Tag{Name: "Año nuevo", Colour: "red"}}},
	}))
	h.append(desk.ConversationID("cv_invoice").Stream(), deskpb.NewEvent(&deskpb.TicketTagsChanged{Added: []string{"tg_1"}}),
		deskpb.NewEvent(&deskpb.TicketTeamChanged{Team: "tm_1"}))
	h.letter("parcel", "Bob Müller", "Where is my parcel?", "It was shipped last week and has not been delivered. My invoices say otherwise.")
	h.letter("login", "Carla Díaz", "Acceso", "No puedo entrar: la contraseña no funciona.")
	h.letter("parcel", "Bob Müller", "Re: Where is my parcel?", "Still nothing. Call +34 600 123 456 or PED-2024-001.")
	h.append(desk.ConversationID("cv_login").Stream(),
		deskpb.NewEvent(&deskpb.NoteAdded{Message: "ms_note", Agent: "ag_1", AgentName: "Eva Ruiz", Body: &deskpb.Body{Text: "Password was reset by hand"}}),
		deskpb.NewEvent(&deskpb.ConversationAssigned{Agent: "ag_1", AgentName: "Eva Ruiz", By: "ag_1"}))
	h.append(desk.ConversationID("cv_parcel").Stream(),
		deskpb.NewEvent(&deskpb.TicketStatusChanged{From: deskpb.TicketStatus_TICKET_STATUS_NEW, To: deskpb.TicketStatus_TICKET_STATUS_CLOSED}))
	h.append(desk.AgentID("ag_1").Stream(), deskpb.NewEvent(&deskpb.AgentAdded{Email: "eva@desk.example", Name: "Eva Ruiz", Role: deskpb.Role_ROLE_AGENT}))
	return h
}

func TestWhatIsFound(t *testing.T) {
	t.Parallel()
	h := sample(t)
	for q, want := range map[string]string{
		"facturas":                        "invoice", // another form, Spanish
		"facturacion":                     "invoice", // without its accent
		"deliver":                         "parcel",  // another form, English
		"envío":                           "invoice",
		"invoice":                         "parcel",
		"contrasena":                      "login",
		"fact":                            "invoice", // being typed
		"fact ":                           "",        // done
		"garcía":                          "invoice",
		"muller":                          "parcel",
		"ana@example.com":                 "invoice",
		"bob@":                            "parcel",
		"PED-2024-001":                    "parcel",
		"#3":                              "login",
		"octubre.pdf":                     "invoice",
		"file:octubre":                    "invoice",
		"file:hola":                       "",
		"subject:acceso":                  "login",
		"subject:hola":                    "",
		`"last week"`:                     "parcel",
		`"week last"`:                     "",
		"reset":                           "login", // in a note
		"has:note":                        "login",
		"has:attachment":                  "invoice",
		"is:closed":                       "parcel",
		"is:open":                         "login invoice",
		"is:unassigned is:open":           "invoice",
		"owner:eva":                       "login",
		"owner:none":                      "parcel invoice",
		"from:carla":                      "login",
		"from:ruiz":                       "login",
		"from:agent":                      "login",
		"parcel -shipped":                 "",
		"no -is:closed":                   "login invoice",
		"after:2026-11-01 before:2026-12": "parcel login invoice",
		"before:2026-11-01":               "",
		"channel:ch_mail":                 "",
		"where my":                        "parcel",
		`tag:"año nuevo"`:                 "invoice",
		`tag:"ANO NUEVO"`:                 "invoice",
		"tag:tg_1":                        "invoice",
		"tag:tg_gone":                     "",
		`team:"facturacion y pagos"`:      "invoice",
		"team:tm_1":                       "invoice",
		"-team:tm_1 is:open":              "login",
		"nothing whatsoever":              "",
		"?!":                              "", // nothing is asked for
		`"..." -- #`:                      "",
		"... is:closed":                   "parcel",
	} {
		if q == "channel:ch_mail" {
			continue // there is no row of it: refused, see below
		}
		if got := strings.Join(h.find(q, nil), " "); got != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
	for _, q := range []string{"channel:x", "owner:nobody_known", "team:x", "tag:x", `-"two words"`} {
		query, err := desk.ParseSearch(q, time.Now())
		if err == nil {
			_, err = h.index.Search(t.Context(), query)
		}
		if desk.CodeOf(err) != desk.Invalid {
			t.Errorf("%q: %v", q, err)
		}
	}
}

func text(parts []desk.SearchPart) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Hit {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

func TestSnippetsShowTheBestPlace(t *testing.T) {
	t.Parallel()
	h := sample(t)
	h.letter("long", "Dora", "Long", strings.Repeat("lorem ipsum dolor ", 60)+"el reembolso llegó tarde "+strings.Repeat("sit amet ", 60))
	for q, want := range map[string]string{
		"facturas":    "Hola, no entiendo la [factura] de octubre. Los envíos salen mal.",
		"reset hand":  "Password was [reset] by [hand]",
		"octubre.pdf": "factura-[octubre].[pdf]",
		"#3":          "Password was reset by hand",
	} {
		page := h.page(q, nil)
		if len(page.Hits) != 1 || text(page.Hits[0].Snippet) != want {
			t.Errorf("%q: %+v, want %q", q, page.Hits, want)
		}
	}
	hit := h.page("reembolsos", nil).Hits[0]
	if s := text(hit.Snippet); !strings.Contains(s, "el [reembolso] llegó") || len(s) > 260 || !strings.HasPrefix(s, "… ") || hit.Kind != "contact" || hit.Message == "" {
		t.Errorf("%q of %+v", s, hit)
	}
	if got := text(h.page("factura subject:duda", nil).Hits[0].Subject); got != "[Duda] sobre [facturación]" {
		t.Errorf("subject %q", got)
	}
}

func TestNobodyFindsOrCountsWhatTheyMayNotSee(t *testing.T) {
	t.Parallel()
	h := sample(t)
	eva := &desk.Viewer{Agent: "ag_1", Access: deskpb.Access_ACCESS_OWN}
	if got := h.page("no", eva); len(got.Hits) != 1 || got.Total != 1 || got.Hits[0].Ticket.Conversation != "cv_login" {
		t.Errorf("%d of %d: %v", len(got.Hits), got.Total, got.Hits)
	}
	// Taken away, and the index does not know yet: the row counts.
	h.append(desk.ConversationID("cv_login").Stream(), deskpb.NewEvent(&deskpb.ConversationAssigned{Agent: "ag_2", AgentName: "Zoe"}))
	query, err := desk.ParseSearch("password", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	query.Viewer = eva
	if page, err := h.index.Search(t.Context(), query); err != nil || len(page.Hits) != 0 || page.Total != 0 {
		t.Errorf("%+v, %v", page, err)
	}
	for _, q := range []string{"carla", "3", "acceso"} {
		if got, err := h.index.Suggest(t.Context(), q, eva, 8); err != nil || len(got) != 0 {
			t.Errorf("suggest %q: %+v, %v", q, got, err)
		}
	}
}

func TestPagesShowEachResultOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, "")
	for i := range 57 {
		subject := "Otra cosa"
		if i%10 == 0 {
			subject = "Cerezas"
		}
		h.letter(fmt.Sprintf("t%02d", i), fmt.Sprintf("P%d", i), subject, "las cerezas eran buenas")
	}
	if err := h.index.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	var order []string
	query, err := desk.ParseSearch("cereza", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	query.Limit = 10
	for {
		page, err := h.index.Search(t.Context(), query)
		if err != nil || page.Total != 57 || !page.Exact {
			t.Fatalf("%+v, %v", page, err)
		}
		for _, hit := range page.Hits {
			seen[hit.Ticket.Conversation]++
			order = append(order, hit.Ticket.Subject)
		}
		if query.Cursor = page.Next; query.Cursor == "" {
			break
		}
	}
	if len(seen) != 57 || len(order) != 57 {
		t.Errorf("%d of 57, %d in all", len(seen), len(order))
	}
	for i, s := range order {
		if (s == "Cerezas") != (i < 6) {
			t.Errorf("result %d is %q", i, s)
		}
	}
	query.Cursor = "not one"
	if _, err := h.index.Search(t.Context(), query); desk.CodeOf(err) != desk.Invalid {
		t.Error(err)
	}
}

func TestSuggestions(t *testing.T) {
	t.Parallel()
	h := sample(t)
	h.page("x", nil)
	for q, want := range map[string]string{
		"gar":     "contact Ana [García]",
		"garsia":  "contact Ana García", // one letter wrong
		"#2":      "ticket Where is my parcel?",
		"dud":     "ticket [Duda] sobre facturación",
		"bob@exa": "contact [Bob] Müller",
		"qqq":     "",
	} {
		all, err := h.index.Suggest(t.Context(), q, nil, 8)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(all) > 0 && all[0].Contact != nil {
			got = "contact " + text(all[0].Text)
		} else if len(all) > 0 {
			got = "ticket " + text(all[0].Text)
		}
		if got != want {
			t.Errorf("%q suggests %q, want %q", q, got, want)
		}
	}
}

func TestTheIndexGoesOnWhereItWasAndIsBuiltAnewWhenItMust(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/search"
	h := newHouse(t, dir)
	h.letter("one", "Ana", "Uno", "primera manzana")
	if got := h.find("manzanas", nil); len(got) != 1 {
		t.Fatal(got)
	}
	at := h.index.At()
	if err := h.index.Close(); err != nil {
		t.Fatal(err)
	}
	h.open(dir)
	if h.index.At() != at || at == 0 {
		t.Errorf("opened at %d, was at %d", h.index.At(), at)
	}
	h.letter("two", "Bea", "Dos", "segunda manzana")
	if got := h.find("manzana", nil); len(got) != 2 {
		t.Error(got)
	}
	if err := h.index.Forget("cv_one"); err != nil {
		t.Fatal(err)
	}
	if got := h.find("manzana", nil); len(got) != 1 || got[0] != "two" {
		t.Error(got)
	}
	if err := h.index.Close(); err != nil {
		t.Fatal(err)
	}
	// Another history: nothing of the old one may be found.
	old := h.store
	h.store, h.versions = memory.New(), map[desk.StreamID]uint64{}
	h.open(dir)
	if h.index.At() != 0 {
		t.Errorf("of another history, yet at %d", h.index.At())
	}
	if got := h.find("manzana", nil); len(got) != 0 {
		t.Error(got)
	}
	if err := old.Close(); err != nil {
		t.Error(err)
	}
}
