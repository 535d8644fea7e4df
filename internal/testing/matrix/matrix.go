package matrix

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
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
	for scenario := range f.Impossible {
		if !slices.Contains(rows(), scenario) {
			t.Errorf("Impossible names %q, which is no scenario", scenario)
		}
	}
	c, complete := column{f.Name, make(map[Scenario]string)}, true
	for _, p := range plays {
		played := false
		ok := t.Run(string(p.scenario), func(t *testing.T) {
			played = true
			limit := limit
			reason, impossible := f.Impossible[p.scenario]
			if impossible {
				limit = impossibleLimit
			}
			if err := judge(p.check(t, f.Start, limit), reason, impossible); err != nil {
				t.Error(err)
			}
		})
		complete = complete && ok && played
		c.cells[p.scenario] = f.Impossible[p.scenario]
	}
	if complete { // otherwise the column is not known
		c.compare(t, rows())
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
