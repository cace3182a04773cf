package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/centralita/centralita/internal/simulate"
	"github.com/centralita/centralita/proto/deskpb"
)

const simulateText = `Plays routing with random customers, by the rules the desk itself uses, and says how long people wait: in service times, the mean time
that a ticket takes. Beside it: Erlang's formulas for the same load, a timer that gives tickets out only every so often, and a
draw that asks nobody whether they are busy.

The mean is given with half of its interval of 95 %; more tickets make it narrower.`

// simulateRouting runs simulate routing.
func simulateRouting(_ context.Context, p program, args []string) error {
	fs := flags(p, "simulate routing", simulateText)
	var o simulate.Options
	fs.IntVar(&o.Agents, "agents", 20, "how many there are")
	fs.IntVar(&o.Capacity, "capacity", 1, "how many tickets each works on at once")
	fs.Float64Var(&o.Load, "load", 0.85, "how much of their time is asked for: 0.85 is 85 %")
	policy := fs.String("policy", "least-loaded", "who gets a ticket: "+strings.Join(policies(), ", "))
	fs.StringVar(&o.Service, "service", "exponential", "how long tickets take: exponential or lognormal")
	fs.Float64Var(&o.Sigma, "sigma", 1, "spread of the logarithm, for lognormal")
	fs.Float64Var(&o.Patience, "patience", 0, "mean time after which people give up, in service times; 0: nobody does")
	fs.IntVar(&o.Tickets, "tickets", 400_000, "how many are counted; a tenth as many come before")
	fs.Uint64Var(&o.Seed, "seed", 1, "of the random numbers: the same seed gives the same customers")
	timer := fs.Duration("timer", 5*time.Minute, "how often the timer of the comparison gives tickets out")
	takes := fs.Duration("service-time", 20*time.Minute, "how long a ticket takes on average: the timer is measured by it")
	asJSON := fs.Bool("json", false, "print one JSON object")
	curve := fs.String("curve", "", "play all loads from 50 to 95 % and draw mean waits into `file` (SVG) instead")
	table := fs.Bool("table", false, "play all policies at 70, 85 and 95 %, without and with --patience (0.5 if none is set), and with agents who are not alike: print tables of Markdown instead")
	name, args := nameFirst(args)
	if name != "routing" {
		if name == "" && errors.Is(fs.Parse(args), flag.ErrHelp) {
			_, err := parse(fs, args)
			return err
		}
		return &usageError{"say what to simulate: simulate routing [flags]"}
	}
	if _, err := parse(fs, args); err != nil {
		return err
	}
	n, known := deskpb.RoutingPolicy_value["ROUTING_POLICY_"+strings.ToUpper(strings.ReplaceAll(*policy, "-", "_"))]
	if !known || n == 0 {
		return &usageError{"--policy must be one of " + strings.Join(policies(), ", ")}
	}
	if *timer <= 0 || *takes <= 0 {
		return &usageError{"--timer and --service-time must be more than 0"}
	}
	o.Policy, o.Warmup = deskpb.RoutingPolicy(n), o.Tickets/10
	if err := o.Check(); err != nil {
		return &usageError{"--" + err.Error()}
	}
	interval := timer.Seconds() / takes.Seconds()
	if *table {
		return printTable(fs, p, o, interval)
	}
	if *curve != "" {
		return drawCurve(*curve, o, *policy, interval)
	}
	r, err := simulate.Compare(o, *policy, interval)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(p.out).Encode(r)
	}
	printSimulation(p, r)
	return nil
}

// printTable refuses what tables decide themselves.
func printTable(fs *flag.FlagSet, p program, o simulate.Options, interval float64) (err error) {
	fs.Visit(func(f *flag.Flag) {
		switch f.Name {
		case "load", "policy", "service", "sigma", "json", "curve", "capacity":
			err = &usageError{"--table decides --" + f.Name + " itself: leave it out"}
		}
	})
	if err != nil {
		return err
	}
	return simulate.Table(p.out, o, interval)
}

// policies are the words of the flag.
func policies() (all []string) {
	for n := int32(1); ; n++ {
		word, known := deskpb.RoutingPolicy_name[n]
		if !known {
			return all
		}
		all = append(all, strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(word, "ROUTING_POLICY_"), "_", "-")))
	}
}

func printSimulation(p program, r simulate.Report) {
	fmt.Fprintf(p.out, "%d agents with %d at once, load %.0f %%, %s service, %d tickets. Waits in service times.\n\n", r.Agents, r.Capacity, r.Load*100, r.Service, r.Tickets)
	fmt.Fprintf(p.out, "%-16s %20s %8s %8s %12s %6s\n", "", "mean wait", "p95", "gave up", "utilisation", "Gini")
	line := func(name string, x simulate.Result) {
		fmt.Fprintf(p.out, "%-16s %10.4f ± %7.4f %8.3f %6.2f %% %10.1f %% %6.3f\n", name, x.MeanWait, x.Interval, x.P95Wait, x.Abandonment*100, x.Utilisation*100, x.Fairness.Gini)
	}
	line(r.Policy, r.Result)
	for _, b := range r.Baselines {
		line(b.Name, b.Result)
	}
	if r.ErlangC != nil {
		fmt.Fprintf(p.out, "%-16s %10.4f\n", "Erlang C", r.ErlangC.MeanWait)
	}
	if r.ErlangA != nil {
		fmt.Fprintf(p.out, "%-16s %10.4f %27.2f %%\n", "Erlang A", r.ErlangA.MeanWait, r.ErlangA.Abandonment*100)
	}
}

// drawCurve plays one load after the other.
func drawCurve(file string, o simulate.Options, policy string, interval float64) error {
	curves := []simulate.Curve{{Name: policy}, {Name: "Erlang C"}, {Name: "timer"}, {Name: "random"}}
	for _, load := range []float64{0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95} {
		o.Load = load
		r, err := simulate.Compare(o, policy, interval)
		if err != nil {
			return err
		}
		for i, y := range []float64{r.MeanWait, r.ErlangC.MeanWait, r.Baselines[0].MeanWait, r.Baselines[1].MeanWait} {
			curves[i].Points = append(curves[i].Points, [2]float64{load, y})
		}
	}
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("draw the curve: %w", err)
	}
	return errors.Join(simulate.Plot(f, fmt.Sprintf("Mean wait by load, %d agents", o.Agents), curves), f.Close())
}
