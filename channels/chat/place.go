package chat

import (
	"context"
	"time"

	"github.com/centralita/centralita/channels/chat/hours"
	"github.com/centralita/centralita/internal/socket"
)

// placesEvery is how often a visitor who waits is told anew where they stand in line: often enough to be believed, seldom enough to
// be read.
const placesEvery = 2 * time.Second

// place is what a visitor is told of the line: a place from 1, 0 for none, and about how many minutes, 0 for unknown.
type place struct{ position, minutes int }

// onlineFrame tells that the chat is available, or not any more, and until when.
type onlineFrame struct {
	T  string `json:"t"`
	On bool   `json:"on"`
	hours.Notice
}

func (p place) in(f serverFrame) serverFrame {
	f.Position, f.Minutes = p.position, p.minutes
	return f
}

// keepTold tells those who are there, until the channel stops, whether the chat is available and, if places are told, where those
// who wait stand in line. While it is not, nobody is told a place.
func (l *life) keepTold(places bool, notice func(context.Context) hours.Notice) {
	tick := time.NewTicker(placesEvery)
	defer tick.Stop()
	was := notice(l.ctx)
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-tick.C:
		}
		is := notice(l.ctx)
		if l.ctx.Err() != nil {
			return
		}
		for _, r := range l.everyRoom() {
			r.showOnline(is, was)
		}
		was = is
		if !places {
			continue
		}
		if was.State != hours.Available { // whoever is told that nobody is there is not told that they are next
			for _, r := range l.everyRoom() {
				r.stands(place{})
			}
			continue
		}
		for _, r := range l.asking() {
			p, err := l.threads.Place(l.ctx, r.visitor)
			if err != nil {
				continue // what was told is told on; the next one may know
			}
			r.stands(place{p.Position, p.Minutes()})
		}
	}
}

// showOnline tells a visitor whether the chat is available where that is another than they were told, at first with the configuration (was).
func (r *room) showOnline(is, was hours.Notice) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shown.State == "" {
		r.shown = was
	}
	is = r.story.sees(is)
	if is.State == r.shown.State && is.BackAt == r.shown.BackAt {
		return
	}
	r.shown = is
	r.tell(&socket.Frame{Data: mustJSON(onlineFrame{T: "online", On: is.State == hours.Available, Notice: is})})
}

// sees: whose conversation is somebody's is not told that nobody is there because that somebody went away: they have it still. Who is new is.
func (s *story) sees(is hours.Notice) hours.Notice {
	if is.State == hours.Away && s.owned && !s.closed {
		return hours.Notice{State: hours.Available}
	}
	return is
}

func (l *life) everyRoom() []*room {
	l.mu.Lock()
	defer l.mu.Unlock()
	rooms := make([]*room, 0, len(l.rooms))
	for _, r := range l.rooms {
		rooms = append(rooms, r)
	}
	return rooms
}

// asking are the rooms of visitors who are there and wait.
func (l *life) asking() (all []*room) {
	for _, r := range l.everyRoom() {
		r.mu.Lock()
		if r.story.asks && (len(r.members) > 0 || r.polls > 0) {
			all = append(all, r)
		}
		r.mu.Unlock()
	}
	return all
}

// stands tells a new place. Who was answered meanwhile has none.
func (r *room) stands(p place) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.move(p)
}

// move is stands with the lock held.
func (r *room) move(p place) {
	if !r.story.asks {
		p = place{}
	}
	if p == r.place {
		return
	}
	r.place = p
	r.tell(p.in(serverFrame{T: "place"}).encode())
	r.wake()
}

// resume is the story's answer, with the place; called with the lock held.
func (r *room) resume(kind, epoch string, seq uint64) serverFrame {
	return r.place.in(r.story.resume(kind, epoch, seq))
}
