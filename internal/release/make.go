package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// check reports why a version must not be released.
func (c *candidate) check(version string) error {
	if semver.Canonical(version) != version || version == "" {
		return fmt.Errorf("%q is no version; want one like v0.2.0", version)
	}
	if semver.Compare(version, c.last) <= 0 {
		return fmt.Errorf("%s does not follow %s, the last release", version, c.last)
	}
	return c.checkAPI(version)
}

// make commits and tags a version in the copy, and puts its modules into a
// file-based module proxy.
func (c *candidate) make(version string) error {
	if err := errors.Join(c.check(version), c.stamp(version)); err != nil {
		return err
	}
	var untidy []string
	err := c.tidy(version, func(name string, _ []byte) error {
		untidy = append(untidy, name)
		return nil
	})
	if err != nil {
		return err
	}
	if len(untidy) > 0 {
		return fmt.Errorf("go mod tidy would change %s; run: go run ./internal/release -tidy", strings.Join(untidy, ", "))
	}
	if _, err := git(c.dir, "commit", "--quiet", "--all", "--message", "Release "+version); err != nil {
		return err
	}
	_, err = c.tag(c.dir, version)
	return err
}

// tidy runs go mod tidy in all modules and puts the released ones into the
// proxy, each before those that require it. It calls changed for each file that
// go mod tidy would change in the repository, where modules require the last
// version of each other.
func (c *candidate) tidy(version string, changed func(name string, text []byte) error) error {
	if err := c.linkCache(); err != nil {
		return err
	}
	for _, m := range c.modules {
		if _, err := output(command(filepath.Join(c.dir, m.dir), c.env(), "go", "mod", "tidy")); err != nil {
			return err
		}
		if err := c.compare(m, changed); err != nil {
			return err
		}
		if _, err := git(c.dir, "add", "--all"); err != nil {
			return err
		}
		if !m.released {
			continue
		}
		tree, err := git(c.dir, "write-tree")
		if err != nil {
			return err
		}
		if err := c.publish(m, version, tree); err != nil {
			return err
		}
	}
	return nil
}

// compare calls changed if go.mod or go.sum differ from those in the
// repository, but for versions and checksums of our own modules.
func (c *candidate) compare(m repoModule, changed func(name string, text []byte) error) error {
	f, err := c.goMod(m)
	if err != nil {
		return err
	}
	for _, r := range f.Require {
		if c.ours(r.Mod.Path) {
			err = errors.Join(err, f.AddRequire(r.Mod.Path, c.named))
		}
	}
	mod, formatErr := f.Format()
	sum, readErr := os.ReadFile(filepath.Join(c.dir, m.dir, "go.sum"))
	if errors.Is(readErr, fs.ErrNotExist) {
		readErr = nil
	}
	if err := errors.Join(err, formatErr, readErr); err != nil {
		return err
	}
	sums, _ := c.splitSums(sum)
	for name, now := range map[string][]byte{"go.mod": mod, "go.sum": sums} {
		name = path.Join(m.dir, name)
		old, _ := os.ReadFile(filepath.Join(c.origin, name)) // none is like empty
		if strings.HasSuffix(name, ".sum") {
			var own []byte
			old, own = c.splitSums(old)
			if !bytes.Equal(now, old) {
				now = c.insertSums(now, own)
			}
		}
		if !bytes.Equal(now, old) {
			if err := changed(name, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// insertSums puts the checksums of our own modules where go mod tidy would.
func (c *candidate) insertSums(foreign, own []byte) []byte {
	at := 0
	for line := range bytes.Lines(foreign) {
		if string(line) > c.root {
			break
		}
		at += len(line)
	}
	return bytes.Join([][]byte{foreign[:at], own, foreign[at:]}, nil)
}

func (c *candidate) proxy() string { return filepath.Join(c.temp, "proxy") }
func (c *candidate) cache() string { return filepath.Join(c.temp, "cache") }

// publish puts a module of a git tree into the proxy, as a module proxy would
// serve it for a tag of that tree.
func (c *candidate) publish(m repoModule, version, tree string) error {
	escaped, err := module.EscapePath(m.path)
	if err != nil {
		return err
	}
	dir := filepath.Join(c.proxy(), filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	subdir := m.dir
	if subdir == "." {
		subdir = ""
	}
	var archive bytes.Buffer
	v := module.Version{Path: m.path, Version: version}
	if err := zip.CreateFromVCS(&archive, v, c.dir, tree, subdir); err != nil {
		return err
	}
	mod, err := git(c.dir, "cat-file", "blob", tree+":"+path.Join(m.dir, "go.mod"))
	if err != nil {
		return err
	}
	info, err := json.Marshal(struct {
		Version string
		Time    time.Time
	}{version, time.Now().UTC()})
	if err != nil {
		return err
	}
	list, _ := os.ReadFile(filepath.Join(dir, "list")) // none at first
	for name, text := range map[string][]byte{
		version + ".info": info,
		version + ".mod":  []byte(mod + "\n"),
		version + ".zip":  archive.Bytes(),
		"list":            append(list, version+"\n"...),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	c.sums[m.path+"@"+version], err = dirhash.HashZip(filepath.Join(dir, version+".zip"), dirhash.Hash1)
	return err
}

// linkCache makes a module cache that has none of our modules, and shares the
// others with the machine's, so that they are neither fetched nor unpacked.
func (c *candidate) linkCache() error {
	cache := c.cache()
	machine, err := output(command(c.dir, nil, "go", "env", "GOMODCACHE"))
	if err != nil {
		return err
	}
	owner := path.Dir(c.root)
	for _, top := range []string{".", "cache/download"} {
		for dir := top; ; {
			if err := os.MkdirAll(filepath.Join(cache, dir), 0o755); err != nil {
				return err
			}
			rest := strings.TrimPrefix(strings.TrimPrefix(dir, top), "/")
			if rest == owner {
				break
			}
			next, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(owner, rest), "/"), "/")
			entries, err := os.ReadDir(filepath.Join(machine, dir))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			for _, e := range entries {
				if !e.IsDir() || e.Name() == next || top == "." && dir == top && e.Name() == "cache" {
					continue
				}
				name := filepath.Join(dir, e.Name())
				if err := os.Symlink(filepath.Join(machine, name), filepath.Join(cache, name)); err != nil {
					return err
				}
			}
			dir = path.Join(dir, next)
		}
	}
	return nil
}

// env makes the go command fetch our modules from the proxy, and others as
// usual. GONOPROXY must be empty, in the machine's settings too: with any value,
// the go command first looks into the module cache without a proxy, finds the
// root module alone, and says that it lacks the package of a store.
func (c *candidate) env() []string {
	public, sums := "off", "off"
	if settings, err := output(command(c.dir, nil, "go", "env", "GOPROXY", "GOSUMDB")); err == nil {
		public, sums, _ = strings.Cut(settings, "\n")
	}
	return []string{
		"GOENV=off",
		"GOWORK=off",
		"GOPROXY=file://" + filepath.ToSlash(c.proxy()) + "," + public,
		"GOPRIVATE=", "GONOPROXY=",
		"GOSUMDB=" + sums,
		"GONOSUMDB=" + c.root,
		"GOMODCACHE=" + c.cache(),
		"GOFLAGS=-modcacherw -trimpath -buildvcs=false", // the cache can be removed; builds do not depend on where it was
	}
}
