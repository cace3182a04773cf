package actors

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/centralita/centralita/channels"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// A message may be answered by machine, at once. What limits that: once a day in a conversation and three times a day over the
// whole desk for one sender. The index remembers what is durable, and answers here what is on its way there.

// acknowledgesPerDay is for one sender.
const acknowledgesPerDay = 3

// answering holds whom machines are just about to answer: channels share senders.
type answering struct {
	mu  sync.Mutex // guards the field below
	now map[string][]desk.ConversationID
}

// may asks for an answer to an address, and holds it until it is let go. What is let go is durable: the index is read here, where
// nothing can be between the two, and what is in both is counted once.
func (a *answering) may(address string, conv desk.ConversationID, since int64, durable func() ([]persistence.Answered, error)) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	before, err := durable()
	if err != nil {
		return false, err
	}
	all := slices.Clone(a.now[address])
	soon := len(all)
	for _, b := range before {
		if !slices.Contains(all, b.Conversation) {
			if b.AtMs > since {
				soon++
			}
			all = append(all, b.Conversation)
		}
	}
	if soon >= desk.AnswersAtOnce || len(all) >= acknowledgesPerDay || slices.Contains(all, conv) {
		return false, nil
	}
	if a.now == nil {
		a.now = map[string][]desk.ConversationID{}
	}
	a.now[address] = append(a.now[address], conv)
	return true, nil
}

func (a *answering) letGo(address string, conv desk.ConversationID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if i := slices.Index(a.now[address], conv); i >= 0 {
		a.now[address] = slices.Delete(a.now[address], i, i+1)
	}
	if len(a.now[address]) == 0 {
		delete(a.now, address)
	}
}

// acknowledge puts the channel's automatic answer to a message into its command.
func (ch *channel) acknowledge(d *delivery) {
	ch.unacknowledge(d)
	m := d.item.Message
	if ch.acknowledges == nil || m.Automatic != "" || d.sender.blocked || d.forwards != nil || m.From.GetAddress() == "" || ch.kind.ReplyKeys == nil {
		return
	}
	address := strings.ToLower(m.From.Address)
	if ours, err := ch.sys.index.ChannelByAddress(ch.row.Kind, address); err != nil || ours != "" {
		return
	}
	now := time.Now()
	said := ch.acknowledges(channels.Received{From: address, Subject: m.Subject, ContactName: d.receive.Opening.ContactName, Hours: ch.sys.hoursAt(now)})
	if said == nil {
		return
	}
	if !ch.mayAnswer(d, now) {
		return
	}
	since := now.Add(-desk.ExchangeWindow).UnixMilli()
	may, err := ch.sys.answering.may(address, d.conv, since, func() ([]persistence.Answered, error) { return ch.sys.index.Answered(address, now) })
	if err != nil {
		ch.sys.log.Error("read whom machines answered", "channel", string(ch.id), "err", err)
	}
	if !may {
		return
	}
	d.answers, d.answersIn = address, d.conv
	id := desk.MessageIDFor(ch.id, "acknowledgement/"+d.item.ExternalID)
	d.receive.AcknowledgeLater = said.Later
	d.receive.Acknowledgement = &deskpb.ReplyRequested{
		Message: string(id), Channel: string(ch.id), Body: &deskpb.Body{Text: said.Text}, To: []*deskpb.Address{m.From}, Subject: said.Subject,
		ThreadKeys: ch.kind.ReplyKeys(channels.Reply{
			Channel: ch.id, Address: ch.row.Address, Conversation: d.conv, Message: id, Keys: ch.sys.signing,
		}), Automatic: "acknowledgement", FromAddress: ch.sendsFrom, SendAtMs: d.heldUntil,
	}
}

// unacknowledge takes it out again, or lets go of what is durable or was refused.
func (ch *channel) unacknowledge(d *delivery) {
	if d.answers != "" {
		ch.sys.answering.letGo(d.answers, d.answersIn)
	}
	d.answers = ""
	if d.receive != nil {
		d.receive.Acknowledgement = nil
	}
}

// hoursAt says what working hours and holidays mean at a moment. Hours that are not there any more are always open.
func (s *System) hoursAt(now time.Time) func(hours, holidays string) (bool, time.Time) {
	return func(hours, holidays string) (bool, time.Time) {
		h := s.settingOf(hours).GetWorkingHours()
		if h == nil {
			return true, time.Time{}
		}
		zone, err := time.LoadLocation(h.TimeZone)
		if err != nil {
			return true, time.Time{}
		}
		plan := desk.ScheduleOf(zone, h, s.settingOf(holidays).GetHolidays(), 0, 0)
		open, _ := desk.ScheduledAt(plan, now)
		for at := now; ; {
			e, ok := desk.NextEdge(plan, at)
			if !ok {
				return open, time.Time{}
			}
			if e.Available {
				return open, e.At.In(zone)
			}
			at = e.At
		}
	}
}

func (s *System) settingOf(id string) *deskpb.Setting {
	if id == "" {
		return nil
	}
	row, err := s.index.Setting(desk.SettingID(id))
	if err != nil {
		s.log.Error("read a setting", "setting", id, "err", err)
	}
	if row.GetRemoved() {
		return nil
	}
	return row.GetValue()
}
