package refvault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"time"
)

// maxBody bounds a request body. The largest legal one is an import of a chain with its key.
const maxBody = 1 << 20

// A response is what an operation gives back when it succeeds.
type response struct {
	status   int
	body     any    // encoded as JSON; nil for none
	text     string // instead of body, sent as contentType
	location string
	poll     bool // the client is expected to come back
	// contentType is application/json if empty.
	contentType string
}

func ok(body any) *response { return &response{status: http.StatusOK, body: body} }

// decodeBody reads the one JSON value of a request body into target. Members that target does not know are ignored.
func decodeBody(body []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(target); err != nil {
		var wrongType *json.UnmarshalTypeError
		if errors.As(err, &wrongType) {
			return badParameter("The member %s of the request body has the wrong type.", wrongType.Field)
		}
		return badParameter("The request body is not the JSON object that this operation needs.")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return badParameter("The request body holds more than one JSON value.")
	}
	return nil
}

// setCommonHeaders sets what every response carries, refusals included.
func (v *Vault) setCommonHeaders(header http.Header, r *http.Request) {
	header.Set("Cache-Control", "no-cache")
	header.Set("Pragma", "no-cache")
	header.Set("Expires", "-1")
	header.Set("Strict-Transport-Security", "max-age=31536000;includeSubDomains")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("x-ms-request-id", v.ids.guid())
	header.Set("x-ms-keyvault-region", "reference")
	header.Set("x-ms-keyvault-service-version", "1.9.0.0")
	header.Set("x-ms-keyvault-network-info", "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;")
	if id := r.Header.Get("x-ms-client-request-id"); id != "" {
		header.Set("x-ms-client-request-id", id)
	}
}

// write sends a. Nothing can be told to the client once the status is out, so a failed write is not reported.
func (v *Vault) write(w http.ResponseWriter, a *response) {
	if a.location != "" {
		w.Header().Set("Location", a.location)
	}
	if a.poll && v.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(wholeSeconds(v.retryAfter)))
	}
	content := []byte(a.text)
	if len(content) == 0 {
		w.WriteHeader(a.status)
		return
	}
	contentType := a.contentType
	if contentType == "" {
		contentType = "application/json; charset=utf-8"
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	w.WriteHeader(a.status)
	_, _ = w.Write(content)
}

// writeError sends err in the error envelope, with the challenge where a token is what is missing.
func (v *Vault) writeError(w http.ResponseWriter, base string, err error) {
	var refused *refusal
	if !errors.As(err, &refused) {
		refused = &refusal{status: http.StatusInternalServerError, code: "InternalError", message: err.Error()}
	}
	if refused.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", v.challenge(base))
	}
	v.write(w, &response{status: refused.status, text: string(encode(refused.body()))})
}

// encode writes compact JSON. Links are left as they are: an escaped ampersand would be legal but unlike the service.
func encode(body any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		// Every body is a struct of ours whose members can all be encoded.
		panic(fmt.Sprintf("encoding an answer: %v", err))
	}
	return bytes.TrimRight(buffer.Bytes(), "\n")
}

func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
