// Package scenario tests a store as a website uses it: programs that serve
// sessions over HTTP, browsers that use them in parallel. Where package
// storetest checks each sentence of a store's contract, this checks what
// visitors are promised.
package scenario

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gosessions/sessions/store"
)

// Scenario is one story and what must hold in it.
type Scenario struct {
	Name string // a test's name
	play func(*trial)
}

// Scenarios returns all of them.
func Scenarios() []Scenario {
	var all []Scenario
	for _, s := range [][]Scenario{parallels, lives, races, values, admins, revocations, logins, histories} {
		all = append(all, s...)
	}
	return all
}

// limit bounds a scenario: whatever waits longer has failed.
const limit = 2 * time.Minute

// Check plays the scenario in this process, and returns what did not hold. The
// error wraps [errors.ErrUnsupported] if the store lacks an optional method
// that the scenario is about.
func (s Scenario) Check(ctx context.Context, st store.Store) error {
	site, err := open(st, patience)
	if err != nil {
		return err
	}
	defer site.close()
	return s.over(ctx, site.url)
}

// over plays the scenario with browsers that take the servers in turn.
func (s Scenario) over(ctx context.Context, urls ...string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tr := newTrial(ctx, urls)
	defer tr.close()
	s.play(tr)
	return tr.err()
}

// Run plays every scenario in a test of its own, each on a store that open
// gives it; it may be the same one each time.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, s := range Scenarios() {
		t.Run(s.Name, func(t *testing.T) { report(t, s.Check(t.Context(), open(t))) })
	}
}

func report(t *testing.T, err error) {
	t.Helper()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		t.Skip("the store does not offer this")
	case err != nil:
		t.Error(err)
	}
}
