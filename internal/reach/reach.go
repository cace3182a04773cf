// Package reach is the one rule for connections that somebody else's words lead to: the picture a mail names, the server a
// domain says it has. It tells public addresses from those of this machine and this network, and checks the address that is
// connected to, whatever a name resolves to.
package reach

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"syscall"
)

// ErrPrivate: the address is none that others may lead us to.
var ErrPrivate = errors.New("the address is not a public one")

// Rule tells whether an address may be connected to.
type Rule func(netip.Addr) bool

// Also is the rule, widened by networks of one's own.
func (r Rule) Also(networks []netip.Prefix) Rule {
	return func(a netip.Addr) bool {
		return r(a) || slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
	}
}

// Control refuses what the rule does not allow: for net.Dialer.
func (r Rule) Control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !r(at.Addr().Unmap()) {
		return ErrPrivate
	}
	return nil
}

// Lookup gives the addresses of a host name.
type Lookup interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Addresses are those of a host that may be connected to; none is an error.
func (r Rule) Addresses(ctx context.Context, by Lookup, host string) ([]netip.Addr, error) {
	all := []netip.Addr{}
	if literal, err := netip.ParseAddr(host); err == nil {
		all = append(all, literal)
	} else if all, err = by.LookupNetIP(ctx, "ip", host); err != nil {
		return nil, err
	}
	var allowed []netip.Addr
	for _, a := range all {
		if a = a.Unmap(); r(a) {
			allowed = append(allowed, a)
		}
	}
	if len(allowed) == 0 {
		return nil, fmt.Errorf("%s: %w", host, ErrPrivate)
	}
	return allowed, nil
}

// Public reports whether an address is one of the internet's, not of this machine, this network or a special use.
func Public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}

// special are ranges that look global and are not (IANA's special-purpose registries, RFC 6890).
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}
