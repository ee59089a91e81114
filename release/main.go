// Command release builds what a release of kvconform consists of, and publishes nothing: an archive with a static binary for
// each platform, a bill of materials beside it, a container image, and a file of checksums.
//
// The same commit gives the same bytes: binaries are built without paths, archives have the time of the commit, and bills
// and images have no serial number and no other time. So anyone can build a release again and compare the checksums.
//
// It is a module of its own, so that a project which imports kvconform does not inherit what only releases need.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "release:", err)
		}
		os.Exit(1)
	}
}

// options say what is built, and where.
type options struct {
	root, out string
	platforms []platform
}

func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	root := flags.String("root", "..", "the `folder` of the repository")
	out := flags.String("out", "../dist", "the `folder` that the files are written to; it is emptied")
	only := flags.String("platforms", "", "build only these platforms, such as linux/amd64,windows/arm64")
	if err := flags.Parse(arguments); err != nil {
		return fmt.Errorf("reading the flags: %w", err)
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	names, err := assemble(ctx, options{root: *root, out: *out, platforms: chosen})
	for _, name := range names {
		fmt.Println(filepath.Join(*out, name))
	}
	return err
}

// choose is the platforms of a list, all of them if it is empty.
func choose(list string) ([]platform, error) {
	if list == "" {
		return platforms(), nil
	}
	var chosen []platform
	for _, name := range strings.Split(list, ",") {
		i := slices.IndexFunc(platforms(), func(p platform) bool { return p.String() == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no platform %q; the platforms are %v", name, platforms())
		}
		chosen = append(chosen, platforms()[i])
	}
	return chosen, nil
}

// clearFolder makes a folder with nothing in it. One that has anything but an earlier release is left alone: a mistyped --out must
// not cost anybody a folder.
func clearFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("emptying %s: %w", folder, err)
	}
	for _, entry := range entries {
		if name := entry.Name(); entry.IsDir() || name != sums && !strings.HasPrefix(name, "kvconform_") {
			return fmt.Errorf("%s is not emptied, because %s is no file of a release: remove it, or name another --out", folder, name)
		}
	}
	if err := os.RemoveAll(folder); err != nil {
		return fmt.Errorf("emptying %s: %w", folder, err)
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("making %s: %w", folder, err)
	}
	return nil
}

// assemble builds everything and returns the names of the files.
func assemble(ctx context.Context, o options) ([]string, error) {
	if err := clearFolder(o.out); err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "kvconform-release-")
	if err != nil {
		return nil, fmt.Errorf("making a folder to build in: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }() // a temporary folder
	if o.root, err = checkout(ctx, o.root, filepath.Join(work, "source")); err != nil {
		return nil, err
	}
	var built []*binary
	var names []string
	for _, p := range o.platforms {
		b, err := build(ctx, o.root, work, p)
		if err != nil {
			return names, err
		}
		built = append(built, b)
		archive, err := pack(o, b)
		if err != nil {
			return names, err
		}
		bill, err := describe(ctx, o.out, b)
		if err != nil {
			return names, err
		}
		names = append(names, archive, bill)
	}
	image, err := writeImage(o.out, built)
	if err != nil {
		return names, err
	}
	if image != "" {
		names = append(names, image)
	}
	list, err := sum(o.out, names)
	return append(names, list), err
}
