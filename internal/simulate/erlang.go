package simulate

import "math"

// ErlangC is the mean wait, in service times, of a line of which nobody gives up (M/M/n), and the probability to wait at all; ok is false when the
// line grows for ever.
func ErlangC(servers int, load float64) (wait, waits float64, ok bool) {
	if load >= 1 {
		return 0, 0, false
	}
	a := load * float64(servers)
	b := 1.0 // Erlang's loss formula, by its recursion: no factorial, no overflow
	for n := 1; n <= servers; n++ {
		b = a * b / (float64(n) + a*b)
	}
	waits = b / (1 - load*(1-b))
	return waits / (float64(servers) * (1 - load)), waits, true
}

// ErlangA is the mean wait of all who come, in service times, and the share that gives up, when patience is exponential (M/M/n+M;
// Palm). It sums the states of the birth and death process until they weigh nothing.
func ErlangA(servers int, load, patience float64) (wait, abandons float64) {
	a := load * float64(servers)
	// Probabilities relative to the state "all busy, nobody waits": down from it, then up.
	sum, p := 1.0, 1.0
	for n := servers; n > 0; n-- {
		p *= float64(n) / a
		sum += p
		if p < 1e-18*sum {
			break
		}
	}
	var queue float64
	p = 1
	for k := 1; ; k++ {
		p *= a / (float64(servers) + float64(k)/patience)
		sum += p
		queue += float64(k) * p
		if p < 1e-18*sum || k > 10_000_000 {
			break
		}
	}
	queue /= sum
	return queue / a, queue / patience / a
}

// erlangATail is the probability to wait longer than 0, step, 2·step, …, whoever gives up in between counting until then; for loads below 1. How long one
// would wait with endless patience has a density that falls with the line's rate of arrivals that are still patient (Baccelli and Hebuterne).
func erlangATail(servers int, load, patience float64) (step float64, tail []float64) {
	n, a := float64(servers), load*float64(servers)
	const steps = 20_000
	step = 40 / (n - a) / steps // the tail falls at least as fast as without patience
	density := func(x float64) float64 { return math.Exp(a*patience*(1-math.Exp(-x/patience)) - n*x) }
	tail = make([]float64, steps+1)
	for i := steps - 1; i >= 0; i-- {
		x := float64(i) * step
		tail[i] = tail[i+1] + step*(density(x)+density(x+step))/2
	}
	all, waits := tail[0], allBusy(n, a, patience)
	for i := range tail {
		tail[i] *= waits / all * math.Exp(-float64(i)*step/patience)
	}
	return step, tail
}

// allBusy is how often who comes finds everybody busy, with patience.
func allBusy(n, a, patience float64) float64 {
	below, p := 0.0, 1.0
	for k := n; k > 0; k-- {
		p *= k / a
		below += p
	}
	above, p := 1.0, 1.0
	for k := 1.0; p > 1e-18*above; k++ {
		p *= a / (n + k/patience)
		above += p
	}
	return above / (above + below)
}

// erlangA95 is what 95 % wait at most, with patience.
func erlangA95(servers int, load, patience float64) float64 {
	step, tail := erlangATail(servers, load, patience)
	for i, p := range tail {
		if p <= 0.05 {
			return float64(i) * step
		}
	}
	return float64(len(tail)) * step
}
