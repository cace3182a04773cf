package simulate

import (
	"container/heap"
	"math"
	"math/rand/v2"

	"github.com/centralita/centralita/desk"
)

// chance are the random numbers of a run. What comes, how long it takes and who gives up are drawn apart, so that runs
// with one seed and two policies have the same customers.
type chance struct{ gaps, needs, patiences *rand.Rand }

func newChance(seed uint64) *chance {
	of := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, n)) } //nolint:gosec // it is to be repeated, not secret
	return &chance{of(1), of(2), of(3)}
}

func (c *chance) exponential(mean float64) float64 { return mean * c.gaps.ExpFloat64() }

func (c *chance) service(o Options) float64 {
	if o.Service == "lognormal" { // its mean is 1
		return math.Exp(o.Sigma*c.needs.NormFloat64() - o.Sigma*o.Sigma/2)
	}
	return c.needs.ExpFloat64()
}

func (c *chance) patience(mean float64) float64 { return mean * c.patiences.ExpFloat64() }

type kind int

const (
	arrival kind = iota
	done
	patience
	tick
)

type event struct {
	at     float64
	n      int // those of one moment keep their order
	kind   kind
	agent  *worker
	ticket desk.ConversationID
}

// agenda is what will happen, the next first.
type agenda struct {
	all events
	n   int
}

func (a *agenda) add(e event) {
	e.n = a.n
	a.n++
	heap.Push(&a.all, e)
}

func (a *agenda) next() event { return heap.Pop(&a.all).(event) } //nolint:forcetypeassert // only add pushes

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	if e[i].at != e[j].at {
		return e[i].at < e[j].at
	}
	return e[i].n < e[j].n
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) } //nolint:forcetypeassert // as above

func (e *events) Pop() any {
	old := *e
	x := old[len(old)-1]
	*e = old[:len(old)-1]
	return x
}
