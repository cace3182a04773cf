package actors

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/persistence"
	"github.com/centralita/centralita/proto/deskpb"
)

// Old spam is purged. What is to be done follows from the index each time, so a life that ends in the middle leaves nothing behind that the next
// one does not find: tickets that are old enough, and conversations that are purged and whose files may be there still.

const (
	purgedTogether = 500
	// wantedWithin: whoever puts a file that is there already counts on it, and the message that will name it may still be on its way.
	wantedWithin = 24 * time.Hour
)

func (s *System) purgeLoop() {
	timer := time.NewTimer(s.tune.PurgeFirst)
	defer timer.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-timer.C:
		}
		if err := s.purge(s.ctx, time.Now()); err != nil && s.ctx.Err() == nil {
			s.log.Error("purge old spam", "err", err)
		}
		timer.Reset(s.tune.PurgeEvery)
	}
}

// SpamKept is for how many days spam is kept; 0: for ever.
func (s *System) spamKept() (uint32, error) {
	row, err := s.index.Setting(desk.SpamID)
	if err != nil {
		return 0, fmt.Errorf("read the rules of spam: %w", err)
	}
	if rules := row.GetValue().GetSpam(); rules != nil && rules.KeepDays != nil && !row.Removed {
		return rules.GetKeepDays(), nil
	}
	return s.spamDays, nil
}

func (s *System) purge(ctx context.Context, now time.Time) error {
	days, err := s.spamKept()
	if err != nil {
		return err
	}
	for passed := map[string]bool{}; days > 0 && ctx.Err() == nil; {
		old, err := s.index.OldSpam(now.AddDate(0, 0, -int(days)).UnixMilli(), purgedTogether, passed)
		if err != nil {
			return fmt.Errorf("read old spam: %w", err)
		}
		if len(old) == 0 {
			break
		}
		for _, row := range old {
			passed[row.Conversation] = true // once a round, whatever comes of it
			if err := s.purgeTicket(ctx, row); err != nil && desk.CodeOf(err) != desk.Conflict {
				return fmt.Errorf("purge ticket %d: %w", row.Number, err)
			}
		}
	}
	return s.purgeFiles(ctx, days)
}

// purgeTicket lets go of a ticket and of those that were merged into it, which are shown there. One of which messages were split off waits for
// those: its stream has them.
func (s *System) purgeTicket(ctx context.Context, row desk.Ticket) error {
	var taken []string
	for r, err := range s.Records(ctx, desk.ConversationID(row.Conversation).Stream(), 0) {
		if err != nil {
			return err
		}
		switch e := r.Event.GetKind().(type) {
		case *deskpb.Event_MessagesSplitOff:
			into, err := s.index.Ticket(desk.ConversationID(e.MessagesSplitOff.Into))
			if err != nil || into != nil && !into.Purged {
				return err
			}
		case *deskpb.Event_ConversationTookIn:
			taken = append(taken, e.ConversationTookIn.Conversation)
		}
	}
	for _, id := range taken {
		other, err := s.index.Ticket(desk.ConversationID(id))
		if err != nil {
			return err
		}
		if other.GetMergedInto() != row.Conversation {
			continue // it was let go again
		}
		if err := s.purgeTicket(ctx, other); err != nil {
			return err
		}
	}
	_, err := s.Do(ctx, desk.ConversationID(row.Conversation).Stream(), deskpb.NewCommand(&deskpb.PurgeConversation{Version: row.Version, Into: row.MergedInto}))
	return err
}

// purgeFiles deletes the files that only purged conversations had, and says so, in the audit of each channel and in each conversation. A life
// that ends in between does it once more; the key keeps the audit from saying it twice.
func (s *System) purgeFiles(ctx context.Context, days uint32) error {
	gone, err := s.index.Purged()
	if err != nil || len(gone) == 0 {
		return err
	}
	slices.SortFunc(gone, func(a, b persistence.Purged) int { return cmp.Compare(a.Position, b.Position) })
	gone, sides, err := s.purgeSides(ctx, gone)
	if err != nil || len(gone) == 0 {
		return err
	}
	if s.files != nil {
		if err := s.deleteFiles(ctx, slices.Concat(gone, sides)); err != nil {
			return err
		}
	}
	tickets, last := map[string]uint32{}, map[string]desk.Position{}
	for _, p := range gone {
		row, err := s.index.Ticket(p.Conversation)
		if err != nil || row == nil {
			return fmt.Errorf("read conversation %s: %w", p.Conversation, err)
		}
		tickets[row.Channel]++
		last[row.Channel] = p.Position
	}
	for channel, n := range tickets {
		cmd := deskpb.NewCommand(&deskpb.NoteSpamPurged{Tickets: n, Days: days})
		cmd.Key = fmt.Sprintf("spam-purged/%s/%d", channel, last[channel])
		if _, err := s.Do(ctx, desk.ChannelID(channel).Stream(), cmd); err != nil && desk.CodeOf(err) != desk.NotFound {
			return fmt.Errorf("note what was purged: %w", err)
		}
	}
	for _, p := range gone { // in their order: the one that names the key is the last
		if _, err := s.Do(ctx, p.Conversation.Stream(), deskpb.NewCommand(&deskpb.PurgeConversation{FilesRemoved: true})); err != nil {
			return fmt.Errorf("note that files are gone: %w", err)
		}
	}
	return nil
}

// purgeSides lets go of the side conversations of tickets that are gone, and gives the tickets of which all are, with those. One with a mail on
// its way waits for the next round, and its ticket's files with it.
func (s *System) purgeSides(ctx context.Context, tickets []persistence.Purged) (gone, sides []persistence.Purged, err error) {
	for _, p := range tickets {
		there, err := s.index.SidesOf(p.Conversation)
		if err != nil {
			return nil, nil, fmt.Errorf("read the side conversations of %s: %w", p.Conversation, err)
		}
		waits := false
		for _, row := range there {
			stream := desk.ConversationID(row.Side).Stream()
			anew, err := s.begunAfter(ctx, stream, p.Position)
			if err != nil {
				return nil, nil, err
			}
			if anew { // something came for the ticket since, which is another one now
				continue
			}
			_, err = s.Do(ctx, stream, deskpb.NewCommand(&deskpb.PurgeConversation{}))
			if waits = waits || err != nil; err != nil && desk.CodeOf(err) != desk.Conflict {
				return nil, nil, fmt.Errorf("purge side conversation %s: %w", row.Side, err)
			}
		}
		if waits {
			continue
		}
		left, err := s.index.PurgedSidesOf(p.Conversation)
		if err != nil {
			return nil, nil, fmt.Errorf("read the side conversations of %s: %w", p.Conversation, err)
		}
		gone, sides = append(gone, p), append(sides, left...)
	}
	return gone, sides, nil
}

// begunAfter: what is shown of a stream began after a position.
func (s *System) begunAfter(ctx context.Context, stream desk.StreamID, position desk.Position) (bool, error) {
	for r, err := range s.Records(ctx, stream, 0) {
		if err != nil {
			return false, fmt.Errorf("read %s: %w", stream, err)
		}
		return desk.Position(r.Position) > position, nil
	}
	return false, nil
}

// deleteFiles looks at the whole journal for who else has a file: it is not counted otherwise, and this is rare.
func (s *System) deleteFiles(ctx context.Context, gone []persistence.Purged) error {
	until, files := map[desk.StreamID]uint64{}, map[string]bool{}
	for _, p := range gone {
		stream := p.Conversation.Stream()
		until[stream] = p.Version
		for r, err := range s.store.Load(ctx, stream, 0) {
			if err != nil {
				return fmt.Errorf("read what was purged: %w", err)
			}
			if r.Version > p.Version {
				break
			}
			filesOf(r, func(hash string) { files[hash] = true })
		}
	}
	if len(files) == 0 {
		return nil
	}
	head := s.store.Head()
	for r, err := range s.store.Tail(ctx, 0) {
		if err != nil {
			return fmt.Errorf("look who else has a file: %w", err)
		}
		if r.Version > until[desk.StreamID(r.Stream)] {
			filesOf(r, func(hash string) { delete(files, hash) })
		}
		if desk.Position(r.Position) >= head {
			break
		}
	}
	for hash := range files {
		if err := s.files.Delete(ctx, hash, time.Now().Add(-wantedWithin)); err != nil {
			return err
		}
	}
	return nil
}

// filesOf calls f with everything in a record that could name a file: 64 digits, wherever they stand. So no kind of fact can be forgotten here,
// and what only looks like a name costs nothing.
func filesOf(r desk.Record, f func(hash string)) {
	raw, err := proto.Marshal(r.Event)
	if err != nil {
		return
	}
	from := 0
	for i := 0; i <= len(raw); i++ {
		if i < len(raw) && (raw[i] >= '0' && raw[i] <= '9' || raw[i] >= 'a' && raw[i] <= 'f') {
			continue
		}
		for at := from; at+64 <= i && at < from+64; at++ { // a name may stand next to a byte that looks like a digit
			f(string(raw[at : at+64]))
		}
		from = i + 1
	}
}
