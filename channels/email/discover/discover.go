// Package discover finds the mail servers of an address: what the domain's records say (RFC 6186, RFC 8314), its own
// configuration page and the shared database of them, whose mail exchangers it uses, and what names are usual. All are asked side
// by side under one limit. What comes back is hostile until a person has seen it: sizes, depths, times and redirects are
// bounded, addresses that are not public are not connected to, and no password is needed or known here.
package discover

import (
	"cmp"
	"context"
	"crypto/x509"
	"net"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/idna"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/internal/reach"
)

// Resolver is what is asked of the domain name system; net.Resolver is one.
type Resolver interface {
	LookupSRV(ctx context.Context, service, proto, name string) (cname string, addrs []*net.SRV, err error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	reach.Lookup
}

// Options of a Finder. The zero value asks the world.
type Options struct {
	Resolver Resolver // nil: the system's
	// Dial connects to an address that the rule allows. nil: a net.Dialer.
	Dial  func(ctx context.Context, network, address string) (net.Conn, error)
	Allow reach.Rule     // nil: public addresses only
	Roots *x509.CertPool // nil: the system's
	// Database is the shared database of mail domains, asked by domain; "": Mozilla's, "-": none.
	Database string
	Limit    time.Duration // of everything; 0: 12 seconds
}

// MozillaDatabase knows the mail domains of most providers.
const MozillaDatabase = "https://autoconfig.thunderbird.net/v1.1/"

const (
	dnsLimit   = 4 * time.Second
	pageLimit  = 5 * time.Second
	probeLimit = 4 * time.Second
	atOnce     = 12 // connections of one search
	atMost     = 8  // answers
)

// Finder finds mail servers. Safe for concurrent use.
type Finder struct{ opt Options }

// New makes one.
func New(opt Options) *Finder {
	if opt.Resolver == nil {
		opt.Resolver = net.DefaultResolver
	}
	if opt.Dial == nil {
		opt.Dial = (&net.Dialer{Timeout: probeLimit}).DialContext
	}
	if opt.Allow == nil {
		opt.Allow = reach.Public
	}
	opt.Database = cmp.Or(opt.Database, MozillaDatabase)
	opt.Limit = cmp.Or(opt.Limit, 12*time.Second)
	return &Finder{opt: opt}
}

// search is one search under way.
type search struct {
	*Finder
	address, local, domain string
	slots                  chan struct{} // holds a token for each connection

	mu    sync.Mutex
	found []candidate
}

// candidate is an answer with its rank: the less, the better.
type candidate struct {
	desk.FoundMailbox
	rank int
}

// The ranks. Who signs in with a provider needs no other answer; what the domain itself says counts more than what others say.
const (
	rankSignIn = iota
	rankOwnPage
	rankDatabase
	rankRecords
	rankExchanger
	rankDatabaseOfExchanger
	rankForeignRecords
	rankGuess
)

// Find gives what is known of an address, the best answer first; none is no error.
func (f *Finder) Find(ctx context.Context, address string) ([]desk.FoundMailbox, error) {
	s, err := f.begin(address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, f.opt.Limit)
	defer cancel()
	var wg sync.WaitGroup
	for _, ask := range []func(context.Context){s.known, s.records, s.exchangers, s.pages, s.database, s.guess} {
		wg.Go(func() { ask(ctx) })
	}
	wg.Wait()
	return s.answer(ctx), nil
}

func (f *Finder) begin(address string) (*search, error) {
	a, err := mail.ParseAddress(address)
	if err != nil || a.Name != "" || a.Address != strings.TrimSpace(address) || len(address) > 254 {
		return nil, desk.Refuse(desk.Invalid, "address", "must be a mail address, such as support@example.com")
	}
	at := strings.LastIndexByte(a.Address, '@')
	domain, err := idna.Lookup.ToASCII(strings.ToLower(a.Address[at+1:]))
	if err != nil || !hostName(domain) || !strings.Contains(domain, ".") {
		return nil, desk.Refuse(desk.Invalid, "address", "must have a domain that mail can be sent to, such as example.com")
	}
	if _, err := netip.ParseAddr(domain); err == nil {
		return nil, desk.Refuse(desk.Invalid, "address", "must have a domain after the @, not a number")
	}
	return &search{Finder: f, address: a.Address, local: a.Address[:at], domain: domain, slots: make(chan struct{}, atOnce)}, nil
}

// add takes an answer; one that names no server that may be used is dropped.
func (s *search) add(rank int, c desk.FoundMailbox) {
	c.IMAP, c.SMTP = s.fit(c.IMAP), s.fit(c.SMTP)
	if c.IMAP.Host == "" && c.SMTP.Host == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found = append(s.found, candidate{c, rank})
}

// fit drops a server that the connector would not take, or that has no name.
func (s *search) fit(f desk.FoundServer) desk.FoundServer {
	f.Host = strings.TrimSuffix(strings.ToLower(f.Host), ".")
	ip, err := netip.ParseAddr(f.Host)
	if err != nil && !hostName(f.Host) || f.Port < 1 || f.Port > 65535 {
		return desk.FoundServer{}
	}
	if f.Security == "plain" && f.Host != "localhost" && (err != nil || !ip.IsLoopback()) {
		return desk.FoundServer{} // a password would go over the network for all to read
	}
	if f.Username == s.address || len(f.Username) > 254 || strings.ContainsFunc(f.Username, func(r rune) bool { return r <= ' ' || r == 0x7F }) {
		f.Username = ""
	}
	return f
}

// answer puts what was found in order: alike ones become one, all are looked at, those that answer come first.
func (s *search) answer(ctx context.Context) []desk.FoundMailbox {
	slices.SortStableFunc(s.found, func(a, b candidate) int { return cmp.Compare(a.rank, b.rank) })
	var all []candidate
	for _, c := range s.found {
		if i := slices.IndexFunc(all, func(o candidate) bool { return o.IMAP == c.IMAP && o.SMTP == c.SMTP && o.Provider == c.Provider }); i >= 0 {
			all[i].Sources = append(all[i].Sources, c.Sources...)
			all[i].Foreign = all[i].Foreign && c.Foreign
			continue
		}
		if len(all) < atMost {
			all = append(all, c)
		}
	}
	s.look(ctx, all)
	all = slices.DeleteFunc(all, func(c candidate) bool { return c.rank == rankGuess && !c.IMAP.Answers && !c.SMTP.Answers })
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(worth(a), worth(b)) })
	out := make([]desk.FoundMailbox, 0, len(all))
	for _, c := range all {
		out = append(out, c.FoundMailbox)
	}
	return out
}

// worth: less is better. A provider's sign-in stays first even where its servers cannot be reached from here.
func worth(c candidate) int {
	switch {
	case c.rank == rankSignIn, c.Answers:
		return 0
	case c.IMAP.Host != "" && c.SMTP.Host != "":
		return 1
	}
	return 2
}

// hostName reports whether a text is a host name as the domain name system knows them.
func hostName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
				return false
			}
		}
	}
	return true
}
