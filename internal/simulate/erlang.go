package simulate

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
