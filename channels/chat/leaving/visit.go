package leaving

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// Asked is what a visitor does besides writing, as the widget sends it: one of the three.
type Asked struct {
	Email      *string `json:"email"` // where they are reached
	Name       string  `json:"name"`
	Score      *uint32 `json:"score"` // how it was
	Comment    string  `json:"comment"`
	Transcript *string `json:"transcript"` // to where the conversation is to be mailed
	ID         string  `json:"id"`         // of that wish: repeated, it is the same
}

// Visit reads it. external is by what it is known when it comes again.
func (s *Settings) Visit(conv desk.ConversationID, visitor string, a Asked) (v desk.Visit, external string, err error) {
	v.Conversation = conv
	n := 0
	for _, is := range []bool{a.Email != nil, a.Score != nil, a.Transcript != nil} {
		if is {
			n++
		}
	}
	switch {
	case n != 1:
		return v, "", desk.Refuse(desk.Invalid, "email", "send one of email, score and transcript")
	case a.Email != nil:
		if _, err := desk.VisitorAddress(*a.Email); err != nil {
			return v, "", err
		}
		v.Address = &deskpb.GiveVisitorAddress{Address: *a.Email, Name: a.Name}
		return v, "", nil
	case a.Score != nil:
		if s.Asks() == "" {
			return v, "", desk.Refuse(desk.Denied, "score", "this chat asks for no rating")
		}
		v.Rate = &deskpb.RateConversation{Score: *a.Score, Comment: a.Comment, Scale: s.Asks(), By: "chat"}
		return v, "", nil
	}
	if s == nil || !s.Wire().Transcript {
		return v, "", desk.Refuse(desk.Denied, "transcript", "this chat mails no transcripts")
	}
	if !desk.ValidID(a.ID) {
		return v, "", desk.Refuse(desk.Invalid, "id", "must be 1 to 64 characters of 0-9, a-z, _ and -")
	}
	if _, err := desk.VisitorAddress(*a.Transcript); err != nil {
		return v, "", desk.Refuse(desk.Invalid, "transcript", "is no mail address: write it like you@example.com")
	}
	v.Transcript = *a.Transcript
	return v, visitor + "/transcript/" + a.ID, nil
}
