package matrix

import (
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

// Scenario is a row of the table.
type Scenario string

// The scenarios, in the order of the table.
const (
	Text            Scenario = "text: counts 1, 2, 3; one cookie with its attributes"
	Unused          Scenario = "page without a session: no store operation, no cookie"
	Redirect        Scenario = "redirect"
	JSON            Scenario = "JSON"
	File            Scenario = "file"
	Head            Scenario = "HEAD"
	NotModified     Scenario = "304 Not Modified"
	Stream          Scenario = "stream with a change after the first flush"
	Events          Scenario = "server-sent events with a save in between"
	SocketNew       Scenario = "WebSocket of a new visitor: the cookie comes with the upgrade"
	SocketKnown     Scenario = "WebSocket of a known visitor: each message is saved"
	Rejected        Scenario = "the framework's 4xx: changes are saved"
	Failed          Scenario = "the framework's 5xx: changes and login are dropped"
	FailedLogout    Scenario = "the framework's 5xx: a logout stands"
	PanicInside     Scenario = "panic, recovered inside: changes and login are dropped"
	PanicOutside    Scenario = "panic, recovered outside: changes and login are dropped"
	ClientLeaves    Scenario = "client goes away: changes are saved"
	ContextEnds     Scenario = "client goes away: the handler's context ends, changes are saved"
	DownBefore      Scenario = "store down at load: 503"
	DownDuring      Scenario = "store down at Save in the handler: 503"
	DownAfter       Scenario = "store down at the end: 503 instead of the handler's response"
	TimeoutInside   Scenario = "timeout inside: changes are dropped"
	TimeoutOutside  Scenario = "timeout outside: changes are dropped"
	CompressInside  Scenario = "compression inside"
	CompressOutside Scenario = "compression outside"
	Twice           Scenario = "middleware installed twice"
	Group           Scenario = "middleware of a route group"
	TwoManagers     Scenario = "two managers"
	LoginLogout     Scenario = "login: new token, the token before is dead; logout"
	Renewals        Scenario = "20 parallel renewals: all succeed, still signed in"
	Everywhere      Scenario = "logout everywhere"
)

// Layer is middleware of an app.
type Layer int

// The layers.
const (
	Sessions Layer = iota // of Setup.Manager
	Second                // of Setup.Second
	Login                 // of Setup.Auth, which includes Sessions
	Recover               // the framework's: a panic becomes a 500
	Compress              // the framework's: gzip
	Timeout               // the framework's: a 503 or 504 after Setup.Timeout
)

// limit bounds a scenario: whatever waits longer has failed.
const limit = 30 * time.Second

// impossibleLimit bounds a scenario that is expected to fail.
const impossibleLimit = time.Second

// Run plays every scenario through the framework, each in a test and an app of
// its own, and compares the framework's column of docs/frameworks.md.
func Run(t *testing.T, f Framework) {
	t.Helper()
	for scenario := range f.Impossible {
		if _, ok := find(scenario); !ok {
			t.Errorf("Impossible names %q, which is no scenario", scenario)
		}
	}
	c, complete := column{f.Name, make(map[Scenario]string)}, true
	for _, p := range plays {
		played := false
		ok := t.Run(string(p.scenario), func(t *testing.T) {
			played = true
			reason, impossible := f.Impossible[p.scenario]
			if !impossible {
				if err := p.check(t, f, limit); err != nil {
					t.Error(err)
				}
				return
			}
			if reason == "" {
				t.Error("Impossible gives no reason")
			}
			if p.check(t, f, impossibleLimit) == nil {
				t.Errorf("passes, but is declared impossible: %s", reason)
			}
		})
		complete = complete && ok && played
		c.cells[p.scenario] = f.Impossible[p.scenario]
	}
	if complete { // otherwise the column is not known
		c.compare(t)
	}
}
