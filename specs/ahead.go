package specs

import (
	"runtime"
	"sync/atomic"
)

// ahead judges specs from the last one on, on the processors that are free, while they are asked for from the first one on:
// by Ginkgo, which runs one spec at a time, or in turn.
type ahead struct {
	judge func(Spec) Finding
	specs []Spec
	slots map[string]*slot
	left  atomic.Int64 // how many specs, from the first one on, no helper has looked at
}

// slot is one finding.
type slot struct {
	taken   atomic.Bool
	done    chan struct{} // closed when the one who took it has judged
	finding Finding
	judged  bool
}

func newAhead(specs []Spec, judge func(Spec) Finding) *ahead {
	a := &ahead{judge: judge, specs: specs, slots: make(map[string]*slot, len(specs))}
	for _, spec := range specs {
		a.slots[spec.Rule] = &slot{done: make(chan struct{})}
	}
	a.left.Store(int64(len(specs)))
	for range min(runtime.GOMAXPROCS(0)-1, len(specs)-1) {
		go a.help()
	}
	return a
}

// help judges what nobody has taken yet, and ends when there is no more.
func (a *ahead) help() {
	for {
		at := a.left.Add(-1)
		if at < 0 {
			return
		}
		spec := a.specs[at]
		if s := a.slots[spec.Rule]; s.taken.CompareAndSwap(false, true) {
			a.fill(s, spec)
		}
	}
}

// fill judges a spec into its slot. A panic leaves it empty, so that it comes up where the finding is asked for.
func (a *ahead) fill(s *slot, spec Spec) {
	defer close(s.done)
	defer func() { _ = recover() }()
	s.finding = a.judge(spec)
	s.judged = true
}

// find returns the finding of a spec, which it judges itself unless a helper does.
func (a *ahead) find(spec Spec) Finding {
	s, known := a.slots[spec.Rule]
	if !known || s.taken.CompareAndSwap(false, true) {
		return a.judge(spec)
	}
	<-s.done
	if !s.judged {
		return a.judge(spec)
	}
	return s.finding
}
