package matrix

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// Framework is a web framework, together with the adapter that its users
// install.
type Framework struct {
	// Name with the version, as in "gin 1.12".
	Name string
	// Start serves an app of the setup on a loopback address until the test
	// ends, and returns its URL without a slash at the end. It returns "" if the
	// app cannot be built; the scenario must then be one of Impossible.
	Start func(t *testing.T, s *Setup) (baseURL string)
	// Impossible says in a sentence why the framework cannot play a scenario, and
	// what happens at run time.
	Impossible map[Scenario]string
}

// plays are all scenarios, in the order of the table.
var plays = slices.Concat(responses, failures, arrangements, users)

// Run plays every scenario through the framework, each in a test and an app of
// its own, and compares the framework's column of docs/frameworks.md.
func Run(t *testing.T, f Framework) {
	t.Helper()
	Tabulate(t, Web, f.Name, rows(), f.Impossible, func(t *testing.T, s Scenario, limit time.Duration) error {
		return plays[slices.Index(rows(), s)].check(t, f.Start, limit)
	})
}

// Tabulate plays the scenarios of a table through a framework, each in a test of
// its own, and compares the framework's column of docs/frameworks.md. play
// returns what does not hold, within a time limit.
func Tabulate(t *testing.T, table Table, framework string, rows []Scenario, impossible map[Scenario]string, play func(*testing.T, Scenario, time.Duration) error) {
	t.Helper()
	for scenario := range impossible {
		if !slices.Contains(rows, scenario) {
			t.Errorf("Impossible names %q, which is no scenario", scenario)
		}
	}
	c, complete := column{framework, make(map[Scenario]string)}, true
	for _, s := range rows {
		played := false
		ok := t.Run(string(s), func(t *testing.T) {
			played = true
			limit := limit
			reason, declared := impossible[s]
			if declared {
				limit = impossibleLimit
			}
			if err := judge(play(t, s, limit), reason, declared); err != nil {
				t.Error(err)
			}
		})
		complete = complete && ok && played
		c.cells[s] = impossible[s]
	}
	if complete { // otherwise the column is not known
		c.compare(t, table, rows)
	}
}

// judge returns what is wrong with the outcome of a scenario.
func judge(outcome error, reason string, impossible bool) error {
	switch {
	case !impossible:
		return outcome
	case strings.TrimSpace(reason) == "":
		return errors.New("it is declared impossible without a reason")
	case outcome == nil:
		return fmt.Errorf("it passes, but is declared impossible: %s", reason)
	}
	return nil
}

// rows returns the scenarios in the order of the table.
func rows() []Scenario {
	var all []Scenario
	for _, p := range plays {
		all = append(all, p.scenario)
	}
	return all
}
