package reach

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
)

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"93.184.215.14": true, "2606:2800:21f:cb07:6820:80da:af6b:8b2c": true,
		"127.0.0.1": false, "::1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "fd00::1": false, "fe80::1": false,
		"64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::": false,
	} {
		if got := Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

// fakeNames answers as a name server would.
type fakeNames map[string][]netip.Addr

func (f fakeNames) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	return f[host], nil
}

func TestRuleOfHosts(t *testing.T) {
	t.Parallel()
	names := fakeNames{
		"mixed.test":  {netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("93.184.215.14"), netip.MustParseAddr("::ffff:10.0.0.1")},
		"inside.test": {netip.MustParseAddr("10.0.0.1")},
	}
	got, err := Rule(Public).Addresses(t.Context(), names, "mixed.test")
	if err != nil || !slices.Equal(got, []netip.Addr{netip.MustParseAddr("93.184.215.14")}) {
		t.Errorf("mixed: %v %v", got, err)
	}
	for _, host := range []string{"inside.test", "none.test", "127.0.0.1", "::1", "[::1]"} {
		if got, err := Rule(Public).Addresses(t.Context(), names, host); !errors.Is(err, ErrPrivate) {
			t.Errorf("%s: %v %v", host, got, err)
		}
	}
	wider := Rule(Public).Also([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")})
	if got, err := wider.Addresses(t.Context(), names, "inside.test"); err != nil || len(got) != 1 {
		t.Errorf("an allowed network: %v %v", got, err)
	}
	if err := wider.Control("tcp", "127.0.0.1:80", nil); !errors.Is(err, ErrPrivate) {
		t.Errorf("loopback: %v", err)
	}
	if err := wider.Control("tcp", "10.9.9.9:80", nil); err != nil {
		t.Errorf("an allowed network: %v", err)
	}
}
