package simulate

import (
	"math"
	"testing"

	"github.com/centralita/centralita/proto/deskpb"
)

const (
	leastLoaded = deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_LOADED
	longestIdle = deskpb.RoutingPolicy_ROUTING_POLICY_LONGEST_IDLE
	roundRobin  = deskpb.RoutingPolicy_ROUTING_POLICY_ROUND_ROBIN
)

func options(load float64, policy deskpb.RoutingPolicy, tickets int) Options {
	return Options{Agents: 10, Capacity: 1, Load: load, Policy: policy, Service: "exponential", Sigma: 1, Tickets: tickets, Warmup: tickets / 20, Seed: 1}
}

// Values of tables of Erlang's formulas.
func TestErlang(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		servers     int
		load, waits float64
	}{{1, 0.5, 0.5}, {2, 0.5, 1.0 / 3}, {10, 0.8, 0.40918}, {20, 0.95, 0.75543}} {
		wait, waits, ok := ErlangC(c.servers, c.load)
		if !ok || math.Abs(waits-c.waits) > 1e-4 {
			t.Errorf("%d servers at %v: %v wait, want %v", c.servers, c.load, waits, c.waits)
		}
		if want := waits / (float64(c.servers) * (1 - c.load)); math.Abs(wait-want) > 1e-12 {
			t.Errorf("mean wait %v, want %v", wait, want)
		}
		if patient, gone := ErlangA(c.servers, c.load, 1e7); math.Abs(patient-wait) > 1e-3*wait || gone > 1e-6 {
			t.Errorf("with people who hardly give up: %v, want %v (%v give up)", patient, wait, gone)
		}
	}
	if _, _, ok := ErlangC(3, 1); ok {
		t.Error("a full load has a mean wait")
	}
	if _, gone := ErlangA(1, 2, 1); math.Abs(gone-(1-(1-math.Exp(-2))/2)) > 1e-9 { // one server, patience as long as service: busy with 1-e^-a
		t.Errorf("%v give up", gone)
	}
}

// The tail's area is the mean, and without impatience its 95th percentile is Erlang C's.
func TestTheTailOfErlangA(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ load, patience float64 }{{0.7, 0.5}, {0.95, 0.5}, {0.95, 3}} {
		step, tail := erlangATail(20, c.load, c.patience)
		area := -tail[0] * step / 2
		for _, p := range tail {
			area += p * step
		}
		if want, _ := ErlangA(20, c.load, c.patience); math.Abs(area/want-1) > 1e-3 {
			t.Errorf("load %v, patience %v: area %v, mean %v", c.load, c.patience, area, want)
		}
	}
	_, waits, _ := ErlangC(20, 0.95)
	if got, want := erlangA95(20, 0.95, 1e6), erlangC95(20, 0.95, waits); math.Abs(got/want-1) > 0.01 {
		t.Errorf("%v, Erlang C %v", got, want)
	}
	if x := erlangC95(20, 0.5, 0.01); x != 0 {
		t.Errorf("hardly anybody waits, and 95 %% wait up to %v", x)
	}
}

// What a timer can do at most: near it the line hardly ends, beyond it a run keeps nobody busier.
func TestATimerHasAnEnd(t *testing.T) {
	t.Parallel()
	o := options(0.99, leastLoaded, 40_000)
	o.Every = 0.25
	r, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	if most := timerKeeps(o.Every); math.Abs(r.Utilisation-most) > 0.01 {
		t.Errorf("busy %.3f, want %.3f", r.Utilisation, most)
	}
}

// Who has more room and weight gets more by weight, and as many by turns as others while they have room.
func TestAgentsWhoAreNotAlike(t *testing.T) {
	t.Parallel()
	o := options(0.6, 0, 10_000)
	o.Groups = []Group{{Agents: 5, Capacity: 6, Weight: 3}, {Agents: 5, Capacity: 2, Weight: 1}}
	play := func(p deskpb.RoutingPolicy) []Share {
		o.Policy = p
		r, of, err := RunGroups(o)
		if err != nil {
			t.Fatal(err)
		}
		if pooled := (30*of[0].Utilisation + 10*of[1].Utilisation) / 40; math.Abs(pooled-r.Utilisation) > 1e-9 || math.Abs(pooled-0.6) > 0.03 {
			t.Errorf("%v: busy %.3f, of the groups %.3f", p, r.Utilisation, pooled)
		}
		return of
	}
	weighted, loaded := play(deskpb.RoutingPolicy_ROUTING_POLICY_WEIGHTED), play(leastLoaded)
	if by := weighted[0].Given / weighted[1].Given; by < 2.7 || by > 3.4 {
		t.Errorf("by weight 3 to 1: %.2f to 1", by)
	}
	if loaded[1].Utilisation < loaded[0].Utilisation+0.2 {
		t.Errorf("least loaded: %+v", loaded)
	}
	for field, g := range map[string]Group{"agents": {0, 1, 1}, "capacity": {1, 0, 1}, "weight": {1, 1, 0}} {
		o.Groups[1] = g
		if _, err := Run(o); err == nil || err.Error()[:len(field)] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

// With agents who are alike, ways to choose that let nobody idle while somebody waits cannot differ from Erlang's line.
func TestWaitsAreErlangs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		load    float64
		policy  deskpb.RoutingPolicy
		tickets int
	}{
		{0.70, leastLoaded, 100_000}, {0.85, leastLoaded, 100_000}, {0.95, leastLoaded, 300_000},
		{0.70, longestIdle, 100_000}, {0.85, longestIdle, 100_000}, {0.95, longestIdle, 300_000},
	} {
		o := options(c.load, c.policy, c.tickets)
		r, err := Run(o)
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := ErlangC(o.servers(), o.Load)
		if off := r.MeanWait/want - 1; math.Abs(off) > 0.03 {
			t.Errorf("%v at %v: mean wait %.4f ± %.4f, Erlang C %.4f: %.1f %% off", c.policy, c.load, r.MeanWait, r.Interval, want, 100*off)
		}
		if math.Abs(r.Utilisation-c.load) > 0.02 {
			t.Errorf("%v at %v: utilisation %.3f", c.policy, c.load, r.Utilisation)
		}
		if r.Abandonment != 0 || r.P95Wait < r.MeanWait {
			t.Errorf("%+v", r)
		}
	}
}

func TestWhoGivesUpIsErlangs(t *testing.T) {
	t.Parallel()
	o := options(1.1, leastLoaded, 60_000)
	o.Patience = 0.5
	r, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	wait, gone := ErlangA(o.servers(), o.Load, o.Patience)
	if math.Abs(r.MeanWait/wait-1) > 0.03 || math.Abs(r.Abandonment/gone-1) > 0.03 {
		t.Errorf("wait %.4f, want %.4f; gave up %.4f, want %.4f", r.MeanWait, wait, r.Abandonment, gone)
	}
}

func TestTheBaselinesAreWorse(t *testing.T) {
	t.Parallel()
	r, err := Compare(options(0.85, leastLoaded, 20_000), "least-loaded", 0.25)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range r.Baselines {
		if b.MeanWait < r.MeanWait+b.Interval/3 {
			t.Errorf("%s: %.3f, the policy %.3f", b.Name, b.MeanWait, r.MeanWait)
		}
	}
	// Blind draws make a line at each agent: M/M/1, whose mean wait is load/(1-load).
	if got, want := r.Baselines[1].MeanWait, 0.85/0.15; math.Abs(got/want-1) > 0.2 {
		t.Errorf("random: %.2f, want about %.2f", got, want)
	}
	if r.ErlangC == nil || r.ErlangA != nil {
		t.Errorf("%+v", r)
	}
}

func TestTurnsAreFairAndARunCanBeRepeated(t *testing.T) {
	t.Parallel()
	o := options(0.7, roundRobin, 10_000)
	o.Agents, o.Service = 7, "lognormal"
	a, err := Run(o)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := Run(o)
	if a != b {
		t.Errorf("twice the same seed: %+v and %+v", a, b)
	}
	o.Policy = longestIdle
	if idle, _ := Run(o); a.Fairness.Gini > 0.02 || a.Fairness.MaxToMin > 1.15 || idle.Fairness.Gini > 0.02 {
		t.Errorf("turns %+v, longest idle %+v", a.Fairness, idle.Fairness)
	}
	o.Seed = 2
	if c, _ := Run(o); c.MeanWait == a.MeanWait {
		t.Error("another seed is the same run")
	}
}

func TestWhatCannotBePlayedIsNamed(t *testing.T) {
	t.Parallel()
	for field, change := range map[string]func(*Options){
		"agents": func(o *Options) { o.Agents = 0 }, "capacity": func(o *Options) { o.Capacity = 0 }, "load": func(o *Options) { o.Load = 1 },
		"service": func(o *Options) { o.Service = "never" }, "sigma": func(o *Options) { o.Sigma = -1 }, "patience": func(o *Options) { o.Patience = math.NaN() },
		"tickets": func(o *Options) { o.Tickets = 1 }, "warmup": func(o *Options) { o.Warmup = -1 }, "every": func(o *Options) { o.Every = -1 },
	} {
		o := options(0.5, leastLoaded, 1000)
		change(&o)
		if _, err := Run(o); err == nil || err.Error()[:len(field)] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}
