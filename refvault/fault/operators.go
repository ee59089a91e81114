package fault

import (
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/kvconform/kvconform/refvault/tamper"
)

// operator is a way to be wrong. A row names it after the word "is", and its title makes a sentence with the place that
// is wrong: "the kid of a bundle" + "is that of another name".
type operator struct {
	// title continues the sentence; empty means "is" and the name. {from} and {to} stand for the values of the row.
	title string
	// from and to say which of the two values a row gives.
	from, to bool
	// value, where not nil, changes the value of a member or header that is there, or of a body.
	value func(v any, c change) any
	// edit, where not nil, makes the edit in another way; path is empty where the whole response is wrong.
	edit func(path string, c change) tamper.Edit
}

// operators lists all ways to be wrong.
func operators() map[string]operator {
	all := structural()
	for _, more := range []map[string]operator{values(), links(), responses()} {
		for name, operator := range more {
			all[name] = operator
		}
	}
	return all
}

// structural are wrong in what there is and where it is.
func structural() map[string]operator {
	return map[string]operator{
		"missing": {edit: func(path string, c change) tamper.Edit {
			if c.Header != "" {
				return tamper.DropHeader(c.Header)
			}
			return tamper.Drop(path)
		}},
		"null": {edit: func(path string, _ change) tamper.Edit { return tamper.Set(path, nil) }},
		// A member that is set is there afterwards, one that is replaced only where it was there before.
		"set": {title: "is always {to}", to: true, edit: func(path string, c change) tamper.Edit {
			if c.Header != "" {
				return tamper.SetHeader(c.Header, fmt.Sprint(c.To))
			}
			return tamper.Set(path, c.To)
		}},
		"replaced": {title: "is {to} wherever there is one", to: true, value: func(_ any, c change) any { return c.To }},
		"renamed": {title: "is called {to}", to: true, edit: func(path string, c change) tamper.Edit {
			return tamper.Rename(path, fmt.Sprint(c.To))
		}},
		"copied": {title: "is a copy of {from}", from: true, edit: func(path string, c change) tamper.Edit {
			return func(a *tamper.Response) {
				from := member(a.Object(), c.From)
				if c.Header != "" {
					tamper.SetHeader(c.Header, fmt.Sprint(from))(a)
					return
				}
				tamper.Set(path, from)(a)
			}
		}},
		"wrapped": {title: "is an object with the value as its {to}", to: true, value: func(v any, c change) any {
			return map[string]any{fmt.Sprint(c.To): v}
		}},
		"unwrapped": {title: "is the {to} in it", to: true, value: func(v any, c change) any {
			in, _ := v.(map[string]any)
			return in[fmt.Sprint(c.To)]
		}},
		"twice": {title: "has everything twice", value: func(v any, _ change) any {
			switch v := v.(type) {
			case []any:
				return append(v[:len(v):len(v)], v...)
			case string:
				return v + v
			}
			return v
		}},
	}
}

// values are wrong in what a text or a number says, or how.
func values() map[string]operator {
	return map[string]operator{
		"text": {title: "is a string", value: func(v any, _ change) any { return fmt.Sprint(v) }},
		"a number": {value: func(v any, _ change) any {
			if v == true {
				return 1
			}
			return 0
		}},
		"in milliseconds": {value: number(func(n int64, _ change) any { return n * 1000 })},
		"shifted": {title: "is shifted by {to}", to: true, value: number(func(n int64, c change) any {
			by, err := strconv.ParseFloat(fmt.Sprint(c.To), 64)
			if whole := int64(by); err == nil && float64(whole) == by {
				return n + whole
			}
			return float64(n) + by
		})},
		"in upper case": {value: text(func(s string, _ change) string { return strings.ToUpper(s) })},
		"dashed":        {value: text(func(s string, _ change) string { return dashed(s) })},
		"base64url": {title: "is in base64url without padding", value: text(func(s string, _ change) string {
			return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(s), "=")
		})},
		"in lines": {title: "is broken into lines", value: text(func(s string, _ change) string { return inLines(s) })},
		"PEM": {title: "is PEM", to: true, value: text(func(s string, c change) string {
			der, _ := base64.StdEncoding.DecodeString(s)
			return string(pem.EncodeToMemory(&pem.Block{Type: fmt.Sprint(c.To), Bytes: der}))
		})},
		"rewritten": {title: "has {to} in the place of {from}", from: true, to: true,
			value: text(func(s string, c change) string {
				return strings.ReplaceAll(s, c.From, fmt.Sprint(c.To))
			})},
		"followed": {title: "is followed by {to}", to: true,
			value: text(func(s string, c change) string { return s + fmt.Sprint(c.To) })},
		"between": {title: "is between {from} and {to}", from: true, to: true,
			value: text(func(s string, c change) string { return c.From + s + fmt.Sprint(c.To) })},
		"cut short": {value: text(func(s string, _ change) string { return s[:len(s)/2] })},
	}
}

// links are URLs that are wrong.
func links() map[string]operator {
	return map[string]operator{
		"relative":        {title: "is a path", value: text(func(s string, _ change) string { return pathOnly(s) })},
		"http":            {title: "is http, not https", value: link(func(u *url.URL, _ change) { u.Scheme = "http" })},
		"of another name": {title: "is that of another name", value: link(func(u *url.URL, _ change) { otherName(u) })},
		"of another host": {title: "is on another host",
			value: link(func(u *url.URL, _ change) { u.Host = "elsewhere.invalid" })},
		"of another port": {title: "is on another port",
			value: link(func(u *url.URL, _ change) { u.Host = u.Hostname() + ":1" })},
		"without its port": {title: "lacks the port", value: link(func(u *url.URL, _ change) { u.Host = u.Hostname() })},
		"of another version": {title: "is that of another version",
			value: text(func(s string, _ change) string { return s[:strings.LastIndex(s, "/")+1] + strings.Repeat("f", 32) })},
		"without its end": {title: "lacks the last segment of its path",
			value: link(func(u *url.URL, _ change) { dropLastSegment(u) })},
		"longer": {title: "has {to} at the end of its path", to: true,
			value: link(func(u *url.URL, c change) { u.Path += fmt.Sprint(c.To) })},
		"with the query": {title: "has {to} in its query", to: true, value: link(func(u *url.URL, c change) {
			parameter, value, _ := strings.Cut(fmt.Sprint(c.To), "=")
			with(parameter, value)(u)
		})},
		"without the query": {title: "has no {from} in its query", from: true,
			value: link(func(u *url.URL, c change) { without(c.From)(u) })},
		"with its query in upper case": {title: "has {from} in upper case in its query", from: true,
			value: link(func(u *url.URL, c change) {
				changed(c.From, strings.ToUpper)(u)
			})},
	}
}

// responses are wrong as a whole.
func responses() map[string]operator {
	return map[string]operator{
		"status": {title: "has the status {to}{not}", to: true, edit: func(_ string, c change) tamper.Edit {
			status, _ := strconv.Atoi(fmt.Sprint(c.To))
			return tamper.Status(status)
		}},
		// The content type of a body stays, but for one that is empty.
		"body": {title: "has the body {to}", to: true, edit: func(_ string, c change) tamper.Edit {
			return func(a *tamper.Response) {
				contentType := a.Header.Get("Content-Type")
				if c.As != "" {
					contentType = c.As
				}
				tamper.Body(contentType, fmt.Sprint(c.To))(a)
			}
		}},
		"without body": {title: "has no body", edit: func(string, change) tamper.Edit { return tamper.Body("", "") }},
		"refused": {title: "is a refusal with {to}", to: true, edit: func(_ string, c change) tamper.Edit {
			status, code, _ := strings.Cut(fmt.Sprint(c.To), " ")
			return func(a *tamper.Response) {
				a.Status, _ = strconv.Atoi(status)
				a.Header.Del("Location")
				a.SetObject(failure(code))
			}
		}},
	}
}

// edit makes the edit of a change; prefix comes before the paths of its members.
func (c change) edit(prefix string) (tamper.Edit, error) {
	operator, ok := operators()[c.Is]
	switch {
	case !ok:
		return nil, fmt.Errorf("there is no operator %q", c.Is)
	case operator.from != (c.From != "") || !operator.to && c.To != nil || c.As != "" && c.Is != "body":
		return nil, fmt.Errorf("%q has a value that it does not take, or lacks one", c.Is)
	case len(c.Member) > 0 && c.Header != "":
		return nil, errors.New("it is wrong in a member and in a header: give one of them")
	}
	places := []string(c.Member)
	if len(places) == 0 {
		places = []string{""}
	}
	var list []tamper.Edit
	for _, place := range places {
		switch {
		case operator.edit != nil:
			list = append(list, operator.edit(prefix+place, c))
		case place != "":
			list = append(list, tamper.Map(prefix+place, func(v any) any { return operator.value(v, c) }))
		case c.Header != "":
			list = append(list, tamper.MapHeader(c.Header, func(s string) string { return fmt.Sprint(operator.value(s, c)) }))
		default:
			list = append(list, tamper.MapBody(func(body []byte) []byte { return c.ofBody(operator, body) }))
		}
	}
	return tamper.All(list...), nil
}

// ofBody applies an operator to a body: to its object where it takes one, and to its text otherwise.
func (c change) ofBody(o operator, body []byte) []byte {
	if c.Is == "unwrapped" {
		var object map[string]json.RawMessage
		if json.Unmarshal(body, &object) == nil && len(object[fmt.Sprint(c.To)]) > 0 {
			return object[fmt.Sprint(c.To)]
		}
		return body
	}
	return []byte(fmt.Sprint(o.value(string(body), c)))
}

// sentence is the title of a change: what is wrong, and how. Where is the condition of the group.
func (c change) sentence(subject string, where texts) string {
	title := operators()[c.Is].title
	if title == "" {
		title = "is " + c.Is
	}
	if rest, ok := strings.CutPrefix(title, "is "); ok && len(c.Member) > 1 {
		title = "are " + rest
	}
	not := ""
	if len(where) == 1 && isStatus(where[0]) {
		not = ", not " + where[0]
	}
	return subject + " " + strings.NewReplacer("{from}", c.From, "{to}", fmt.Sprint(c.To), "{not}", not).Replace(title)
}

// member is the value at a path of an object, nil where there is none.
func member(object map[string]any, path string) any {
	var value any = object
	for name := range strings.SplitSeq(path, ".") {
		in, _ := value.(map[string]any)
		value = in[name]
	}
	return value
}

// text makes of a change of texts one of values; what is no text stays.
func text(to func(string, change) string) func(any, change) any {
	return func(v any, c change) any {
		if s, ok := v.(string); ok {
			return to(s, c)
		}
		return v
	}
}

// link makes of a change of URLs one of values; what is no URL stays.
func link(to func(*url.URL, change)) func(any, change) any {
	return text(func(s string, c change) string { return tamper.OnURL(func(u *url.URL) { to(u, c) })(s) })
}

// number makes of a change of integers one of values; what is no integer stays.
func number(to func(int64, change) any) func(any, change) any {
	return func(v any, c change) any {
		if n, ok := v.(json.Number); ok {
			if whole, err := n.Int64(); err == nil {
				return to(whole, c)
			}
		}
		return v
	}
}
