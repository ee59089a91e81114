package main

import (
	"fmt"
	"io"
	"os"

	"github.com/kvconform/kvconform/internal/outfile"
	"github.com/kvconform/kvconform/reports"
)

// tellGitHub writes the Markdown report to the step's summary and annotations to the log, where the run is a step of
// GitHub Actions.
func tellGitHub(w io.Writer, report *reports.Report) error {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return nil
	}
	if err := reports.WriteAnnotations(w, report); err != nil {
		return fmt.Errorf("printing annotations: %w", err)
	}
	path := os.Getenv("GITHUB_STEP_SUMMARY")
	if path == "" {
		return nil
	}
	return appendTo(path, func(w io.Writer) error { return reports.WriteMarkdown(w, report, reports.MarkdownOptions{}) })
}

// appendTo adds to the summary of a step, which other steps of the job write to as well.
func appendTo(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644) // #nosec G302 -- GitHub's own file
	if err != nil {
		return &outfile.Error{Name: "the summary of the step", Err: err}
	}
	err = write(file)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return &outfile.Error{Name: "the summary of the step", Err: err}
	}
	return nil
}
