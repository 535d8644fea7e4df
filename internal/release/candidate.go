package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// A candidate is a copy of the repository in which a version is made.
type candidate struct {
	origin  string // the repository
	dir     string // the copy, a clone with the files of the working tree
	temp    string // holds dir and everything else that the proof makes
	root    string // path of the root module
	modules []repoModule
	last    string            // newest release, or ""
	named   string            // version that the go.mod files require of each other
	sums    map[string]string // of the modules in the proxy
}

type repoModule struct {
	dir      string // below the root, "." for the root module
	path     string
	released bool
}

// withCopy copies the repository at dir, with changes that are not committed,
// calls f, and removes the copy.
func withCopy(dir string, f func(*candidate) error) (err error) {
	origin, err := git(dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	c := &candidate{origin: origin, dir: filepath.Join(temp, "repository"), temp: temp, sums: make(map[string]string)}
	if err := errors.Join(c.copyFiles(), c.readModules(), c.readTags()); err != nil {
		return err
	}
	return f(c)
}

func (c *candidate) copyFiles() error {
	if _, err := git(c.temp, "clone", "--quiet", "--no-checkout", c.origin, c.dir); err != nil {
		return err
	}
	for _, key := range []string{"user.name", "user.email"} {
		value, err := git(c.origin, "config", key)
		if err != nil {
			value = "rehearsal" // without a name in the repository, its own commit will fail
		}
		if _, err := git(c.dir, "config", key, value); err != nil {
			return err
		}
	}
	files, err := git(c.origin, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(files, "\x00"), "\x00") {
		from, to := filepath.Join(c.origin, name), filepath.Join(c.dir, name)
		info, err := os.Lstat(from)
		if errors.Is(err, os.ErrNotExist) {
			continue // removed, and not committed yet
		}
		if err != nil {
			return err
		}
		data, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, data, info.Mode().Perm())); err != nil {
			return err
		}
	}
	if _, err := git(c.dir, "add", "--all"); err != nil {
		return err
	}
	if status, err := git(c.dir, "status", "--porcelain"); err != nil || status == "" {
		return err
	}
	_, err = git(c.dir, "commit", "--quiet", "--message", "Changes that are not committed yet")
	return err
}

// readModules reads modules.txt, and checks it against the go.mod files.
func (c *candidate) readModules() error {
	const list = "internal/release/modules.txt"
	text, err := os.ReadFile(filepath.Join(c.dir, list))
	if err != nil {
		return err
	}
	listed := make(map[string]bool) // whether it is released
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if len(words) < 3 || words[0] != "release" && words[0] != "never" {
			return fmt.Errorf("%s: want \"release DIR WHY\" or \"never DIR WHY\", not %q", list, line)
		}
		listed[words[1]] = words[0] == "release"
	}
	files, err := git(c.dir, "ls-files", "go.mod", "*/go.mod")
	if err != nil {
		return err
	}
	for name := range strings.FieldsSeq(files) {
		data, err := os.ReadFile(filepath.Join(c.dir, name))
		if err != nil {
			return err
		}
		m := repoModule{dir: path.Dir(name), path: modfile.ModulePath(data)}
		released, ok := listed[m.dir]
		if !ok {
			return fmt.Errorf("%s does not name module %s; decide whether it is released", list, m.dir)
		}
		delete(listed, m.dir)
		m.released = released
		c.modules = append(c.modules, m)
		if m.dir == "." {
			c.root = m.path
		}
	}
	for dir := range listed {
		return fmt.Errorf("%s names %s, which has no go.mod", list, dir)
	}
	return c.sortModules()
}

// sortModules puts each module after those that it requires, because its go.sum
// has their checksums.
func (c *candidate) sortModules() error {
	var sorted []repoModule
	for rest := c.modules; len(rest) > 0; {
		var later []repoModule
		for _, m := range rest {
			f, err := c.goMod(m)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(rest, func(other repoModule) bool { return requires(f, other.path) }) {
				later = append(later, m)
				continue
			}
			sorted = append(sorted, m)
		}
		if len(later) == len(rest) {
			return fmt.Errorf("modules require each other in a circle: %v", rest)
		}
		rest = later
	}
	c.modules = sorted
	return nil
}

func requires(f *modfile.File, path string) bool {
	return slices.ContainsFunc(f.Require, func(r *modfile.Require) bool { return r.Mod.Path == path })
}

func (c *candidate) goMod(m repoModule) (*modfile.File, error) {
	name := filepath.Join(c.dir, m.dir, "go.mod")
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	return modfile.Parse(name, data, nil)
}

func (c *candidate) readTags() error {
	tags, err := git(c.dir, "tag", "--merged", "HEAD", "--list", "v*")
	for tag := range strings.FieldsSeq(tags) {
		if semver.IsValid(tag) && semver.Compare(tag, c.last) > 0 {
			c.last = tag
		}
	}
	return err
}

// nextMinor returns the version that CI rehearses.
func (c *candidate) nextMinor() string {
	var major, minor int
	if c.last != "" {
		_, _ = fmt.Sscanf(c.last, "v%d.%d", &major, &minor) // it is a valid version
	}
	return fmt.Sprintf("v%d.%d.0", major, minor+1)
}

// ours reports whether a module path is of this repository.
func (c *candidate) ours(path string) bool {
	return path == c.root || strings.HasPrefix(path, c.root+"/")
}

// stamp writes the version into the requirements of all go.mod files and into
// go.work, and dates the changes.
func (c *candidate) stamp(version string) error {
	work := filepath.Join(c.dir, "go.work")
	data, err := os.ReadFile(work)
	if err != nil {
		return err
	}
	join, err := modfile.ParseWork(work, data, nil)
	if err != nil {
		return err
	}
	for _, r := range slices.Clone(join.Replace) {
		if c.ours(r.Old.Path) {
			err = errors.Join(err, join.DropReplace(r.Old.Path, r.Old.Version))
		}
	}
	for _, m := range c.modules {
		f, parseErr := c.goMod(m)
		if parseErr != nil {
			return parseErr
		}
		if len(f.Replace) > 0 {
			return fmt.Errorf("%s/go.mod has a replace directive, which counts only in this repository; remove it, go.work joins the modules", m.dir)
		}
		for _, r := range f.Require {
			if !c.ours(r.Mod.Path) {
				continue
			}
			if c.named == "" {
				c.named = r.Mod.Version
			}
			if r.Mod.Version != c.named {
				return fmt.Errorf("%s/go.mod requires %s, others %s; all modules have one version", m.dir, r.Mod, c.named)
			}
			dir := "./" + strings.TrimPrefix(strings.TrimPrefix(r.Mod.Path, c.root), "/")
			err = errors.Join(err, f.AddRequire(r.Mod.Path, version), join.AddReplace(r.Mod.Path, version, dir, ""))
		}
		text, formatErr := f.Format()
		err = errors.Join(err, formatErr, os.WriteFile(filepath.Join(c.dir, m.dir, "go.mod"), text, 0o644), c.dropSums(m))
	}
	join.SortBlocks()
	join.Cleanup()
	return errors.Join(err, os.WriteFile(work, modfile.Format(join.Syntax), 0o644), c.dateChanges(version))
}

// dropSums removes the checksums of this repository's modules from a go.sum.
func (c *candidate) dropSums(m repoModule) error {
	name := filepath.Join(c.dir, m.dir, "go.sum")
	data, err := os.ReadFile(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	foreign, _ := c.splitSums(data)
	return os.WriteFile(name, foreign, 0o644)
}

func (c *candidate) splitSums(data []byte) (foreign, own []byte) {
	for line := range bytes.Lines(data) {
		if path, _, _ := bytes.Cut(line, []byte(" ")); c.ours(string(path)) {
			own = append(own, line...)
		} else {
			foreign = append(foreign, line...)
		}
	}
	return foreign, own
}

const unreleased = "\n## Unreleased\n"

// changes returns what CHANGELOG.md says about the next version.
func (c *candidate) changes() (string, error) {
	data, err := os.ReadFile(filepath.Join(c.dir, "CHANGELOG.md"))
	_, after, ok := strings.Cut(string(data), unreleased)
	if err == nil && !ok {
		err = errors.New(`CHANGELOG.md has no section "## Unreleased"`)
	}
	section, _, _ := strings.Cut(after, "\n## ")
	return strings.TrimSpace(section), err
}

func (c *candidate) dateChanges(version string) error {
	name := filepath.Join(c.dir, "CHANGELOG.md")
	data, err := os.ReadFile(name)
	dated := unreleased + "\n## " + version + ", " + time.Now().UTC().Format(time.DateOnly) + "\n"
	return errors.Join(err, os.WriteFile(name, []byte(strings.Replace(string(data), unreleased, dated, 1)), 0o644))
}

// tag tags the current commit of a repository with a version of each released
// module, and returns the tags.
func (c *candidate) tag(dir, version string) (string, error) {
	var tags []string
	for _, m := range c.modules {
		if !m.released {
			continue
		}
		tag := path.Join(m.dir, version)
		if _, err := git(dir, "tag", "--annotate", "--message", "Release "+version, tag); err != nil {
			return "", err
		}
		tags = append(tags, tag)
	}
	return strings.Join(tags, " "), nil
}

func git(dir string, args ...string) (string, error) {
	return output(command(dir, nil, "git", args...))
}

// command is a command in a folder. Later settings of env win.
func command(dir string, env []string, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	return cmd
}

// output runs a command. Its error has all that the command said.
func output(cmd *exec.Cmd) (string, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("in %s: %s: %w\n%s%s", cmd.Dir, strings.Join(cmd.Args, " "), err, stdout, &stderr)
	}
	return strings.TrimSpace(string(stdout)), nil
}
