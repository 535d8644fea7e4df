package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// event is a line that go test -json prints: see go doc test2json.
type event struct {
	Action, Package, Test, Output, Key, Value string
	ImportPath, FailedBuild                   string
}

// name identifies a test of a package, or with an empty test the package.
type name struct{ pkg, test string }

// test is what is known of one.
type test struct {
	action string // how it ended: pass, fail or skip; "" until then
	output []string
	attrs  map[string]string
}

// Results prints events as go test without -json does, and gathers them.
type Results struct {
	out     io.Writer
	verbose bool
	tests   map[name]*test
	order   []name              // of their beginnings
	builds  map[string][]string // what the compiler said, by import path
	failed  []failure
}

// NewResults prints to a writer, passed tests only if verbose.
func NewResults(out io.Writer, verbose bool) *Results {
	return &Results{out: out, verbose: verbose, tests: make(map[name]*test), builds: make(map[string][]string)}
}

// Read takes in all events of a stream.
func (r *Results) Read(stream io.Reader) error {
	lines := bufio.NewReader(stream)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil { // go itself says something
				e = event{Action: "output", Output: string(line)}
			}
			if err := r.add(e); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

func (r *Results) add(e event) error {
	n := name{e.Package, e.Test}
	t, ok := r.tests[n]
	if !ok {
		t = &test{attrs: make(map[string]string)}
		r.tests[n] = t
		r.order = append(r.order, n)
	}
	switch e.Action {
	case "build-output":
		r.builds[e.ImportPath] = append(r.builds[e.ImportPath], e.Output)
		return r.print(e.Output)
	case "output":
		if e.Package != "" && !strings.HasPrefix(e.Output, "=== ") {
			t.output = append(t.output, e.Output)
		}
		if r.verbose || e.Package == "" {
			return r.print(e.Output)
		}
	case "attr":
		t.attrs[e.Key] = e.Value
	case "run":
		*t = test{attrs: make(map[string]string)} // again, with -count
	case "pass", "skip":
		output := t.output
		if t.action, t.output = e.Action, nil; e.Test == "" && !r.verbose {
			return r.print(verdict(output)...)
		}
	case "fail":
		t.action = e.Action
		if e.Test == "" {
			if err := r.endUnfinished(e.Package); err != nil {
				return err
			}
		}
		r.fail(n, append(t.output, r.builds[e.FailedBuild]...))
		if !r.verbose {
			return r.print(t.output...)
		}
	}
	return nil
}

// verdict returns the line on a package that passed, without what it wrote.
func verdict(output []string) []string {
	return slices.DeleteFunc(output, func(line string) bool {
		return !strings.HasPrefix(line, "ok  \t") && !strings.HasPrefix(line, "?   \t")
	})
}

// endUnfinished prints what the tests wrote that a package's failure, such as a
// panic, kept from ending. They have failed, too.
func (r *Results) endUnfinished(pkg string) error {
	for _, n := range slices.Backward(r.order) { // subtests before their parents
		t := r.tests[n]
		if n.pkg != pkg || n.test == "" || t.action != "" {
			continue
		}
		r.fail(n, t.output)
		if r.verbose {
			continue
		}
		if err := r.print(t.output...); err != nil {
			return err
		}
	}
	return nil
}

func (r *Results) print(texts ...string) error {
	for _, text := range texts {
		if _, err := fmt.Fprint(r.out, text); err != nil {
			return err
		}
	}
	return nil
}
