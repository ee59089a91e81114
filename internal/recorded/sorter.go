package recorded

import (
	"container/heap"
	"time"
)

// The bounds of what is put in order.
const (
	mostSorted      = 1000
	mostSortedBytes = 8 << 20
)

// sorter puts entries in the order in which they began. HAR recommends that order and leaves it to readers to make sure:
// browsers write an entry when its response has ended, and kvconform writes a run play by play. Only entries near one another
// change places, so that a file of any size is read in bounded memory.
type sorter struct {
	entries []sortable
	bytes   int
	last    time.Time
}

type sortable struct {
	entry Entry
	began time.Time
}

// add takes an entry. One without a time keeps its place behind the entry before it.
func (s *sorter) add(entry Entry) {
	if began := entry.Exchange.Started; !began.IsZero() {
		s.last = began
	}
	s.bytes += size(entry)
	heap.Push(s, sortable{entry, s.last})
}

// full reports whether the oldest entry has to go on.
func (s *sorter) full() bool {
	return len(s.entries) > mostSorted || s.bytes > mostSortedBytes && len(s.entries) > 0
}

// oldest removes the entry that began first.
func (s *sorter) oldest() Entry {
	entry := heap.Pop(s).(sortable).entry //nolint:forcetypeassert // nothing else is pushed
	s.bytes -= size(entry)
	return entry
}

// size is about how many bytes an entry takes.
func size(entry Entry) int {
	const headers = 2 << 10
	size := headers + len(entry.Exchange.Request.Body)
	if entry.Exchange.Response != nil {
		size += len(entry.Exchange.Response.Body)
	}
	return size
}

// Len, Less, Swap, Push and Pop are those of a heap. Entries that began at one time keep the order of the file.
func (s *sorter) Len() int { return len(s.entries) }

func (s *sorter) Less(i, j int) bool {
	a, b := s.entries[i], s.entries[j]
	if !a.began.Equal(b.began) {
		return a.began.Before(b.began)
	}
	return a.entry.Number < b.entry.Number
}

func (s *sorter) Swap(i, j int) { s.entries[i], s.entries[j] = s.entries[j], s.entries[i] }

func (s *sorter) Push(entry any) {
	s.entries = append(s.entries, entry.(sortable)) //nolint:forcetypeassert // only add pushes
}

func (s *sorter) Pop() any {
	last := len(s.entries) - 1
	entry := s.entries[last]
	s.entries[last] = sortable{}
	s.entries = s.entries[:last]
	return entry
}
