package scenario_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/scenario"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

func TestMain(m *testing.M) { os.Exit(scenario.Main(m, openRemote)) }

func TestScenarios(t *testing.T) {
	scenario.Run(t, func(*testing.T) store.Store { return new(memstore.Store) })
}

// TestEachScenarioFailsOnAWrongStore: each is listed with a fault that it must
// notice.
func TestEachScenarioFailsOnAWrongStore(t *testing.T) {
	var listed []string
	for _, mutant := range []struct {
		name    string
		store   func() store.Store
		noticed []string
	}{
		{"a save does not compare versions", func() store.Store { return deaf{new(memstore.Store)} }, []string{
			"a login form that is sent twice gives two tokens that work",
			"a hundred updates at once all count",
			"a renewal or login keeps what was written before it",
			"a write during a renewal is kept, and during a login dropped",
			"many renewals at once give one new token, and all succeed",
			"of two renewals at once one is carried out, and both succeed",
			"one of parallel claims gets the value",
			"one of parallel claims of the only value gets it",
			"parallel requests keep each other's keys",
			"parallel updates all count",
		}},
		{"a save revives what is gone", func() store.Store { return upserting{new(memstore.Store)} }, []string{
			"a logout among writes and renewals is final",
			"no renewal or login brings back what a logout ended",
			"a session that is revoked under a write stays gone",
			"a write that a logout overtakes is dropped",
		}},
		{"a save that crosses a delete revives what is gone", func() store.Store {
			return &crossing{upserting: upserting{new(memstore.Store)}, deletes: make(chan chan struct{})}
		}, []string{
			"a client that renews in a loop does not outrun its revocation",
			"a revocation among 16 writers holds at once",
		}},
		{"a save does nothing", func() store.Store { return idle{new(memstore.Store)} }, []string{
			"a confirmation ends the token before it",
			"a login form that is sent twice signs in twice",
			"a random history of parallel visitors of one session loses nothing",
			"a random history shows each visitor what a model says",
			"a renewal gives a new token, and the old is good for a while",
			"a session that changes hands changes lists",
			"a session that loses its last value stays",
			"a new password ends a member's other sessions",
			"a subject's sessions are listed, and revoked one by one or all",
			"login and change of user give a new token and kill the old",
		}},
		{"nothing ends", func() store.Store { return undying{idle{new(memstore.Store)}} }, []string{
			"a login beyond the cap ends the oldest",
			"a member sees where they are signed in, and ends it from elsewhere",
		}},
		{"a delete does nothing", func() store.Store { return keeping{new(memstore.Store)} }, []string{
			"a destroyed session that is used is another",
			"a logout ends what was written and renewed before it",
			"a revocation of all ends though logins go on",
			"a session whose time has passed is over",
		}},
		{"data is cut off", func() store.Store { return short{new(memstore.Store)} }, []string{
			"values of 60 KiB are kept and more than 64 are refused",
		}},
		{"data is text", func() store.Store { return textual{new(memstore.Store)} }, []string{
			"values and their types survive",
			"text of any kind is a value",
		}},
		{"the time zone is wrong", func() store.Store { return eastern{new(memstore.Store)} }, []string{
			"a session ends at its time, not before and not after",
		}},
		{"times are short", func() store.Store { return monthly{new(memstore.Store)} }, []string{
			"a session of a year is alive",
		}},
		{"subjects are compared loosely", func() store.Store { return &folding{Store: new(memstore.Store)} }, []string{
			"names that differ a little are different users",
		}},
		{"records are mixed up", func() store.Store { return &mixing{Store: new(memstore.Store)} }, []string{
			"parallel first visits get sessions of their own",
		}},
	} {
		listed = append(listed, mutant.noticed...)
		t.Run(mutant.name, func(t *testing.T) {
			for _, s := range scenario.Scenarios() {
				if slices.Contains(mutant.noticed, s.Name) && s.Check(t.Context(), mutant.store()) == nil {
					t.Errorf("not noticed by %q", s.Name)
				}
			}
		})
	}
	for _, s := range scenario.Scenarios() {
		if !slices.Contains(listed, s.Name) {
			t.Errorf("no store fails %q", s.Name)
		}
	}
}

// plain is a store of the four methods that every one has.
type plain struct{ store.Store }

func TestStoreThatCannotListIsSparedTheLists(t *testing.T) {
	for _, s := range scenario.Scenarios() {
		if err := s.Check(t.Context(), plain{new(memstore.Store)}); err != nil && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", s.Name, err)
		}
	}
}

func TestScenarioEndsThoughTheStoreIsDown(t *testing.T) {
	for _, s := range scenario.Scenarios() {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // a save waits for the store much longer
		if err := s.Check(ctx, forgetful{new(memstore.Store)}); err == nil {
			t.Errorf("%s: passes without loads", s.Name)
		}
		cancel()
	}
}
