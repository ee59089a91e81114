package runner

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kvconform/kvconform/internal/golden"
)

// The public API is what the golden file lists, so that it grows on purpose only.
func TestAPIIsAsListed(t *testing.T) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			names = append(names, exported(declaration)...)
		}
	}
	slices.Sort(names)
	golden.Compare(t, "testdata/api.golden", []byte(strings.Join(names, "\n")+"\n"))
}

// exported lists the exported names that a declaration makes at the top level, each with its kind.
func exported(declaration ast.Decl) []string {
	var names []string
	add := func(kind string, name *ast.Ident) {
		if name.IsExported() {
			names = append(names, kind+" "+name.Name)
		}
	}
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			add("func", d.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				add("type", s.Name)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					add(d.Tok.String(), name)
				}
			}
		}
	}
	return names
}
