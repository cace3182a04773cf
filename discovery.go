package centralita

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/centralita/centralita/channels/email"
	"github.com/centralita/centralita/internal/reach"
)

// DiscoveryConfig is how the mail servers of an address are looked for when a mailbox is connected.
type DiscoveryConfig struct {
	// Database is the shared database of mail domains, asked by domain; "": Mozilla's, "-": none is asked. Environment:
	// CENTRALITA_DISCOVERY_DATABASE.
	Database string `toml:"database"`
	// Networks are those that are not public and may be connected to all the same, such as "10.0.0.0/8, 192.168.7.0/24".
	// Environment: CENTRALITA_DISCOVERY_NETWORKS.
	Networks string `toml:"networks"`

	// Resolver, Dialer and Roots replace the system's names, network and certificate authorities; nil: the system's.
	Resolver email.Resolver `toml:"-"`
	Dialer   Dialer         `toml:"-"`
	Roots    *x509.CertPool `toml:"-"`
}

// Dialer connects; *net.Dialer is one.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

func (d *DiscoveryConfig) environment() map[string]*string {
	return map[string]*string{"CENTRALITA_DISCOVERY_DATABASE": &d.Database, "CENTRALITA_DISCOVERY_NETWORKS": &d.Networks}
}

func (d DiscoveryConfig) faults() (faults []error) {
	if d.Database != "" && d.Database != "-" && (!strings.HasPrefix(d.Database, "https://") || !strings.HasSuffix(d.Database, "/")) {
		faults = append(faults, fmt.Errorf("discovery.database: %q must begin with https:// and end with /, the domain is put behind it; or be - for none", d.Database))
	}
	_, err := d.networks()
	return append(faults, err)
}

func (d DiscoveryConfig) networks() (all []netip.Prefix, err error) {
	for _, one := range strings.FieldsFunc(d.Networks, func(r rune) bool { return r == ',' || r == ' ' }) {
		p, err := netip.ParsePrefix(one)
		if err != nil {
			return nil, fmt.Errorf("discovery.networks: %q is no network, such as 10.0.0.0/8", one)
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

// finder looks for mail servers as it is configured; the networks were checked with the options.
func (d DiscoveryConfig) finder() *email.Finder {
	networks, _ := d.networks()
	opt := email.DiscoverOptions{Resolver: d.Resolver, Allow: reach.Rule(reach.Public).Also(networks), Roots: d.Roots, Database: d.Database}
	if d.Dialer != nil {
		opt.Dial = d.Dialer.DialContext
	}
	return email.NewFinder(opt)
}
