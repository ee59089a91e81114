package tamper_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kvconform/kvconform/refvault/tamper"
)

func TestPickingAnOperationCompilesItsPathOnce(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/certificates/n/create", nil)
	most := testing.AllocsPerRun(100, func() {
		if !tamper.Create()(r) || tamper.Merge()(r) || tamper.ListVersions()(r) {
			t.Error("the request is a create and nothing else")
		}
	})
	if most > 5 {
		t.Errorf("%.0f allocations, want next to none: an expression is compiled again", most)
	}
}
