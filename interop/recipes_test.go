package interop_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"encoding/xml"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// install is the one command of the recipes that is not run as it stands: it needs a release and a network. In its place
// the command that it names is built from this tree.
const install = "go install github.com/kvconform/kvconform/cmd/kvconform@latest"

// recipe is what a page of CI configuration runs, keeps and shows.
type recipe struct {
	// variables are those of the job, scripts its commands in order; a script is run by a shell of its own.
	variables map[string]string
	scripts   []string
	// junit is the file, and kept the folder, that the recipe hands over whether or not the job failed.
	junit, kept string
}

// TestRecipes runs every command of docs/ci.md against the reference vault, and against one that a proxy breaks: the
// recipe must pass the one, fail the other, and hand the reports over both times.
func TestRecipes(t *testing.T) {
	kvconform := buildCommand(t)
	v := serve(t, kvconform)
	broken := withoutLocation(t, v)
	blocks := fencedBlocks(t, filepath.Join("..", "docs", "ci.md"))
	prepared := prepare(t, kvconform, v, blocks)

	for file, read := range map[string]func(*testing.T, string) recipe{
		".github/workflows/conformance.yml": githubRecipe,
		".gitlab-ci.yml":                    gitlabRecipe,
		"azure-pipelines.yml":               azureRecipe,
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			recipe := read(t, block(t, blocks, file))
			for _, want := range []struct {
				vault, url, ca string
				exit           int
			}{
				{"the reference vault", v.url, v.ca, 0},
				{"a vault that drops Location", broken.url, broken.ca, 1},
			} {
				folder := t.TempDir()
				if err := os.CopyFS(folder, os.DirFS(prepared)); err != nil {
					t.Fatal(err)
				}
				copyFile(t, want.ca, filepath.Join(folder, "vault-ca.pem"))
				if exit := recipe.run(t, kvconform, folder, want.url, tokenOf(t, v)); exit != want.exit {
					t.Errorf("with %s it ends with %d, want %d", want.vault, exit, want.exit)
				}
				recipe.checkReports(t, folder)
			}
		})
	}
}

// prepare makes the folder that the page has its reader commit, by the commands that it gives for that.
func prepare(t *testing.T, kvconform string, v vault, blocks []string) string {
	t.Helper()
	folder := t.TempDir()
	target := block(t, blocks, "kvconform.yaml")
	const port = "https://localhost:8443"
	if !strings.Contains(target, port) {
		t.Fatalf("the target file of the page is not for %s", port)
	}
	target = strings.Replace(target, port, v.url, 1)
	if err := os.WriteFile(filepath.Join(folder, "kvconform.yaml"), []byte(target), 0o600); err != nil {
		t.Fatal(err)
	}
	copyFile(t, v.ca, filepath.Join(folder, "vault-ca.pem"))
	byHand := recipe{scripts: []string{block(t, blocks, "sh")}}
	if exit := byHand.run(t, kvconform, folder, v.url, tokenOf(t, v)); exit != 0 {
		t.Fatalf("the commands that are run by hand end with %d", exit)
	}
	if _, err := os.Stat(filepath.Join(folder, "kvconform-baseline.yaml")); err != nil {
		t.Fatal(err)
	}
	return folder
}

// run runs the scripts as the service does, until one fails, and returns the exit code of the last.
func (r recipe) run(t *testing.T, kvconform, folder, url, token string) int {
	t.Helper()
	variables := maps.Clone(r.variables)
	if variables == nil {
		variables = map[string]string{}
	}
	variables["VAULT_URL"], variables["VAULT_TOKEN"] = url, token
	for _, script := range r.scripts {
		script = strings.ReplaceAll(script, install, "true")
		if strings.Contains(script, "go install") {
			t.Fatalf("an install that the test does not know: %s", script)
		}
		command := exec.CommandContext(t.Context(), "bash", "-e", "-o", "pipefail", "-c", script)
		command.Dir = folder
		command.Env = append(os.Environ(), "PATH="+filepath.Dir(kvconform)+string(os.PathListSeparator)+os.Getenv("PATH"))
		for name, value := range variables {
			command.Env = append(command.Env, name+"="+value)
		}
		output, err := command.CombinedOutput()
		if command.ProcessState == nil {
			t.Fatalf("running %q: %v", script, err)
		}
		if code := command.ProcessState.ExitCode(); code != 0 {
			t.Logf("%s\n%s", script, tail(string(output), 15))
			return code
		}
	}
	return 0
}

// checkReports looks at what the recipe hands over.
func (r recipe) checkReports(t *testing.T, folder string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, r.junit))
	if err != nil {
		t.Fatalf("the JUnit report is not where the recipe takes it from: %v", err)
	}
	var suites struct {
		Tests int `xml:"tests,attr"`
	}
	if err := xml.Unmarshal(text, &suites); err != nil || suites.Tests == 0 {
		t.Errorf("the JUnit report has %d tests, %v", suites.Tests, err)
	}
	files, err := os.ReadDir(filepath.Join(folder, r.kept))
	if err != nil || len(files) < 3 {
		t.Errorf("the recipe keeps %d files of %q, want the three reports: %v", len(files), r.kept, err)
	}
}

func githubRecipe(t *testing.T, text string) recipe {
	var workflow struct {
		Jobs map[string]struct {
			Services map[string]any    `yaml:"services"`
			Env      map[string]string `yaml:"env"`
			Steps    []struct {
				Run  string            `yaml:"run"`
				Uses string            `yaml:"uses"`
				If   string            `yaml:"if"`
				With map[string]string `yaml:"with"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	parse(t, text, &workflow)
	job := workflow.Jobs["kvconform"]
	r := recipe{variables: job.Env, junit: "out/junit.xml"}
	for _, step := range job.Steps {
		if step.Run != "" {
			r.scripts = append(r.scripts, step.Run)
		}
		if strings.HasPrefix(step.Uses, "actions/upload-artifact@") && step.If == "always()" {
			r.kept = step.With["path"]
		}
	}
	r.check(t, len(job.Services))
	return r
}

func gitlabRecipe(t *testing.T, text string) recipe {
	var jobs map[string]struct {
		Services  []any             `yaml:"services"`
		Variables map[string]string `yaml:"variables"`
		Before    []string          `yaml:"before_script"`
		Script    []string          `yaml:"script"`
		Artifacts struct {
			When    string   `yaml:"when"`
			Paths   []string `yaml:"paths"`
			Reports struct {
				JUnit string `yaml:"junit"`
			} `yaml:"reports"`
		} `yaml:"artifacts"`
	}
	parse(t, text, &jobs)
	job := jobs["conformance"]
	r := recipe{variables: job.Variables, scripts: slices.Concat(job.Before, job.Script)}
	if job.Artifacts.When == "always" && len(job.Artifacts.Paths) == 1 {
		r.junit, r.kept = job.Artifacts.Reports.JUnit, job.Artifacts.Paths[0]
	}
	r.check(t, len(job.Services))
	return r
}

func azureRecipe(t *testing.T, text string) recipe {
	var pipeline struct {
		Resources struct {
			Containers []any `yaml:"containers"`
		} `yaml:"resources"`
		Jobs []struct {
			Services  map[string]string `yaml:"services"`
			Variables map[string]string `yaml:"variables"`
			Steps     []struct {
				Bash      string            `yaml:"bash"`
				Task      string            `yaml:"task"`
				Publish   string            `yaml:"publish"`
				Condition string            `yaml:"condition"`
				Inputs    map[string]string `yaml:"inputs"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	parse(t, text, &pipeline)
	if len(pipeline.Jobs) != 1 || len(pipeline.Resources.Containers) != len(pipeline.Jobs[0].Services) {
		t.Fatal("the pipeline is not one job with a container for each of its services")
	}
	job := pipeline.Jobs[0]
	r := recipe{variables: job.Variables}
	for _, step := range job.Steps {
		switch {
		case step.Bash != "":
			r.scripts = append(r.scripts, step.Bash)
		case step.Condition != "succeededOrFailed()":
		case strings.HasPrefix(step.Task, "PublishTestResults@"):
			r.junit = step.Inputs["testResultsFiles"]
		case step.Publish != "":
			r.kept = step.Publish
		}
	}
	r.check(t, len(job.Services))
	return r
}

// check refuses a recipe that lacks a part, which would pass for want of anything to run.
func (r recipe) check(t *testing.T, services int) {
	t.Helper()
	if services != 1 || r.junit == "" || r.kept == "" || r.variables["VAULT_URL"] == "" {
		t.Fatalf("the recipe has %d services, and hands over %q and %q", services, r.junit, r.kept)
	}
	all := strings.Join(r.scripts, "\n")
	for _, part := range []string{install, "kvconform run ", "--baseline ", "--junit " + r.junit} {
		if !strings.Contains(all, part) {
			t.Fatalf("the recipe does not have %q:\n%s", part, all)
		}
	}
}

func parse(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), into); err != nil {
		t.Fatal(err)
	}
}

var fence = regexp.MustCompile("(?ms)^```(yaml|sh)\n(.*?)^```$")

// fencedBlocks are the YAML and shell blocks of a page; a shell block begins with a line "# sh" here.
func fencedBlocks(t *testing.T, page string) []string {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, found := range fence.FindAllStringSubmatch(string(text), -1) {
		if found[1] == "sh" {
			found[2] = "# sh\n" + found[2]
		}
		blocks = append(blocks, found[2])
	}
	return blocks
}

// block is the one block whose first line names it.
func block(t *testing.T, blocks []string, name string) string {
	t.Helper()
	var found []string
	for _, b := range blocks {
		if strings.HasPrefix(b, "# "+name+"\n") {
			found = append(found, b)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the page has %d blocks %q, want one", len(found), name)
	}
	return found[0]
}

// withoutLocation serves a proxy before the vault that drops the Location of every answer.
func withoutLocation(t *testing.T, v vault) vault {
	t.Helper()
	upstream, err := url.Parse(v.url)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(v.ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		t.Fatal("the vault's CA is no PEM")
	}
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(upstream)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Del("Location")
			return nil
		},
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}},
	})
	t.Cleanup(proxy.Close)
	var text bytes.Buffer
	if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw}); err != nil {
		t.Fatal(err)
	}
	own := vault{url: proxy.URL, ca: filepath.Join(t.TempDir(), "proxy.pem"), target: v.target}
	if err := os.WriteFile(own.ca, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return own
}
