package trust

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/centralita/centralita/channels/email/letter"
	"github.com/centralita/centralita/proto/deskpb"
)

// Names looks up TXT records: net.Resolver does.
type Names interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

const (
	maxSignatures = 5
	lookUpFor     = 5 * time.Second // all keys of one mail
)

// Signed judges mail that came to us directly by its signatures: one of the sender's own domain speaks for him, or against
// him when it is broken. Mail that bears none is neither.
func Signed(ctx context.Context, raw []byte, m *letter.Mail, names Names) *deskpb.SenderCheck {
	domain, why := senderDomain(m)
	if why != "" {
		return &deskpb.SenderCheck{Verdict: failed, Reason: why}
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpFor)
	defer cancel()
	results, err := dkim.VerifyWithOptions(bytes.NewReader(crlf(raw)), &dkim.VerifyOptions{
		MaxVerifications: maxSignatures,
		LookupTXT:        func(name string) ([]string, error) { return lookUp(ctx, names, name) },
	})
	if err != nil && !errors.Is(err, dkim.ErrTooManySignatures) {
		return &deskpb.SenderCheck{Verdict: unknown, Reason: ReasonNotSigned, Domain: domain}
	}
	check := &deskpb.SenderCheck{Verdict: unknown, Reason: ReasonNotSigned, Domain: domain}
	for _, r := range results {
		switch {
		case !aligned(r.Domain, domain):
		case r.Err == nil:
			return &deskpb.SenderCheck{Verdict: verified, Reason: ReasonProved, Method: "dkim", Domain: strings.ToLower(r.Domain)}
		case dkim.IsTempFail(r.Err):
			check = &deskpb.SenderCheck{Verdict: unknown, Reason: ReasonNoAnswer, Method: "dkim", Domain: domain}
		case check.Reason != ReasonNoAnswer:
			check = &deskpb.SenderCheck{Verdict: failed, Reason: ReasonRefuted, Method: "dkim", Domain: domain}
		}
	}
	return check
}

// lookUp makes of every failure but "there is no such name" one that may be over in a moment: that a resolver is down says
// nothing about a sender.
func lookUp(ctx context.Context, names Names, name string) ([]string, error) {
	txt, err := names.LookupTXT(ctx, name)
	if err == nil {
		return txt, nil
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok && e.IsNotFound {
		return nil, err
	}
	return nil, &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true}
}

// crlf has the line ends that were signed (RFC 6376 section 5.3).
func crlf(raw []byte) []byte {
	if !bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) {
		return raw
	}
	return bytes.ReplaceAll(bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}
