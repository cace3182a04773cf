package api

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/centralita/centralita/desk"
)

// The cost of a password: OWASP's second choice for argon2id (19 MiB, 2 passes, 1 lane), some 30 ms of one core. Two at a
// time, so that a flood of sign-ins takes 38 MiB and leaves the rest of the server alone.
const (
	argonKiB     = 19 * 1024
	argonPasses  = 2
	argonLanes   = 1
	argonSaltLen = 16
	argonKeyLen  = 32

	hashesAtOnce  = 2
	hashesWaiting = 32
)

// passwords makes and checks hashes, few at a time.
type passwords struct {
	kib   uint32 // the cost of new ones
	slots chan struct{}
	queue chan struct{}
	decoy string // checked when there is no account, so that both answers take as long
}

func newPasswords() *passwords {
	p := &passwords{kib: argonKiB, slots: make(chan struct{}, hashesAtOnce), queue: make(chan struct{}, hashesAtOnce+hashesWaiting)}
	p.decoy = p.phc(random(argonSaltLen), random(argonKeyLen))
	return p
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails: crypto/rand
	return b
}

// enter waits for a slot; it refuses when too many wait already.
func (p *passwords) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p.queue <- struct{}{}:
	default:
		return nil, desk.Refuse(desk.Unavailable, "", "too many people are signing in at this moment, try again")
	}
	select {
	case p.slots <- struct{}{}:
		return func() { <-p.slots; <-p.queue }, nil
	case <-ctx.Done():
		<-p.queue
		return nil, fmt.Errorf("wait to hash a password: %w", ctx.Err())
	}
}

// hash makes the PHC string of a password.
func (p *passwords) hash(ctx context.Context, password string) (string, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	salt := random(argonSaltLen)
	return p.phc(salt, argon2.IDKey([]byte(password), salt, argonPasses, p.kib, argonLanes, argonKeyLen)), nil
}

// matches checks a password against a PHC string; against a decoy, in vain, when there is none.
func (p *passwords) matches(ctx context.Context, password, stored string) (bool, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	real := stored != ""
	if !real {
		stored = p.decoy
	}
	c, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	key := argon2.IDKey([]byte(password), c.salt, c.passes, c.kib, c.lanes, uint32(len(c.key)))
	return subtle.ConstantTimeCompare(key, c.key) == 1 && real, nil
}

// phc writes the parameters with the hash, so that they may grow and old hashes still hold.
func (p *passwords) phc(salt, key []byte) string {
	enc := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.kib, argonPasses, argonLanes, enc(salt), enc(key))
}

type phcParts struct {
	kib, passes uint32
	lanes       uint8
	salt, key   []byte
}

func parsePHC(s string) (c phcParts, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, fmt.Errorf("read a password hash: not argon2id version %d", argon2.Version)
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.kib, &c.passes, &c.lanes); err != nil {
		return c, fmt.Errorf("read a password hash: its parameters: %w", err)
	}
	// A hash that somebody smuggled in must not cost us the memory of the house.
	if c.kib == 0 || c.kib > 64*1024 || c.passes == 0 || c.passes > 10 || c.lanes == 0 {
		return c, fmt.Errorf("read a password hash: its parameters are out of bounds")
	}
	if c.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return c, fmt.Errorf("read a password hash: its salt: %w", err)
	}
	if c.key, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(c.key) < 16 {
		return c, fmt.Errorf("read a password hash: its key is damaged")
	}
	return c, nil
}

// buckets limits by key: each key has a bucket that refills. Memory is bounded: when there are too many keys, those whose
// bucket is full again are forgotten, and if none is, newcomers share one bucket.
type buckets struct {
	burst  float64
	refill time.Duration // for one token
	max    int

	mu   sync.Mutex // guards keys
	keys map[string]*bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newBuckets(burst int, refill time.Duration, maxKeys int) *buckets {
	return &buckets{burst: float64(burst), refill: refill, max: maxKeys, keys: map[string]*bucket{}}
}

// take takes a token; if there is none, it says how long to wait.
func (b *buckets) take(key string, now time.Time) (wait time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.at(key, now)
	if k.left < 1 {
		return time.Duration((1 - k.left) * float64(b.refill)), false
	}
	k.left--
	return 0, true
}

// giveBack returns a token: what succeeded does not count.
func (b *buckets) giveBack(key string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.at(key, now)
	k.left = min(b.burst, k.left+1)
}

func (b *buckets) at(key string, now time.Time) *bucket {
	k := b.keys[key]
	if k == nil {
		if len(b.keys) >= b.max {
			b.forget(now)
		}
		if len(b.keys) >= b.max {
			key = ""
		}
		if k = b.keys[key]; k == nil {
			k = &bucket{left: b.burst, at: now}
			b.keys[key] = k
		}
	}
	k.left = min(b.burst, k.left+float64(now.Sub(k.at))/float64(b.refill))
	k.at = now
	return k
}

func (b *buckets) forget(now time.Time) {
	for key, k := range b.keys {
		if k.left+float64(now.Sub(k.at))/float64(b.refill) >= b.burst {
			delete(b.keys, key)
		}
	}
}

// signInLimits: by address, loose, because an office shares one; by account, tight; by second factor, so tight that trying
// all its codes takes years; what succeeded does not count.
type signInLimits struct {
	byIP      *buckets
	byAccount *buckets
	byCode    *buckets
}

func newSignInLimits() *signInLimits {
	return &signInLimits{byIP: newBuckets(30, 2*time.Second, 10_000),
		byAccount: newBuckets(10, 15*time.Second, 10_000),
		byCode:    newBuckets(10, time.Minute, 10_000)}
}
