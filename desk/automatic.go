package desk

import "github.com/centralita/centralita/proto/deskpb"

// What machines write, and what it does to a ticket, decided here and nowhere else (docs/adr/0014).

// Kinds of message that a machine wrote, as channels name them. "" is a person.
const (
	AutomaticReply  = "auto-reply" // away notes, receipts, alerts: RFC 3834
	AutomaticBounce = "bounce"
	AutomaticList   = "list" // lists and bulk: a person's words, many times
	AutomaticReport = "report"
	AutomaticSelf   = "self" // our own address
	AutomaticLoop   = "loop" // it goes round in circles
)

// Speaks: the contact's own words. A list hands on what a person wrote.
func Speaks(automatic string) bool { return automatic == "" || automatic == AutomaticList }

// HandlingOf is what the desk does with a message of a kind; nil for a person's, which does everything. reopens is the channel's own
// rule for automatic answers.
func HandlingOf(automatic string, reopens bool) *deskpb.Handling {
	switch automatic {
	case "":
		return nil
	case AutomaticList:
		return &deskpb.Handling{Reason: "list", Reopens: true, Counts: true, Acts: true}
	case AutomaticReply:
		return &deskpb.Handling{Reason: "auto_reply", Reopens: reopens, Acts: true}
	case AutomaticBounce:
		return &deskpb.Handling{Reason: "unmatched_bounce"}
	case AutomaticReport:
		return &deskpb.Handling{Reason: "unmatched_report"}
	case AutomaticSelf:
		return &deskpb.Handling{Reason: "self"}
	case AutomaticLoop:
		return &deskpb.Handling{Reason: "loop"}
	}
	return &deskpb.Handling{Reason: "auto_reply", Acts: true} // a kind that we do not know is not answered
}

// StrayAnswer is what the desk does with an answer by machine that answers nothing of ours, and so would open a ticket: it is kept closed.
func StrayAnswer() *deskpb.Handling { return &deskpb.Handling{Reason: "stray_answer"} }

// MayAnswer: an automatic answer may be given to the message. Whether it is also depends on how many were given before.
func MayAnswer(m *deskpb.MessageReceived) bool {
	return m.GetAutomatic() == "" && m.GetHandling() == nil || m.GetHandling().GetAnswers()
}

// CauseSetAside closes the ticket of what a machine wrote and nobody has to read.
const CauseSetAside = "automatic"

// Quiet: nobody is chosen for the message, nobody is told of it.
func Quiet(h *deskpb.Handling) bool { return h != nil && !h.Acts }
