//go:build interop

package interop_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestBrowserArchive audits an HTTP Archive that Playwright wrote of what a page in Chromium did with the reference vault. A
// browser adds entries and headers of its own, which no client library sends.
func TestBrowserArchive(t *testing.T) {
	node := tool(t, "node", "install Node.js 20 or newer")
	chromium := tool(t, "chromium", "install the package chromium")
	folder := fetched(t, "browser-archive")
	fetched(t, filepath.Join("browser-archive", "node_modules", "playwright-core"))
	copyFile(t, filepath.Join("browser-archive", "record.mjs"), filepath.Join(folder, "record.mjs"))
	kvconform := buildCommand(t)
	v := serve(t, kvconform)
	archive := filepath.Join(t.TempDir(), "page.har")
	page := exec.CommandContext(t.Context(), node, "record.mjs", chromium, v.url, archive)
	page.Dir = folder
	page.Env = append(os.Environ(), "KVCONFORM_TOKEN="+tokenOf(t, v))
	said, err := page.CombinedOutput()
	if err != nil {
		t.Fatalf("the browser: %v\n%s", err, said)
	}
	sent := regexp.MustCompile(`sent (\d+)`).FindSubmatch(said)
	if sent == nil {
		t.Fatalf("the page does not say how much it sent:\n%s", said)
	}
	exit, output := run(t, time.Minute, kvconform, "audit", archive)
	judged := regexp.MustCompile(`(\d+) exchanges of the certificates API were judged`).FindStringSubmatch(output)
	if exit != 0 || judged == nil || judged[1] != string(sent[1]) || !strings.Contains(output, "passed: no must fails") {
		t.Fatalf("the audit of %s requests of a page ends with %d:\n%s", sent[1], exit, output)
	}
	if number, err := strconv.Atoi(judged[1]); err != nil || number < 25 {
		t.Errorf("%s exchanges were judged, want 25 or more", judged[1])
	}
	t.Log(judged[0])
	text, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.har")
	wrong := strings.Replace(string(text), `\"status\":\"completed\"`, `\"status\":\"inProgress\"`, 1) + "\n"
	if wrong == string(text)+"\n" {
		t.Fatal("the archive shows no completed request")
	}
	if err := os.WriteFile(changed, []byte(strings.Replace(wrong, `\"cer\"`, `\"certificate\"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if exit, output := run(t, time.Minute, kvconform, "audit", changed, "--max-causes", "0"); exit != 1 {
		t.Errorf("an archive with two members changed: exit %d, want 1:\n%s", exit, output)
	}
}
