package persistence

import (
	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// BlockedContacts gives contacts who are blocked, by id, from one on. next is where to go on, "" at the end: an answer may
// hold few, because it looks through a bounded number of contacts.
func (x *Index) BlockedContacts(from desk.ContactID, limit int) (all []desk.Contact, next desk.ContactID, err error) {
	prefix := newKey(kindContact, 0)
	var start []byte
	if from != "" {
		start = rowKey(kindContact, string(from))
	}
	looked := 0
	err = x.view(func(r Reader) error {
		return r.Scan(prefix, start, func(k, v []byte) (bool, error) {
			if len(all) == limit || looked == mostAuditScanned {
				next = desk.ContactID(k[len(prefix):])
				return false, nil
			}
			looked++
			c := &deskpb.ContactSummary{}
			if err := decodeRow(v, c); err != nil {
				return false, err
			}
			if c.Blocked {
				all = append(all, c)
			}
			return true, nil
		})
	})
	return all, next, err
}
