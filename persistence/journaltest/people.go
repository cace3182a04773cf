package journaltest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

type rowMessage = proto.Message

func inOrder[M any](rows map[string]M) []M {
	var all []M
	for _, id := range slices.Sorted(maps.Keys(rows)) {
		all = append(all, rows[id])
	}
	return all
}

func checkPeople(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	for id, want := range m.contacts {
		got, err := x.Contact(desk.ContactID(id))
		checkRow(t, "contact "+id, got, want, err)
		for _, i := range want.Identities {
			who, err := x.ContactByIdentity(i)
			if string(who) != m.identity[identityName(i)] || err != nil {
				t.Fatalf("identity %v: got %q, %v; want %q", i, who, err, m.identity[identityName(i)])
			}
		}
	}
	agents, err := x.Agents()
	checkRows(t, "agents", agents, inOrder(m.agents), err)
	for id, want := range m.agents {
		got, err := x.Agent(desk.AgentID(id))
		checkRow(t, "agent "+id, got, want, err)
		if hash, err := x.PasswordHash(desk.AgentID(id)); hash != m.password[id] || err != nil {
			t.Fatalf("password of %s: %q, %v; want %q", id, hash, err, m.password[id])
		}
		if who, err := x.AgentByEmail(want.Email); string(who) != m.email[want.Email] || err != nil {
			t.Fatalf("email %s: %q, %v; want %q", want.Email, who, err, m.email[want.Email])
		}
		preferences, err := x.Preferences(desk.AgentID(id))
		checkRow(t, "preferences of "+id, preferences, m.preferences[id], err)
		factor, err := x.TwoFactor(desk.AgentID(id))
		checkRow(t, "second factor of "+id, factor, m.twoFactor[id], err)
		checkSessions(t, x, m, id)
		comings, next, err := x.Availability(desk.AgentID(id), 0, 0)
		checkRows(t, "comings of "+id, comings, m.comings[id], err)
		var paged []*deskpb.AvailabilityEntry
		for more := true; more; more = next > 0 {
			var page []*deskpb.AvailabilityEntry
			if page, next, err = x.Availability(desk.AgentID(id), next, 2); err != nil || len(page) > 2 || next > 0 && len(page) < 2 {
				t.Fatalf("a page of %d of the comings of %s, and %d next: %v", len(page), id, next, err)
			}
			paged = append(paged, page...)
		}
		checkRows(t, "comings of "+id+", by pages", paged, m.comings[id], nil)
		for n := range 6 {
			checkSession(t, x, m, id+"session"+string(rune('0'+n)))
		}
	}
	teams, err := x.Teams()
	checkRows(t, "teams", teams, inOrder(m.teams), err)
	for id, want := range m.teams {
		got, err := x.Team(desk.TeamID(id))
		checkRow(t, "team "+id, got, want, err)
	}
	checkSettings(t, x, m)
	checkDrafts(t, x, m)
	checkNotices(t, x, m)
}

func checkDrafts(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	for _, agent := range []string{"ag_0", "ag_1", "ag_2", "ag_"} {
		var want []*deskpb.DraftSummary
		for _, d := range m.drafts {
			if d.Agent == agent {
				want = append(want, d)
			}
		}
		place := func(d *deskpb.DraftSummary) string { return fmt.Sprint(d.Conversation, d.Note) }
		slices.SortFunc(want, func(a, b *deskpb.DraftSummary) int { return cmp.Compare(place(a), place(b)) })
		got, err := x.Drafts(desk.AgentID(agent), 0)
		checkRows(t, "drafts of "+agent, got, want, err)
		for _, d := range want {
			in, err := x.DraftsIn(desk.AgentID(agent), desk.ConversationID(d.Conversation))
			beside := slices.DeleteFunc(slices.Clone(want), func(o *deskpb.DraftSummary) bool { return o.Conversation != d.Conversation })
			checkRows(t, "drafts of "+agent+" in "+d.Conversation, in, beside, err)
		}
	}
}

func checkSettings(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	for _, kind := range append(desk.SettingKinds(), "unknown", "") {
		want := slices.DeleteFunc(inOrder(m.settings), func(s *deskpb.SettingSummary) bool { return s.Kind != kind || kind == "" })
		got, err := x.Settings(kind)
		checkRows(t, "settings of kind "+kind, got, want, err)
	}
	for id, want := range m.settings {
		got, err := x.Setting(desk.SettingID(id))
		checkRow(t, "setting "+id, got, want, err)
	}
}

func checkSession(t Tester, x *persistence.Index, m *model, hash string) {
	t.Helper()
	got, err := x.Session(hash)
	if err != nil {
		t.Fatalf("session %s: %v", hash, err)
	}
	want, ok := m.sessions[hash]
	if (got != nil) != ok || got != nil && !proto.Equal(got, want) {
		t.Fatalf("session %s: got %v, want %v (%v)", hash, got, want, ok)
	}
}

func checkSessions(t Tester, x *persistence.Index, m *model, agent string) {
	t.Helper()
	all, err := x.Sessions(desk.AgentID(agent))
	if err != nil {
		t.Fatalf("sessions of %s: %v", agent, err)
	}
	n := 0
	for _, s := range m.sessions {
		if s.Agent == agent {
			n++
		}
	}
	if len(all) != n {
		t.Fatalf("%s has %d sessions, want %d", agent, len(all), n)
	}
}

func checkChannels(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	channels, err := x.Channels()
	checkRows(t, "channels", channels, inOrder(m.channels), err)
	for id, want := range m.channels {
		got, err := x.Channel(desk.ChannelID(id))
		checkRow(t, "channel "+id, got, want, err)
		if secrets, err := x.ChannelSecrets(desk.ChannelID(id)); string(secrets) != m.secrets[id] || err != nil {
			t.Fatalf("secrets of %s: %q, %v; want %q", id, secrets, err, m.secrets[id])
		}
		if cursor, err := x.ChannelCursor(desk.ChannelID(id)); cursor != m.cursor[id] || err != nil {
			t.Fatalf("cursor of %s: %q, %v; want %q", id, cursor, err, m.cursor[id])
		}
		var held []*deskpb.QuarantinedItem
		for k, item := range m.held {
			if k[0] == id {
				held = append(held, item)
			}
		}
		slices.SortFunc(held, func(a, b *deskpb.QuarantinedItem) int {
			return cmp.Compare(m.heldAt[[2]string{id, b.Item}], m.heldAt[[2]string{id, a.Item}])
		})
		for _, want := range held {
			got, err := x.QuarantinedItem(desk.ChannelID(id), want.Item)
			checkRow(t, "quarantined "+want.Item, got, want, err)
		}
		items, err := x.Quarantine(desk.ChannelID(id), 0)
		checkRows(t, "quarantine of "+id, items, held, err)
	}
	for _, address := range []string{"support0@example.com", "support1@example.com", "support2@example.com"} {
		got, err := x.ChannelByAddress(deskpb.ChannelKind_CHANNEL_KIND_EMAIL, address)
		if string(got) != m.address[address] || err != nil {
			t.Fatalf("address %s: %q, %v; want %q", address, got, err, m.address[address])
		}
	}
}

func checkDue(t Tester, x *persistence.Index, m *model) {
	t.Helper()
	var want []desk.Due
	for due, at := range m.due {
		due.AtMs = at
		want = append(want, due)
	}
	slices.SortFunc(want, func(a, b desk.Due) int {
		return cmp.Or(cmp.Compare(a.AtMs, b.AtMs), cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Ref, b.Ref))
	})
	next, ok, err := x.NextDue()
	if err != nil || ok != (len(want) > 0) || ok && next != want[0] {
		t.Fatalf("next due: got %v, %v, %v; want the first of %v", next, ok, err, want)
	}
	for _, due := range want {
		n := 0
		for n < len(want) && want[n].AtMs <= due.AtMs {
			n++
		}
		got, err := x.Due(due.AtMs, 0)
		if err != nil || !slices.Equal(got, want[:n]) {
			t.Fatalf("due until %d: got %v, %v; want %v", due.AtMs, got, err, want[:n])
		}
	}
	if got, err := x.Due(1<<62, 1); err != nil || len(got) != min(1, len(want)) {
		t.Fatalf("the first due: %v, %v", got, err)
	}
}
