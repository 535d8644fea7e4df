package main

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// library is a small repository that can be released: a root module, a store
// that uses it, an example, and a module that is never released.
var library = map[string]string{
	"go.mod":       "module github.com/example/library\n\ngo 1.26\n",
	"library.go":   "package library\n\nfunc Old() string { return \"old\" }\n\nfunc Shared() string { return \"shared\" }\n",
	"LICENSE":      "As you like.\n",
	"CHANGELOG.md": "# Changes\n\n## Unreleased\n\nThe first version.\n",
	"README.md":    "```go\n" + server + "```\n",
	".ci/run":      "#!/bin/sh\n",
	".gitignore":   "/bills/\n",
	"tools/go.mod": "module github.com/example/library/tools\n\ngo 1.26\n",
	"go.work": "go 1.26\n\nuse (\n\t.\n\t./bench\n\t./examples/hello\n\t./store/filestore\n)\n\nreplace (\n" +
		"\tgithub.com/example/library v0.1.0 => ./\n\tgithub.com/example/library/store/filestore v0.1.0 => ./store/filestore\n)\n",

	"store/filestore/go.mod": "module github.com/example/library/store/filestore\n\ngo 1.26\n\nrequire github.com/example/library v0.1.0\n",
	"store/filestore/store.go": "package filestore\n\nimport \"github.com/example/library\"\n\n" +
		"func Open() string { return library.Shared() }\n",
	"examples/hello/go.mod":  "module github.com/example/library/examples/hello\n\ngo 1.26\n\nrequire github.com/example/library v0.1.0\n",
	"examples/hello/main.go": strings.Replace(server, `"localhost:8080"`, `"127.0.0.1:0"`, 1),
	"bench/go.mod":           "module github.com/example/library/bench\n\ngo 1.26\n\nrequire github.com/example/library/store/filestore v0.1.0\n\nrequire github.com/example/library v0.1.0 // indirect\n",
	"bench/bench.go":         "package bench\n\nimport _ \"github.com/example/library/store/filestore\"\n",

	"internal/release/modules.txt": "release . the library\nrelease store/filestore a store\nrelease examples/hello a program\nnever bench for us\nnever tools for us\n",
	"internal/release/testdata/consumer/login/main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/example/library\"\n)\n\n" +
		"func main() { fmt.Println(library.Shared()) }\n",
	"internal/release/testdata/consumer/store/main.go": "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(open()) }\n",
	"internal/release/testdata/consumer/store/filestore.go": "package main\n\nimport \"github.com/example/library/store/filestore\"\n\n" +
		"func open() string { return filestore.Open() }\n",
}

const server = `package main

import (
	"fmt"
	"net"
	"net/http"

	"github.com/example/library"
)

func main() {
	l, err := net.Listen("tcp", "localhost:8080")
	if err != nil {
		panic(err)
	}
	fmt.Printf("listening on http://%s\n", l.Addr())
	panic(http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, library.Shared()) })))
}
`

// newRepository commits the library, with changes, to a new repository.
func newRepository(t *testing.T, changes map[string]string) string {
	t.Helper()
	t.Setenv("GOPROXY", "off") // the library needs nobody else's modules
	dir := t.TempDir()
	run(t, dir, "init", "--quiet", "--initial-branch", "main")
	run(t, dir, "config", "user.name", "Ann")
	run(t, dir, "config", "user.email", "ann@example.com")
	bill, err := os.ReadFile("../../tools/bill/main.go")
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(library)
	files["tools/bill/main.go"] = strings.Replace(string(bill), "github.com/gosessions/sessions", "github.com/example/library", 1)
	maps.Copy(files, changes)
	commit(t, dir, files)
	return dir
}

func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	said, err := git(dir, args...)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func commit(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	write(t, dir, files)
	run(t, dir, "add", "--all")
	run(t, dir, "commit", "--quiet", "--message", "A change")
}

func wantError(t *testing.T, err error, wants ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", wants)
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want %q in it", err, want)
		}
	}
}

func TestReleaseTagsAllModulesAtOneVersion(t *testing.T) {
	dir := newRepository(t, nil)
	var said strings.Builder
	if err := release(dir, "v0.1.0", &said); err != nil {
		t.Fatal(err)
	}
	if got, want := run(t, dir, "tag"), "examples/hello/v0.1.0\nstore/filestore/v0.1.0\nv0.1.0"; got != want {
		t.Errorf("tags %q, want %q", got, want)
	}
	if status := run(t, dir, "status", "--porcelain"); status != "" {
		t.Errorf("the working tree has changes: %s", status)
	}
	for name, want := range map[string]string{
		"CHANGELOG.md":           "## Unreleased\n\n## v0.1.0, 20",
		"store/filestore/go.mod": "github.com/example/library v0.1.0",
		"store/filestore/go.sum": "github.com/example/library v0.1.0 h1:",
		"bench/go.sum":           "github.com/example/library/store/filestore v0.1.0 h1:",
		"go.work":                "github.com/example/library v0.1.0 => ./",
	} {
		if text := run(t, dir, "show", "v0.1.0:"+name); !strings.Contains(text, want) {
			t.Errorf("%s at the tag lacks %q:\n%s", name, want, text)
		}
	}
	for _, want := range []string{
		"the README's program: runs and answers shared", "login: shared", "store/filestore@v0.1.0: shared",
		"examples/hello@v0.1.0: runs and answers shared; installs hello", "no release yet",
		"git push --atomic origin HEAD v0.1.0 ", "gh release create v0.1.0 --verify-tag --generate-notes " + dir + "/bills/v0.1.0/*",
	} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, &said)
		}
	}
	for name, want := range map[string]string{
		"library-v0.1.0.cdx.json":                 `"components": []`,
		"library-store-filestore-v0.1.0.cdx.json": "pkg:golang/github.com/example/library@v0.1.0",
		"library-examples-hello-v0.1.0.cdx.json":  "pkg:golang/github.com/example/library@v0.1.0",
	} {
		if text, err := os.ReadFile(filepath.Join(dir, "bills/v0.1.0", name)); !strings.Contains(string(text), want) {
			t.Errorf("%s lacks %s: %v\n%s", name, want, err, text)
		}
	}

	// The second one is built with stores of the first.
	commit(t, dir, map[string]string{"CHANGELOG.md": strings.Replace(run(t, dir, "show", "HEAD:CHANGELOG.md"), "\n## v", "\nMore.\n\n## v", 1)})
	said.Reset()
	if err := release(dir, "v0.2.0", &said); err != nil {
		t.Fatal(err)
	}
	if want := "the root module of v0.2.0 builds with the stores of v0.1.0"; !strings.Contains(said.String(), want) {
		t.Errorf("the report lacks %q:\n%s", want, &said)
	}
	if got := run(t, dir, "show", "v0.2.0:store/filestore/go.sum"); strings.Contains(got, "v0.1.0") || !strings.Contains(got, "library v0.2.0 h1:") {
		t.Errorf("go.sum of the second release:\n%s", got)
	}
}

func TestRehearsalChangesNothing(t *testing.T) {
	dir := newRepository(t, nil)
	write(t, dir, map[string]string{"more.go": "package library\n"}) // is rehearsed before it is committed
	head := run(t, dir, "rev-parse", "HEAD")
	if err := rehearsal(dir, "", io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := run(t, dir, "rev-parse", "HEAD") + run(t, dir, "tag"); got != head {
		t.Errorf("HEAD and tags are %q, were %q", got, head)
	}
	if got := run(t, dir, "status", "--porcelain"); got != "?? more.go" {
		t.Errorf("changes: %q", got)
	}
}

// TestSettingsForPrivateModulesDoNotMatter: they make the go command prefer the
// root module in the module cache to a store that must be fetched.
func TestSettingsForPrivateModulesDoNotMatter(t *testing.T) {
	dir := newRepository(t, nil)
	settings := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(settings, []byte("GOPRIVATE=private.example.com\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOENV", settings)
	t.Setenv("GONOPROXY", "private.example.com")
	if err := rehearsal(dir, "", io.Discard); err != nil {
		t.Fatal(err)
	}
}

func TestReleaseSaysWhatToDoFirst(t *testing.T) {
	for name, tc := range map[string]struct {
		version string
		changes map[string]string
		dirty   bool
		want    []string
	}{
		"no version":       {version: "1.0", want: []string{"v0.2.0"}},
		"short version":    {version: "v0.1", want: []string{"v0.2.0"}},
		"changes":          {dirty: true, want: []string{"commit or stash", "more.go"}},
		"no news":          {changes: map[string]string{"CHANGELOG.md": "# Changes\n\n## Unreleased\n\n## v0.0.1\n\nOld.\n"}, want: []string{"Unreleased", "write what"}},
		"no changelog":     {changes: map[string]string{"CHANGELOG.md": "# Changes\n"}, want: []string{`no section "## Unreleased"`}},
		"CI fails":         {changes: map[string]string{".ci/run": "#!/bin/sh\nexit 1\n"}, want: []string{".ci/run"}},
		"new module":       {changes: map[string]string{"store/newstore/go.mod": "module github.com/example/library/store/newstore\n"}, want: []string{"store/newstore", "decide"}},
		"no module":        {changes: map[string]string{"internal/release/modules.txt": library["internal/release/modules.txt"] + "never e2e tests\n"}, want: []string{"e2e", "no go.mod"}},
		"replace":          {changes: map[string]string{"bench/go.mod": library["bench/go.mod"] + "\nreplace github.com/example/library => ../\n"}, want: []string{"bench/go.mod", "replace", "go.work"}},
		"several versions": {changes: map[string]string{"bench/go.mod": strings.ReplaceAll(library["bench/go.mod"], "v0.1.0", "v0.0.9")}, want: []string{"one version"}},
		"untidy":           {changes: map[string]string{"store/filestore/store.go": "package filestore\n"}, want: []string{"store/filestore/go.mod", "-tidy"}},
		"no consumer":      {changes: map[string]string{"internal/release/testdata/consumer/store/filestore.go": "package main\n", "internal/release/testdata/consumer/store/main.go": "package main\n"}, want: []string{"store/filestore@v0.1.0"}},
		"broken example":   {changes: map[string]string{"examples/hello/main.go": "package main\n\nimport _ \"github.com/example/library\"\n\nfunc main() {}\n"}, want: []string{"examples/hello@v0.1.0", "ended before"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := newRepository(t, tc.changes)
			if tc.dirty {
				write(t, dir, map[string]string{"more.go": "package library\n"})
			}
			version := tc.version
			if version == "" {
				version = "v0.1.0"
			}
			head := run(t, dir, "rev-parse", "HEAD")
			wantError(t, release(dir, version, io.Discard), tc.want...)
			if got := run(t, dir, "rev-parse", "HEAD") + run(t, dir, "tag"); got != head {
				t.Errorf("HEAD and tags are %q, were %q", got, head)
			}
		})
	}
}

// released is a repository with release v0.1.0, and changes since.
func released(t *testing.T, notes string, changes map[string]string) string {
	t.Helper()
	dir := newRepository(t, nil)
	err := withCopy(dir, func(c *candidate) error {
		if err := c.make("v0.1.0"); err != nil {
			return err
		}
		run(t, dir, "pull", "--quiet", "--ff-only", c.dir, "HEAD")
		_, err := c.tag(dir, "v0.1.0")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	commit(t, dir, map[string]string{"CHANGELOG.md": "# Changes\n\n## Unreleased\n\n" + notes + "\n\n## v0.1.0\n\nThe first version.\n"})
	if changes != nil {
		commit(t, dir, changes)
	}
	return dir
}

func TestBreakOfTheAPINeedsAMinorVersionAndANote(t *testing.T) {
	without := map[string]string{"library.go": "package library\n\nfunc Shared() string { return \"shared\" }\n"}
	const note = "### Breaking\n\n- Old is gone; use Shared."
	for name, tc := range map[string]struct {
		version, notes string
		changes        map[string]string
		want           []string
	}{
		"patch":              {"v0.1.1", note, without, []string{"v0.1.1 must not break", "Old: removed"}},
		"minor without note": {"v0.2.0", "### Added\n\n- Old friends.", without, []string{"name Old in CHANGELOG.md", "### Breaking"}},
		"minor with note":    {"v0.2.0", note, without, nil},
		"method":             {"v0.1.1", note, map[string]string{"library.go": library["library.go"] + "\ntype T struct{}\n"}, nil},
		"package removed":    {"v0.1.1", note, map[string]string{"store/filestore/store.go": "package main\n\nimport _ \"github.com/example/library\"\n\nfunc main() {}\n"}, []string{"package removed"}},
		"older version":      {"v0.0.9", note, nil, []string{"does not follow v0.1.0"}},
		"same version":       {"v0.1.0", note, nil, []string{"does not follow v0.1.0"}},
		"compatible patch":   {"v0.1.1", "- New.", map[string]string{"new.go": "package library\n\nfunc New() {}\n"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := released(t, tc.notes, tc.changes)
			err := withCopy(dir, func(c *candidate) error { return c.check(tc.version) })
			if tc.want == nil && err == nil {
				return
			}
			wantError(t, err, tc.want...)
		})
	}
}

func TestNewRootModuleThatBreaksReleasedStoresIsRefused(t *testing.T) {
	dir := released(t, "### Breaking\n\n- Shared is gone; use Old.", map[string]string{
		"library.go":               "package library\n\nfunc Old() string { return \"old\" }\n",
		"store/filestore/store.go": "package filestore\n\nimport \"github.com/example/library\"\n\nfunc Open() string { return library.Old() }\n",
		"README.md":                "```go\n" + strings.Replace(server, "Shared", "Old", 1) + "```\n",
		"examples/hello/main.go":   strings.Replace(library["examples/hello/main.go"], "Shared", "Old", 1),
		"internal/release/testdata/consumer/login/main.go": strings.Replace(library["internal/release/testdata/consumer/login/main.go"], "Shared", "Old", 1),
	})
	wantError(t, rehearsal(dir, "v0.2.0", io.Discard), "the root module of v0.2.0 does not build with the stores of v0.1.0", "library.Shared")
}

// TestBillOfMaterialsIsChecked: the program that makes it is replaced by one
// that prints nothing, another module, and no component.
func TestBillOfMaterialsIsChecked(t *testing.T) {
	const print = "package main\n\nimport \"os\"\n\nfunc main() { os.Stdout.WriteString(`%`) }\n"
	for bill, want := range map[string]string{
		"": "unexpected end of JSON",
		`{"bomFormat":"CycloneDX","metadata":{"component":{"name":"x","version":"v0.1.0"}}}`:                                          "describes {x v0.1.0}",
		`{"bomFormat":"CycloneDX","metadata":{"component":{"name":"github.com/example/library/store/filestore","version":"v0.1.0"}}}`: "it lacks github.com/example/library v0.1.0",
	} {
		dir := newRepository(t, nil)
		write(t, dir, map[string]string{"tools/bill/main.go": strings.Replace(print, "%", bill, 1)})
		err := withCopy(dir, func(c *candidate) error {
			if err := c.make("v0.1.0"); err != nil {
				return err
			}
			c.modules = slices.DeleteFunc(c.modules, func(m repoModule) bool { return m.dir != "store/filestore" })
			return c.bills("v0.1.0", t.TempDir(), io.Discard)
		})
		wantError(t, err, "the bill of materials of github.com/example/library/store/filestore", want)
	}
}

func TestTidyNeedsNoPublishedVersion(t *testing.T) {
	mod := library["store/filestore/go.mod"]
	dir := newRepository(t, map[string]string{"store/filestore/go.mod": strings.TrimSpace(mod) + " // indirect\n"})
	if err := tidyAll(dir); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "store/filestore/go.mod"))
	if err != nil || string(got) != mod {
		t.Errorf("go.mod is %q, %v; want %q", got, err, mod)
	}
	if status := run(t, dir, "status", "--porcelain"); status != "M store/filestore/go.mod" {
		t.Errorf("changed: %q", status)
	}
}

// TestOnlyTheWorkspaceJoinsTheModules: a replace directive in a go.mod counts
// in this repository alone, so users could not fetch the module.
func TestOnlyTheWorkspaceJoinsTheModules(t *testing.T) {
	err := withCopy(".", func(c *candidate) error {
		work := filepath.Join(c.dir, "go.work")
		before, err := os.ReadFile(work)
		if err != nil {
			return err
		}
		if err := c.stamp("v99.0.0"); err != nil { // refuses replace directives and several versions
			return err
		}
		after, err := os.ReadFile(work)
		if err != nil {
			return err
		}
		lines := func(text []byte) []string { // in a block or not
			found := regexp.MustCompile(`\S+ v\S+ => \S+`).FindAllString(string(text), -1)
			slices.Sort(found)
			return found
		}
		if got, want := lines(before), lines(bytes.ReplaceAll(after, []byte("v99.0.0"), []byte(c.named))); !slices.Equal(got, want) {
			t.Errorf("go.work replaces %q; the modules require of each other %q", got, want)
		}
		if !slices.ContainsFunc(c.modules, func(m repoModule) bool { return m.released && m.dir == "." }) {
			t.Error("the root module is not released")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
