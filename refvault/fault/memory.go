package fault

import (
	"net/http"
	"sync"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// memory is what a fault remembers of one vault. It is safe for concurrent requests.
type memory struct {
	mu      sync.Mutex
	answers map[string]*tamper.Response
	marks   map[string]bool
	count   int
	token   string
}

func newMemory() *memory {
	return &memory{answers: map[string]*tamper.Response{}, marks: map[string]bool{}}
}

// keep remembers a response under a key, instead of an earlier one.
func (m *memory) keep(key string, a *tamper.Response) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers[key] = a
}

// kept is the response under a key, nil if there is none.
func (m *memory) kept(key string) *tamper.Response {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answers[key]
}

// first keeps a response unless there is one, and returns the one that is kept.
func (m *memory) first(key string, a *tamper.Response) *tamper.Response {
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

// learn remembers the first token that was sent, and lend copies a request with it: a vault that does not check tokens
// carries out every request.
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
