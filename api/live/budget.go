package live

import "time"

// budget limits how fast a peer may send: a bucket of frames that refills.
type budget struct {
	left float64
	at   time.Time
}

const (
	budgetBurst    = 200
	budgetPerSec   = 50
	budgetPatience = 500 // refused frames in a row before we hang up
)

type verdict uint8

const (
	within verdict = iota
	over
	farOver
)

func newBudget(now time.Time) budget { return budget{left: budgetBurst, at: now} }

func (b *budget) take(now time.Time) verdict {
	b.left = min(budgetBurst, b.left+now.Sub(b.at).Seconds()*budgetPerSec)
	b.at = now
	b.left--
	switch {
	case b.left >= 0:
		return within
	case b.left > -budgetPatience:
		return over
	default:
		return farOver
	}
}
