package vault

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
)

// A client bounds what it keeps of the responses of a whole run, because the endpoint decides how long they are. A run
// keeps every response until it is judged and reported, decoded as well, and writes it to a transcript that has to be read
// again. So three sums are bounded. A response that would pass one of them is cut to its beginning, and its exchange fails
// as TooLarge: the rules that need it could not run, and the others are judged.
const (
	// keptAnyway is how much of a response that is too large is kept, so that a reader sees what it is.
	keptAnyway = 4 << 10
	// smallResponse is the size up to which a response does not count as a large one.
	smallResponse = 64 << 10
	// maxWritten bounds the bytes that all responses take in a transcript, maxLarge those of the large ones among them: a
	// vault that pads some of its responses loses those and not the small ones.
	maxWritten, maxLarge = 40 << 20, 22 << 20
	// maxDecoded bounds the memory that the decoded bodies take, as a guess by their members.
	maxDecoded = 128 << 20
	// perMember is what a member of an object or an array costs when it is decoded.
	perMember = 48
)

// keeping is how much of the responses of a run is kept.
type keeping struct {
	mu                      sync.Mutex
	written, large, decoded int64
}

// admit counts a response, or says which bound it would pass.
func (k *keeping) admit(r *Response) error {
	written, decoded := weight(r)
	k.mu.Lock()
	defer k.mu.Unlock()
	isLarge := written > smallResponse
	switch {
	case k.written+written > maxWritten:
		return fmt.Errorf("with it, the responses of this run would be larger than %d MiB", maxWritten>>20)
	case isLarge && k.large+written > maxLarge:
		return fmt.Errorf("with it, the responses of this run that are larger than %d KiB would come to more than %d MiB", smallResponse>>10, maxLarge>>20)
	case k.decoded+decoded > maxDecoded:
		return fmt.Errorf("with its members, the decoded responses of this run would take more than %d MiB", maxDecoded>>20)
	}
	k.written, k.decoded = k.written+written, k.decoded+decoded
	if isLarge {
		k.large += written
	}
	return nil
}

// forget takes back what a response counted that is kept no longer.
func (k *keeping) forget(r *Response) {
	written, decoded := weight(r)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.written, k.decoded = k.written-written, k.decoded-decoded
	if written > smallResponse {
		k.large -= written
	}
}

// Forget says that nobody keeps some exchanges: their responses count no longer toward the bounds of a run.
func (c *Client) Forget(all ...*Exchange) {
	for _, e := range all {
		if c.options.BoundSum && e.Failure == nil && e.Response != nil {
			c.shared.kept.forget(e.Response)
		}
	}
}

// weight is how many bytes a response takes in a transcript, and about how many its decoded body takes in memory.
func weight(r *Response) (written, decoded int64) {
	var sizes, members [256]uint8 // of each byte, so that the pass over the body has no branch
	for b := range sizes {
		sizes[b] = 1
		if b < 0x20 {
			sizes[b] = 6 // \u0000
		}
	}
	sizes['"'], sizes['\\'] = 2, 2
	members[','], members[':'], members['{'], members['['] = perMember, perMember, perMember, perMember
	for _, b := range r.Body {
		written += int64(sizes[b])
		decoded += int64(members[b])
	}
	for name, values := range r.Header {
		for _, value := range values {
			written += int64(len(name) + len(value))
		}
	}
	return written, decoded + int64(len(r.Body))
}

// bound cuts a response that may not be kept whole, and says why.
func (c *Client) bound(r *Response) *Failure {
	if int64(len(r.Body)) > c.options.MaxBody {
		r.cut()
		return &Failure{Kind: TooLarge, Message: fmt.Sprintf("the response is larger than %d bytes", c.options.MaxBody)}
	}
	if !c.options.BoundSum {
		return nil
	}
	if err := c.shared.kept.admit(r); err != nil {
		size := len(r.Body)
		r.cut()
		return &Failure{Kind: TooLarge, Message: fmt.Sprintf("the response of %d bytes is not kept: %v", size, err)}
	}
	return nil
}

// cut keeps the beginning of a response.
func (r *Response) cut() {
	r.Body = append(Body(nil), r.Body[:min(len(r.Body), keptAnyway)]...)
	left := keptAnyway
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		size := len(name)
		for _, value := range r.Header[name] {
			size += len(value)
		}
		if left -= size; left < 0 {
			delete(r.Header, name)
		}
	}
}

// bodyless reports whether a response has no body whatever follows its header. After 101 the connection belongs to another
// protocol: reading from it would last as long as the server likes.
func bodyless(r *http.Response) bool { return r.StatusCode == http.StatusSwitchingProtocols }
