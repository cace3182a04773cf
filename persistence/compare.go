package persistence

import (
	"bytes"
	"fmt"
	"iter"
	"slices"

	"github.com/centralita/centralita/desk"
)

// mapTx is an index in a map.
type mapTx map[string][]byte

func (m mapTx) Get(key []byte) ([]byte, error) { return m[string(key)], nil }

func (m mapTx) Set(key, value []byte) error {
	if value == nil {
		value = []byte{}
	}
	m[string(key)] = value
	return nil
}

func (m mapTx) Delete(key []byte) error {
	delete(m, string(key))
	return nil
}

// rebuildGroup is how many records are projected between two flushes when an index is made anew.
const rebuildGroup = 512

// RebuildIndex folds a whole history into an empty index.
func RebuildIndex(tx Tx, history iter.Seq2[desk.Record, error]) error {
	p := NewProjector(1 << 14)
	group := 0
	for r, err := range history {
		if err != nil {
			return fmt.Errorf("rebuild the index: %w", err)
		}
		if err := p.Project(tx, r); err != nil {
			return err
		}
		if group++; group%rebuildGroup == 0 {
			if err := p.Flush(tx); err != nil {
				return err
			}
		}
	}
	return p.Flush(tx)
}

const mostDifferences = 100

// CompareIndex folds a history into memory and says, key by key, where the live index differs: nothing when they are
// equal, at most a hundred lines otherwise. Both must be of one state. It never shows a value, which may be secret.
func CompareIndex(live Reader, history iter.Seq2[desk.Record, error]) (diffs []string, err error) {
	rebuilt := mapTx{}
	if err := RebuildIndex(rebuilt, history); err != nil {
		return nil, err
	}
	err = live.Scan([]byte{IndexPrefix}, nil, func(k, v []byte) (bool, error) {
		want, ok := rebuilt[string(k)]
		switch {
		case !ok:
			diffs = append(diffs, fmt.Sprintf("%q is in the index and should not be", k))
		case !bytes.Equal(want, v):
			diffs = append(diffs, fmt.Sprintf("%q has another value than a rebuilt index", k))
		}
		delete(rebuilt, string(k))
		return len(diffs) < mostDifferences, nil
	})
	if err != nil || len(diffs) == mostDifferences {
		return diffs, err
	}
	var missing []string
	for k := range rebuilt {
		missing = append(missing, fmt.Sprintf("%q is missing in the index", k))
	}
	slices.Sort(missing)
	diffs = append(diffs, missing...)
	return diffs[:min(len(diffs), mostDifferences)], nil
}
