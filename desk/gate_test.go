package desk_test

import (
	"fmt"
	"testing"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// person is a contact whose gate is tested.
type person struct {
	t     *testing.T
	state *desk.Person
}

func newPerson(t *testing.T) *person {
	t.Helper()
	p := &person{t, desk.Contacts.Initial()}
	p.do(0, deskpb.NewCommand(&deskpb.EnsureContact{Identity: &deskpb.Identity{Kind: deskpb.IdentityKind_IDENTITY_KIND_EMAIL, Value: "a@b.test"}, Name: "A"}))
	return p
}

func (p *person) do(at int64, cmd *deskpb.Command) ([]*deskpb.Event, error) {
	p.t.Helper()
	cmd.AtMs = at
	evs, err := desk.Contacts.Decide(p.state, cmd)
	for _, ev := range evs {
		p.state = desk.Contacts.Evolve(p.state, ev)
	}
	return evs, err
}

// ask gives what became of an automatic answer: answered, why it was withheld, or that answers are off.
func (p *person) ask(at int64, conversation string, agentAt int64) string {
	p.t.Helper()
	evs, err := p.do(at, deskpb.NewCommand(&deskpb.AskToAnswer{Ask: fmt.Sprint("a", at), Conversation: conversation, AgentAtMs: agentAt}))
	switch {
	case desk.ReasonOf(err) == "answers_stopped":
		return "stopped"
	case err != nil || len(evs) != 1:
		p.t.Fatalf("%v, %v", evs, err)
	}
	if e := evs[0].GetAutomaticAnswersStopped(); e != nil {
		return "stops: " + e.Cause
	}
	if w := evs[0].GetAutomaticAnswerAsked().Withheld; w != "" {
		return w
	}
	return "answered"
}

const (
	minute = int64(60_000)
	hour   = 60 * minute
)

func TestGate(t *testing.T) {
	t.Parallel()
	type step struct {
		at      int64
		conv    string
		agentAt int64
		want    string
	}
	for name, steps := range map[string][]step{
		"once in a conversation and a day": {{1, "c1", 0, "answered"}, {hour, "c1", 0, "conversation"}, {24*hour + 1, "c1", 0, "answered"}},
		"three times a day over all":       {{1, "c1", 0, "answered"}, {hour, "c2", 0, "answered"}, {2 * hour, "c3", 0, "answered"}, {3 * hour, "c4", 0, "day"}, {24*hour + 2, "c5", 0, "answered"}},
		"too many exchanges stop it for a day": {
			{1, "c1", 0, "answered"}, {2, "c2", 0, "answered"}, {3, "c3", 0, "soon"}, {4, "c4", 0, "soon"}, {5, "c5", 0, "soon"}, {6, "c6", 0, "stops: exchanges"},
			{7, "c7", 0, "stopped"}, {24 * hour, "c8", 0, "stopped"}, {24*hour + 6, "c9", 0, "answered"},
		},
		"slowly is no exchange": {{1, "c1", 0, "answered"}, {3 * minute, "c2", 0, "answered"}, {6 * minute, "c3", 0, "soon"}, {9 * minute, "c4", 0, "soon"},
			{12 * minute, "c5", 0, "answered"}, {15 * minute, "c6", 0, "day"}, {18 * minute, "c7", 0, "day"}},
		"an agent who writes in between makes it a conversation": {{1, "c1", 0, "answered"}, {2, "c2", 0, "answered"}, {3, "c3", 0, "soon"}, {4, "c4", 0, "soon"}, {5, "c5", 0, "soon"},
			{7, "c6", 6, "soon"}, {8, "c7", 6, "soon"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			for i, s := range steps {
				if got := p.ask(s.at, s.conv, s.agentAt); got != s.want {
					t.Fatalf("step %d: %s, want %s", i, got, s.want)
				}
			}
		})
	}
}

func TestFloodStopsAnswers(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	for range 2 {
		if _, err := p.do(1, deskpb.NewCommand(&deskpb.StopAutomaticAnswers{Cause: desk.StoppedByFlood})); err != nil {
			t.Fatal(err)
		}
	}
	if got := p.ask(2, "c1", 0); got != "stopped" {
		t.Error(got)
	}
	if _, err := p.do(1, deskpb.NewCommand(&deskpb.StopAutomaticAnswers{Cause: "a whim"})); desk.CodeOf(err) != desk.Invalid {
		t.Error(err)
	}
}

// Two desks answer each other, without header fields that would tell: each answer is a new conversation of a person to the other one.
func TestTwoDesksStopAnsweringEachOther(t *testing.T) {
	t.Parallel()
	here, there := newPerson(t), newPerson(t) // each is the other one's contact
	mails, at := 1, int64(0)
	for to, other := here, there; ; to, other = other, to {
		if at += 1000; to.ask(at, fmt.Sprint("c", mails), 0) != "answered" {
			break
		}
		if mails++; mails > 100 {
			t.Fatal("they never stop")
		}
	}
	if mails > 5 {
		t.Errorf("they stop after %d mails", mails)
	}
}

// Somebody who knows better lets automatic answers go again, and the count begins anew.
func TestAnswersAreAllowedAgain(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	allow := func(at int64) int {
		evs, err := p.do(at, deskpb.NewCommand(&deskpb.AllowAutomaticAnswers{}))
		if err != nil {
			t.Fatal(err)
		}
		return len(evs)
	}
	if n := allow(1); n != 0 {
		t.Errorf("%d facts, though they are on", n)
	}
	for i := range int64(desk.MaxExchanges) {
		p.ask(2+i, fmt.Sprint("c", i), 0)
	}
	if got := p.ask(10, "c9", 0); got != "stops: exchanges" {
		t.Fatal(got)
	}
	if got := p.ask(11, "c9", 0); got != "stopped" {
		t.Fatal(got)
	}
	if n := allow(12); n != 1 {
		t.Errorf("%d facts", n)
	}
	if got := p.ask(13, "c9", 0); got != "answered" {
		t.Errorf("after it: %s", got)
	}
}
