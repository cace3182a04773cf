package persistence

import (
	"encoding/hex"
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/centralita/centralita/desk"
	"github.com/centralita/centralita/proto/deskpb"
)

// audit folds a record by fold and, if somebody will ask who did it, writes a line of the audit: with the row before and after.
// Of ordinary records it costs a look at their kind.
func audit[T any, P interface {
	*T
	proto.Message
}](tx Tx, t *table[T, P], id string, r desk.Record, fold func() error) error {
	if !desk.Audited(r) {
		return fold()
	}
	var before proto.Message
	if r.Version > 1 {
		row, err := t.get(tx, id)
		if err != nil {
			return err
		}
		if row != nil {
			before = proto.Clone(row)
		}
	}
	if err := fold(); err != nil {
		return err
	}
	after, err := t.get(tx, id)
	if err != nil {
		return err
	}
	e := desk.AuditOf(before, after, r)
	if e == nil {
		return nil
	}
	return setRow(tx, newKey(kindAudit, 16).number(down(r.AtMs)).number(^r.Position), e)
}

// mostAuditScanned bounds the work of a question that few lines answer; the page's cursor goes on from there.
const mostAuditScanned = 20_000

// Audit gives who changed what, the newest first.
func (x *Index) Audit(q desk.AuditQuery) (page desk.AuditPage, err error) {
	prefix := newKey(kindAudit, 0)
	from := append(newKey(kindAudit, 16), []byte{}...)
	if q.ToMs > 0 {
		from = from.number(down(q.ToMs - 1))
	}
	if q.Cursor != "" {
		at, err := hex.DecodeString(q.Cursor)
		if err != nil || len(at) != 16 {
			return page, desk.Refuse(desk.Invalid, "cursor", "is not from a page of this list")
		}
		from = append(newKey(kindAudit, 17), at...)
	}
	limit := q.Limit
	if limit <= 0 || limit > 500 {
		limit = 50
	}
	scanned := 0
	err = x.view(func(r Reader) error {
		return r.Scan(prefix, from, func(k, v []byte) (bool, error) {
			at := k[len(prefix):]
			if len(at) != 16 {
				return false, fmt.Errorf("read the audit: key %x is malformed", k)
			}
			if int64(^numberOf(at)) < q.FromMs {
				return false, nil
			}
			if len(page.Entries) == limit || scanned == mostAuditScanned {
				page.Next = hex.EncodeToString(at)
				return false, nil
			}
			scanned++
			e := &deskpb.AuditEntry{}
			if err := decodeRow(v, e); err != nil {
				return false, err
			}
			if q.Matches(e) {
				page.Entries = append(page.Entries, e)
			}
			return true, nil
		})
	})
	return page, err
}
