package sessions_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sources returns the text of all Go files of the repository that match.
func sources(t *testing.T, match func(path string) bool) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || !match(path) {
			return err
		}
		text, err := os.ReadFile(path)
		all.Write(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// squeeze makes texts equal that differ in white space only.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestSnippetsAreTakenFromExamples(t *testing.T) {
	code := squeeze(sources(t, func(path string) bool {
		return strings.HasPrefix(filepath.Base(path), "example") || strings.HasPrefix(path, "examples")
	}))
	docs, _ := filepath.Glob("docs/*.md")
	for _, doc := range append(docs, "README.md") {
		text, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(code, squeeze(block[1])) {
				t.Errorf("%s: no example has this snippet:\n%s", doc, block[1])
			}
		}
	}
}

func TestRequirementsTableNamesEveryProof(t *testing.T) {
	table, err := os.ReadFile("docs/requirements.md")
	if err != nil {
		t.Fatal(err)
	}
	code := sources(t, func(path string) bool { return strings.HasSuffix(path, "_test.go") })
	functions := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)`).FindAllStringSubmatch(code, -1)
	names := regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(table), -1)
	second := func(m []string) string { return m[1] }
	have, listed := mapped(functions, second), mapped(names, second)
	faults, err := os.ReadFile("docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range mapped(regexp.MustCompile("`((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(faults), -1), second) {
		if !slices.Contains(have, name) {
			t.Errorf("docs/faults.md names %s, which is no test", name)
		}
	}
	for _, name := range listed {
		if !slices.Contains(have, name) {
			t.Errorf("docs/requirements.md names %s, which is no test", name)
		}
	}
	for _, name := range have {
		if regexp.MustCompile(`^TestR\d+_`).MatchString(name) && !slices.Contains(listed, name) {
			t.Errorf("docs/requirements.md lacks %s", name)
		}
	}
}

// TestExamplesStandAlone: pkg.go.dev runs an example by itself if all that it
// uses is in its file.
func TestExamplesStandAlone(t *testing.T) {
	paths, err := filepath.Glob("example*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	var all []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, file)
	}
	for _, example := range doc.Examples(all...) {
		switch {
		case example.Play == nil:
			t.Errorf("Example%s uses what is declared in another file", example.Name)
		case example.Output == "" && !example.EmptyOutput:
			t.Errorf("Example%s does not run, because it has no output", example.Name)
		}
	}
}

func mapped[A, B any](all []A, f func(A) B) []B {
	var out []B
	for _, a := range all {
		out = append(out, f(a))
	}
	return out
}

// TestContributingDescribesTheCode: a developer finds each file of the package,
// each field of a Session, and each function on the path of an increment.
func TestContributingDescribesTheCode(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(string(text), -1) {
		named[m[1]] = true
	}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if !named[path] && !strings.HasSuffix(path, "_test.go") && path != "doc.go" {
			t.Errorf("CONTRIBUTING.md lacks the file %s", path)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "session.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != "Session" {
			return true
		}
		for _, field := range spec.Type.(*ast.StructType).Fields.List {
			for _, name := range field.Names {
				if name.Name != "mu" && !named[name.Name] {
					t.Errorf("CONTRIBUTING.md lacks the field Session.%s", name)
				}
			}
		}
		return false
	})
	code := sources(t, func(path string) bool { return !strings.HasSuffix(path, "_test.go") })
	_, path, _ := strings.Cut(string(text), "## An increment's path")
	path, _, _ = strings.Cut(path, "\n## ")
	for _, m := range regexp.MustCompile("`(?:[A-Za-z]+\\.)*([A-Za-z]+)`").FindAllStringSubmatch(path, -1) {
		if !regexp.MustCompile(`\b` + m[1] + `\b`).MatchString(code) {
			t.Errorf("CONTRIBUTING.md speaks of %s, which is not in the code", m[1])
		}
	}
}

// TestDefaultsAreNamedInOneForm: "The default is" or "If empty,", in every
// package.
func TestDefaultsAreNamedInOneForm(t *testing.T) {
	code := sources(t, func(path string) bool { return !strings.HasSuffix(path, "_test.go") })
	for _, line := range regexp.MustCompile(`(?m)^\s*//.*\b(?:Empty|Zero|Nil):(?: .*)?$`).FindAllString(code, -1) {
		t.Errorf("say \"The default is\" or \"If empty,\": %s", strings.TrimSpace(line))
	}
}
