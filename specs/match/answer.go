package match

import (
	"fmt"
	"mime"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// MediaType reads the media type of the body, without its parameters.
func MediaType() Reader {
	return Reader{Name: "Content-Type", Header: "Content-Type", Aspect: AspectHeader, Read: func(e *vault.Exchange) (string, error) {
		media, _, err := contentType(e)
		return media, err
	}}
}

// Charset reads the character set that the body is said to be in, in lower case.
func Charset() Reader {
	return Reader{Name: "charset", Header: "Content-Type", Aspect: AspectHeader, Read: func(e *vault.Exchange) (string, error) {
		_, charset, err := contentType(e)
		if err == nil && charset == "" {
			return "", fmt.Errorf("no charset in Content-Type %s", e.Response.Header.Get("Content-Type"))
		}
		return charset, err
	}}
}

func contentType(e *vault.Exchange) (media, charset string, err error) {
	value := e.Response.Header.Get("Content-Type")
	if value == "" {
		return "", "", fmt.Errorf("no Content-Type")
	}
	media, parameters, err := mime.ParseMediaType(value)
	if err != nil {
		return "", "", fmt.Errorf("the malformed Content-Type %q", Shorten(value))
	}
	return media, strings.ToLower(parameters["charset"]), nil
}

// JSON wants a body of one well-formed JSON value.
func JSON() Test {
	return jsonBody("a body of one JSON value", func(any) bool { return true })
}

// Object wants the body to be a JSON object.
func Object() Test {
	return jsonBody("a JSON object", func(value any) bool {
		_, ok := value.(map[string]any)
		return ok
	})
}

func jsonBody(expected string, test func(value any) bool) Test {
	return func(e *vault.Exchange) *Failure {
		value, err := e.Response.JSON()
		if err != nil {
			return &Failure{Expected: expected, Got: err.Error()}
		}
		if !test(value) {
			return &Failure{Expected: expected, Got: Kind(value)}
		}
		return nil
	}
}

// HasHeader wants a header that is not empty.
func HasHeader(name string) Test {
	return func(e *vault.Exchange) *Failure {
		if e.Response.Header.Get(name) == "" {
			return &Failure{Expected: name, Got: "no " + name, Header: name}
		}
		return nil
	}
}

// GUIDHeader wants a header with a GUID.
func GUIDHeader(name string) Test {
	return func(e *vault.Exchange) *Failure {
		value := e.Response.Header.Get(name)
		if value == "" {
			return &Failure{Expected: name + " with a GUID", Got: "no " + name, Header: name}
		}
		if !isGUID(value) {
			return &Failure{Expected: name + " with a GUID", Got: name + " " + Shorten(value), Header: name}
		}
		return nil
	}
}

// isGUID reports whether a text is a GUID with hyphens and without braces, in digits of either case.
func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i, c := range []byte(text) {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !isHex(c) && (c < 'A' || c > 'F') {
				return false
			}
		}
	}
	return true
}

// isHex reports whether a character is a hexadecimal digit in lower case.
func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' }

// NotCached wants Cache-Control to have no-cache or no-store.
func NotCached() Test {
	return func(e *vault.Exchange) *Failure {
		value := e.Response.Header.Get("Cache-Control")
		for directive := range strings.SplitSeq(strings.ToLower(value), ",") {
			if word := strings.TrimSpace(directive); word == "no-cache" || word == "no-store" {
				return nil
			}
		}
		if value == "" {
			return &Failure{Expected: "Cache-Control: no-cache", Got: "no Cache-Control", Header: "Cache-Control"}
		}
		return &Failure{Expected: "Cache-Control: no-cache", Got: "Cache-Control: " + Shorten(value), Header: "Cache-Control"}
	}
}

// PlainIdentifiers wants every identifier of the body to have neither a query nor a slash at its end.
func PlainIdentifiers() Test {
	return func(e *vault.Exchange) *Failure {
		value, err := e.Response.Read()
		if err != nil {
			return &Failure{Expected: "identifiers without a query", Got: err.Error()}
		}
		if arePlain(value) {
			return nil
		}
		return plainIdentifiers(value, "")
	}
}

// arePlain reports whether plainIdentifiers finds nothing, without the work of saying where.
func arePlain(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if id, ok := member.(string); ok {
				if (strings.ContainsAny(id, "?#") || strings.HasSuffix(id, "/")) && isIdentifier(name, id) {
					return false
				}
			} else if !arePlain(member) {
				return false
			}
		}
	case []any:
		for _, element := range value {
			if !arePlain(element) {
				return false
			}
		}
	}
	return true
}

// plainIdentifiers returns the first identifier that is not plain, in the order of the names.
func plainIdentifiers(value any, pointer string) *Failure {
	switch value := value.(type) {
	case map[string]any:
		for _, name := range sortedKeys(value) {
			member := pointer + Pointer(name)
			if id, ok := value[name].(string); ok && isIdentifier(name, id) {
				if strings.ContainsAny(id, "?#") || strings.HasSuffix(id, "/") {
					return &Failure{Expected: name + " without a query and without a slash at its end", Got: name + " " + id, Member: member}
				}
			}
			if failure := plainIdentifiers(value[name], member); failure != nil {
				return failure
			}
		}
	case []any:
		for i, element := range value {
			if failure := plainIdentifiers(element, pointer+"/"+strconv.Itoa(i)); failure != nil {
				return failure
			}
		}
	}
	return nil
}

// isIdentifier tells identifiers from other members: target is a link, and an organization's id is no URL.
func isIdentifier(name, text string) bool {
	switch name {
	case "id", "kid", "sid", "recoveryId":
		u, err := url.Parse(text)
		return err == nil && u.IsAbs() && u.Host != ""
	default:
		return false
	}
}

// PurgeDate wants scheduledPurgeDate to be recoverableDays after deletedDate, give or take some time.
func PurgeDate(tolerance time.Duration) Test {
	return func(e *vault.Exchange) *Failure {
		deleted, failure := second(e, "deletedDate")
		if failure != nil {
			return failure
		}
		purged, failure := second(e, "scheduledPurgeDate")
		if failure != nil {
			return failure
		}
		days, failure := second(e, "attributes", "recoverableDays")
		if failure != nil {
			return failure
		}
		const day = 24 * 60 * 60
		if off := time.Duration(purged-deleted-days*day) * time.Second; off.Abs() > tolerance {
			return &Failure{
				Expected: fmt.Sprintf("scheduledPurgeDate %d days after deletedDate, %d", days, deleted+days*day),
				Got:      fmt.Sprintf("scheduledPurgeDate %d", purged), Member: "/scheduledPurgeDate",
			}
		}
		return nil
	}
}

// RecoverableDays wants 7 to 90 days, or 0 where nothing can be recovered.
func RecoverableDays() Test {
	return Member("to be 7 to 90, or 0", func(value any) bool {
		days, err := strconv.Atoi(fmt.Sprint(value))
		return err == nil && (days == 0 || days >= 7 && days <= 90)
	}, "attributes", "recoverableDays")
}

// RecoveryLevel wants the days of recovery to be those that the level tells: 90, or 7 to 89 of one that is customized. Other
// levels tell nothing.
func RecoveryLevel() Test {
	return func(e *vault.Exchange) *Failure {
		value, _ := At(e, "attributes", "recoveryLevel")
		level, _ := value.(string)
		value, _ = At(e, "attributes", "recoverableDays")
		days, err := strconv.Atoi(fmt.Sprint(value))
		wanted := ""
		switch {
		case err != nil: // a matter of the schema
		case strings.HasPrefix(level, "CustomizedRecoverable") && (days < 7 || days > 89):
			wanted = "7 to 89"
		case strings.HasPrefix(level, "Recoverable") && days != 90:
			wanted = "90"
		}
		if wanted == "" {
			return nil
		}
		return &Failure{
			Expected: "recoverableDays " + wanted + " with the recoveryLevel " + level, Got: fmt.Sprintf("recoverableDays %d", days),
			Member: Pointer("attributes", "recoveryLevel"),
		}
	}
}

// NoBody wants a response without a body.
func NoBody() Test {
	return func(e *vault.Exchange) *Failure {
		if len(e.Response.Body) == 0 {
			return nil
		}
		return &Failure{Expected: "no body", Got: fmt.Sprintf("a body of %d bytes", len(e.Response.Body))}
	}
}
