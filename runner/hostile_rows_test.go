package runner_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kvconform/kvconform/runner"
)

// with is an act that has no use for the vault.
func with(act http.HandlerFunc) func(http.Handler, http.ResponseWriter, *http.Request) {
	return func(_ http.Handler, w http.ResponseWriter, r *http.Request) { act(w, r) }
}

// raw takes the connection over and writes to it as write likes.
func raw(write func(connection net.Conn, r *http.Request)) func(http.Handler, http.ResponseWriter, *http.Request) {
	return with(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = connection.Close() }()
		write(connection, r)
	})
}

// text writes a response as it is, and hangs up.
func text(response string) func(http.Handler, http.ResponseWriter, *http.Request) {
	return raw(func(connection net.Conn, _ *http.Request) { _, _ = io.WriteString(connection, response) })
}

// slowly writes one byte after the other until the client goes away.
func slowly(response string) func(http.Handler, http.ResponseWriter, *http.Request) {
	return raw(func(connection net.Conn, _ *http.Request) {
		for _, b := range []byte(response + strings.Repeat("x", 1000)) {
			if _, err := connection.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// endlessly writes a piece again and again until the client goes away.
func endlessly(head, piece string) func(http.Handler, http.ResponseWriter, *http.Request) {
	return raw(func(connection net.Conn, _ *http.Request) {
		_, err := io.WriteString(connection, head)
		for err == nil {
			_, err = io.WriteString(connection, piece)
		}
	})
}

const okHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

func incomplete() []int { return []int{runner.ExitIncomplete} }

// silentEndpoints are those that do not come to the end of a response.
func silentEndpoints() []hostile {
	never := with(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server sees the client go only when it has read the request
		<-r.Context().Done()
	})
	switching := raw(func(connection net.Conn, _ *http.Request) {
		_, _ = io.WriteString(connection, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		_, _ = io.Copy(io.Discard, connection)
	})
	return []hostile{
		{"never answers, first", 0, never, incomplete(), "no complete response within 2s", 0},
		{"never answers, after 60", 60, never, incomplete(), "no complete response within 2s", 0},
		{"a byte at a time, first", 0, slowly(okHead + "\r\n"), incomplete(), "no complete response", 0},
		{"a byte at a time, after 60", 60, slowly(okHead + "\r\n"), incomplete(), "no complete response", 0},
		{"headers without end, first", 0, endlessly(okHead, "X-A: "+strings.Repeat("a", 1000)+"\r\n"), incomplete(), "header", 0},
		{"headers without end, after 60", 60, endlessly(okHead, "X-A: "+strings.Repeat("a", 1000)+"\r\n"), incomplete(), "header", 0},
		{"a body without end, first", 0, endlessly(okHead+"\r\n", strings.Repeat(" ", 1<<16)), incomplete(), "larger than", 0},
		{"a body without end, after 60", 60, endlessly(okHead+"\r\n", strings.Repeat(" ", 1<<16)), incomplete(), "larger than", 0},
		{"a body of a gigabyte, after 60", 60, endlessly(okHead+"Content-Length: 1073741824\r\n\r\n", strings.Repeat(" ", 1<<16)), incomplete(), "larger than", 0},
		{"103 for ever", 0, endlessly("", "HTTP/1.1 103 Early Hints\r\n\r\n"), incomplete(), "", 0},
		{"101, first", 0, switching, []int{runner.ExitBroken, runner.ExitIncomplete}, "101", 0},
		{"101, after 60", 60, switching, []int{runner.ExitBroken}, "101", 0},
	}
}

// brokenEndpoints are those whose responses are not HTTP, or not what their headers say.
func brokenEndpoints() []hostile {
	reset := raw(func(connection net.Conn, _ *http.Request) {
		if tcp, ok := connection.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
	})
	var some, fifth atomic.Int32
	packedZeros() // not while a request waits
	return []hostile{
		{"gzip bomb, first", 0, with(bomb), incomplete(), "larger than", 0},
		{"gzip bomb, after 60", 60, with(bomb), incomplete(), "larger than", 0},
		{"gzip broken off", 0, text(okHead + "Content-Encoding: gzip\r\nContent-Length: 10\r\n\r\n" + "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"), incomplete(), "broke off", 0},
		{"gzip that is none", 0, text(okHead + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"), incomplete(), "broke off", 0},
		{"less than Content-Length", 60, text(okHead + "Content-Length: 100\r\n\r\n{}"), incomplete(), "broke off", 0},
		{"more than Content-Length", 60, text(okHead + "Content-Length: 2\r\n\r\n{}{}"), []int{runner.ExitBroken}, "", 0},
		{"broken chunks", 60, text(okHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}"), incomplete(), "broke off", 0},
		{"two lengths", 60, text(okHead + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "), incomplete(), "", 0},
		{"folded headers", 60, text(okHead + "X-A: a\r\n b\r\nContent-Length: 2\r\n\r\n{}"), []int{runner.ExitBroken, runner.ExitIncomplete}, "", 0},
		{"a split response", 60, text(okHead + "Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), []int{runner.ExitBroken}, "", 0},
		{"reset", 60, reset, incomplete(), "", 0},
		{"closes", 60, raw(func(net.Conn, *http.Request) {}), incomplete(), "", 0},
		{"garbage", 60, text("\x00\x01\x02garbage\r\n\r\n"), incomplete(), "", 0},
		{"resets one in five", 0, func(vault http.Handler, w http.ResponseWriter, r *http.Request) {
			if some.Add(1)%5 == 0 {
				reset(vault, w, r)
				return
			}
			vault.ServeHTTP(w, r)
		}, []int{runner.ExitHeld, runner.ExitIncomplete}, "", 0},
		{"500 to one in five", 0, func(vault http.Handler, w http.ResponseWriter, r *http.Request) {
			if fifth.Add(1)%5 == 0 {
				w.WriteHeader(http.StatusInternalServerError)
				return
			}
			vault.ServeHTTP(w, r)
		}, []int{runner.ExitBroken}, "500", 0},
	}
}

// bomb is a response of 100 MB in 100 KB.
func bomb(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	_, _ = w.Write(packedZeros())
}

// packedZeros are 100 MB of zeros, packed once.
var packedZeros = sync.OnceValue(func() []byte {
	var text bytes.Buffer
	packed := gzip.NewWriter(&text)
	for range 100 {
		_, _ = packed.Write(make([]byte, 1<<20)) // to memory: it does not fail
	}
	_ = packed.Close()
	return text.Bytes()
})

// status is an endpoint that returns one status to everything.
func status(code int, header ...string) func(http.Handler, http.ResponseWriter, *http.Request) {
	return with(func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	})
}

// refusingEndpoints are those that accept nothing, or send the client elsewhere.
func refusingEndpoints(elsewhere string) []hostile {
	broken := []int{runner.ExitBroken}
	year := time.Now().AddDate(1, 0, 0).UTC().Format(http.TimeFormat)
	var gateway atomic.Int32
	var met sync.Map
	return []hostile{
		{"redirect loop", 0, with(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.String(), http.StatusFound) }), broken, "redirect", 0},
		{"301 to another port", 0, status(301, "Location", elsewhere), broken, "redirect", 0},
		{"307 to another port, after 60", 60, status(307, "Location", elsewhere), broken, "", 0},
		{"401, first", 0, status(401), incomplete(), "does not accept the token", 0},
		{"401, after 60", 60, status(401), incomplete(), "the token has ended", 0},
		{"403", 0, status(403), []int{runner.ExitBroken, runner.ExitIncomplete}, "403", 0},
		{"404", 0, status(404), broken, "404", 0},
		{"500", 0, status(500), broken, "500", 0},
		{"502", 0, status(502), broken, "502", 0},
		{"502 to one in ten", 0, func(vault http.Handler, w http.ResponseWriter, r *http.Request) {
			// No request twice: one in ten thousand would otherwise meet four in a row, and be right to fail.
			if gateway.Add(1)%10 == 0 {
				if _, again := met.LoadOrStore(r.Method+r.URL.String(), true); !again {
					w.WriteHeader(http.StatusBadGateway)
					return
				}
			}
			vault.ServeHTTP(w, r)
		}, []int{runner.ExitHeld, runner.ExitIncomplete}, "requests were repeated: after a 502", 0}, // a repeated create whose first sending may have made something is not judged
		{"429", 0, status(429), incomplete(), "throttled", 0},
		{"429 with a negative time", 0, status(429, "Retry-After", "-1"), incomplete(), "throttled", 0},
		{"429 for a year", 0, status(429, "Retry-After", "31536000"), incomplete(), "throttled", 0},
		{"429 until a date in a year", 0, status(429, "Retry-After", year), incomplete(), "throttled", 0},
		{"429 for no time, after 60", 60, status(429, "Retry-After", "0"), incomplete(), "throttled", 0},
		{"503 until a date that is past, after 60", 60, status(503, "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"), incomplete(), "throttled", 0},
	}
}

// edited is an act that changes each response of the vault that succeeded.
func edited(change func(r *http.Request, header http.Header, body []byte) []byte) func(http.Handler, http.ResponseWriter, *http.Request) {
	return func(vault http.Handler, w http.ResponseWriter, r *http.Request) {
		recorded := httptest.NewRecorder()
		vault.ServeHTTP(recorded, r)
		body := recorded.Body.Bytes()
		if recorded.Code < 300 {
			body = change(r, recorded.Header(), body)
		}
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(body)
	}
}

// instead returns one body to everything that succeeds.
func instead(body string) func(http.Handler, http.ResponseWriter, *http.Request) {
	return edited(func(*http.Request, http.Header, []byte) []byte { return []byte(body) })
}

// member adds a member to each object.
func member(text string) func(http.Handler, http.ResponseWriter, *http.Request) {
	return edited(func(_ *http.Request, _ http.Header, body []byte) []byte {
		return bytes.Replace(body, []byte("{"), []byte("{"+text+","), 1)
	})
}

// lyingEndpoints are those whose responses are HTTP and no vault's.
func lyingEndpoints(elsewhere string) []hostile {
	broken, either := []int{runner.ExitBroken}, []int{runner.ExitHeld, runner.ExitBroken, runner.ExitIncomplete}
	rows := []hostile{
		{"JSON 100,000 deep", 0, instead(strings.Repeat("[", 100_000)), broken, "not JSON", 0},
		{"NaN", 0, instead(`{"id":NaN}`), broken, "", 0},
		{"a byte order mark", 0, edited(func(_ *http.Request, _ http.Header, b []byte) []byte { return append([]byte("\ufeff"), b...) }), broken, "", 0},
		{"a value after the value", 0, edited(func(_ *http.Request, _ http.Header, b []byte) []byte { return append(b, "{}"...) }), broken, "something follows", 0},
		{"an array", 0, instead(`[]`), broken, "", 0},
		{"null", 0, instead(`null`), broken, "", 0},
		{"nothing", 0, instead(``), broken, "", 0},
		{"members twice", 0, member(`"id":"x"`), either, "", 0},
		{"a number of 10^400", 0, member(`"n":1e400`), either, "", 0},
		{"a string of 10 MB", 0, member(`"s":"` + strings.Repeat("s", 10<<20) + `"`), incomplete(), "larger than", 0},
		{"invalid UTF-8", 0, member("\"s\":\"\xff\xfe\""), either, "", 0},
		{"lone surrogates", 0, member(`"s":"\ud800"`), either, "", 0},
		{"commands for CI systems", 0, member(`"s":"##vso[task.setvariable]\n::error::x"`), either, "", 0},
		{"fifty cookies", 0, edited(func(_ *http.Request, h http.Header, b []byte) []byte {
			for i := range 50 {
				h.Add("Set-Cookie", fmt.Sprintf("c%d=v", i))
			}
			return b
		}), either, "", 0},
		{"inProgress for ever, Retry-After 0", 0, edited(func(_ *http.Request, h http.Header, b []byte) []byte {
			h.Set("Retry-After", "0")
			return bytes.ReplaceAll(b, []byte(`"status":"completed"`), []byte(`"status":"inProgress"`))
		}), []int{runner.ExitBroken, runner.ExitIncomplete}, "inProgress", 0},
		{"inProgress for ever, Retry-After a year", 0, edited(func(_ *http.Request, h http.Header, b []byte) []byte {
			h.Set("Retry-After", "31536000")
			return bytes.ReplaceAll(b, []byte(`"status":"completed"`), []byte(`"status":"inProgress"`))
		}), []int{runner.ExitBroken, runner.ExitIncomplete}, "inProgress", 0},
		{"nextLink in a circle", 0, edited(func(r *http.Request, _ http.Header, b []byte) []byte {
			return bytes.Replace(b, []byte("{"), []byte(`{"nextLink":"http://`+r.Host+r.URL.String()+`",`), 1)
		}), either, "", 0},
		{"nextLink without end", 0, edited(func(r *http.Request, _ http.Header, b []byte) []byte {
			return bytes.Replace(b, []byte("{"), []byte(fmt.Sprintf(`{"nextLink":"http://%s%s?n=%d",`, r.Host, r.URL.Path, time.Now().UnixNano())), 1)
		}), either, "", 0},
	}
	host := strings.TrimPrefix(elsewhere, "http://")
	for _, link := range []string{
		"file:///etc/passwd", elsewhere + "/certificates/x", "//" + host + "/x", "http://HOST@" + host + "/x", "http://HOST\\@" + host + "/x",
		"http://" + host + "#@HOST/x", "http://" + host + "?@HOST/x", "http://HOST." + host + "/x", "javascript:alert(1)", "http://HOST:80:90/x",
	} {
		rows = append(rows, hostile{"ids and links to " + link, 0, edited(func(r *http.Request, h http.Header, b []byte) []byte {
			to := strings.ReplaceAll(link, "HOST", r.Host)
			h.Set("Location", to)
			for _, base := range []string{"http://" + r.Host} {
				b = bytes.ReplaceAll(b, []byte(`"id":"`+base), []byte(`"nextLink":"`+strings.ReplaceAll(to, `\`, `\\`)+`","id":"`+strings.ReplaceAll(to, `\`, `\\`)))
			}
			return b
		}), broken, "", 0})
	}
	return rows
}
