package search

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bleve "github.com/blevesearch/bleve_index_api"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// maxContinued bounds the words of one piece that a beginning stands for.
const maxContinued = 2000

// piece is one of the files of the index at one moment. Its documents are numbered from 0 and never change; those that were
// written anew since are deleted. A question is answered piece by piece with sets of numbers: no document is looked at.
type piece struct {
	*scorch.SegmentSnapshot
	times []int64 // when each of its documents was updated
	dicts map[string]segment.TermDictionary
}

// times are those of the documents of every piece, read once for each: a hundred thousand take some milliseconds.
type times struct {
	mu sync.Mutex
	of map[uint64][]int64 // by the piece's number, which is never used again
}

// pieces opens the index as it is now.
func (x *Index) pieces(r bleve.IndexReader) (all []*piece, err error) {
	snapshot, is := r.(*scorch.IndexSnapshot)
	if !is {
		return nil, errors.New("the search index is of another kind")
	}
	x.times.mu.Lock()
	defer x.times.mu.Unlock()
	for _, s := range snapshot.Segments() {
		p := &piece{SegmentSnapshot: s, times: x.times.of[s.Id()], dicts: map[string]segment.TermDictionary{}}
		if p.times == nil {
			if p.times, err = timesOf(s.Segment()); err != nil {
				return nil, fmt.Errorf("read the order: %w", err)
			}
			x.times.of[s.Id()] = p.times
		}
		all = append(all, p)
	}
	if len(x.times.of) > 2*len(all)+16 { // most of them are gone
		clear(x.times.of)
		for _, p := range all {
			x.times.of[p.Id()] = p.times
		}
	}
	return all, nil
}

func timesOf(s segment.Segment) ([]int64, error) {
	out := make([]int64, s.Count())
	values, has := s.(segment.DocValueVisitable)
	if !has {
		return out, nil
	}
	var state segment.DocVisitState
	var err error
	for i := range out {
		state, err = values.VisitDocValues(uint64(i), []string{fieldUpdated}, func(_ string, term []byte) {
			if len(term) == 8 {
				out[i] = int64(binary.BigEndian.Uint64(term))
			}
		}, state)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *piece) dict(field string) (segment.TermDictionary, error) {
	d, known := p.dicts[field]
	if !known {
		var err error
		if d, err = p.Segment().Dictionary(field); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		p.dicts[field] = d
	}
	return d, nil
}

// postings are the documents that have a term. A list of them is good until the next is read.
type postings struct {
	list segment.PostingsList
	it   segment.PostingsIterator
}

// read gives the set of documents that have a term; nil: it is the one.
func (l *postings) read(d segment.TermDictionary, term string) (one uint32, set *roaring.Bitmap, err error) {
	if l.list, err = d.PostingsList([]byte(term), nil, l.list); err != nil {
		return 0, nil, fmt.Errorf("search: %w", err)
	}
	l.it = l.list.Iterator(false, false, false, l.it)
	all, is := l.it.(segment.OptimizablePostingsIterator)
	if !is {
		return 0, nil, errors.New("search: the index is of another kind")
	}
	if one, is := all.DocNum1Hit(); is {
		return uint32(one), nil, nil
	}
	if set = all.ActualBitmap(); set == nil {
		set = none
	}
	return 0, set, nil
}

var none = roaring.New()

// add adds the documents that have a term.
func (p *piece) add(set *roaring.Bitmap, field, term string) error {
	d, err := p.dict(field)
	if err != nil {
		return err
	}
	var list postings
	one, all, err := list.read(d, term)
	if err != nil {
		return err
	}
	if all == nil {
		set.Add(one)
	} else {
		set.Or(all)
	}
	return nil
}

// continued adds the documents that have a word which begins so. More says that there were too many such words.
func (p *piece) continued(set *roaring.Bitmap, field, beginning string) (more bool, err error) {
	d, err := p.dict(field)
	if err != nil {
		return false, err
	}
	end := []byte(beginning)
	end[len(end)-1]++ // never 0xff: it is UTF-8
	var terms segment.DictionaryIterator
	if quick, can := d.(uncounted); can {
		terms = quick.AutomatonIteratorOmitCount(nil, []byte(beginning), end)
	} else {
		terms = d.AutomatonIterator(nil, []byte(beginning), end)
	}
	bits := make([]uint64, p.FullSize()/64+1) // many small sets are put together faster so
	var list postings
	for n := 0; ; n++ {
		e, err := terms.Next()
		if err != nil {
			return false, fmt.Errorf("look up %q: %w", beginning, err)
		}
		if e == nil {
			break
		}
		if more = n == maxContinued; more {
			break
		}
		one, all, err := list.read(d, e.Term)
		if err != nil {
			return false, err
		}
		if all == nil {
			bits[one/64] |= 1 << (one % 64)
			continue
		}
		all.Iterate(func(doc uint32) bool {
			bits[doc/64] |= 1 << (doc % 64)
			return true
		})
	}
	set.Or(roaring.FromDense(bits, false))
	return more, nil
}

// uncounted are words of which nobody asks how many documents have them.
type uncounted interface {
	AutomatonIteratorOmitCount(a segment.Automaton, from, to []byte) segment.DictionaryIterator
}

// meets gives the documents that meet a clause, also deleted ones.
func (p *piece) meets(c clause) (set *roaring.Bitmap, more bool, err error) {
	set = roaring.New()
	for _, t := range c.terms {
		if err := p.add(set, c.field, t); err != nil {
			return nil, false, err
		}
	}
	if c.beginning != "" {
		more, err = p.continued(set, c.field, c.beginning)
	}
	return set, more, err
}

// matches are the documents of a piece that a plan finds, and those of them that have every word in their headline.
type matches struct {
	*piece
	all, head *roaring.Bitmap
}

// answer is all that a plan finds.
type answer struct {
	pieces []matches
	total  int
	more   bool // not every word that was meant could be looked for
}

// run finds all documents of a plan.
func (p *planner) run(ctx context.Context) (a answer, err error) {
	pieces, err := p.index.pieces(p.reader)
	if err != nil {
		return a, err
	}
	for _, piece := range pieces {
		if ctx.Err() != nil {
			return a, ctx.Err()
		}
		m := matches{piece: piece, all: piece.DocNumbersLive()}
		narrow := func(set *roaring.Bitmap, clauses []clause, by func(*roaring.Bitmap, *roaring.Bitmap)) error {
			for _, c := range clauses {
				if set.IsEmpty() {
					return nil
				}
				with, more, err := piece.meets(c)
				if err != nil {
					return err
				}
				a.more = a.more || more
				by(set, with)
			}
			return nil
		}
		if err := narrow(m.all, p.plan.all, (*roaring.Bitmap).And); err != nil {
			return a, err
		}
		if err := narrow(m.all, p.plan.none, (*roaring.Bitmap).AndNot); err != nil {
			return a, err
		}
		if m.all.IsEmpty() {
			continue
		}
		if m.head = roaring.New(); len(p.plan.head) > 0 {
			m.head.Or(m.all)
			if err := narrow(m.head, p.plan.head, (*roaring.Bitmap).And); err != nil {
				return a, err
			}
		}
		m.all.AndNot(m.head)
		a.total += int(m.all.GetCardinality() + m.head.GetCardinality())
		a.pieces = append(a.pieces, m)
	}
	return a, nil
}

// found is a document that matches.
type found struct {
	piece   int
	doc     uint32
	updated int64
	head    bool
}

// compare is the order of results: the headline's first, then the newest.
func (f found) compare(o found) int {
	if f.head != o.head {
		if f.head {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(o.updated, f.updated), cmp.Compare(f.piece, o.piece), cmp.Compare(f.doc, o.doc))
}

// first gives the results after a place, in their order, at most k of them.
func (a *answer) first(after *place, k int) []found {
	var out []found
	for _, head := range []bool{true, false} {
		b := best{k: k - len(out)}
		for i := len(a.pieces) - 1; i >= 0 && b.k > 0; i-- { // the newest first, so that most are turned away at once
			set := a.pieces[i].all
			if head {
				set = a.pieces[i].head
			}
			eachFrom(set, func(doc uint32) {
				f := found{i, doc, a.pieces[i].times[doc], head}
				if after == nil || f.head == after.head && f.updated <= after.updated || !f.head && after.head {
					b.add(f)
				}
			})
		}
		slices.SortFunc(b.all, found.compare)
		out = append(out, b.all...)
	}
	return out
}

// eachFrom gives the numbers of a set, roughly the last ones first: those are the newest.
func eachFrom(set *roaring.Bitmap, f func(doc uint32)) {
	var few [1024]uint32
	for it := set.ManyIterator(); ; {
		n := it.NextMany(few[:])
		if n == 0 {
			return
		}
		for _, doc := range slices.Backward(few[:n]) {
			f(doc)
		}
	}
}

// best keeps the first k in a heap, the last of them on top: to sort them all would take longest of everything.
type best struct {
	k   int
	all []found
}

func (b *best) add(f found) {
	switch {
	case len(b.all) < b.k:
		if b.all = append(b.all, f); len(b.all) == b.k {
			for i := b.k/2 - 1; i >= 0; i-- {
				b.sink(i)
			}
		}
	case f.compare(b.all[0]) < 0:
		b.all[0] = f
		b.sink(0)
	}
}

// sink restores the heap.
func (b *best) sink(i int) {
	for {
		child := 2*i + 1
		if child >= len(b.all) {
			return
		}
		if child+1 < len(b.all) && b.all[child+1].compare(b.all[child]) > 0 {
			child++
		}
		if b.all[child].compare(b.all[i]) <= 0 {
			return
		}
		b.all[i], b.all[child] = b.all[child], b.all[i]
		i = child
	}
}
