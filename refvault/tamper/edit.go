package tamper

import (
	"encoding/json"
	"net/url"
	"strings"
)

// All makes several edits one after another.
func All(edits ...Edit) Edit {
	return func(a *Response) {
		for _, edit := range edits {
			edit(a)
		}
	}
}

// Where makes the edit only of responses that the condition is true of.
func Where(condition func(*Response) bool, edits ...Edit) Edit {
	edit := All(edits...)
	return func(a *Response) {
		if condition(a) {
			edit(a)
		}
	}
}

// OnStatus makes the edit only of responses with the status.
func OnStatus(status int, edits ...Edit) Edit {
	return Where(func(a *Response) bool { return a.Status == status }, edits...)
}

// OnSuccess makes the edit only of successes.
func OnSuccess(edits ...Edit) Edit { return Where((*Response).OK, edits...) }

// OnRefusal makes the edit only of refusals.
func OnRefusal(edits ...Edit) Edit {
	return Where(func(a *Response) bool { return a.Status >= 400 }, edits...)
}

// InState makes the edit only of certificate operations in one of the states.
func InState(states []string, edits ...Edit) Edit {
	return Where(func(a *Response) bool {
		for _, state := range states {
			if a.OK() && strings.EqualFold(a.Text("status"), state) {
				return true
			}
		}
		return false
	}, edits...)
}

// InProgress makes the edit only of operations in progress.
func InProgress(edits ...Edit) Edit { return InState([]string{"inProgress"}, edits...) }

// Completed makes the edit only of completed operations.
func Completed(edits ...Edit) Edit { return InState([]string{"completed"}, edits...) }

// Failed makes the edit only of failed operations.
func Failed(edits ...Edit) Edit { return InState([]string{"failed"}, edits...) }

// Cancelled makes the edit only of cancelled operations.
func Cancelled(edits ...Edit) Edit { return InState([]string{"cancelled", "canceled"}, edits...) }

// Status sets the status.
func Status(status int) Edit { return func(a *Response) { a.Status = status } }

// SetHeader sets a header.
func SetHeader(name, value string) Edit { return func(a *Response) { a.Header.Set(name, value) } }

// DropHeader removes a header.
func DropHeader(name string) Edit { return func(a *Response) { a.Header.Del(name) } }

// MapHeader rewrites a header that is there.
func MapHeader(name string, change func(string) string) Edit {
	return func(a *Response) {
		if value := a.Header.Get(name); value != "" {
			a.Header.Set(name, change(value))
		}
	}
}

// Body replaces the body.
func Body(contentType, body string) Edit {
	return func(a *Response) {
		a.Body = []byte(body)
		a.Header.Set("Content-Type", contentType)
		if body == "" {
			a.Header.Del("Content-Type")
		}
	}
}

// MapBody rewrites the bytes of a body that is not empty.
func MapBody(change func([]byte) []byte) Edit {
	return func(a *Response) {
		if len(a.Body) > 0 {
			a.Body = change(a.Body)
		}
	}
}

// Set gives a member of the body's object a value, whether or not it has one. The path names members with dots between;
// "*" stands for every item of an array. The objects that contain the member must exist.
func Set(path string, value any) Edit {
	return change(path, func(in map[string]any, member string) { in[member] = value })
}

// Replace gives a member that exists another value.
func Replace(path string, value any) Edit { return Map(path, func(any) any { return value }) }

// Drop removes a member.
func Drop(path string) Edit {
	return change(path, func(in map[string]any, member string) { delete(in, member) })
}

// Rename gives a member another name.
func Rename(path, to string) Edit {
	return change(path, func(in map[string]any, member string) {
		if value, ok := in[member]; ok {
			delete(in, member)
			in[to] = value
		}
	})
}

// Map changes the value of a member that is there.
func Map(path string, to func(any) any) Edit {
	return change(path, func(in map[string]any, member string) {
		if value, ok := in[member]; ok {
			in[member] = to(value)
		}
	})
}

// MapText changes the value of a member that is there and a string.
func MapText(path string, to func(string) string) Edit {
	return Map(path, func(value any) any {
		if text, ok := value.(string); ok {
			return to(text)
		}
		return value
	})
}

// MapNumber changes the value of a member that is there and an integer.
func MapNumber(path string, to func(int64) any) Edit {
	return Map(path, func(value any) any {
		if number, ok := value.(json.Number); ok {
			if whole, err := number.Int64(); err == nil {
				return to(whole)
			}
		}
		return value
	})
}

// change applies a change to the member at a path, and leaves bodies alone that have no such place.
func change(path string, apply func(in map[string]any, member string)) Edit {
	names := strings.Split(path, ".")
	return func(a *Response) {
		body := a.Object()
		if body == nil {
			return
		}
		descend(body, names, apply)
		a.encode(body)
	}
}

func descend(value any, names []string, apply func(in map[string]any, member string)) {
	if names[0] == "*" {
		items, _ := value.([]any)
		for _, item := range items {
			descend(item, names[1:], apply)
		}
		return
	}
	in, ok := value.(map[string]any)
	switch {
	case !ok:
	case len(names) == 1:
		apply(in, names[0])
	default:
		if inner, there := in[names[0]]; there {
			descend(inner, names[1:], apply)
		}
	}
}

// EditURL changes a member that is a URL.
func EditURL(path string, edit func(u *url.URL)) Edit { return MapText(path, OnURL(edit)) }

// OnURL makes an edit of a text of one of a URL. A text that is not a URL stays.
func OnURL(edit func(u *url.URL)) func(string) string {
	return func(text string) string {
		u, err := url.Parse(text)
		if err != nil {
			return text
		}
		edit(u)
		return u.String()
	}
}
