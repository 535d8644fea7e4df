package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"text/template"
	"time"
)

// report is what one run has measured.
type report struct {
	trials    []*trial
	spendings []spending
	databases []database
	rounds    int
	at        time.Time
}

//go:embed speed.md.tmpl
var speed string

// write writes the report: all measurements, the page and its plots.
func (r *report) write(dir, results string) error {
	var lines, page bytes.Buffer
	if err := r.lines(&lines); err != nil {
		return err
	}
	t, err := template.New("speed").Parse(speed)
	if err != nil {
		return err
	}
	if err := t.Execute(&page, r); err != nil {
		return err
	}
	if err := os.WriteFile(results, lines.Bytes(), 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "speed.md"), page.Bytes(), 0o644); err != nil {
		return err
	}
	return r.plots(dir)
}

// lines writes every measurement in the format of Go's benchmarks, which
// benchstat reads.
func (r *report) lines(w io.Writer) error {
	fmt.Fprintf(w, "date: %s\ngo: %s\ngoos: %s\ngoarch: %s\ncpu: %s\ncores: %d\n",
		r.Date(), runtime.Version(), runtime.GOOS, runtime.GOARCH, r.CPU(), runtime.NumCPU())
	for _, s := range r.Sites() {
		if s.Version != "" {
			fmt.Fprintf(w, "module: %s %s\n", s.Module, s.Version)
		}
	}
	name := strings.NewReplacer(" ", "_", ",", "", "/", "-")
	for _, t := range r.trials {
		for _, ns := range t.ns {
			_, err := fmt.Fprintf(w, "BenchmarkSessions/group=%s/workload=%s/site=%s-%d\t1\t%.1f ns/op\t%d B/op\t%d allocs/op\n",
				name.Replace(t.group), name.Replace(t.name), name.Replace(t.site.name), max(t.cores, 1), ns, t.bytes, t.allocs)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *report) Date() string { return r.at.UTC().Format(time.DateOnly) }
func (r *report) Rounds() int  { return r.rounds }
func (r *report) Go() string   { return runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH }
func (r *report) Cores() int   { return runtime.NumCPU() }

// CPU returns the processor's name, where the system tells it.
func (r *report) CPU() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if k, v, _ := strings.Cut(line, ":"); strings.TrimSpace(k) == "model name" {
			return strings.TrimSpace(v)
		}
	}
	return "unknown"
}

// Frameworks returns those that were measured.
func (r *report) Frameworks() []framework { return frameworks }

// Databases returns those that were measured.
func (r *report) Databases() []database { return r.databases }

type versioned struct{ Name, Module, Version string }

// Sites returns the modules that were measured, and their versions.
func (r *report) Sites() (all []versioned) {
	build, _ := debug.ReadBuildInfo()
	for _, s := range r.sites("") {
		v := versioned{Name: s.name, Module: s.module}
		for _, m := range build.Deps {
			if m.Path == s.module && m.Version != "(devel)" {
				v.Version = m.Version
			}
		}
		all = append(all, v)
	}
	return all
}

// sites returns the sites of a group, or of all, in order.
func (r *report) sites(group string) (all []site) {
	for _, t := range r.trials {
		known := slices.ContainsFunc(all, func(s site) bool { return s.name == t.site.name })
		if !known && (group == "" || t.group == group) {
			all = append(all, t.site)
		}
	}
	return all
}

// find returns a measurement, or nil.
func (r *report) find(group, workload, site string) *trial {
	for _, t := range r.trials {
		if t.group == group && t.name == workload && t.site.name == site {
			return t
		}
	}
	return nil
}

func (t *trial) median() float64 {
	ns := slices.Sorted(slices.Values(t.ns))
	return (ns[(len(ns)-1)/2] + ns[len(ns)/2]) / 2
}

// Table returns a group as a table: time and allocations of every site, and
// how many times ours that is.
func (r *report) Table(group string) string {
	return r.table(group, func(t *trial) string { return fmt.Sprintf("%s, %d", duration(t.median()), t.allocs) })
}

// Rates returns a group as a table: how often in a second, and how many times
// ours the time is.
func (r *report) Rates(group string) string {
	return r.table(group, func(t *trial) string { return fmt.Sprintf("%.0f/s", 1e9/t.median()) })
}

func (r *report) table(group string, cell func(*trial) string) string {
	var b strings.Builder
	in := r.sites(group)
	b.WriteString("| |")
	for _, s := range in {
		b.WriteString(" " + s.name + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(in)) + "\n")
	for _, w := range r.names(group) {
		b.WriteString("| " + w + " |")
		ours := r.find(group, w, in[0].name)
		for _, s := range in {
			text := "–"
			if t := r.find(group, w, s.name); t != nil {
				text = cell(t)
				if ours != nil && t != ours {
					text += fmt.Sprintf("<br>×%s", ratio(t.median()/ours.median()))
				}
			}
			b.WriteString(" " + text + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func duration(ns float64) string {
	switch {
	case ns < 1000:
		return fmt.Sprintf("%.0f ns", ns)
	case ns < 100_000:
		return fmt.Sprintf("%.1f µs", ns/1000)
	}
	return fmt.Sprintf("%.0f µs", ns/1000)
}

func ratio(x float64) string {
	if x < 10 {
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

// names returns the workloads of a group, in order.
func (r *report) names(group string) (all []string) {
	for _, t := range r.trials {
		if t.group == group && !slices.Contains(all, t.name) {
			all = append(all, t.name)
		}
	}
	return all
}
