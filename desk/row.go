package desk

import "github.com/centralita/centralita/proto/deskpb"

// Row is a ticket as lists choose and order it: what a filter asks for and nothing else, so that a hundred thousand of them
// fit in memory side by side and are looked through in a few milliseconds.
type Row struct {
	UpdatedMs, OpenedMs, WaitingMs, ClosedMs, SnoozedMs, DueMs int64
	InLineMs                                                   int64 // since when it stands in the waiting line; 0: it does not

	Passes   int32 // offers of it in a row that nobody took
	Number   uint64
	Version  uint64
	Status   deskpb.TicketStatus
	Kind     ChannelKind
	Priority deskpb.Priority
	Spam     bool
	SetAside bool
	Merged   bool // or gone altogether

	Conversation             string
	Owner, Team              string
	Channel, Pipeline, Stage string
	Subject                  string // in lower case

	Tags, Followers, Mentioned []string
	RuleTeams                  []string // to which it is given by rule
	Properties                 map[string]string
}

// RowOf makes the row of a ticket. intern gives the one copy of a text that many rows share; nil: each keeps its own.
func RowOf(t Ticket, intern func(string) string) Row {
	one := intern
	if one == nil {
		one = func(s string) string { return s }
	}
	all := func(list []string) []string {
		if len(list) == 0 {
			return nil
		}
		out := make([]string, len(list))
		for i, s := range list {
			out[i] = one(s)
		}
		return out
	}
	r := Row{
		UpdatedMs: t.UpdatedAtMs, OpenedMs: t.OpenedAtMs, WaitingMs: t.WaitingSinceMs, ClosedMs: t.ClosedAtMs, SnoozedMs: t.SnoozedUntilMs, DueMs: DueMs(t),
		Number: t.Number, Version: t.Version, Status: t.Status, Kind: t.ChannelKind, Priority: t.Priority, Spam: t.Spam, SetAside: t.SetAside != "" && t.Status == deskpb.TicketStatus_TICKET_STATUS_CLOSED, Merged: t.MergedInto != "" || t.Purged,
		Conversation: t.Conversation, Owner: one(t.Owner), Team: one(t.Team), Channel: one(t.Channel), Pipeline: one(t.Pipeline), Stage: one(t.Stage),
		Subject: fold(t.Subject), Tags: all(t.Tags), Followers: all(t.Followers), Mentioned: all(t.Mentioned), RuleTeams: all(TeamsOf(t)),
	}
	if r.Priority == deskpb.Priority_PRIORITY_UNSPECIFIED {
		r.Priority = deskpb.Priority_PRIORITY_NORMAL
	}
	r.Passes = Passes(t)
	if t.InLine {
		r.InLineMs = max(t.InLineSinceMs, 1)
	}
	if len(t.Properties) > 0 {
		r.Properties = make(map[string]string, len(t.Properties))
		for k, v := range t.Properties {
			r.Properties[one(k)] = v
		}
	}
	return r
}
