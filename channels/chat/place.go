package chat

import (
	"context"
	"time"
)

// placesEvery is how often a visitor who waits is told anew where they stand in line: often enough to be believed, seldom enough to
// be read.
const placesEvery = 2 * time.Second

// place is what a visitor is told of the line: a place from 1, 0 for none, and about how many minutes, 0 for unknown.
type place struct{ position, minutes int }

func (p place) in(f serverFrame) serverFrame {
	f.Position, f.Minutes = p.position, p.minutes
	return f
}

// keepTold tells those who are there, until the channel stops, whether somebody is there for them and, if places are told, where those
// who wait stand in line. While nobody is there nobody is told a place.
func (l *life) keepTold(places bool, online func(context.Context) bool) {
	tick := time.NewTicker(placesEvery)
	defer tick.Stop()
	was := online(l.ctx)
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-tick.C:
		}
		if is := online(l.ctx); is != was && l.ctx.Err() == nil {
			was = is
			for _, r := range l.everyRoom() {
				r.mu.Lock()
				r.tell(serverFrame{T: "online", On: is}.encode())
				r.mu.Unlock()
			}
		}
		if !places {
			continue
		}
		if !was { // whoever is told that nobody is there is not told that they are next
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
