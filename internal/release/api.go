package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/mod/semver"
	"golang.org/x/tools/go/packages"
)

// checkAPI refuses changes that break programs of users, except in a new minor
// version whose changes name them.
func (c *candidate) checkAPI(version string) error {
	if c.last == "" {
		return nil
	}
	broken, err := c.breaks()
	if err != nil || len(broken) == 0 {
		return err
	}
	if semver.Major(version) != semver.Major(c.last) {
		return nil
	}
	list := "\n\t" + strings.Join(broken, "\n\t")
	if semver.MajorMinor(version) == semver.MajorMinor(c.last) || semver.Major(version) != "v0" {
		return fmt.Errorf("%s must not break programs that use %s:%s", version, c.last, list)
	}
	changes, err := c.changes()
	if err != nil {
		return err
	}
	_, note, _ := strings.Cut(changes, "### Breaking")
	note, _, _ = strings.Cut(note, "\n### ")
	for _, change := range broken {
		if name := nameIn(change); !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(note) {
			return fmt.Errorf(`%s breaks programs that use %s; name %s in CHANGELOG.md under "### Breaking", and say what to do:%s`, version, c.last, name, list)
		}
	}
	return nil
}

// nameIn returns the identifier in "package: (*Type).Method: what has changed".
func nameIn(change string) string {
	_, name, _ := strings.Cut(change, ": ")
	name, _, _ = strings.Cut(name, ": ")
	name = name[strings.LastIndexByte(name, '.')+1:]
	return regexp.MustCompile(`\w+`).FindString(name)
}

// breaks lists changes since the last release that do not compile with every
// program that did.
func (c *candidate) breaks() ([]string, error) {
	old := *c
	old.dir = filepath.Join(c.temp, "last")
	old.modules = nil
	if _, err := git(c.dir, "worktree", "add", "--quiet", "--detach", old.dir, c.last); err != nil {
		return nil, err
	}
	if err := old.readModules(); err != nil {
		return nil, err
	}
	before, err := old.packages()
	if err != nil {
		return nil, err
	}
	after, err := c.packages()
	if err != nil {
		return nil, err
	}
	var broken []string
	for path, p := range before {
		q, ok := after[path]
		if !ok {
			broken = append(broken, fmt.Sprintf("%s: %s: package removed", path, p.Name))
			continue
		}
		for _, change := range apidiff.Changes(p.Types, q.Types).Changes {
			if !change.Compatible {
				broken = append(broken, path+": "+change.Message)
			}
		}
	}
	_, err = git(c.dir, "worktree", "remove", "--force", old.dir)
	return broken, err
}

// packages loads the packages of released modules that others can import.
func (c *candidate) packages() (map[string]*packages.Package, error) {
	found := make(map[string]*packages.Package)
	for _, m := range c.modules {
		if !m.released {
			continue
		}
		config := &packages.Config{
			Mode: packages.NeedName | packages.NeedImports | packages.NeedTypes | packages.NeedTypesSizes,
			Dir:  filepath.Join(c.dir, m.dir),
		}
		config.Env = command("", []string{"GOWORK=" + filepath.Join(c.dir, "go.work"), "GOFLAGS=-trimpath -buildvcs=false"}, "go").Env
		loaded, err := packages.Load(config, "./...")
		if err != nil {
			return nil, err
		}
		for _, p := range loaded {
			for _, e := range p.Errors {
				err = errors.Join(err, e)
			}
			if p.Name != "main" && !strings.Contains(p.PkgPath+"/", "/internal/") {
				found[p.PkgPath] = p
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
