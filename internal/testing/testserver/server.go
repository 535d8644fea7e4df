// Package testserver finds real servers for the tests of stores.
package testserver

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"testing"
)

// Server is a server to test against.
type Server struct {
	Engine  Engine
	Address string // as Engine.Variable says

	t  testing.TB
	in *instance // nil unless it is the test's own
}

// shared holds the servers that were started for all tests of this binary, by
// engine. They end with the binary.
var shared struct {
	sync.Mutex
	found map[Engine]found
}

type found struct {
	in  *instance // nil if there is none
	err error     // why
}

// Find returns a server: that of the environment, else one that is started
// from programs of this machine, once for all tests of the binary. Others may
// use the same server, so a test works in a database or table of its own.
// Where there is none the test is skipped; with CI=true it fails, if the
// engine is required.
func Find(t testing.TB, e Engine) *Server {
	t.Helper()
	if address := os.Getenv(e.Variable()); address != "" {
		return &Server{Engine: e, Address: address, t: t}
	}
	shared.Lock()
	defer shared.Unlock()
	f, ok := shared.found[e]
	if !ok {
		if b := e.backend(); b != nil {
			f.in, f.err = newInstance(b)
		}
		if shared.found == nil {
			shared.found = make(map[Engine]found)
		}
		shared.found[e] = f
	}
	if f.in == nil {
		missing(t, e, string(e), f.err, e.advice(false), e.Required())
	}
	return &Server{Engine: e, Address: f.in.address(f.in.port), t: t}
}

// Private returns a server of the test's own, which it may Kill and Start. It
// ends with the test. Where the engine's programs are missing the test is
// skipped; with CI=true it fails, if the engine is required and its programs
// are not rare.
func Private(t testing.TB, e Engine) *Server {
	t.Helper()
	killed := string(e) + ", to be killed" // in the table of stores
	b := e.backend()
	if b == nil {
		missing(t, e, killed, nil, e.advice(true), false)
	}
	in, err := newInstance(b)
	if err != nil {
		missing(t, e, killed, err, e.advice(true), e.Required() && !b.rare)
	}
	t.Cleanup(func() {
		if err := in.remove(); err != nil {
			t.Error(err)
		}
	})
	return &Server{Engine: e, Address: b.address(in.port), t: t, in: in}
}

// Kill ends a private server as a crash does, and returns when it has ended.
func (s *Server) Kill() {
	s.t.Helper()
	if s.in == nil || s.in.process == nil {
		s.t.Fatalf("testserver: Kill of a %s that is not private, or is down", s.Engine)
	}
	s.in.process.end(syscall.SIGKILL)
	s.in.process = nil
}

// Start starts a server that was killed again, at the same address and with
// the same data, and returns when it takes queries.
func (s *Server) Start() {
	s.t.Helper()
	if s.in == nil || s.in.process != nil {
		s.t.Fatalf("testserver: Start of a %s that is not private, or is up", s.Engine)
	}
	if err := s.in.start(); err != nil {
		s.t.Fatalf("testserver: %s does not start again: %v", s.Engine, err)
	}
}

// missing ends a test that has no server; row is what the table calls it.
func missing(t testing.TB, e Engine, row string, why error, advice string, fatal bool) {
	t.Helper()
	reason := "no " + string(e) + ": " + advice
	if why != nil && !errors.Is(why, errNotInstalled) {
		reason += ": " + why.Error()
	}
	t.Attr("server", row)
	t.Attr("missing", advice)
	if fatal && os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}
