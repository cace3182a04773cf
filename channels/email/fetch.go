package email

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/centralita/centralita/channels"
)

// listed is a mail in the mailbox of which only the outside is known.
type listed struct {
	uid  imap.UID
	size int64     // -1 when the server did not tell
	came time.Time // INTERNALDATE
}

// fetched is a mail that was read whole: its length is the one announced.
type fetched struct {
	listed
	raw   []byte
	large bool   // too large to be held: raw is only its beginning
	to    string // the recipient by which it came, if it was brought to us
	blob  string // where a large one is kept; "" when it was too large even for that
}

// search gives the UIDs above the one given, ascending. since bounds them by day of arrival when it is not zero.
func (s *session) search(ctx context.Context, above imap.UID, since time.Time) (uids []imap.UID, err error) {
	err = s.within(ctx, s.tune.command, "SEARCH", func() error {
		criteria := &imap.SearchCriteria{UID: []imap.UIDSet{{imap.UIDRange{Start: above + 1}}}}
		if !since.IsZero() {
			criteria.Since = since.Add(-24 * time.Hour) // days are in the server's zone
		}
		data, err := s.client.UIDSearch(criteria, nil).Wait()
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		uids, err = numbersOf(data)
		return err
	})
	slices.Sort(uids)
	// "n:*" always names the last mail, even when its UID is below n (RFC 9051, seq-range).
	return slices.DeleteFunc(slices.Compact(uids), func(u imap.UID) bool { return u <= above }), err
}

// withoutDrafts leaves out what is still being written.
func (s *session) withoutDrafts(ctx context.Context, uids []imap.UID) ([]imap.UID, error) {
	if len(uids) == 0 {
		return nil, nil
	}
	drafts := map[imap.UID]bool{}
	err := s.within(ctx, s.tune.command, "SEARCH", func() error {
		data, err := s.client.UIDSearch(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDraft}}, nil).Wait()
		if err != nil {
			return fmt.Errorf("search for drafts: %w", err)
		}
		all, err := numbersOf(data)
		for _, u := range all {
			drafts[u] = true
		}
		return err
	})
	return slices.DeleteFunc(uids, func(u imap.UID) bool { return drafts[u] }), err
}

// maxFound bounds how many mails one answer may name: 4 bytes each, and no folder that works has more.
const maxFound = 5_000_000

// numbersOf gives the numbers that a search named, be they UIDs or sequence numbers. The library's own way panics on "*" and on 0,
// with which no server may answer, and unfolds 1:4294967295 if one does.
func numbersOf(data *imap.SearchData) (all []imap.UID, err error) {
	add := func(first, last uint32) {
		switch {
		case first == 0 || last < first:
			err = fmt.Errorf("imap: the server's answer to a search names %d:%d", first, last)
		case int64(last)-int64(first)+1 > int64(maxFound-len(all)):
			err = fmt.Errorf("imap: the server's answer to a search names more than %d mails", maxFound)
		}
		for n := int64(first); err == nil && n <= int64(last); n++ {
			all = append(all, imap.UID(n))
		}
	}
	switch set := data.All.(type) {
	case imap.UIDSet:
		for _, r := range set {
			add(uint32(r.Start), uint32(r.Stop))
		}
	case imap.SeqSet:
		for _, r := range set {
			add(r.Start, r.Stop)
		}
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// sizes asks for size and arrival of mails. A mail of which the server says nothing has size -1.
func (s *session) sizes(ctx context.Context, uids []imap.UID) ([]listed, error) {
	found := make(map[imap.UID]listed, len(uids))
	err := s.fetch(ctx, imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, InternalDate: true, RFC822Size: true},
		func(m *imapclient.FetchMessageData, _ func()) error {
			l := listed{size: -1}
			for item := m.Next(); item != nil; item = m.Next() {
				switch item := item.(type) {
				case imapclient.FetchItemDataUID:
					l.uid = item.UID
				case imapclient.FetchItemDataRFC822Size:
					l.size = item.Size
				case imapclient.FetchItemDataInternalDate:
					l.came = item.Time
				}
			}
			if l.uid != 0 && (l.size >= 0 || found[l.uid].uid == 0) {
				found[l.uid] = l
			}
			return nil
		})
	all := make([]listed, len(uids))
	for i, u := range uids {
		all[i] = listed{uid: u, size: -1}
		if l, ok := found[u]; ok {
			all[i] = l
		}
	}
	return all, err
}

// bodies reads mails whole. Those of which no text came are missing in the result; mails read before an error are in
// it. large stores mails that are too large to hold.
func (s *session) bodies(ctx context.Context, set imap.NumSet, large func(io.Reader, int64) (fetched, error)) (map[imap.UID]fetched, error) {
	got := make(map[imap.UID]fetched)
	s.began = false
	s.strays.begin(int64(s.tune.limits.Raw))
	err := s.fetch(ctx, set, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}},
		func(m *imapclient.FetchMessageData, alive func()) error {
			f, whole, err := s.readMail(m, alive, large)
			if whole {
				got[f.uid] = f
			}
			return err
		})
	for uid, f := range s.strays.end() {
		if _, ok := got[uid]; !ok {
			got[uid] = f
		}
	}
	return got, err
}

// readMail reads one mail's response. Its UID may come after its text; whole is false when there was no text.
func (s *session) readMail(m *imapclient.FetchMessageData, alive func(), large func(io.Reader, int64) (fetched, error)) (f fetched, whole bool, err error) {
	for item := m.Next(); item != nil; item = m.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			f.uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			s.began = true
			size := item.Literal.Size()
			r := &progress{r: item.Literal, alive: alive}
			uid := f.uid
			if size > int64(s.tune.limits.Raw) {
				f, err = large(r, size)
				f.uid = uid
			} else {
				f.raw = make([]byte, size)
				_, err = io.ReadFull(r, f.raw)
			}
			// The library reports a cut connection as the end of the mail: only the length tells.
			if r.n != size && r.err != nil {
				err = fmt.Errorf("%w: %w", errTruncated, r.err)
			}
			if err != nil {
				return f, false, err
			}
			f.size, whole = size, true
		}
	}
	return f, whole, nil
}

// progress counts what is read and says after each piece that the server is alive.
type progress struct {
	r     io.Reader
	n     int64
	err   error
	alive func()
}

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n, p.err = p.n+int64(n), err
	p.alive()
	return n, err
}

// fetch runs one FETCH and hands each response to f. Time counts from the last sign of life, not from the start.
func (s *session) fetch(ctx context.Context, set imap.NumSet, opts *imap.FetchOptions, f func(*imapclient.FetchMessageData, func()) error) error {
	stop := context.AfterFunc(ctx, s.cut)
	defer stop()
	late := time.AfterFunc(s.tune.command, s.cut)
	defer late.Stop()
	alive := func() { late.Reset(s.tune.command) }
	cmd := s.client.Fetch(set, opts)
	var failed error
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		alive()
		if failed = f(m, alive); failed != nil {
			s.cut() // before the fetch is drained: nobody may wait for the rest
			if errors.Is(failed, errTruncated) {
				<-s.client.Closed() // its reader went on, and draining would read beside it
			}
			break
		}
	}
	err := cmd.Close()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed != nil:
		return failed
	case err != nil:
		return fmt.Errorf("fetch: %w", err)
	}
	return nil
}

// alone fetches one mail that did not come with its batch, in the ways that work with servers that answer in another
// order than they should: by UID, then by sequence number, where the library matches without the UID. gone: nobody
// has it any more.
func (s *session) alone(ctx context.Context, uid imap.UID, large func(io.Reader, int64) (fetched, error)) (f fetched, gone bool, err error) {
	const rounds = 3
	for range rounds {
		there, err := s.exists(ctx, uid)
		if err != nil || !there {
			return fetched{}, err == nil, err
		}
		got, err := s.bodies(ctx, imap.UIDSetNum(uid), large)
		if err != nil {
			return fetched{}, false, err
		}
		if f, ok := got[uid]; ok {
			return f, false, nil
		}
		number, err := s.number(ctx, uid)
		if err != nil || number == 0 {
			continue
		}
		got, err = s.bodies(ctx, imap.SeqSetNum(number), large)
		if err != nil {
			return fetched{}, false, err
		}
		for u, f := range got {
			if u == uid || u == 0 && len(got) == 1 {
				f.uid = uid
				return f, false, nil
			}
		}
	}
	return fetched{}, false, errNotGiven
}

// errNotGiven: the server lists a mail and does not give it.
var errNotGiven = errors.New("the server lists the mail but does not give its text")

func (s *session) exists(ctx context.Context, uid imap.UID) (there bool, err error) {
	err = s.within(ctx, s.tune.command, "SEARCH", func() error {
		data, err := s.client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{imap.UIDSetNum(uid)}}, nil).Wait()
		if err != nil {
			return fmt.Errorf("search for one mail: %w", err)
		}
		uids, err := numbersOf(data)
		there = slices.Contains(uids, uid)
		return err
	})
	return there, err
}

func (s *session) number(ctx context.Context, uid imap.UID) (number uint32, err error) {
	err = s.within(ctx, s.tune.command, "SEARCH", func() error {
		data, err := s.client.Search(&imap.SearchCriteria{UID: []imap.UIDSet{imap.UIDSetNum(uid)}}, nil).Wait()
		if err != nil {
			return fmt.Errorf("search for a number: %w", err)
		}
		all, err := numbersOf(data)
		if len(all) == 1 {
			number = uint32(all[0])
		}
		return err
	})
	return number, err
}

// isProtocolFault: the library could not read what the server sent, as opposed to a connection that broke. Its errors
// carry no types, so their words must do.
func isProtocolFault(err error) bool {
	if err == nil || errors.Is(err, errTruncated) {
		return false
	}
	if _, ok := errors.AsType[*channels.Error](err); ok {
		return false
	}
	s := err.Error()
	for _, w := range []string{"EOF", "connection reset", "broken pipe", "use of closed", "timeout", "timed out"} {
		if strings.Contains(s, w) {
			return false
		}
	}
	return strings.Contains(s, "in response") || strings.Contains(s, "in continue-req") || strings.Contains(s, "panic reading")
}

// strays catches mails that the library does not connect with the FETCH that asked for them: when the UID comes after
// the text, or when another response for the same mail (its flags) came first. Without it such mails are lost without
// an error.
type strays struct {
	reading sync.RWMutex // read-locked while a response is read
	mu      sync.Mutex
	open    bool // a fetch of texts is under way
	most    int64
	broken  func() // cuts the connection and waits until the library has seen it
	got     map[imap.UID]fetched
}

// begin starts catching mails of at most so many bytes.
func (s *strays) begin(most int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open, s.most, s.got = true, most, make(map[imap.UID]fetched)
}

// end stops catching and gives what came. The library does not finish a command before the texts ahead of it were read,
// so nothing can be on its way any more.
func (s *strays) end() map[imap.UID]fetched {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = false
	return s.got
}

// take is the library's handler for responses that no command claims. It runs on a goroutine of its own and must read
// everything, or the connection stands still.
func (s *strays) take(m *imapclient.FetchMessageData) {
	s.reading.RLock()
	defer s.reading.RUnlock()
	s.mu.Lock()
	open, most := s.open, s.most
	s.mu.Unlock()
	var f fetched
	whole := false
	for item := m.Next(); item != nil; item = m.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			f.uid = item.UID
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil || !open || item.Literal.Size() > most {
				continue // the library skips it
			}
			f.size = item.Literal.Size()
			f.raw = make([]byte, f.size)
			_, err := io.ReadFull(item.Literal, f.raw)
			if whole = err == nil; !whole {
				s.broken() // or the library would read beside us
			}
		}
	}
	if whole && f.uid != 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open {
			s.got[f.uid] = f
		}
	}
}
