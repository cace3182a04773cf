package bench

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/centralita/centralita/bench/limit"
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

const messagesPerSecond = 200

// fanout measures from the moment a message is durable to the moment its frame has been read from each of many agents' sockets,
// which all watch the list of tickets. The sockets are real ones, of signed-in agents, held by a process of its own so that the
// memory of theirs is not ours. The limit is a bare broadcast: plain sockets of the same helper, the same bytes, written by as
// many goroutines as there are cores, whatever has come meanwhile in one write.
func fanout(r *run) error {
	o, err := r.openOffice(r.dir+"/engine", nil, nil)
	if err != nil {
		return err
	}
	f := &fan{run: r, office: o, post: newPost("fanout")}
	f.eye = newEye(r.ctx, o.engine, func(rec desk.Record) bool { return rec.Event.GetMessageReceived() != nil })
	defer f.eye.close()
	if err = f.prepare(); err == nil {
		err = f.measure()
	}
	return errors.Join(err, f.end(), o.close())
}

type fan struct {
	*run
	*office
	post    *post
	matters []matter
	eye     *eye
	helper  *helper
	server  *http.Server
	address string
	tokens  []string
}

// prepare makes the agents with their sessions, the tickets that will change, the server, and the helper.
func (f *fan) prepare() error {
	agents, err := f.hire(f.ctx, f.Sockets)
	if err != nil {
		return err
	}
	if f.tokens, err = f.signIn(agents); err != nil {
		return err
	}
	for range 500 {
		item, m := f.post.open()
		f.matters = append(f.matters, m)
		if err := f.receive(f.ctx, item); err != nil {
			return err
		}
	}
	return f.serve()
}

// serve starts the server, and the helper that will be its clients.
func (f *fan) serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	f.address = listener.Addr().String()
	f.server = &http.Server{Handler: f.engine.Handler(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = f.server.Serve(listener) }()
	f.helper, err = f.help(roleScreens, job{})
	return err
}

// end closes what serve has started.
func (f *fan) end() (err error) {
	if f.helper != nil {
		err = f.helper.end()
	}
	if f.server != nil {
		err = errors.Join(err, f.server.Close())
	}
	return err
}

// signIn opens a session for every agent as the sign-in would, without its deliberately slow password hash.
func (f *fan) signIn(agents []desk.AgentID) ([]string, error) {
	tokens, faults := make([]string, len(agents)), make([]error, len(agents))
	var wg sync.WaitGroup
	for i, id := range agents {
		wg.Go(func() {
			var raw [32]byte
			_, _ = rand.Read(raw[:])
			tokens[i] = base64.RawURLEncoding.EncodeToString(raw[:])
			hash := sha256.Sum256([]byte(tokens[i]))
			_, faults[i] = f.engine.Do(f.ctx, id.Stream(), deskpb.NewCommand(&deskpb.OpenSession{
				Session: hex.EncodeToString(hash[:]), ExpiresAtMs: time.Now().Add(time.Hour).UnixMilli(), UserAgent: "bench",
			}))
		})
	}
	wg.Wait()
	return tokens, errors.Join(faults...)
}

func (f *fan) measure() error {
	before := f.settled()
	if err := f.tell(screenOrder{Address: f.address, Tokens: f.tokens}); err != nil {
		return err
	}
	after := f.settled()
	f.out.alone("resident_per_idle_socket", (after-before)*1024/float64(f.Sockets), "kB")

	var b *limit.Broadcast
	if f.limits() {
		var err error
		if b, err = limit.NewBroadcast(); err != nil {
			return err
		}
		defer b.Close()
		if err := f.tell(screenOrder{Address: b.Address(), Plain: f.Sockets}); err != nil {
			return err
		}
		if err := b.Take(f.Sockets); err != nil {
			return err
		}
	}
	const rounds = 3
	var all contest
	each := f.part(0.85) / (2 * rounds)
	frame := 0
	for range rounds {
		ours, bytes, err := f.round(each, f.change)
		if err != nil {
			return err
		}
		round := []turn{ours}
		if frame = bytes; b != nil {
			limit, _, err := f.round(each, func(int) (durable, error) {
				return durable{Conversation: b.Send(frame), Version: 1, AtNs: time.Now().UnixNano()}, nil
			})
			if err != nil {
				return err
			}
			round = append(round, limit)
		}
		all = append(all, round)
	}
	f.report(all, frame)
	return nil
}

// settled is what the engine keeps resident once it has nothing left to do, in MB: after the tickets were made, the search index
// still works for a while, and what it takes would be counted to the sockets.
func (f *fan) settled() float64 {
	last := 0.0
	for range 20 {
		pause(f.ctx, 500*time.Millisecond)
		debug.FreeOSMemory()
		now, _ := resident()
		if math.Abs(now-last) < 0.25 {
			return now
		}
		last = now
	}
	return last
}

func (f *fan) report(all contest, frame int) {
	f.out.say("%d sockets, %d messages/s, %d bytes a frame", f.Sockets, messagesPerSecond, frame)
	for _, q := range []struct {
		name string
		at   float64
	}{{"durable_to_frame_p50", 0.5}, {"durable_to_frame_p99", 0.99}} {
		at := func(t turn) float64 { return ms(t.lat[int(q.at*100)]) }
		if len(all[0]) < 2 {
			f.out.alone(q.name, median(all.each(0, at)), "ms")
			continue
		}
		value, limit, ratio := all.against(0, 1, at)
		f.out.against(q.name, value, "ms", limit, ratio)
	}
	if len(all[0]) == 2 {
		value, limit, ratio := all.against(0, 1, turn.cpuEach)
		f.out.against("cpu_per_message", value, "us", limit, ratio)
	}
}

// tell has an order carried out.
func (f *fan) tell(o screenOrder) error {
	var done screenReport
	err := errors.Join(f.helper.say(o), f.helper.hear(&done))
	if err == nil && done.Fault != "" {
		err = errors.New(done.Fault)
	}
	if err != nil {
		return fmt.Errorf("tell the screens: %w", err)
	}
	return nil
}

// durable is a change that all screens must learn of: the row of a conversation, at this version or later.
type durable struct {
	Conversation string
	Version      uint64
	AtNs         int64
}

// round makes changes steadily and asks the helper when they were seen. The turn's latencies are percentiles, 0 to 100.
func (f *fan) round(d time.Duration, change func(i int) (durable, error)) (t turn, frame int, err error) {
	if err := f.tell(screenOrder{Listen: true}); err != nil {
		return t, 0, err
	}
	var mu sync.Mutex
	order := screenOrder{Sockets: f.Sockets}
	t, err = steadily(f.ctx, messagesPerSecond, d, func(i int) error {
		c, err := change(i)
		mu.Lock()
		defer mu.Unlock()
		order.Changes = append(order.Changes, c)
		return err
	})
	if err != nil {
		return t, 0, err
	}
	seen, err := f.ask(order)
	if err != nil {
		return t, 0, err
	}
	t.lat = t.lat[:0]
	for _, ns := range seen.PercentilesNs {
		t.lat = append(t.lat, time.Duration(ns))
	}
	return t, seen.FrameBytes, nil
}

// ask lets the helper say when changes were seen. The last frames may still be on their way.
func (f *fan) ask(order screenOrder) (seen screenReport, err error) {
	for range 20 {
		pause(f.ctx, 250*time.Millisecond)
		seen = screenReport{}
		if err := errors.Join(f.helper.say(order), f.helper.hear(&seen)); err != nil {
			return seen, fmt.Errorf("ask the screens: %w", err)
		}
		if seen.Fault != "" {
			return seen, errors.New(seen.Fault)
		}
		if seen.Missing == 0 {
			return seen, nil
		}
	}
	return seen, fmt.Errorf("%d frames never came", seen.Missing)
}

// change is a customer's answer. It is durable when its event comes out of the journal.
func (f *fan) change(i int) (durable, error) {
	m := f.matters[i%len(f.matters)]
	item, _ := f.post.answer(m)
	id := f.conversation(m)
	wait := f.eye.expect(id.Stream())
	if err := f.receive(f.ctx, item); err != nil {
		return durable{}, err
	}
	s, err := wait(f.ctx)
	return durable{Conversation: string(id), Version: s.record.GetVersion(), AtNs: s.at.UnixNano()}, err
}
