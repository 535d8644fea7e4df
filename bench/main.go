// Bench measures this library beside others, all in one run, and writes the
// tables and plots of docs/speed.md:
//
//	go run ./bench
//
// Every workload is measured at every site once per round, so that what else
// the machine does meets all alike; the report gives medians.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"
)

// sites are the rows of the report. A store in memory that is another row is
// one more line here; for a database see databases.
var sites = []site{
	ours("sessions", "github.com/gosessions/sessions", inMemory),
	scsSite, gorillaMemory, gorillaCookie, ginSite, fiberSite, floor, bare,
}

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 10, "how often everything is measured")
	each := flag.Duration("time", 50*time.Millisecond, "how long each measurement takes, about")
	only := flag.String("run", "", "measure only what matches this regular expression, as group/workload/site, and write nothing")
	dir := flag.String("docs", "docs", "directory of speed.md and its plots")
	results := flag.String("results", filepath.Join("bench", "results.txt"), "file of all measurements, in the format of Go's benchmarks")
	flag.Parse()
	if err := run(*rounds, *each, *only, *dir, *results); err != nil {
		log.Fatal(err)
	}
}

func run(rounds int, each time.Duration, only, dir, results string) error {
	match, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	if err := flag.Set("test.benchtime", each.String()); err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	dbs, err := databases(temp)
	if err != nil {
		return err
	}
	defer func() {
		for _, d := range dbs {
			d.close()
		}
	}()
	r := &report{databases: dbs, rounds: rounds, at: time.Now()}
	for _, w := range slices.Concat(workloads(), inFrameworks(), inDatabases(dbs)) {
		if err := r.measure(w, match); err != nil {
			return err
		}
	}
	if only != "" {
		return r.lines(os.Stdout)
	}
	return r.write(dir, results)
}

// measure measures one workload at all sites that match, with no other's
// memory in the way.
func (r *report) measure(w workload, match *regexp.Regexp) error {
	var trials []*trial
	for _, s := range w.in {
		if !match.MatchString(w.group + "/" + w.name + "/" + s.name) {
			continue
		}
		if t := prepare(s, w); t != nil {
			trials = append(trials, t)
		}
	}
	if len(trials) == 0 {
		return nil
	}
	fmt.Fprintf(os.Stderr, "%s, %s\n", w.group, w.name)
	for range r.rounds {
		for _, t := range trials {
			t.measure()
		}
	}
	if ours := trials[0]; w.group == alone && ours.site.name == sites[0].name {
		s, err := spend(ours)
		if err != nil {
			return err
		}
		r.spendings = append(r.spendings, s)
	}
	for _, t := range trials {
		t.page, t.cookies = nil, nil
	}
	r.trials = append(r.trials, trials...)
	return nil
}
