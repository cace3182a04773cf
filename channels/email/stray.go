package email

import (
	"io"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

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
