package simulate

import (
	"math"
	"slices"
)

// batches are what a run is cut into, to say how sure its mean is: waits of neighbours resemble each other, means of long
// batches hardly do.
const batches = 40

// tally counts the tickets after the warm-up. By the rates that are known (how often tickets come, how long they take) the mean is corrected
// for the luck of the run (control variates): it needs a fraction of the tickets.
type tally struct {
	o         Options
	per       int // tickets of a batch
	waits     [batches]float64
	gaps      [batches]float64
	needs     [batches]float64
	n         int
	abandoned int
	busy      []float64 // of each group: places times time, while tickets of the count came
	began     float64
	ended     float64
	all       histogram
}

func newTally(o Options) tally {
	return tally{o: o, per: o.Tickets / batches, busy: make([]float64, len(o.groups())), began: -1}
}

// batch is which one a ticket is in, -1 for none.
func (y *tally) batch(t *ticket) int {
	i := (t.n - y.o.Warmup)
	if i < 0 || i >= y.per*batches {
		return -1
	}
	return i / y.per
}

func (y *tally) arrived(t *ticket, gap float64) {
	b := y.batch(t)
	if b < 0 {
		return
	}
	if y.began < 0 {
		y.began = t.came
	}
	y.ended = t.came
	y.gaps[b] += gap
	y.needs[b] += t.need
}

func (y *tally) served(t *ticket, wait float64) { y.waited(t, wait) }

func (y *tally) gaveUp(t *ticket, wait float64) {
	if y.waited(t, wait) {
		y.abandoned++
	}
}

func (y *tally) waited(t *ticket, wait float64) bool {
	b := y.batch(t)
	if b < 0 {
		return false
	}
	y.waits[b] += wait
	y.all.add(wait)
	y.n++
	return true
}

// pass lets time go on until at.
func (y *tally) pass(d *hall, at float64) {
	if y.began >= 0 && d.came < d.o.Warmup+d.o.Tickets {
		for g, n := range d.busy {
			y.busy[g] += float64(n) * (at - d.now)
		}
	}
}

// shares are what each group had.
func (y *tally) shares(d *hall) []Share {
	all := make([]Share, len(y.busy))
	for _, w := range d.agents {
		all[w.group].Given += float64(w.given)
	}
	for i, g := range d.o.groups() {
		all[i].Given /= float64(g.Agents)
		all[i].Utilisation = y.busy[i] / (y.ended - y.began) / float64(g.Agents*g.Capacity)
	}
	return all
}

func (y *tally) result(d *hall) Result {
	busy := 0.0
	for _, b := range y.busy {
		busy += b
	}
	var waits, gaps, needs []float64
	for b := range batches {
		n := float64(y.per)
		waits, gaps, needs = append(waits, y.waits[b]/n), append(gaps, y.gaps[b]/n-1/d.o.rate()), append(needs, y.needs[b]/n-1)
	}
	mean, half := controlled(waits, gaps, needs)
	r := Result{
		MeanWait: max(0, mean), Interval: half, P95Wait: y.all.quantile(0.95), Abandonment: float64(y.abandoned) / float64(max(1, y.n)),
		Utilisation: busy / (y.ended - y.began) / float64(d.o.servers()),
	}
	given := make([]float64, len(d.agents))
	for i, w := range d.agents {
		given[i] = float64(w.given)
	}
	r.Fairness = fairness(given)
	return r
}

// controlled is the mean of y, corrected by its regression on two variables whose mean is known to be 0, and half of its
// interval of 95 %.
func controlled(y, a, b []float64) (mean, half float64) {
	n := float64(len(y))
	my, ma, mb := average(y), average(a), average(b)
	var saa, sbb, sab, say, sby, syy float64
	for i := range y {
		da, db, dy := a[i]-ma, b[i]-mb, y[i]-my
		saa, sbb, sab = saa+da*da, sbb+db*db, sab+da*db
		say, sby, syy = say+da*dy, sby+db*dy, syy+dy*dy
	}
	det := saa*sbb - sab*sab
	var ca, cb float64
	if det > 1e-12*saa*sbb {
		ca, cb = (say*sbb-sby*sab)/det, (sby*saa-say*sab)/det
	}
	left := max(0, syy-ca*say-cb*sby) / (n - 3)
	const t37 = 2.026 // Student's t of 95 % for 37 degrees of freedom
	return my - ca*ma - cb*mb, t37 * math.Sqrt(left/n)
}

func average(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func fairness(given []float64) Fairness {
	slices.Sort(given)
	var sum, weighted float64
	for i, g := range given {
		sum += g
		weighted += float64(i+1) * g
	}
	if sum == 0 {
		return Fairness{MaxToMin: 1}
	}
	n := float64(len(given))
	return Fairness{Gini: max(0, 2*weighted/(n*sum)-(n+1)/n), MaxToMin: given[len(given)-1] / max(1, given[0])}
}

// histogram keeps waits to within half a percent.
type histogram struct {
	none int
	bins map[int]int
	n    int
}

var step = math.Log(1.005)

func (h *histogram) add(x float64) {
	h.n++
	if x < 1e-9 {
		h.none++
		return
	}
	if h.bins == nil {
		h.bins = map[int]int{}
	}
	h.bins[int(math.Floor(math.Log(x)/step))]++
}

func (h *histogram) quantile(q float64) float64 {
	want := int(q * float64(h.n))
	if want < h.none {
		return 0
	}
	keys := make([]int, 0, len(h.bins))
	for k := range h.bins {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	at := h.none
	for _, k := range keys {
		if at += h.bins[k]; at > want {
			return math.Exp((float64(k) + 0.5) * step)
		}
	}
	return 0
}
