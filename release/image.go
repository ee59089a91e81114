package main

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// nobody is the user of the image; it has no name in it.
const nobody = "65532:65532"

// writeImage writes a container image of the Linux binaries as an archive of an OCI layout, "" if there is no such binary.
// The image is made from nothing: the command, the authorities that Mozilla trusts, and folders that the user may write to.
func writeImage(out string, built []*binary) (string, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	var one *binary
	for _, b := range built {
		if b.platform.system != "linux" {
			continue
		}
		image, err := imageOf(b)
		if err != nil {
			return "", fmt.Errorf("making the image of %s: %w", b.platform, err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: b.platform.system, Architecture: b.platform.arch}},
		})
		one = b
	}
	if one == nil {
		return "", nil
	}
	folder, err := os.MkdirTemp("", "kvconform-image-")
	if err != nil {
		return "", fmt.Errorf("making a folder for the image: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }() // a temporary folder
	if _, err := layout.Write(folder, empty.Index); err != nil {
		return "", fmt.Errorf("writing the image: %w", err)
	}
	if err := layout.Path(folder).AppendIndex(index, layout.WithAnnotations(map[string]string{
		"org.opencontainers.image.ref.name": one.version, "io.containerd.image.name": "kvconform:" + one.version,
	})); err != nil {
		return "", fmt.Errorf("writing the image: %w", err)
	}
	return archiveImage(out, folder, one)
}

// archiveImage makes one file of a layout.
func archiveImage(out, folder string, b *binary) (string, error) {
	var files []packed
	for _, pattern := range []string{"oci-layout", "index.json", "blobs/sha256/*"} {
		paths, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		if err != nil {
			return "", fmt.Errorf("listing the image: %w", err)
		}
		for _, path := range paths {
			relative, err := filepath.Rel(folder, path)
			if err != nil {
				return "", fmt.Errorf("listing the image: %w", err)
			}
			files = append(files, packed{filepath.ToSlash(relative), path, 0o644})
		}
	}
	name := "kvconform_" + b.version + "_image.oci.tar"
	var archive bytes.Buffer
	if err := writeTar(&archive, b, "", files); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(out, name), archive.Bytes(), 0o644); err != nil {
		return "", fmt.Errorf("writing %s: %w", name, err)
	}
	return name, nil
}

// imageOf is the image for one platform: a layer with the files, and how to start it.
func imageOf(b *binary) (v1.Image, error) {
	roots, err := writeRoots(filepath.Dir(b.path))
	if err != nil {
		return nil, err
	}
	var files bytes.Buffer
	if err := writeTar(&files, b, "", []packed{
		{"kvconform", b.path, 0o755},
		{"etc/ssl/certs/ca-certificates.crt", roots, 0o644},
		{"state/", "", 0o1777}, {"tmp/", "", 0o1777}, {"work/", "", 0o1777},
	}); err != nil {
		return nil, err
	}
	layer, err := tarball.LayerFromOpener(openerOf(files.Bytes()), tarball.WithMediaType(types.OCILayer))
	if err != nil {
		return nil, fmt.Errorf("making the layer: %w", err)
	}
	base := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	image, err := mutate.Append(base, mutate.Addendum{Layer: layer, History: v1.History{CreatedBy: "kvconform release", Created: v1.Time{Time: b.when}}})
	if err != nil {
		return nil, fmt.Errorf("adding the layer: %w", err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = b.platform.system, b.platform.arch, v1.Time{Time: b.when}
	config.Config = v1.Config{
		Entrypoint: []string{"/kvconform"}, Cmd: []string{"--help"}, User: nobody, WorkingDir: "/work",
		Env: []string{"PATH=/", "XDG_STATE_HOME=/state", "TMPDIR=/tmp"},
		Labels: map[string]string{
			"org.opencontainers.image.title": "kvconform", "org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.version": b.version, "org.opencontainers.image.revision": b.commit,
		},
	}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	return image, nil
}

// writeRoots writes the authorities that an image trusts. Those that are trusted with constraints only are left out, because
// a file of certificates cannot say so.
func writeRoots(folder string) (string, error) {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint != nil {
			continue
		}
		if err := pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}); err != nil {
			return "", fmt.Errorf("writing the authorities: %w", err)
		}
	}
	path := filepath.Join(folder, "roots.pem")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		return "", fmt.Errorf("writing the authorities: %w", err)
	}
	return path, nil
}

// openerOf reads bytes as often as a layer wants.
func openerOf(content []byte) tarball.Opener {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
}
