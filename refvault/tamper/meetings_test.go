package tamper

import (
	"sync"
	"testing"
)

func TestOnlyRequestsThatMayMeetDo(t *testing.T) {
	type request struct{ key, kind string }
	tests := map[string]struct {
		first, second request
		alike, want   bool
	}{
		"two kinds about one name":         {request{"a", "create"}, request{"a", "delete"}, false, true},
		"two kinds about two names":        {request{"a", "create"}, request{"b", "delete"}, false, false},
		"one kind, where alike meet":       {request{"a", "create"}, request{"a", "create"}, true, true},
		"one kind, where only others meet": {request{"a", "create"}, request{"a", "create"}, false, false},
		"two names, where alike meet":      {request{"a", "create"}, request{"b", "create"}, true, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var at Meetings
			met := make([]bool, 2)
			var both sync.WaitGroup
			for i, r := range []request{test.first, test.second} {
				both.Go(func() {
					var leave func()
					met[i], leave = at.Meet(r.key, r.kind, test.alike)
					defer leave()
				})
			}
			both.Wait()
			if met[0] != test.want || met[1] != test.want {
				t.Errorf("they met: %v, want %v", met, test.want)
			}
			if len(at.crowds) != 0 {
				t.Errorf("%d crowds are left after all requests", len(at.crowds))
			}
		})
	}
}

func TestARequestAloneMeetsNone(t *testing.T) {
	var at Meetings
	for range 2 {
		met, leave := at.Meet("a", "create", true)
		if met {
			t.Error("it met a request that was over")
		}
		leave()
	}
}
