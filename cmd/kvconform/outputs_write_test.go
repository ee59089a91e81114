package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/runner"
)

// written are outputs to files of a folder, each with what writes it.
func written(t *testing.T, folder string, writers map[string]func(io.Writer, *runner.Result) error) outputs {
	t.Helper()
	var all outputs
	for name, write := range writers {
		file, err := outfile.Prepare(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, output{file, write})
	}
	return all
}

func says(text string) func(io.Writer, *runner.Result) error {
	return func(w io.Writer, _ *runner.Result) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestAReportThatCannotBeWrittenCostsNoOther(t *testing.T) {
	folder := t.TempDir()
	files := written(t, folder, map[string]func(io.Writer, *runner.Result) error{
		"first": says("one"), "last": says("three"),
		"broken": func(w io.Writer, _ *runner.Result) error {
			return errors.Join(says("half")(w, nil), errors.New("no more"))
		},
	})
	var stdout bytes.Buffer
	files = append(files, output{nil, says("to the standard output")})
	if err := files.write(&stdout, nil); err == nil || !strings.Contains(err.Error(), "no more") {
		t.Errorf("error %v, want the one of the broken report", err)
	}
	for name, want := range map[string]string{"first": "one", "last": "three"} {
		if text, err := os.ReadFile(filepath.Join(folder, name)); err != nil || string(text) != want {
			t.Errorf("%s has %q (%v), want %q", name, text, err, want)
		}
	}
	if stdout.String() != "to the standard output" {
		t.Errorf("the standard output has %q", &stdout)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 2 {
		t.Errorf("the folder has %v (%v), want the two whole reports alone", left, err)
	}
}

func TestAPanicOfOneReportReachesTheCommand(t *testing.T) {
	files := written(t, t.TempDir(), map[string]func(io.Writer, *runner.Result) error{
		"whole": says("one"), "broken": func(io.Writer, *runner.Result) error { panic("a mistake of ours") },
	})
	defer func() {
		if thrown := recover(); thrown != "a mistake of ours" {
			t.Errorf("recovered %v, want the panic", thrown)
		}
	}()
	_ = files.write(io.Discard, nil)
}
