package desk

import "github.com/centralita/centralita/proto/deskpb"

// Turns are facts of agents' streams: a promise carries the turn it takes, a promise that came to nothing gives it back, and
// an agent's row sums them up (docs/adr/0016). So a restart, or a rebuilt index, goes on in the round that ran.

// underway is what was decided and is in no row yet.
type underway struct {
	rounds map[string]uint64 // of each rule, as far as known
	since  map[AgentID]int64
	turns  map[turnKey]*deskpb.TurnsTaken
}

type turnKey struct {
	agent AgentID
	of    string
}

// Promise notes that the chosen one was asked, until Settle; what he has been promised counts at once.
func (r *Roster) Promise(c Choice, atMs int64) {
	if r.under.rounds == nil {
		r.under = underway{rounds: map[string]uint64{}, since: map[AgentID]int64{}, turns: map[turnKey]*deskpb.TurnsTaken{}}
	}
	r.Promised[c.Agent] = r.Promised[c.Agent].Plus(c.Size)
	r.under.since[c.Agent] = max(r.under.since[c.Agent], atMs)
	if c.Turn == nil {
		return
	}
	r.under.rounds[c.Turn.Of] = max(r.under.rounds[c.Turn.Of], c.Turn.Round)
	key := turnKey{c.Agent, c.Turn.Of}
	r.under.turns[key] = addTurn(r.under.turns[key], c.Turn)
}

// Settle ends a promise: his row, read after it, says what came of it.
func (r *Roster) Settle(c Choice) {
	if r.Promised[c.Agent] = r.Promised[c.Agent].Minus(c.Size); r.Promised[c.Agent] == (ByGroup{}) {
		delete(r.Promised, c.Agent)
		delete(r.under.since, c.Agent)
	}
	if c.Turn == nil {
		return
	}
	key := turnKey{c.Agent, c.Turn.Of}
	if t := r.under.turns[key]; t != nil && t.Round == c.Turn.Round {
		if t.Taken--; t.Taken == 0 {
			delete(r.under.turns, key)
		}
	}
}

func addTurn(t *deskpb.TurnsTaken, turn *deskpb.Turn) *deskpb.TurnsTaken {
	if t == nil || t.Round < turn.Round {
		return &deskpb.TurnsTaken{Of: turn.Of, Round: turn.Round, Taken: 1}
	}
	if t.Round == turn.Round {
		t.Taken++
	}
	return t
}

func (r *Roster) lastAssigned(a Agent) int64 {
	return max(a.LastAssignedAtMs, r.under.since[AgentID(a.Agent)])
}

// turns are those an agent had in the last round of a rule that he had any in, promised ones included.
func (r *Roster) turns(a Agent, of string) (round uint64, taken uint32) {
	for _, t := range a.Turns {
		if t.Of == of {
			round, taken = t.Round, t.Taken
		}
	}
	switch t := r.under.turns[turnKey{AgentID(a.Agent), of}]; {
	case t == nil:
	case t.Round > round:
		round, taken = t.Round, t.Taken
	case t.Round == round:
		taken += t.Taken
	}
	return round, taken
}

// maxTurns bounds the rules an agent's row remembers turns of.
const maxTurns = 200

// projectTurn takes a turn, or gives one back.
func projectTurn(a *deskpb.AgentSummary, turn *deskpb.Turn, back bool) {
	if turn.GetOf() == "" {
		return
	}
	var mine *deskpb.TurnsTaken
	rest := make([]*deskpb.TurnsTaken, 0, len(a.Turns)+1) // rows are shared: a new list, and nothing in the old one is changed
	for _, t := range a.Turns {
		if t.Of == turn.Of {
			mine = &deskpb.TurnsTaken{Of: t.Of, Round: t.Round, Taken: t.Taken}
		} else {
			rest = append(rest, t)
		}
	}
	switch {
	case !back:
		mine = addTurn(mine, turn)
	case mine == nil:
		return
	case mine.Round == turn.Round && mine.Taken > 0:
		mine.Taken--
	}
	rest = append(rest, mine)
	a.Turns = rest[max(0, len(rest)-maxTurns):]
}
