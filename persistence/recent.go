package persistence

// Recent is a map that forgets what was not used lately: it holds between n and 2n entries. It is not safe for
// concurrent use.
type Recent[K comparable, V any] struct {
	n          int
	young, old map[K]V
}

// NewRecent makes a map that keeps at least the last n entries used.
func NewRecent[K comparable, V any](n int) *Recent[K, V] {
	return &Recent[K, V]{n: max(n, 1), young: map[K]V{}}
}

// Get gives an entry and keeps it young.
func (r *Recent[K, V]) Get(k K) (V, bool) {
	if v, ok := r.young[k]; ok {
		return v, true
	}
	v, ok := r.old[k]
	if ok {
		delete(r.old, k)
		r.Put(k, v)
	}
	return v, ok
}

// Put keeps an entry.
func (r *Recent[K, V]) Put(k K, v V) {
	if len(r.young) >= r.n {
		if _, ok := r.young[k]; !ok {
			r.old, r.young = r.young, make(map[K]V, r.n)
		}
	}
	delete(r.old, k)
	r.young[k] = v
}

// Clear forgets everything.
func (r *Recent[K, V]) Clear() { r.young, r.old = map[K]V{}, nil }
