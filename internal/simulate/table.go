package simulate

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/centralita/centralita/proto/deskpb"
)

// The loads that tables show.
var tableLoads = []float64{0.70, 0.85, 0.95}

// ways are all policies, by the words of the API.
func ways() (all []deskpb.RoutingPolicy) {
	for n := deskpb.RoutingPolicy(1); deskpb.RoutingPolicy_name[int32(n)] != ""; n++ {
		all = append(all, n)
	}
	return all
}

func word(p deskpb.RoutingPolicy) string {
	return "`" + strings.ToLower(strings.TrimPrefix(p.String(), "ROUTING_POLICY_")) + "`"
}

// Table writes what every policy does at every load as tables of Markdown: when nobody gives up, when people do, and when agents
// are not alike. The interval is the timer's, in service times.
func Table(w io.Writer, o Options, interval float64) error {
	patience := o.Patience
	if patience == 0 {
		patience = 0.5
	}
	o.Patience, o.Service = 0, "exponential" // Erlang's: nothing else could be held against the formulas
	if err := alike(w, o, interval); err != nil {
		return err
	}
	o.Patience = patience
	// Who gives up ends long lines, so the mean is as sure with fewer.
	if err := alike(w, o.fewer(4), interval); err != nil {
		return err
	}
	return Uneven(w, o.fewer(40))
}

// fewer plays one ticket of so many, as far as a run can be short.
func (o Options) fewer(part int) Options {
	o.Tickets = max(batches*10, o.Tickets/part)
	o.Warmup = o.Tickets / 10
	return o
}

// alike is the table of agents who are alike.
func alike(w io.Writer, o Options, interval float64) error {
	who, formula := "Nobody gives up", "Erlang C"
	if o.Patience > 0 {
		who, formula = fmt.Sprintf("People give up after %s service times on average", number(o.Patience)), "Erlang A"
	}
	fmt.Fprintf(w, "%s: %d agents who are alike, %d tickets a row, seed %d.\n\n", who, o.Agents, o.Tickets, o.Seed)
	fmt.Fprintf(w, "| load | who gets the ticket | mean wait | against %s | 95 %% wait at most | gave up | busy | Gini | most to fewest |\n", formula)
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, load := range tableLoads {
		o.Load = load
		wait, err := formulaRow(w, o)
		if err != nil {
			return err
		}
		row := func(name string, o Options) error {
			r, err := Run(o)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "| %.0f %% | %s | %.4f ± %.4f | %s | %.3f | %.2f %% | %.1f %% | %.3f | %.2f |\n", load*100, name, r.MeanWait, r.Interval,
				against(r.MeanWait, wait), r.P95Wait, r.Abandonment*100, r.Utilisation*100, r.Fairness.Gini, r.Fairness.MaxToMin)
			return nil
		}
		for _, policy := range ways() {
			o.Policy = policy
			if err := row(word(policy), o); err != nil {
				return err
			}
		}
		timer := o
		timer.Policy, timer.Every = deskpb.RoutingPolicy_ROUTING_POLICY_LEAST_LOADED, interval
		name := fmt.Sprintf("a timer, every %s", number(interval))
		if most := timerKeeps(interval); o.Patience == 0 && load >= most {
			fmt.Fprintf(w, "| %.0f %% | %s | grows for ever | | | | %.1f %% | | |\n", load*100, name, most*100)
		} else if err := row(name, timer); err != nil {
			return err
		}
		blind := o
		blind.Policy, blind.Blind = deskpb.RoutingPolicy_ROUTING_POLICY_RANDOM, true
		if err := row("a draw, busy or not", blind); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}

// formulaRow writes what theory says, and returns its mean wait.
func formulaRow(w io.Writer, o Options) (wait float64, err error) {
	if o.Patience > 0 {
		wait, gone := ErlangA(o.servers(), o.Load, o.Patience)
		_, err = fmt.Fprintf(w, "| %.0f %% | Erlang A | %.4f | | %.3f | %.2f %% | %.1f %% | | |\n", o.Load*100, wait, erlangA95(o.servers(), o.Load, o.Patience), gone*100, o.Load*(1-gone)*100)
		return wait, err
	}
	wait, waits, _ := ErlangC(o.servers(), o.Load)
	_, err = fmt.Fprintf(w, "| %.0f %% | Erlang C | %.4f | | %.3f | 0.00 %% | %.1f %% | | |\n", o.Load*100, wait, erlangC95(o.servers(), o.Load, waits), o.Load*100)
	return wait, err
}

// erlangC95 is what 95 % wait at most: who waits at all waits exponentially.
func erlangC95(servers int, load, waits float64) float64 {
	return max(0, math.Log(waits/0.05)) / (float64(servers) * (1 - load))
}

// timerKeeps is how busy a timer can keep people at most: each is given a ticket at a tick, and idles from its end to the next one.
func timerKeeps(interval float64) float64 { return (1 - math.Exp(-interval)) / interval }

// against is how far a mean is from theory: in percent if near, else how many times as long.
func against(got, want float64) string {
	off := got/want - 1
	if math.Abs(off) >= 1 {
		return fmt.Sprintf("× %.1f", got/want)
	}
	return fmt.Sprintf("%+.1f %%", off*100)
}

// Uneven writes the table of agents who are not alike: half have room for six at once and weight 3, half for two and weight 1.
func Uneven(w io.Writer, o Options) error {
	o.Patience, o.Service = 0, "exponential"
	big, small := Group{Agents: 10, Capacity: 6, Weight: 3}, Group{Agents: 10, Capacity: 2, Weight: 1}
	o.Groups = []Group{big, small}
	fmt.Fprintf(w, "Agents who are not alike: %d with room for %d and weight %d, %d with room for %d and weight %d; %d tickets a row, seed %d.\n\n",
		big.Agents, big.Capacity, big.Weight, small.Agents, small.Capacity, small.Weight, o.Tickets, o.Seed)
	fmt.Fprintf(w, "| load | who gets the ticket | mean wait | busy, with room for %d | busy, with room for %d | tickets of one of the former for one of the latter's | Gini |\n",
		big.Capacity, small.Capacity)
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- | --- | --- |")
	for _, load := range []float64{tableLoads[0], tableLoads[len(tableLoads)-1]} {
		o.Load = load
		for _, policy := range ways() {
			o.Policy = policy
			r, of, err := RunGroups(o)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "| %.0f %% | %s | %.4f | %.1f %% | %.1f %% | %.2f | %.3f |\n", load*100, word(policy), r.MeanWait,
				of[0].Utilisation*100, of[1].Utilisation*100, of[0].Given/of[1].Given, r.Fairness.Gini)
		}
	}
	return nil
}
