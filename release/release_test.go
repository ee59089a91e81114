package main

import (
	"archive/tar"
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// released builds the release of Linux on this machine's processor, and returns its folder.
func released(t *testing.T) (folder string, names []string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "dist")
	names, err := assemble(context.Background(), options{root: "..", out: folder, platforms: []platform{{"linux", runtime.GOARCH}}})
	if err != nil {
		t.Fatal(err)
	}
	return folder, names
}

func TestAReleaseIsWholeAndTheSameEachTime(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it builds the command twice")
	}
	folder, names := released(t)
	again, _ := released(t)
	if got, want := contents(t, again, "SHA256SUMS"), contents(t, folder, "SHA256SUMS"); got != want {
		t.Errorf("built again the checksums are\n%s, not\n%s", got, want)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = folder
	if out, err := check.CombinedOutput(); err != nil || strings.Count(string(out), ": OK") != len(names)-1 {
		t.Errorf("%v\n%s", err, out)
	}
	commit, err := git(context.Background(), "..", "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		switch {
		case strings.HasSuffix(name, ".cdx.json"):
			checkBill(t, contents(t, folder, name))
		case strings.HasSuffix(name, ".oci.tar"):
			checkImage(t, filepath.Join(folder, name), strings.TrimSpace(commit))
		}
	}
}

// The binary of a processor that this machine does not have runs in an emulator of QEMU's user mode, which KVCONFORM_QEMU names.
func TestTheBinaryForArm64Runs(t *testing.T) {
	emulator := os.Getenv("KVCONFORM_QEMU")
	if emulator == "" {
		t.Skip("SKIPPED: KVCONFORM_QEMU names no emulator such as qemu-aarch64-static; .ci/run installs it")
	}
	folder := filepath.Join(t.TempDir(), "dist")
	names, err := assemble(t.Context(), options{root: "..", out: folder, platforms: []platform{{"linux", "arm64"}}})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(names, func(name string) bool { return strings.HasSuffix(name, "_linux_arm64.tar.gz") })
	if at < 0 {
		t.Fatalf("the release has no archive for arm64: %v", names)
	}
	if out, err := exec.Command("tar", "-xzf", filepath.Join(folder, names[at]), "-C", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	found, err := filepath.Glob(filepath.Join(folder, "kvconform*", "kvconform"))
	if err != nil || len(found) != 1 {
		found = []string{filepath.Join(folder, "kvconform")}
	}
	out, err := exec.Command(emulator, found[0], "run", "--embedded", "--scenario", "cancel-in-progress", "--quiet").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "passed: no must fails") {
		t.Errorf("%v: %s", err, out)
	}
}

func contents(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func checkBill(t *testing.T, text string) {
	t.Helper()
	var bill struct {
		Format     string `json:"bomFormat"`
		Components []struct {
			Name string `json:"name"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(text), &bill); err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, component := range bill.Components {
		named[component.Name] = true
	}
	if bill.Format != "CycloneDX" || !named["github.com/onsi/ginkgo/v2"] || !named["std"] {
		t.Errorf("the bill of materials names %v", named)
	}
}

// checkImage reads the image with the library of others, and runs its command with nothing else around it.
func checkImage(t *testing.T, archive, commit string) {
	t.Helper()
	folder := t.TempDir()
	unpack(t, archive, folder)
	top, err := layout.ImageIndexFromPath(folder)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(top); err != nil {
		t.Error(err)
	}
	image := onlyImage(t, top)
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Config.User != nobody || config.Config.Entrypoint[0] != "/kvconform" || config.Architecture != runtime.GOARCH ||
		config.Config.Labels["org.opencontainers.image.revision"] != commit {
		t.Errorf("the configuration is %+v", config)
	}
	layers, err := image.Layers()
	if err != nil || len(layers) != 1 {
		t.Fatalf("%d layers (%v)", len(layers), err)
	}
	content, err := layers[0].Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	untar(t, content, root)
	if roots := contents(t, root, "etc/ssl/certs/ca-certificates.crt"); strings.Count(roots, "BEGIN CERTIFICATE") < 50 {
		t.Errorf("the image trusts %d authorities", strings.Count(roots, "BEGIN CERTIFICATE"))
	}
	checkStatic(t, filepath.Join(root, "kvconform"))
	if os.Getuid() != 0 {
		t.Log("SKIPPED: running the command in the image alone takes a chroot, which only root may do")
		return
	}
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("/kvconform", "run", "--embedded", "--scenario", "cancel-in-progress", "--quiet", "--out", "/work/out")
	command.Dir, command.Env = "/work", config.Config.Env
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
	if out, err := command.CombinedOutput(); err != nil || !strings.Contains(string(out), "passed: no must fails") {
		t.Errorf("in the image: %v\n%s", err, out)
	}
}

// onlyImage follows an index, and the index in it, to the one image.
func onlyImage(t *testing.T, index v1.ImageIndex) v1.Image {
	t.Helper()
	for {
		manifest, err := index.IndexManifest()
		if err != nil || len(manifest.Manifests) != 1 {
			t.Fatalf("the index is %+v (%v)", manifest, err)
		}
		one := manifest.Manifests[0]
		if one.MediaType.IsImage() {
			image, err := index.Image(one.Digest)
			if err != nil {
				t.Fatal(err)
			}
			return image
		}
		if index, err = index.ImageIndex(one.Digest); err != nil {
			t.Fatal(err)
		}
	}
}

// checkStatic wants a binary that needs no loader and no library.
func checkStatic(t *testing.T, path string) {
	t.Helper()
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = binary.Close() }()
	for _, program := range binary.Progs {
		if program.Type == elf.PT_INTERP || program.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary is not static: it has a part of type %s", program.Type)
		}
	}
}

func unpack(t *testing.T, archive, folder string) {
	t.Helper()
	file, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	untar(t, file, folder)
}

func untar(t *testing.T, r io.Reader, folder string) {
	t.Helper()
	for archive := tar.NewReader(r); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, filepath.FromSlash(header.Name))
		mode := header.FileInfo().Mode()
		if mode.IsDir() {
			if err := os.MkdirAll(path, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, mode.Perm()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAPlatformThatIsNotBuiltForIsRejected(t *testing.T) {
	for list, want := range map[string]string{"": "", "linux/amd64,windows/arm64": "", "plan9/amd64": `no platform "plan9/amd64"`, "linux": `no platform "linux"`} {
		_, err := choose(list)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", list, err, want)
		}
	}
}

func TestOnlyAnEarlierReleaseIsEmptied(t *testing.T) {
	for _, c := range []struct {
		name  string
		files []string
		want  string
	}{
		{"nothing", nil, ""},
		{"an earlier release", []string{"kvconform_v1_linux_amd64.tar.gz", "SHA256SUMS"}, ""},
		{"half a release", []string{"kvconform_v1_linux_amd64.tar.gz"}, ""},
		{"a file of somebody's", []string{"SHA256SUMS", "thesis.tex"}, "thesis.tex is no file of a release"},
		{"a folder", []string{"kvconform_notes/thesis.tex"}, "kvconform_notes is no file of a release"},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "dist")
			for _, name := range c.files {
				path := filepath.Join(folder, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, nil, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			err := clearFolder(folder)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			left, err := filepath.Glob(filepath.Join(folder, "*"))
			if err != nil || (len(left) == 0) != (c.want == "") {
				t.Errorf("left %q (%v)", left, err)
			}
		})
	}
}
