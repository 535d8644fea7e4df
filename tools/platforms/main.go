// Command platforms type-checks packages for other operating systems and
// processors, without cgo. It needs neither their standard libraries nor a
// compiler, so it takes seconds where go vet takes minutes.
//
//	platforms GOOS/GOARCH... -- packages...
//
// It runs in the root of the repository. A line of .ci/platforms names a package
// that does not build on a platform, and the reason.
package main

import (
	"bufio"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

const exceptions = ".ci/platforms"

func main() {
	platforms, patterns := os.Args[1:], []string(nil)
	if i := slices.Index(platforms, "--"); i >= 0 {
		platforms, patterns = platforms[:i], platforms[i+1:]
	}
	ok, err := run(platforms, patterns)
	if err != nil {
		fmt.Fprintln(os.Stderr, "platforms:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// run reports whether every package builds, except for those that are named in
// the file of exceptions. These must not build.
func run(platforms, patterns []string) (bool, error) {
	listed, err := readExceptions()
	if err != nil {
		return false, err
	}
	ok := true
	for _, platform := range platforms {
		broken, n, err := check(platform, patterns)
		if err != nil {
			return false, err
		}
		fmt.Printf("%s: %d packages, %d of them do not build\n", platform, n, len(broken))
		for _, pkg := range slices.Sorted(maps.Keys(broken)) {
			errs := broken[pkg]
			if !slices.Contains(listed, platform+" "+pkg) {
				ok = false
				fmt.Printf("%s does not build on %s: %v\n", pkg, platform, errs[0])
			}
		}
		for _, line := range listed {
			p, pkg, _ := strings.Cut(line, " ")
			if _, is := broken[pkg]; p == platform && !is {
				ok = false
				fmt.Printf("%s builds on %s; remove it from %s\n", pkg, platform, exceptions)
			}
		}
	}
	return ok, nil
}

// readExceptions returns the first two words of each line: platform and package.
func readExceptions() ([]string, error) {
	f, err := os.Open(exceptions)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if words := strings.Fields(lines.Text()); len(words) > 1 && words[0] != "#" {
			all = append(all, words[0]+" "+words[1])
		}
	}
	return all, lines.Err()
}

// check returns the errors of each package that does not build, and the number
// of packages.
func check(platform string, patterns []string) (map[string][]packages.Error, int, error) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, 0, err
	}
	standard := filepath.Join(strings.TrimSpace(string(goroot)), "src") + string(filepath.Separator)
	system, processor, _ := strings.Cut(platform, "/")
	all, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedDeps | packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax,
		Env: append(os.Environ(), "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0"),
		ParseFile: func(files *token.FileSet, name string, src []byte) (*ast.File, error) {
			file, err := parser.ParseFile(files, name, src, parser.SkipObjectResolution)
			if file == nil || !strings.HasPrefix(name, standard) {
				return file, err
			}
			for _, decl := range file.Decls { // the standard library builds everywhere; skipping its bodies saves time
				if f, ok := decl.(*ast.FuncDecl); ok {
					f.Body = nil
				}
			}
			return file, err
		},
	}, patterns...)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", platform, err)
	}
	if len(all) == 0 {
		return nil, 0, fmt.Errorf("%s: no package matches %v", platform, patterns)
	}
	broken := map[string][]packages.Error{}
	for _, p := range all {
		packages.Visit([]*packages.Package{p}, nil, func(dependency *packages.Package) {
			inStandard := len(dependency.GoFiles) > 0 && strings.HasPrefix(dependency.GoFiles[0], standard)
			if !inStandard && len(dependency.Errors) > 0 {
				broken[p.PkgPath] = append(broken[p.PkgPath], dependency.Errors[0])
			}
		})
	}
	return broken, len(all), nil
}
