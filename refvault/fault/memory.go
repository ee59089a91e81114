package fault

import (
	"net/http"
	"sync"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// memory is what a fault has seen of one vault, by certificate name. Requests come at the same time.
type memory struct {
	mu      sync.Mutex
	answers map[string]*tamper.Answer
	marks   map[string]bool
	count   int
	token   string
}

func newMemory() *memory {
	return &memory{answers: map[string]*tamper.Answer{}, marks: map[string]bool{}}
}

// keep remembers an answer under a key, in the place of the one before.
func (m *memory) keep(key string, a *tamper.Answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[key] = a
}

// kept is the answer under a key, nil if there is none.
func (m *memory) kept(key string) *tamper.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answers[key]
}

// first keeps the answer unless there is one, and returns the one that is there now.
func (m *memory) first(key string, a *tamper.Answer) *tamper.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answers[key] == nil {
		m.answers[key] = a
	}
	return m.answers[key]
}

func (m *memory) mark(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.marks[key] = true
}

func (m *memory) marked(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.marks[key]
}

// next counts: 1, 2, and so on.
func (m *memory) next() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count++
	return m.count
}

// learn remembers the last token that came, and lend gives a request that has none a copy with it: a vault that does
// not ask for a token can do everything itself.
func (m *memory) learn(r *http.Request) {
	if tamper.Tokenless()(r) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.token == "" {
		m.token = r.Header.Get("Authorization")
	}
}

func (m *memory) lend(r *http.Request) *http.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	lent := r.Clone(r.Context())
	lent.Body = r.Body
	lent.Header.Set("Authorization", m.token)
	return lent
}
