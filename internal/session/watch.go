package session

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// watchPause is the pause between two looks at whether a watched endpoint is up. A process that is restarted is away for
// longer.
const watchPause = 150 * time.Millisecond

// AwaitReturn waits until the endpoint has been away and responds again, as it does when its server is restarted. It is
// away if it cannot be reached, or if a gateway in front of it says so. The error is that of a context that ended.
func (s *Session) AwaitReturn(ctx context.Context) error {
	away := false
	for {
		up := s.up(ctx)
		if ctx.Err() == nil && up && away {
			return nil
		}
		away = away || !up
		if err := s.Clock.Sleep(ctx, watchPause); err != nil {
			return err
		}
	}
}

// up asks without the client, which repeats a request that a gateway could not deliver.
func (s *Session) up(ctx context.Context) bool {
	status, err := lookReady(ctx, s.Target, s.Endpoint.String(), s.Transport)
	gateway := []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}
	return err == nil && !slices.Contains(gateway, status)
}
