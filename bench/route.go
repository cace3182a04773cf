package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// route measures from the arrival of a message that opens a ticket to the durable assignment of its owner. The limit is what
// any durable protocol of three steps costs (the ticket, the promise of a place, the assignment): three raw appends
// in a row, at the same rate.
func route(r *run) error {
	if err := r.routeSteadily(); err != nil {
		return err
	}
	if err := r.routeAllOut(); err != nil {
		return err
	}
	return r.dispatch()
}

// routed is an office whose channel routes to its agents, and an eye on who got what when.
type routed struct {
	*office
	post *post
	eye  *eye
}

func (r *run) openRouted(dir string, agents int) (*routed, error) {
	rule := &deskpb.RoutingRule{Mode: deskpb.RoutingMode_ROUTING_MODE_USERS_AND_TEAMS, Teams: []string{benchTeam}}
	o, err := r.openOffice(dir, rule, nil)
	if err != nil {
		return nil, err
	}
	if err := o.team(r.ctx, agents); err != nil {
		return nil, errors.Join(err, o.close())
	}
	assigned := func(rec desk.Record) bool { return rec.Event.GetConversationAssigned() != nil }
	return &routed{office: o, post: newPost("route"), eye: newEye(r.ctx, o.engine, assigned)}, nil
}

const benchTeam = "tm_bench"

// team hires agents and makes a team of them: a rule names teams when it is for many.
func (o *office) team(ctx context.Context, agents int) error {
	ids, err := o.hire(ctx, agents)
	if err != nil {
		return err
	}
	members := make([]*deskpb.TeamMember, len(ids))
	for i, id := range ids {
		members[i] = &deskpb.TeamMember{Agent: string(id), Main: true}
	}
	cmd := deskpb.NewCommand(&deskpb.AddTeam{Team: &deskpb.TeamAdded{Name: "Support", Members: members}})
	cmd.By = operator
	_, err = o.engine.Do(ctx, desk.TeamID(benchTeam).Stream(), cmd)
	return err
}

// arrive hands over a new matter and waits for its owner.
func (d *routed) arrive(ctx context.Context) (time.Duration, error) {
	item, m := d.post.open()
	wait := d.eye.expect(d.conversation(m).Stream())
	at := time.Now()
	if err := d.receive(ctx, item); err != nil {
		return 0, err
	}
	s, err := wait(ctx)
	return s.at.Sub(at), err
}

func (d *routed) close() error {
	d.eye.close()
	return d.office.close()
}

func (r *run) routeSteadily() error {
	const perSecond, rounds = 500, 3
	d, err := r.openRouted(r.dir+"/steady", r.Agents)
	if err != nil {
		return err
	}
	raw, err := r.openLog()
	if err != nil {
		return errors.Join(err, d.close())
	}
	var ours, limit latencies
	each := r.part(0.55) / (2 * rounds)
	for range rounds {
		var t turn
		var mu sync.Mutex
		if _, err = steadily(r.ctx, perSecond, each, func(int) error {
			took, err := d.arrive(r.ctx)
			mu.Lock()
			defer mu.Unlock()
			ours = append(ours, took)
			return err
		}); err != nil {
			break
		}
		if !r.limits() {
			continue
		}
		if t, err = steadily(r.ctx, perSecond, each, func(int) error {
			return errors.Join(raw.Append(letterBytes), raw.Append(stepBytes), raw.Append(stepBytes))
		}); err != nil {
			break
		}
		limit = append(limit, t.lat...)
	}
	if err = errors.Join(err, raw.Close(), d.close()); err != nil {
		return err
	}
	r.out.quantiles(fmt.Sprintf("arrival_to_owner_%d_agents_500_per_second", r.Agents), ours, limit)
	return nil
}

// Sizes of what is appended for a ticket and its owner: measured, rounded.
const (
	letterBytes = 1700
	stepBytes   = 400
)

// routeAllOut measures how many tickets a second find an owner among a crowd when there are always some on the way.
func (r *run) routeAllOut() error {
	d, err := r.openRouted(r.dir+"/allout", r.Crowd)
	if err != nil {
		return err
	}
	raw, err := r.openLog()
	if err != nil {
		return errors.Join(err, d.close())
	}
	var all contest
	const rounds = 2
	each := r.part(0.35) / (2 * rounds)
	for range rounds {
		var t, limit turn
		if t, err = inFlight(r.ctx, atOnce, each, 0, func(int) error { _, err := d.arrive(r.ctx); return err }); err != nil {
			break
		}
		if r.limits() {
			if limit, err = inFlight(r.ctx, atOnce, each, 0, func(int) error {
				return errors.Join(raw.Append(letterBytes), raw.Append(stepBytes), raw.Append(stepBytes))
			}); err != nil {
				break
			}
		}
		all = append(all, []turn{t, limit})
	}
	if err = errors.Join(err, raw.Close(), d.close()); err != nil {
		return err
	}
	name := fmt.Sprintf("assigned_per_second_%d_agents", r.Crowd)
	if !r.limits() {
		r.out.alone(name, median(all.each(0, turn.rate)), "1/s")
		return nil
	}
	value, limit, ratio := all.against(0, 1, turn.rate)
	r.out.against(name, value, "1/s", limit, ratio)
	return nil
}

// count calls f for a moment and gives calls a second.
func (r *run) count(f func()) float64 {
	began, n := time.Now(), 0
	for time.Since(began) < r.part(0.03) {
		f()
		n++
	}
	return float64(n) / time.Since(began).Seconds()
}
