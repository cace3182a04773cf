package bench

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/centralita/centralita/bench/limit"
)

// atOnce is how many messages are in flight.
const atOnce = 256

// ingest measures how many messages become durable with all their index changes, through the channel's actor, the contact's and
// the conversation's. The raw log and the bare Badger get the same number of bytes, and of keys, for each message.
func ingest(r *run) error {
	if err := r.memory(); err != nil {
		return err
	}
	c, err := r.openContest()
	if err != nil {
		return err
	}
	err = errors.Join(r.throughput(c), r.steady(c))
	return errors.Join(err, c.close())
}

// contenders are the engine and what it is compared with.
type contenders struct {
	office *office
	post   *post
	raw    *limit.Log
	bare   *limit.Badger
	sample *limit.Sample
	sent   atomic.Int64 // messages the bare Badger got
}

const sampled = 5000 // messages, of which the writes are traced

func (r *run) openContest() (c *contenders, err error) {
	c = &contenders{post: newPost("ingest")}
	if c.office, err = r.openOffice(r.dir+"/engine", nil, nil); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	warm, err := inFlight(r.ctx, atOnce, max(r.part(0.1), time.Second), sampled, func(int) error { return c.deliver(r) })
	if err != nil || !r.limits() {
		return c, err
	}
	_, head := c.office.engine.Head()
	c.settle(r)
	if c.sample, err = limit.SampleOf(c.office.engine.Watch(r.ctx, 0), head, warm.n); err != nil {
		return c, err
	}
	if c.raw, err = r.openLog(); err != nil {
		return c, err
	}
	c.bare, err = limit.OpenBadger(r.dir + "/bare")
	return c, err
}

func (c *contenders) close() error {
	faults := []error{c.office.close()}
	if c.raw != nil {
		faults = append(faults, c.raw.Close())
	}
	if c.bare != nil {
		faults = append(faults, c.bare.Close())
	}
	return errors.Join(faults...)
}

func (c *contenders) deliver(r *run) error {
	item, m := c.post.write()
	if err := c.office.receive(r.ctx, item); err != nil {
		return err
	}
	if item.ExternalID == m.root {
		c.post.taken(m)
	}
	return nil
}

// calls are what each contender does for a message: the engine, the raw log, the bare Badger.
func (c *contenders) calls(r *run) []func(int) error {
	calls := []func(int) error{func(int) error { return c.deliver(r) }}
	if r.limits() {
		calls = append(calls,
			func(int) error { return c.raw.Append(c.sample.Bytes) },
			func(int) error { return c.bare.Commit(c.sample.Part(int(c.sent.Add(1)))) })
	}
	return calls
}

// settle waits until what the engine left for a calmer time is searchable, so that it does not fall on the next contender's
// turn, and gives the CPU time that took.
func (c *contenders) settle(r *run) time.Duration {
	before := cpuTime()
	for c.office.engine.SearchBehind() > 0 && r.ctx.Err() == nil {
		pause(r.ctx, 20*time.Millisecond)
	}
	aftermath(r.ctx)
	return cpuTime() - before
}

// throughput gives the contenders turns of about two seconds.
func (r *run) throughput(c *contenders) error {
	calls := c.calls(r)
	length := r.part(0.45)
	rounds := max(int(length/(5*time.Second)), 1)
	each := length / time.Duration(rounds*len(calls))
	var all contest
	var later []float64
	for n := range rounds {
		round := make([]turn, len(calls))
		for i := range calls {
			who := (i + n) % len(calls) // nobody always follows the same one
			var err error
			if round[who], err = inFlight(r.ctx, atOnce, each, 0, calls[who]); err != nil {
				return err
			}
			if who == 0 {
				later = append(later, float64(c.settle(r).Microseconds())/float64(max(round[who].n, 1)))
			}
		}
		all = append(all, round)
	}
	r.out.alone("cpu_later_to_make_searchable", median(later), "us")
	if !r.limits() {
		r.out.alone("messages_per_second", median(all.each(0, turn.rate)), "1/s")
		r.out.alone("cpu_per_message", median(all.each(0, turn.cpuEach)), "us")
		return nil
	}
	r.out.say("%d bytes of records and %.1f keys a message", c.sample.Bytes, c.sample.Keys())
	value, limit, ratio := all.against(0, 1, turn.rate)
	r.out.against("messages_per_second_vs_raw_append", value, "1/s", limit, ratio)
	value, limit, ratio = all.against(0, 2, turn.rate)
	r.out.against("messages_per_second_vs_bare_badger", value, "1/s", limit, ratio)
	value, limit, ratio = all.against(0, 2, turn.cpuEach)
	r.out.against("cpu_per_message_vs_bare_badger", value, "us", limit, ratio)
	p99 := func(t turn) float64 { return ms(t.lat.quantile(0.99)) }
	value, limit, ratio = all.against(0, 2, p99)
	r.out.against("durable_at_256_in_flight_p99", value, "ms", limit, ratio)
	return nil
}

// steady measures the time to durable at 1,000 messages a second, in turns with raw appends and with the bare Badger at the
// same rate.
func (r *run) steady(c *contenders) error {
	const perSecond, rounds = 1000, 3
	calls := c.calls(r)
	each := r.part(0.4) / time.Duration(rounds*len(calls))
	lat := make([]latencies, 3)
	for range rounds {
		for i, call := range calls {
			t, err := steadily(r.ctx, perSecond, each, call)
			if err != nil {
				return err
			}
			if i == 0 {
				c.settle(r)
			}
			lat[i] = append(lat[i], t.lat[len(t.lat)/4:]...) // it begins with what the turn before left: cold caches, pages on their way
		}
	}
	r.out.quantiles("durable_at_1000_per_second", lat[0], lat[1])
	if r.limits() {
		r.out.quantiles("durable_at_1000_per_second_vs_bare_badger", lat[0], lat[2])
	}
	return nil
}

// memory asks a process of its own how much it holds: with nothing to do, and while it takes in what it can.
func (r *run) memory() error {
	h, err := r.help(roleMemory, job{Dir: r.dir + "/memory", For: r.part(0.15)})
	if err != nil {
		return err
	}
	var idle, busy memoryUse
	err = errors.Join(h.hear(&idle), h.hear(&busy))
	if err = errors.Join(err, h.end()); err != nil {
		return fmt.Errorf("measure the memory: %w", err)
	}
	r.out.alone("resident_idle_empty", idle.MB, "MB")
	r.out.alone("resident_under_ingest", busy.MB, "MB")
	return nil
}

type memoryUse struct {
	MB       float64
	Messages int
}

// useMemory is the helper's side of memory.
func (r *run) useMemory(j job, say func(any) error) error {
	c := &contenders{post: newPost("memory")}
	var err error
	if c.office, err = r.openOffice(j.Dir, nil, nil); err != nil {
		return err
	}
	defer c.office.close()
	pause(r.ctx, 200*time.Millisecond)
	idle, _ := resident()
	if err := say(memoryUse{MB: idle}); err != nil {
		return err
	}
	t, err := inFlight(r.ctx, atOnce, j.For, 0, func(int) error { return c.deliver(r) })
	if err != nil {
		return err
	}
	_, peak := resident()
	return say(memoryUse{MB: peak, Messages: t.n})
}
