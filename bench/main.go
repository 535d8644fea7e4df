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
	"iter"
	"log"
	"os"
	"path/filepath"
	"regexp"
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
	var (
		all       []*trial
		spendings []spending
	)
	for batch := range batches(append(workloads(), inDatabases(dbs)...)) {
		var trials []*trial // of one batch live at a time, so that no other's memory is in the way
		for _, w := range batch {
			for _, s := range w.in {
				if !match.MatchString(w.group + "/" + w.name + "/" + s.name) {
					continue
				}
				if t := prepare(s, w); t != nil {
					trials = append(trials, t)
				}
			}
		}
		for round := range rounds {
			for _, t := range trials {
				t.measure()
			}
			if len(trials) > 0 {
				fmt.Fprintf(os.Stderr, "%s: round %d of %d\n", batch[0].group, round+1, rounds)
			}
		}
		for _, t := range trials {
			if t.group == alone && t.site.name == sites[0].name {
				s, err := spend(t)
				if err != nil {
					return err
				}
				spendings = append(spendings, s)
			}
			t.page, t.cookies = nil, nil
		}
		all = append(all, trials...)
	}
	r := &report{trials: all, spendings: spendings, databases: dbs, rounds: rounds, at: time.Now()}
	if only != "" {
		return r.lines(os.Stdout)
	}
	return r.write(dir, results)
}

// batches yields the workloads that are measured side by side: those of one
// group, or of one number of sessions.
func batches(all []workload) iter.Seq[[]workload] {
	return func(yield func([]workload) bool) {
		for len(all) > 0 {
			n := 1
			for n < len(all) && all[n].group == all[0].group && all[n].sessions == all[0].sessions {
				n++
			}
			if !yield(all[:n]) {
				return
			}
			all = all[n:]
		}
	}
}
