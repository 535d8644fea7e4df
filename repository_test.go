package sessions_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

func TestRequirementsOfEveryModuleAreKeptUpToDate(t *testing.T) {
	var modules []string
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "go.mod" {
			modules = append(modules, filepath.ToSlash(filepath.Join("/", filepath.Dir(path))))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	dependabot, err := os.ReadFile(".github/dependabot.yml")
	if err != nil {
		t.Fatal(err)
	}
	watched := mapped(regexp.MustCompile(`(?m)^ +- (/.*)$`).FindAllStringSubmatch(string(dependabot), -1), func(m []string) string { return m[1] })
	for _, module := range modules {
		if !slices.Contains(watched, module) {
			t.Errorf(".github/dependabot.yml lacks the module in %s", module)
		}
	}
	for _, module := range watched {
		if !slices.Contains(modules, module) {
			t.Errorf(".github/dependabot.yml names %s, which has no module", module)
		}
	}
}
