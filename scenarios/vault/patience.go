package vault

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The bounds of repeating a request.
const (
	// gatewayRepeats is how often a request is repeated after a 502, 504, or a 503 that names no time.
	gatewayRepeats = 3
	// connectionRepeats is how often it is repeated after a used connection ended before the response began: a server
	// may close such a connection at any time. Each repetition is meant for a new one; another play may return a used one meanwhile.
	connectionRepeats = 3
	// inVain is how many exchanges in a row may spend all their repetitions, or all their waiting, for nothing. The next
	// ones do not try: an endpoint that throttles or fails at every request costs a run minutes, not hours.
	inVain = 3
	// silentInVain is how many exchanges in a row may get no response within the deadline of a request. Then a list of the
	// certificates is asked for: if that gets none either, no request is sent any more.
	silentInVain = 8
)

// patience counts the exchanges in a row for which repeating or waiting was in vain.
type patience struct {
	mu                           sync.Mutex
	throttled, gateways, silence int
	lost                         bool
}

// learn takes note of how an exchange went.
func (p *patience) learn(e *Exchange, repeats repeats) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case e.Failure != nil && e.Failure.Kind == TimedOut:
		p.silence++
	case e.Failure != nil && e.Failure.Kind == Throttled:
		p.throttled++
	case e.Response != nil:
		p.silence = 0
		if !gatewayStatus(e.Status()) {
			p.throttled, p.gateways = 0, 0
		} else if repeats.gateway > 0 {
			p.gateways++
		}
	}
}

// silent says that no request gets a response any more, nil if some do. One call finds out for all.
func (c *Client) silent(ctx context.Context) *Failure {
	p := &c.shared.patience
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.lost && p.silence >= silentInVain {
		probe := c.probe(ctx, "")
		p.lost = probe != nil && probe.Failure != nil && probe.Failure.Kind == TimedOut
		p.silence = 0
	}
	if !p.lost {
		return nil
	}
	return &Failure{Kind: TimedOut, Message: fmt.Sprintf(
		"not sent: %d requests in a row got no response within %s, nor did a list of the certificates", silentInVain, c.options.RequestTimeout)}
}

// probe lists a certificate, to learn whether the vault responds; nil if that cannot be sent.
func (c *Client) probe(ctx context.Context, text string) *Exchange {
	k := &call{
		operation: GetCertificates, method: http.MethodGet, url: c.options.Endpoint.JoinPath("certificates"),
		apiVersion: c.options.APIVersion, query: [][2]string{{"maxresults", "1"}},
	}
	if c.prepare(k) != nil {
		return nil
	}
	e := &Exchange{Request: k.request}
	c.attempt(ctx, k, e, text)
	return e
}

func (p *patience) forGateways() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gateways < inVain
}

func (p *patience) forThrottling() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.throttled < inVain
}

// repeats counts the repetitions of one request by their reason.
type repeats struct {
	connection, gateway, throttle int
	refreshed                     bool
	// doubtful says that an earlier sending may have had its effect although its response was lost.
	doubtful bool
}

// again decides whether a request is repeated, and waits before that as long as it takes. Lost says that the connection was a
// used one and ended before the response began.
func (c *Client) again(ctx context.Context, k *call, e *Exchange, count *repeats, lost bool) bool {
	if e.Failure != nil {
		if !lost || count.connection >= connectionRepeats {
			return false
		}
		count.connection++
		count.doubtful = count.doubtful || k.method != http.MethodGet
		e.Repeated = append(e.Repeated, "connection")
		c.CloseIdleConnections()
		return true
	}
	status := e.Response.Status
	if wait, throttled := c.throttle(e, count.throttle); throttled {
		if e.Failure = c.throttledOut(e, wait); e.Failure != nil {
			return false
		}
		count.throttle++
		return c.waited(ctx, e, wait)
	}
	if gatewayStatus(status) && count.gateway < gatewayRepeats && c.shared.patience.forGateways() {
		count.gateway++
		count.doubtful = count.doubtful || k.method != http.MethodGet
		return c.waited(ctx, e, 125*time.Millisecond<<count.gateway)
	}
	return false
}

// throttledOut is why a wait that throttling asks for is not waited, nil if it is.
func (c *Client) throttledOut(e *Exchange, wait time.Duration) *Failure {
	var message string
	switch {
	case e.Waited+wait > c.options.MaxThrottle:
		message = fmt.Sprintf("throttled: %d asks to wait %s more, over the bound of %s", e.Status(), wait, c.options.MaxThrottle)
	case !c.shared.patience.forThrottling():
		message = fmt.Sprintf("throttled: %d again, and waiting was in vain for the last %d requests that were throttled", e.Status(), inVain)
	default:
		return nil
	}
	return &Failure{Kind: Throttled, Message: message}
}

// waited waits before a repetition, and reports whether the run goes on.
func (c *Client) waited(ctx context.Context, e *Exchange, wait time.Duration) bool {
	e.Repeated = append(e.Repeated, strconv.Itoa(e.Response.Status))
	if err := c.options.Clock.Sleep(ctx, wait); err != nil {
		e.Failure = Ended(ctx)
		return false
	}
	e.Waited += wait
	return true
}

// doubt makes a failure of a refusal that an earlier sending of the same request may have caused: whether the vault is right
// cannot be known. A gateway's status that stays is a response.
func doubt(e *Exchange, count *repeats) {
	if !count.doubtful || e.Failure != nil || e.Status() < 400 || gatewayStatus(e.Status()) {
		return
	}
	e.Failure = &Failure{Kind: CutShort, Message: fmt.Sprintf(
		"the response was lost, and the repeated request returned %d, which the first one may have caused", e.Status())}
}

// gatewayStatus reports whether a status is that of a gateway whose server is away for a moment.
func gatewayStatus(status int) bool {
	return slices.Contains([]int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, status)
}

// throttle reports whether a response asks to come again later, and after how long: as Retry-After says, and never less
// than the back-off that the documentation asks of clients.
func (c *Client) throttle(e *Exchange, before int) (time.Duration, bool) {
	after, asked := RetryAfter(e.Response, c.options.Clock.Now())
	if e.Response.Status == http.StatusTooManyRequests || e.Response.Status == http.StatusServiceUnavailable && asked {
		return max(after, time.Second<<min(before, 4)), true
	}
	return 0, false
}

// RetryAfter reads the header of that name: seconds, or a date.
func RetryAfter(r *Response, now time.Time) (time.Duration, bool) {
	value := r.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && seconds >= 0 && seconds < 1<<31 {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(date.Sub(now), 0), true
	}
	return 0, false
}
