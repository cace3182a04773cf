package discover

import (
	"cmp"
	"context"
	"net"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/centralita/centralita/desk"
)

// mostRecords of one answer are read; a domain has one or two.
const mostRecords = 10

// records asks for the domain's SRV records (RFC 6186, RFC 8314 section 5.1): TLS from the first byte before STARTTLS.
func (s *search) records(ctx context.Context) {
	type kind struct {
		service, security string
		at                desk.FoundServer
	}
	kinds := []*kind{{service: "imaps", security: "tls"}, {service: "imap", security: "starttls"}, {service: "submissions", security: "tls"}, {service: "submission", security: "starttls"}}
	s.each(len(kinds), func(i int) { kinds[i].at = s.record(ctx, kinds[i].service, kinds[i].security) })
	c := desk.FoundMailbox{}
	for i, k := range kinds {
		server := &c.IMAP
		if i >= 2 {
			server = &c.SMTP
		}
		if server.Host == "" && k.at.Host != "" {
			*server = k.at
			c.Sources = append(c.Sources, desk.FoundSource{Kind: "srv", Detail: "_" + k.service + "._tcp." + s.domain})
		}
	}
	// RFC 6186 section 6: a target elsewhere could be anybody's, for the records are not signed. A person has to agree.
	rank := rankRecords
	if !s.ours(c.IMAP.Host) || !s.ours(c.SMTP.Host) {
		c.Foreign, rank = true, rankForeignRecords
	}
	s.add(rank, c)
}

// record is the record of a service with the best priority, and the largest weight among equals.
func (s *search) record(ctx context.Context, service, security string) desk.FoundServer {
	ctx, cancel := context.WithTimeout(ctx, dnsLimit)
	defer cancel()
	_, all, err := s.opt.Resolver.LookupSRV(ctx, service, "tcp", s.domain)
	if err != nil {
		return desk.FoundServer{}
	}
	all = slices.Clone(all[:min(len(all), mostRecords)])
	slices.SortStableFunc(all, func(a, b *net.SRV) int {
		return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(b.Weight, a.Weight))
	})
	for _, r := range all {
		if r.Target == "." { // "decidedly not available at this domain"
			break
		}
		if at := s.fit(desk.FoundServer{Host: r.Target, Port: int(r.Port), Security: security}); at.Host != "" {
			return at
		}
	}
	return desk.FoundServer{}
}

// ours reports whether a host is of the address's domain, as far as registries tell domains apart; "" is.
func (s *search) ours(host string) bool {
	return host == "" || host == s.domain || strings.HasSuffix(host, "."+s.domain) || registered(host) == registered(s.domain)
}

// registered is the domain that somebody owns: example.co.uk of mail.example.co.uk.
func registered(host string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return d
	}
	return host
}

// exchangers looks whose mail exchangers the domain uses: a company's mail is often at a provider everybody knows.
func (s *search) exchangers(ctx context.Context) {
	within, cancel := context.WithTimeout(ctx, dnsLimit)
	defer cancel()
	all, err := s.opt.Resolver.LookupMX(within, s.domain)
	if err != nil && len(all) == 0 {
		return
	}
	all = slices.Clone(all[:min(len(all), mostRecords)])
	slices.SortStableFunc(all, func(a, b *net.MX) int { return cmp.Compare(a.Pref, b.Pref) })
	for _, r := range all {
		host := strings.TrimSuffix(strings.ToLower(r.Host), ".")
		if !hostName(host) {
			continue
		}
		if p, ok := providerOfMX(host); ok {
			s.addProvider(p, desk.FoundSource{Kind: "mx", Detail: host})
		} else {
			s.databaseOf(ctx, host)
		}
		return // the others are the first one's substitutes
	}
}

// databaseOf asks the database for the domain of a mail exchanger, its own and the one above it.
func (s *search) databaseOf(ctx context.Context, host string) {
	if s.opt.Database == noDatabase {
		return
	}
	names := []string{registered(host)}
	if _, above, ok := strings.Cut(host, "."); ok && above != names[0] && strings.HasSuffix(above, "."+names[0]) {
		names = append(names, above)
	}
	for _, name := range slices.Backward(names) {
		if name == s.domain || name == registered(s.domain) {
			continue
		}
		if c, err := s.page(ctx, s.opt.Database+name); err == nil {
			c.Sources = []desk.FoundSource{{Kind: "ispdb-mx", Detail: name}}
			c.Foreign = !s.ours(c.IMAP.Host) || !s.ours(c.SMTP.Host)
			s.add(rankDatabaseOfExchanger, c)
			return
		}
	}
}

// each runs f for every index at once and waits.
func (s *search) each(n int, f func(i int)) {
	done := make(chan struct{})
	for i := range n {
		go func() { defer func() { done <- struct{}{} }(); f(i) }()
	}
	for range n {
		<-done
	}
}
