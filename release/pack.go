package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// packed is a file of an archive.
type packed struct {
	name, path string
	mode       int64
}

// pack writes the archive of a binary: a zip file for Windows, a compressed tar file for the others.
func pack(o options, b *binary) (string, error) {
	files := []packed{
		{filepath.Base(b.path), b.path, 0o755},
		{"LICENSE", filepath.Join(o.root, "LICENSE"), 0o644},
		{"README.md", filepath.Join(o.root, "README.md"), 0o644},
		{"CHANGELOG.md", filepath.Join(o.root, "CHANGELOG.md"), 0o644},
	}
	name, write := b.name()+".tar.gz", writeTarGz
	if b.platform.system == "windows" {
		name, write = b.name()+".zip", writeZip
	}
	file, err := os.Create(filepath.Join(o.out, name))
	if err != nil {
		return "", fmt.Errorf("writing %s: %w", name, err)
	}
	if err := write(file, b, files); err != nil {
		_ = file.Close() // it is not whole anyway
		return "", fmt.Errorf("writing %s: %w", name, err)
	}
	if err := file.Close(); err != nil {
		return "", fmt.Errorf("writing %s: %w", name, err)
	}
	return name, nil
}

func writeTarGz(w io.Writer, b *binary, files []packed) error {
	zipped, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("compressing: %w", err)
	}
	if err := writeTar(zipped, b, "", files); err != nil {
		return err
	}
	if err := zipped.Close(); err != nil {
		return fmt.Errorf("compressing: %w", err)
	}
	return nil
}

// writeTar writes files below a folder. A name that ends in a slash is a folder.
func writeTar(w io.Writer, b *binary, folder string, files []packed) error {
	archive := tar.NewWriter(w)
	for _, f := range files {
		header := &tar.Header{Name: folder + f.name, Mode: f.mode, ModTime: b.when, Format: tar.FormatPAX, Typeflag: tar.TypeReg}
		if strings.HasSuffix(f.name, "/") {
			header.Typeflag = tar.TypeDir
			if err := archive.WriteHeader(header); err != nil {
				return fmt.Errorf("adding %s: %w", f.name, err)
			}
			continue
		}
		content, err := os.ReadFile(f.path)
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.name, err)
		}
		header.Size = int64(len(content))
		if err := archive.WriteHeader(header); err != nil {
			return fmt.Errorf("adding %s: %w", f.name, err)
		}
		if _, err := archive.Write(content); err != nil {
			return fmt.Errorf("adding %s: %w", f.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("ending the archive: %w", err)
	}
	return nil
}

func writeZip(w io.Writer, b *binary, files []packed) error {
	archive := zip.NewWriter(w)
	for _, f := range files {
		content, err := os.ReadFile(f.path)
		if err != nil {
			return fmt.Errorf("reading %s: %w", f.name, err)
		}
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: b.when.UTC()}
		header.SetMode(os.FileMode(f.mode)) //nolint:gosec // a constant of ours
		entry, err := archive.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("adding %s: %w", f.name, err)
		}
		if _, err := entry.Write(content); err != nil {
			return fmt.Errorf("adding %s: %w", f.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("ending the archive: %w", err)
	}
	return nil
}

// sums is the name of the file of checksums.
const sums = "SHA256SUMS"

// sum writes the checksums of files in the form that `sha256sum --check` reads.
func sum(out string, names []string) (string, error) {
	var text strings.Builder
	for _, name := range slices.Sorted(slices.Values(names)) {
		content, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return "", fmt.Errorf("summing %s: %w", name, err)
		}
		fmt.Fprintf(&text, "%x  %s\n", sha256.Sum256(content), name)
	}
	if err := os.WriteFile(filepath.Join(out, sums), []byte(text.String()), 0o644); err != nil {
		return "", fmt.Errorf("writing the checksums: %w", err)
	}
	return sums, nil
}
