package main

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// failure is a test that failed, or a package without one that did.
type failure struct {
	name
	lines []string // the last ones that it wrote
}

// A failure has a few lines at the end, because all of them were printed when
// it happened.
const (
	lastLines = 6
	lineWidth = 160 // characters
)

// fail keeps a failure, unless it only follows from those of subtests, or from
// those of the tests of a package.
func (r *Results) fail(n name, output []string) {
	lines := reasons(output)
	follows := slices.ContainsFunc(r.failed, func(f failure) bool {
		return f.pkg == n.pkg && (n.test == "" || strings.HasPrefix(f.test, n.test+"/"))
	})
	if !follows || n.test != "" && len(lines) > 0 {
		r.failed = append(r.failed, failure{n, lines})
	}
}

// reasons returns the last lines of what a test wrote, or its panic and where
// that was, without lines that only say that it failed.
func reasons(output []string) []string {
	var lines []string
	panicked := false
	for line := range strings.Lines(strings.Join(output, "")) {
		line = strings.TrimRight(line, "\n")
		text := strings.TrimSpace(line)
		if text == "" || text == "FAIL" || strings.HasPrefix(text, "--- ") || strings.HasPrefix(line, "FAIL\t") {
			continue
		}
		if !panicked && strings.HasPrefix(line, "panic: ") {
			panicked, lines = true, nil
		} else if panicked && (!strings.HasPrefix(line, "\t") || strings.Contains(line, "/src/testing/") || strings.Contains(line, "/src/runtime/")) {
			continue
		}
		if utf8.RuneCountInString(line) > lineWidth {
			line = string([]rune(line)[:lineWidth]) + "…"
		}
		lines = append(lines, line)
	}
	if panicked {
		return lines[:min(lastLines, len(lines))]
	}
	return lines[max(len(lines)-lastLines, 0):]
}

// WriteFailures prints what failed, by package and test, and the last lines of
// each. It is the end of the output, so that nobody has to look for it.
func (r *Results) WriteFailures() error {
	for i, f := range r.failed {
		if i == 0 {
			if err := r.print("\nFAILED\n"); err != nil {
				return err
			}
		}
		if err := r.print(strings.TrimSpace(f.pkg+" "+f.test), "\n"); err != nil {
			return err
		}
		for _, line := range f.lines {
			if err := r.print("  ", line, "\n"); err != nil {
				return err
			}
		}
	}
	return nil
}
