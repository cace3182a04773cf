package simulate

import "github.com/centralita/centralita/proto/deskpb"

// Report is a run with what to hold it against.
type Report struct {
	Agents   int     `json:"agents"`
	Capacity int     `json:"capacity"`
	Load     float64 `json:"load"`
	Policy   string  `json:"policy"`
	Service  string  `json:"service"`
	Patience float64 `json:"patience_service_times,omitempty"`
	Tickets  int     `json:"tickets"`
	Seed     uint64  `json:"seed"`
	Result
	ErlangC   *Formula   `json:"erlang_c"`           // null: the line grows for ever
	ErlangA   *Formula   `json:"erlang_a,omitempty"` // with a patience
	Baselines []Baseline `json:"baselines"`
}

// Formula is what theory says of the same load on the same places, pooled, with exponential times.
type Formula struct {
	MeanWait    float64 `json:"mean_wait_service_times"`
	Waits       float64 `json:"share_that_waits,omitempty"`
	Abandonment float64 `json:"abandonment"`
}

// Baseline is another way to give tickets out, with the same customers.
type Baseline struct {
	Name     string  `json:"name"` // timer, random
	Interval float64 `json:"interval_service_times,omitempty"`
	Result
}

// Compare plays a policy, and the same customers with a timer that gives out what waits only every interval (in service times), and with a
// draw at once, busy or not.
func Compare(o Options, policy string, interval float64) (Report, error) {
	r := Report{Agents: o.Agents, Capacity: o.Capacity, Load: o.Load, Policy: policy, Service: o.Service, Patience: o.Patience, Tickets: o.Tickets, Seed: o.Seed}
	var err error
	if r.Result, err = Run(o); err != nil {
		return r, err
	}
	r.ErlangC, r.ErlangA = formulas(o)
	timer := o
	timer.Every = interval
	b, err := Run(timer)
	if err != nil {
		return r, err
	}
	r.Baselines = append(r.Baselines, Baseline{Name: "timer", Interval: interval, Result: b})
	blind := o
	blind.Blind, blind.Policy = true, deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM
	if b, err = Run(blind); err != nil {
		return r, err
	}
	r.Baselines = append(r.Baselines, Baseline{Name: "random", Result: b})
	return r, nil
}

func formulas(o Options) (c, a *Formula) {
	if wait, waits, ok := ErlangC(o.servers(), o.Load); ok {
		c = &Formula{MeanWait: wait, Waits: waits}
	}
	if o.Patience > 0 {
		wait, gone := ErlangA(o.servers(), o.Load, o.Patience)
		a = &Formula{MeanWait: wait, Abandonment: gone}
	}
	return c, a
}
