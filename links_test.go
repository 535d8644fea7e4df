package sessions_test

import (
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinksInDocCommentsLeadSomewhere: go doc and pkg.go.dev print a name in
// square brackets as it is if they do not find what it names.
func TestLinksInDocCommentsLeadSomewhere(t *testing.T) {
	const module = "github.com/gosessions/sessions"
	set := token.NewFileSet()
	files := map[string][]*ast.File{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata") {
			return err
		}
		file, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		importPath := path.Join(module, filepath.ToSlash(filepath.Dir(name)))
		files[importPath] = append(files[importPath], file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]*comment.Parser{}
	for importPath, parsed := range files {
		p, err := doc.NewFromFiles(set, parsed, importPath, doc.AllDecls|doc.PreserveAST)
		if err != nil {
			t.Fatal(err)
		}
		packages[importPath] = p.Parser()
	}
	// leads reports a name that is no link, and a link to what another of these packages lacks.
	leads := func(where *ast.CommentGroup, text comment.Text) {
		switch x := text.(type) {
		case comment.Plain:
			for _, m := range regexp.MustCompile(`(?:^|[\s(])(\[\*?(?:\w+\.)*[A-Z]\w*(?:\.\w+)*\])`).FindAllStringSubmatch(string(x), -1) {
				t.Errorf("%s: there is no %s", set.Position(where.Pos()), m[1])
			}
		case *comment.DocLink:
			if other := packages[x.ImportPath]; other != nil && x.Name != "" && !other.LookupSym(x.Recv, x.Name) {
				t.Errorf("%s: %s has no %s", set.Position(where.Pos()), x.ImportPath, strings.TrimPrefix(x.Recv+"."+x.Name, "."))
			}
		}
	}
	var read func(where *ast.CommentGroup, blocks []comment.Block)
	read = func(where *ast.CommentGroup, blocks []comment.Block) {
		for _, block := range blocks {
			switch b := block.(type) {
			case *comment.Paragraph:
				for _, text := range b.Text {
					leads(where, text)
				}
			case *comment.List:
				for _, item := range b.Items {
					read(where, item.Content)
				}
			}
		}
	}
	for importPath, parsed := range files {
		for _, file := range parsed {
			ast.Inspect(file, func(n ast.Node) bool {
				var where *ast.CommentGroup
				switch n := n.(type) {
				case *ast.File:
					where = n.Doc
				case *ast.GenDecl:
					where = n.Doc
				case *ast.FuncDecl:
					where = n.Doc
				case *ast.TypeSpec:
					where = n.Doc
				case *ast.ValueSpec:
					where = n.Doc
				case *ast.Field:
					where = n.Doc
				}
				read(where, packages[importPath].Parse(where.Text()).Content)
				return true
			})
		}
	}
}
