package api_test

import (
	"context"
	"fmt"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// folded is a stream's decider with its state closed over.
type folded struct {
	version uint64
	decide  func(desk.Command) ([]desk.Event, error)
	evolve  func(desk.Event)
}

func fold[S any](d desk.Decider[S]) *folded {
	state := d.Initial()
	return &folded{
		decide: func(c desk.Command) ([]desk.Event, error) { return d.Decide(state, c) },
		evolve: func(e desk.Event) { state = d.Evolve(state, e) },
	}
}

func (e *engine) stream(id desk.StreamID) *folded {
	s := e.streams[id]
	if s == nil {
		switch id.Kind() {
		case desk.KindConversation:
			s = fold(desk.Conversations)
		case desk.KindSide:
			s = fold(desk.Sides)
		case desk.KindContact:
			s = fold(desk.Contacts)
		case desk.KindAgent:
			s = fold(desk.Agents)
		case desk.KindChannel:
			s = fold(desk.Channels)
		case desk.KindDraft:
			s = fold(desk.Drafts)
		case desk.KindSetting:
			s = fold(desk.Settings)
		default:
			s = fold(desk.Teams)
		}
		e.streams[id] = s
	}
	return s
}

func (e *engine) CheckConfig(_ context.Context, _ desk.NewChannel, _ desk.ChannelID, tell func(string, bool, error)) error {
	if tell != nil {
		tell("imap.login", false, nil)
		err := desk.Refuse(desk.Unavailable, "config.imap.host", "the log-in was refused")
		tell("imap.login", true, err)
		return err
	}
	return e.checked
}

func (e *engine) RotateChannelSecret(_ context.Context, id desk.ChannelID, keep time.Duration, _ *deskpb.Author) (string, error) {
	e.rotated = append(e.rotated, fmt.Sprint(id, " ", keep))
	return "ids_made", nil
}

func (e *engine) ChannelSecretsMade(desk.ChannelID) ([]desk.MadeSecret, error) {
	return []desk.MadeSecret{{Ends: "made", Made: time.UnixMilli(0)}, {Ends: "fore", Made: time.UnixMilli(0), Until: time.UnixMilli(3_600_000)}}, nil
}

func (e *engine) SyncChannel(id desk.ChannelID) error {
	e.synced = append(e.synced, id)
	return nil
}

func (e *engine) PreviewImport(_ context.Context, _ desk.ChannelID, q desk.PastQuery) ([]desk.PastFolder, error) {
	if e.checked != nil {
		return nil, e.checked
	}
	var all []desk.PastFolder
	if q.Inbox {
		all = append(all, desk.PastFolder{Name: "INBOX", Mails: 40})
	}
	if q.Sent {
		all = append(all, desk.PastFolder{Name: "Sent Items", Sent: true, Mails: 2})
	}
	return all, nil
}

func (e *engine) MailFolders(_ context.Context, unsaved *desk.NewChannel, _ desk.ChannelID) ([]desk.MailFolder, error) {
	if unsaved != nil {
		return []desk.MailFolder{{Name: "INBOX"}, {Name: unsaved.Name}}, e.checked
	}
	return []desk.MailFolder{{Name: "INBOX"}, {Name: "Done", Use: "archive"}}, e.checked
}

func (e *engine) ReplayItem(ctx context.Context, id desk.ChannelID, item string, by *deskpb.Author) (desk.Replayed, error) {
	cmd := deskpb.NewCommand(&deskpb.ReleaseItem{Item: item, Outcome: "ingested"})
	cmd.By = by
	_, err := e.Do(ctx, id.Stream(), cmd)
	return desk.Replayed{Outcome: "ingested"}, err
}

func (e *engine) Replayable(desk.ChannelID) func(*deskpb.QuarantinedItem) bool {
	return func(q *deskpb.QuarantinedItem) bool { return q.RawBlob != "" }
}

func (e *engine) PreviewSending(ch desk.NewChannel, agent string) (*desk.SendingPreview, error) {
	if ch.Kind != "email" {
		return nil, desk.Refuse(desk.Invalid, "kind", "not that one")
	}
	return &desk.SendingPreview{From: &deskpb.Address{Name: agent + " at " + ch.Name, Address: "a@b.test"}, HTML: string(ch.Config)}, nil
}

// LinePlace counts who stands before a ticket, as if all waited for the same people; one is served in ninety seconds.
func (e *engine) LinePlace(_ context.Context, conv desk.ConversationID) (desk.LinePlace, error) {
	place := desk.LinePlace{}
	for t, err := range e.Index().Line() {
		if err != nil {
			return desk.LinePlace{}, err
		}
		if place.Position++; t.Conversation == string(conv) {
			place.WaitMs = int64(place.Position) * 90_000
			return place, nil
		}
	}
	return desk.LinePlace{}, nil
}

// TryRouting asks the rules over the index, as the engine does over its roster.
func (e *engine) TryRouting(_ context.Context, trial desk.RoutingTrial) (desk.Choice, error) {
	r := &desk.Roster{Agents: map[desk.AgentID]desk.Agent{}, Teams: map[desk.TeamID]desk.Team{}}
	agents, err := e.Index().Agents()
	if err != nil {
		return desk.Choice{}, err
	}
	for _, a := range agents {
		r.Agents[desk.AgentID(a.Agent)] = a
	}
	teams, err := e.Index().Teams()
	if err != nil {
		return desk.Choice{}, err
	}
	for _, t := range teams {
		r.Teams[desk.TeamID(t.Team)] = t
	}
	rule := trial.Rule
	if rule == nil {
		ch, err := e.Index().Channel(desk.ChannelID(trial.About.Ticket.Channel))
		if err != nil {
			return desk.Choice{}, err
		}
		rule = ch.GetRouting()
	}
	q := desk.Question{Recognised: trial.About.Ticket.ContactRecognised, ContactOwner: desk.AgentID(trial.About.Contact.GetOwner()), Explain: true}
	return desk.Route(q, desk.ReadRules(rule), &trial.About, r, 0), nil
}
