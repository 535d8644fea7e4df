package matrix

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// play is a scenario, the layers of its app, and what must hold.
type play struct {
	scenario Scenario
	layers   []Layer // the default is Sessions
	group    []Layer
	run      func(*trial)
}

// limit bounds a scenario: whatever waits longer has failed.
const limit = 30 * time.Second

// impossibleLimit bounds a scenario that is expected to fail.
const impossibleLimit = time.Second

// trial is one run of a scenario, and gathers what does not hold.
type trial struct {
	ctx   context.Context
	start func(*Setup) (url string)
	setup *Setup
	url   string // of the app
	store *stored

	transport *http.Transport // of all visitors, so that they share connections

	faults []error
}

// check plays the scenario and returns what did not hold.
func (p play) check(t *testing.T, start func(*testing.T, *Setup) string, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	st := newStored()
	setup := newSetup(t, st, limit)
	setup.Pages = setup.pages()
	setup.Layers, setup.Group = p.layers, p.group
	if p.layers == nil && p.group == nil {
		setup.Layers = []Layer{Sessions}
	}
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 20}
	defer transport.CloseIdleConnections()
	tr := &trial{ctx: ctx, start: func(s *Setup) string { return start(t, s) }, setup: setup, store: st, transport: transport}
	if tr.url = tr.start(setup); tr.url == "" {
		return errors.New("the framework cannot build the app")
	}
	defer close(setup.ended) // before the server stops and waits for its handlers
	p.run(tr)
	return errors.Join(tr.faults...)
}

func (tr *trial) fail(what string, err error) {
	if err != nil {
		tr.faults = append(tr.faults, fmt.Errorf("%s: %w", what, err))
	}
}

func (tr *trial) want(what, got, want string) {
	if got != want {
		tr.faults = append(tr.faults, fmt.Errorf("%s: got %q, want %q", what, got, want))
	}
}

func (tr *trial) holds(what string, ok bool) {
	if !ok {
		tr.faults = append(tr.faults, errors.New(what))
	}
}

// act makes the routes that call Setup.Act do something.
func (tr *trial) act(f func(context.Context) error) { tr.setup.act.Store(&f) }

// receive waits for a signal, but not longer than the trial.
func (tr *trial) receive(what string, c <-chan struct{}) {
	select {
	case <-c:
	case <-tr.ctx.Done():
		tr.fail(what, tr.ctx.Err())
	}
}

// release lets a handler go on that waits.
func (tr *trial) release() {
	select {
	case tr.setup.release <- struct{}{}:
	case <-tr.ctx.Done():
		tr.fail("a handler does not wait", tr.ctx.Err())
	}
}

// stored is a store that fails on demand and tells when it has saved.
type stored struct {
	faultstore.Store
	down  atomic.Value // the names of operations that fail, as in "create save"
	saved chan struct{}
}

func newStored() *stored {
	st := &stored{saved: make(chan struct{}, 1)}
	st.down.Store("")
	st.Store.Store = new(memstore.Store)
	st.Fault = func(_ int, op string) faultstore.Fault {
		if strings.Contains(st.down.Load().(string), op) {
			return faultstore.Before
		}
		return faultstore.None
	}
	return st
}

// Save tells that it is over.
func (st *stored) Save(ctx context.Context, r store.Record) error {
	err := st.Store.Save(ctx, r)
	select {
	case st.saved <- struct{}{}:
	default:
	}
	return err
}
