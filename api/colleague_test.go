package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// everyColleague is what an agent is shown of another, and not a field more.
var everyColleague = []string{
	"availability_cause", "available", "away_reason", "changes_at", "changes_cause", "connected", "deactivated", "id", "name", "partial", "seat", "shown_email", "version",
}

var onlyLeads = []string{
	"access", "availability_by", "availability_since", "capacity", "connected_since", "email", "holidays", "last_assigned_at", "limits", "load", "loads", "out_of_office", "role", "schedule", "second_skills", "skills", "two_factor", "working_hours",
}

// busy gives an agent a place, as the assignment actor and the agent's own actor do.
func (h *house) busy(agent, conversation string) {
	h.t.Helper()
	h.command(desk.AgentID(agent).Stream(), &deskpb.TakePlace{Conversation: conversation, ConversationVersion: 1})
}

// fieldsOf are the names of an agent's fields in a list, by the agent's id.
func fieldsOf(t *testing.T, list answer) map[string][]string {
	t.Helper()
	var all struct{ Agents []map[string]any }
	if err := json.Unmarshal([]byte(list.raw), &all); err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, a := range all.Agents {
		out[a["id"].(string)] = slices.Sorted(maps.Keys(a))
	}
	return out
}

func TestWhatColleaguesAreShownOfEachOther(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben, cleo, dan, eve := ada.limited("Ben", "own"), ada.limited("Cleo", "team"), ada.colleague("Dan"), ada.colleague("Eve")
	ada.must(200, "PATCH", "/agents/"+eve.agent, map[string]any{"role": "supervisor"})
	h.busy(dan.agent, "cv_1")
	whole := slices.Sorted(slices.Values(append(slices.Clone(onlyLeads), everyColleague...)))
	people := []*browser{ada, ben, cleo, dan, eve}
	for _, who := range people {
		leads := who == ada || who == eve
		got := fieldsOf(t, who.must(200, "GET", "/agents", nil))
		for _, of := range people {
			want := everyColleague
			if leads || who == of {
				want = whole
			}
			if !slices.Equal(got[of.agent], want) {
				t.Errorf("%s is shown %v of %s, want %v", who.agent, got[of.agent], of.agent, want)
			}
		}
	}
	versionOf := func(list answer, agent string) (version float64, partial bool) {
		for i := range list.len("agents") {
			if list.str("agents", i, "id") == agent {
				return list.num("agents", i, "version"), list.get("agents", i, "partial") == true
			}
		}
		t.Fatalf("no %s in %s", agent, list.raw)
		return 0, false
	}
	before, partial := versionOf(ben.must(200, "GET", "/agents", nil), dan.agent)
	if !partial {
		t.Error("a row that lacks fields does not say so")
	}
	h.busy(dan.agent, "cv_2")
	if now, _ := versionOf(ben.must(200, "GET", "/agents", nil), dan.agent); now != before {
		t.Errorf("the version of a colleague's row tells that he got work: %v, then %v", before, now)
	}
	dan.must(200, "PUT", "/agents/"+dan.agent+"/availability", map[string]any{"available": true})
	if now, _ := versionOf(ben.must(200, "GET", "/agents", nil), dan.agent); now <= before {
		t.Errorf("he came: version %v, then %v", before, now)
	}
	if got := dan.must(200, "GET", "/me", nil); got.num("agent", "load") != 2 || got.get("agent", "partial") != false {
		t.Errorf("his own: %s", got.raw)
	}
}

func TestASocketShowsColleaguesNoMoreThanTheyMayKnow(t *testing.T) {
	t.Parallel()
	for _, access := range []string{"all", "team", "own"} {
		for _, binary := range []bool{false, true} {
			t.Run(fmt.Sprint(access, " binary=", binary), func(t *testing.T) {
				t.Parallel()
				colleaguesOnASocket(t, access, binary)
			})
		}
	}
}

func colleaguesOnASocket(t *testing.T, access string, binary bool) {
	h := open(t)
	ada := h.admin()
	ben, dan := ada.limited("Ben", access), ada.colleague("Dan")
	s, a, d := ben.screen(), ada.screen(), dan.screen()
	s.binary, a.binary, d.binary = binary, binary, binary
	for _, screen := range []*screen{s, a, d} {
		screen.hello().sync()
	}

	// Dan gets work: his own screen and the administrator's are told, Ben's hears of nothing.
	_, before := h.engine.Head()
	h.busy(dan.agent, "cv_1")
	for _, screen := range []*screen{s, a, d} {
		screen.sync()
	}
	if a.agents[dan.agent].GetLoad() != 1 || d.agents[dan.agent].GetLoad() != 1 || d.agents[dan.agent].GetEmail() == "" {
		t.Errorf("who may know: %v, %v", a.agents[dan.agent], d.agents[dan.agent])
	}
	for _, f := range s.rows { // what came before may still have been on its way
		if f.Agent.Agent == dan.agent && f.Position >= uint64(before) {
			t.Errorf("told that a colleague got work: %v", f)
		}
	}

	// Dan comes: everybody is told, and Ben no more than that.
	ada.must(200, "PATCH", "/agents/"+dan.agent, map[string]any{"capacity": 7})
	dan.must(200, "PUT", "/agents/"+dan.agent+"/availability", map[string]any{"available": false, "reason": "Lunch"})
	for _, screen := range []*screen{s, a, d} {
		screen.sync()
	}
	expectColleague(t, s, dan.agent, "Lunch")
	if row := a.agents[dan.agent]; row.GetCapacity() != 7 || row.GetAwayReason() != "Lunch" {
		t.Errorf("the administrator's: %v", row)
	}

	cutOff(t, h, s, dan, ben)
	promoted(t, h, s, ada, dan, ben)
}

// cutOff: what is caught up on says no more.
func cutOff(t *testing.T, h *house, s *screen, dan, ben *browser) {
	t.Helper()
	_ = s.ws.Close()
	s.agents = map[string]*deskpb.AgentSummary{}
	h.busy(dan.agent, "cv_2")
	h.busy(ben.agent, "cv_3")
	s.hello().sync()
	if s.agents[dan.agent] != nil || s.agents[ben.agent].GetLoad() != 1 {
		t.Errorf("after the first break: %v", s.agents)
	}
	_ = s.ws.Close()
	h.busy(dan.agent, "cv_4")
	dan.must(200, "PUT", "/agents/"+dan.agent+"/availability", map[string]any{"available": false, "reason": "Training"})
	s.hello().sync()
	expectColleague(t, s, dan.agent, "Training")
	s.sync() // what was held while it caught up has come: it is live
}

// promoted: Ben becomes a supervisor: he reads again, and sees it all; and no more when he is none.
func promoted(t *testing.T, h *house, s *screen, ada, dan, ben *browser) {
	t.Helper()
	resets := s.resets
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"role": "supervisor"})
	s.untilIt("a reset", func() bool { return s.resets == resets+1 })
	h.busy(dan.agent, "cv_5")
	s.sync()
	if s.agents[dan.agent].GetLoad() != 4 {
		t.Errorf("a supervisor's: %v", s.agents[dan.agent])
	}
	ada.must(200, "PATCH", "/agents/"+ben.agent, map[string]any{"role": "agent"})
	s.untilIt("a reset", func() bool { return s.resets == resets+2 })
	s.agents = map[string]*deskpb.AgentSummary{}
	h.busy(dan.agent, "cv_6")
	dan.must(200, "PUT", "/agents/"+dan.agent+"/availability", map[string]any{"available": false, "reason": "Home"})
	s.sync()
	expectColleague(t, s, dan.agent, "Home")
}

// expectColleague compares with what everybody may be shown, field by field.
func expectColleague(t *testing.T, s *screen, agent, away string) {
	t.Helper()
	row, err := s.b.engine.Index().Agent(desk.AgentID(agent))
	if err != nil {
		t.Fatal(err)
	}
	want := &deskpb.AgentSummary{Agent: agent, Name: "Dan", ShownEmail: row.Email, Seat: true, AwayReason: away, Version: row.ShownVersion}
	if got := s.agents[agent]; !proto.Equal(got, want) {
		t.Errorf("shown %v, want %v", got, want)
	}
	if f := s.frameOf(agent); !f.GetPartial() {
		t.Errorf("a row that lacks fields does not say so: %v", f)
	}
}

// A reason for an owner counts colleagues' tickets: only who runs the desk reads the figures.
func TestReasonsCountNobodysTickets(t *testing.T) {
	t.Parallel()
	h := open(t)
	ada := h.admin()
	ben, dan := ada.limited("Ben", "own"), ada.colleague("Dan")
	id := h.receive("anna", 1, "Hello")
	screens := map[*browser]*screen{}
	for _, b := range []*browser{ada, ben, dan} {
		screens[b] = b.screen().hello()
		screens[b].sync(string(id))
	}
	why := &deskpb.AssignmentReason{Code: "assigned_least_loaded", Text: "Ben has 314159265 open, the fewest of 2 available.", Considered: 2, Candidates: []*deskpb.Candidate{
		{Agent: ben.agent, Verdict: "chosen", Load: 314159265, Capacity: 271828182}, {Agent: dan.agent, Verdict: "more_loaded", Load: 314159266, Capacity: 271828182},
	}}
	h.command(id.Stream(), &deskpb.AssignConversation{Agent: ben.agent, AgentName: "Ben", Reason: why})
	contact := string(desk.ContactIDFor(1, "anna@customer.example"))
	number := ada.must(200, "GET", "/conversations/"+string(id), nil).num("ticket", "number")
	figures := func(text string) bool {
		return strings.Contains(text, "31415926") || strings.Contains(text, "more_loaded") || strings.Contains(text, "271828182")
	}
	for _, path := range []string{
		"/tickets?view=open", "/conversations/" + string(id), "/contacts/" + contact, fmt.Sprintf("/tickets/number/%.0f", number),
	} {
		for _, b := range []*browser{ben, dan} {
			got := b.must(200, "GET", path, nil)
			if figures(got.raw) || !strings.Contains(got.raw, "fewest open tickets") {
				t.Errorf("%s: %s", path, got.raw)
			}
		}
		if got := ada.must(200, "GET", path, nil); !figures(got.raw) {
			t.Errorf("%s for the administrator: %s", path, got.raw)
		}
	}
	for b, s := range screens {
		s.sync(string(id))
		if heard := strings.Join(s.heard, "\n"); figures(heard) != (b == ada) || !strings.Contains(heard, "assigned_least_loaded") {
			t.Errorf("the screen of %s heard %s", b.agent, heard)
		}
		_ = s.ws.Close()
		s.heard = nil
		s.connect()
		s.say(&deskpb.ClientFrame{Kind: &deskpb.ClientFrame_Hello{Hello: &deskpb.Hello{Epoch: s.epoch, Position: 1}}})
		s.sync(string(id))
		resumed := strings.Join(s.heard, "\n")
		// A limited screen that resumes from before its account was limited reads again.
		if figures(resumed) != (b == ada) {
			t.Errorf("resumed, the screen of %s heard %s", b.agent, resumed)
		}
	}
}
