package profile

import "sync"

// notes is what a layer remembers of one vault, by certificate name or another key. Requests arrive at the same time.
type notes[T any] struct {
	mu sync.Mutex
	by map[string]T
}

func newNotes[T any]() *notes[T] { return &notes[T]{by: map[string]T{}} }

func (n *notes[T]) set(key string, value T) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.by[key] = value
}

func (n *notes[T]) forget(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.by, key)
}

func (n *notes[T]) get(key string) (T, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	value, ok := n.by[key]
	return value, ok
}
