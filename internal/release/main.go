// Command release publishes all modules of the repository at one version.
//
//	go run ./internal/release v0.2.0       # run CI, prove the version, then commit and tag it
//	go run ./internal/release -rehearse    # the same without CI, in a copy that is removed afterwards
//	go run ./internal/release -tidy        # go mod tidy in all modules, also for versions that are not published yet
//
// See docs/releasing.md.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const usage = `usage: go run ./internal/release [-rehearse] VERSION
       go run ./internal/release -rehearse
       go run ./internal/release -tidy`

func main() {
	rehearse := flag.Bool("rehearse", false, "prove VERSION, by default the next minor version, in a copy of the working tree; change nothing")
	tidy := flag.Bool("tidy", false, "run go mod tidy in every module")
	flag.Usage = func() { fmt.Fprintln(os.Stderr, usage); flag.PrintDefaults() }
	flag.Parse()
	var err error
	switch version := flag.Arg(0); {
	case flag.NArg() > 1 || *tidy && (*rehearse || version != "") || version == "" && !*tidy && !*rehearse:
		flag.Usage()
		os.Exit(2)
	case *tidy:
		err = tidyAll(".")
	case *rehearse:
		err = rehearsal(".", version, os.Stdout)
	default:
		err = release(".", version, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// rehearsal proves a version in a copy of the working tree. The default is the
// next minor version.
func rehearsal(dir, version string, out io.Writer) error {
	return withCopy(dir, func(c *candidate) error {
		if version == "" {
			version = c.nextMinor()
		}
		if err := c.make(version); err != nil {
			return err
		}
		if err := c.prove(version, out); err != nil {
			return err
		}
		return c.bills(version, filepath.Join(c.temp, "bills"), out)
	})
}

// release proves a version like rehearsal, and then adopts the commit and the
// tags. Nothing of the repository changes before, except that the bills of
// materials are in bills/VERSION, which git ignores.
func release(dir, version string, out io.Writer) error {
	if status, err := git(dir, "status", "--porcelain"); err != nil {
		return err
	} else if status != "" {
		return fmt.Errorf("the working tree has changes; commit or stash them:\n%s", status)
	}
	return withCopy(dir, func(c *candidate) error {
		if err := c.check(version); err != nil { // before CI, which takes long
			return err
		}
		if changes, err := c.changes(); err != nil || changes == "" {
			return errors.Join(errors.New("CHANGELOG.md says nothing under Unreleased; write what users will notice"), err)
		}
		ci := command(c.origin, nil, filepath.Join(c.origin, ".ci", "run"))
		ci.Stdout, ci.Stderr = out, out
		if err := ci.Run(); err != nil {
			return fmt.Errorf(".ci/run: %w", err)
		}
		if err := c.make(version); err != nil {
			return err
		}
		if err := c.prove(version, out); err != nil {
			return err
		}
		bills := filepath.Join(c.origin, "bills", version)
		if err := c.bills(version, bills, out); err != nil {
			return err
		}
		if _, err := git(c.origin, "fetch", "--quiet", "--no-tags", c.dir, "HEAD"); err != nil {
			return err
		}
		if _, err := git(c.origin, "merge", "--quiet", "--ff-only", "FETCH_HEAD"); err != nil {
			return err
		}
		tags, err := c.tag(c.origin, version)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "\n%s is committed and tagged. To publish it:\n\n\tgit push --atomic origin HEAD %s\n"+
			"\tgh release create %s --verify-tag --generate-notes %s/*\n", version, tags, version, bills)
		return err
	})
}

// tidyAll runs go mod tidy in every module, with the other modules of the
// repository as they are in the working tree.
func tidyAll(dir string) error {
	return withCopy(dir, func(c *candidate) error {
		if err := c.stamp(c.nextMinor()); err != nil {
			return err
		}
		return c.tidy(c.nextMinor(), func(name string, text []byte) error {
			return os.WriteFile(filepath.Join(c.origin, name), text, 0o644)
		})
	})
}
