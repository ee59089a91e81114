package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// platform is one that kvconform is built for.
type platform struct{ system, arch string }

func (p platform) String() string { return p.system + "/" + p.arch }

func platforms() []platform {
	return []platform{
		{"linux", "amd64"}, {"linux", "arm64"}, {"darwin", "amd64"}, {"darwin", "arm64"}, {"windows", "amd64"}, {"windows", "arm64"},
	}
}

// binary is the command, built for a platform.
type binary struct {
	platform platform
	path     string
	// version is what the Go tool makes of the commit and its tags, such as v1.2.3 or a pseudo-version.
	version, commit string
	when            time.Time // the commit's
}

// checkout clones the repository into a folder at the commit that is checked out. So a release has what was committed and
// nothing else, and the Go tool finds the commit, which it does not in a linked work tree.
func checkout(ctx context.Context, root, folder string) (string, error) {
	commit, err := git(ctx, root, "rev-parse", "HEAD")
	if err != nil {
		return "", err
	}
	if _, err := git(ctx, root, "clone", "--quiet", "--shared", "--no-checkout", ".", folder); err != nil {
		return "", err
	}
	_, err = git(ctx, folder, "checkout", "--quiet", "--detach", strings.TrimSpace(commit))
	return folder, err
}

func git(ctx context.Context, folder string, arguments ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", arguments...)
	command.Dir = folder
	var out, said bytes.Buffer
	command.Stdout, command.Stderr = &out, &said
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("git %s: %w\n%s", strings.Join(arguments, " "), err, said.String())
	}
	return out.String(), nil
}

// name is what the files of a binary begin with.
func (b *binary) name() string {
	return strings.Join([]string{"kvconform", b.version, b.platform.system, b.platform.arch}, "_")
}

// build builds the command without cgo, paths and symbols. The commit is in it, because a report names its judge.
func build(ctx context.Context, root, folder string, p platform) (*binary, error) {
	path := filepath.Join(folder, p.system+"-"+p.arch, "kvconform")
	if p.system == "windows" {
		path += ".exe"
	}
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w", "-o", path, "./cmd/kvconform")
	command.Dir = root
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.system, "GOARCH="+p.arch, "GOFLAGS=-mod=readonly", "GOAMD64=v1", "GOARM64=v8.0")
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("building for %s: %w\n%s", p, err, said.String())
	}
	return stamped(path, p)
}

// stamped reads what the Go tool wrote into a binary.
func stamped(path string, p platform) (*binary, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the build of %s: %w", p, err)
	}
	b := &binary{platform: p, path: path, version: info.Main.Version}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.commit = setting.Value
		case "vcs.time":
			if b.when, err = time.Parse(time.RFC3339, setting.Value); err != nil {
				return nil, fmt.Errorf("reading the time of the commit: %w", err)
			}
		}
	}
	if b.commit == "" || b.when.IsZero() {
		return nil, fmt.Errorf("the build of %s names no commit: build from a clone of the repository, with git installed", p)
	}
	return b, nil
}

// describe writes the bill of materials of a binary, as CycloneDX, from the list of modules in the binary itself.
func describe(ctx context.Context, out string, b *binary) (string, error) {
	name := b.name() + ".cdx.json"
	path, err := filepath.Abs(filepath.Join(out, name))
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", out, err)
	}
	command := exec.CommandContext(ctx, "go", "tool", "cyclonedx-gomod", "bin", "-json", "-std", "-noserial", "-notimestamp",
		"-version", b.version, "-output", path, b.path)
	var said bytes.Buffer
	command.Stdout, command.Stderr = &said, &said
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("writing the bill of materials of %s: %w\n%s", b.platform, err, said.String())
	}
	return name, nil
}
