package vault_test

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"

	"github.com/kvconform/kvconform/scenarios/vault"
)

// A body that is wrong in its form alone is an error of JSON and can be read all the same.
func TestABodyOfAWrongFormCanBeRead(t *testing.T) {
	const right = `{"status":"inProgress","list":[1,2]}`
	for name, body := range map[string]string{
		"byte order mark":     "\ufeff" + right,
		"UTF-16":              utf16le(right),
		"trailing comma":      `{"status":"inProgress","list":[1,2,],}`,
		"something after":     right + " done",
		"twice":               right + right,
		"callback":            "callback(" + right + ");",
		"single quotes":       `{'status':'inProgress','list':[1,2]}`,
		"broken off":          `{"status":"inProgress","list":[1,2],"csr":"MII`,
		"broken off in depth": `{"status":"inProgress","error":{"code":"a","message":"b`,
	} {
		t.Run(name, func(t *testing.T) {
			response := vault.Response{Status: 200, Body: vault.Body(body)}
			if _, err := response.JSON(); err == nil {
				t.Error("the body is JSON")
			}
			value, err := response.Read()
			object, _ := value.(map[string]any)
			if err != nil || object["status"] != "inProgress" {
				t.Errorf("got %v and the error %v", value, err)
			}
		})
	}
}

// An object in something that should not be around it is read out of it; JSON shows the body as it is.
func TestAnObjectInAWrapperCanBeRead(t *testing.T) {
	for name, body := range map[string]string{
		"list": `[{"status":"x"}]`, "string": `"{\"status\":\"x\"}"`, "envelope": `{"data":{"status":"x"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			response := vault.Response{Status: 200, Body: vault.Body(body)}
			if value, err := response.JSON(); err != nil || isStatus(value) {
				t.Errorf("JSON is %v, error %v", value, err)
			}
			if value, err := response.Read(); err != nil || !isStatus(value) {
				t.Errorf("got %v, error %v", value, err)
			}
		})
	}
}

func TestABodyThatIsNoJSONAtAllIsAnError(t *testing.T) {
	for _, body := range []string{"", "<html>portal</html>", "not found", "404 page not found", "{", "callback"} {
		response := vault.Response{Status: 200, Body: vault.Body(body)}
		if value, err := response.Read(); err == nil {
			t.Errorf("%q is read as %v", body, value)
		}
	}
}

func isStatus(value any) bool {
	object, _ := value.(map[string]any)
	return object["status"] == "x"
}

func utf16le(text string) string {
	var bytes []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		bytes = binary.LittleEndian.AppendUint16(bytes, unit)
	}
	return string(bytes)
}
