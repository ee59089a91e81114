package model_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/kvconform/kvconform/specs/model"
)

func TestStatementsAreThoseOfTheContract(t *testing.T) {
	page, err := os.ReadFile("../../docs/contract.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range model.Statements() {
		row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(statement.ID) + ` \| (\w+) \|`).FindSubmatch(page)
		switch {
		case row == nil:
			t.Errorf("docs/contract.md has no statement %s", statement.ID)
		case string(row[1]) != string(statement.Level):
			t.Errorf("%s is a %s in the model and a %s in docs/contract.md", statement.ID, statement.Level, row[1])
		}
	}
}
