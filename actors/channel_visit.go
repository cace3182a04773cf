package actors

import (
	"fmt"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// visit takes what a visitor does besides writing. It is answered when it is durable.
func (ch *channel) visit(d *delivery) {
	v := d.item.Visit
	row, err := ch.visited(v)
	if err == nil && (row == nil || row.Channel != string(ch.id) || row.Purged) {
		err = desk.Refuse(desk.NotFound, "conversation", "there is no such chat: write something first")
	}
	d.left = 1
	if err != nil {
		d.err = err
		ch.finish(d)
		return
	}
	switch {
	case v.Rate != nil:
		ch.tell(d, v.Conversation.Stream(), deskpb.NewCommand(v.Rate), true)
	case v.Address != nil:
		ch.giveAddress(d, row)
	default:
		may := ch.after.Transcript
		ch.sys.sends.Go(func() { ch.mailTranscript(d, may) }) // it reads the whole conversation
	}
}

// visited is the conversation that the visitor's thread leads to now. By a thread of before they proved who they are nobody reaches it any
// more: whoever else has its token would be mailed what was said since.
func (ch *channel) visited(v *desk.Visit) (desk.Ticket, error) {
	if v.Thread != "" && !v.Only {
		conv, err := ch.thread(ch.sys.index, persistence.ThreadIDKey(v.Thread))
		if err != nil {
			return nil, err
		}
		if conv != "" {
			v.Conversation = conv
		}
	}
	row, err := ch.sys.index.Ticket(v.Conversation)
	if err == nil && row != nil && v.Thread != "" && row.Thread != v.Thread {
		err = desk.Moved()
	}
	return row, err
}

// giveAddress: with an address whoever wrote becomes a contact.
func (ch *channel) giveAddress(d *delivery, row desk.Ticket) {
	v := d.item.Visit
	if _, err := desk.VisitorAddress(v.Address.Address); err != nil {
		d.err = err
		ch.finish(d)
		return
	}
	ch.tell(d, v.Conversation.Stream(), deskpb.NewCommand(v.Address), true)
}

// mailTranscript runs on a goroutine of its own.
func (ch *channel) mailTranscript(d *delivery, may bool) {
	v, now := d.item.Visit, time.Now()
	answer := func(done desk.Done, err error) {
		ch.sys.root.Send(ch.self, &part{of: d, done: done, err: err, conv: true})
	}
	address, err := desk.VisitorAddress(v.Transcript)
	if err != nil {
		answer(desk.Done{}, err)
		return
	}
	l, withheld, err := ch.sys.leaver(v.Conversation, true, address)
	if err == nil && (withheld != "" || !may) {
		err = desk.Refuse(desk.Denied, "email", "no transcript can be sent there (%s)", nameOr(withheld, desk.WithheldOff))
	}
	if err != nil {
		answer(desk.Done{}, err)
		return
	}
	all, err := l.transcript(now)
	if err != nil {
		answer(desk.Done{}, fmt.Errorf("read a chat for its transcript: %w", err))
		return
	}
	id := desk.MessageIDFor(ch.id, d.item.ExternalID)
	cmd := deskpb.NewCommand(&deskpb.MailTranscript{Mail: l.transcriptMail(id, all, now, "")})
	cmd.By = &deskpb.Author{Kind: deskpb.Author_KIND_CHANNEL, Id: string(ch.id)}
	ch.sys.ask(v.Conversation.Stream(), cmd, answer)
}
