package compose

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/centralita/centralita/proto/deskpb"
)

// PersonName takes out of a name what trips filters or breaks headers.
func PersonName(s string) string {
	return HeaderText(strings.Map(func(r rune) rune {
		if strings.ContainsRune("<>@\"\\", r) || unicode.Is(unicode.Bidi_Control, r) { // the last turn words around
			return -1
		}
		return r
	}, s), 100)
}

// HeaderText makes one line of at most n bytes: nothing in it can start another header.
func HeaderText(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	for len(s) > n {
		_, size := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-size]
	}
	return s
}

// Reachable: mail can be sent to this address.
func Reachable(address string) bool {
	_, err := addresses([]*deskpb.Address{{Address: address}})
	return err == nil
}

func addresses(list []*deskpb.Address) ([]*mail.Address, error) {
	var all []*mail.Address
	for _, a := range list {
		addr := strings.TrimSpace(a.GetAddress())
		parsed, err := mail.ParseAddress("<" + addr + ">")
		if err != nil || strings.ContainsFunc(addr, unicode.IsControl) || strings.HasSuffix(addr, "@invalid") {
			return nil, fmt.Errorf("%q is not an address that mail can be sent to", HeaderText(addr, 200))
		}
		parsed.Name = PersonName(a.GetName())
		all = append(all, parsed)
	}
	return all, nil
}

// references gives what the mail answers and its chain. A long
// chain loses its middle (RFC 5322 section 3.6.4 asks for all, RFC 5537 section 3.4.4 tells what to keep).
func (m *Mail) references() (answered string, refs []string) {
	const first, last = 3, 20
	isID := func(ref string) bool {
		return ref != "" && ref != m.ID && len(ref) <= 250 && !strings.ContainsAny(ref, "<> \t\r\n")
	}
	add := func(ref string) {
		if isID(ref) && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	}
	for _, ref := range m.References {
		add(ref)
	}
	if ref := m.InReplyTo; ref != "" && !strings.ContainsAny(ref, "<> \t\r\n") {
		answered = ref
		refs = slices.DeleteFunc(refs, func(r string) bool { return r == ref })
		add(ref)
	}
	if len(refs) > first+last {
		refs = slices.Concat(refs[:first], refs[len(refs)-last:])
	}
	return answered, refs
}
