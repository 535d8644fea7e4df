package test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gosessions/sessions"
)

func TestR39_SessionIsOverWithItsHandler(t *testing.T) {
	a := newApp(t, sessions.Options{})
	var kept *sessions.Session
	var used, unused context.Context
	a.browser(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		kept, used = s, r.Context()
		_ = counter.Set(s, 1)
	}).get()
	_, err := counter.Get(kept)
	a.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { unused = r.Context() })).
		ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	_, again := sessions.Load(used)
	_, late := a.Load(unused)
	_, _, lookupErr := counter.Lookup(kept)
	_, _, takeErr := counter.Take(kept)
	_, updateErr := counter.Update(kept, func(n int) int { return n + 1 })
	_, _, claimErr := counter.Claim(context.Background(), kept)
	_, openErr := counter.Open(kept)
	_, wrapErr := sessions.Wrap[whole](kept)
	for name, err := range map[string]error{
		"Load again": again,
		"first Load": late,
		"Lookup":     lookupErr,
		"Take":       takeErr,
		"Update":     updateErr,
		"Claim":      claimErr,
		"Open":       openErr,
		"Wrap":       wrapErr,
		"Get":        err,
		"Set":        counter.Set(kept, 2),
		"Renew":      kept.Renew(),
		"Save":       kept.Save(context.Background()),
		"Reload":     kept.Reload(context.Background()),
	} {
		if !errors.Is(err, sessions.ErrNoSession) {
			t.Errorf("%s after the handler: %v, want ErrNoSession", name, err)
		}
	}
	kept.Destroy()
	kept.Delete("counter")
	kept.Clear()
	want(t, "keys after the handler", kept.Len(), 0)
	if err := kept.Save(context.Background()); !errors.Is(err, sessions.ErrNoSession) {
		t.Errorf("Save after all that: %v, want ErrNoSession", err)
	}
	if _, err := a.Open(context.Background(), ""); !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("Open of an empty token: %v", err)
	}
	want(t, "store calls", a.store.Ops(), "create")
}

// TestR39_UpdateThatOutlivesTheHandler: what it computes comes too late.
func TestR39_UpdateThatOutlivesTheHandler(t *testing.T) {
	for _, changes := range []bool{false, true} {
		a := newApp(t, sessions.Options{})
		running, returned, done := make(chan struct{}), make(chan struct{}), make(chan error)
		b := a.browser(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			if changes {
				_ = s.Set("mine", 1)
			}
			go func() {
				_, err := counter.Update(s, func(n int) int {
					close(running)
					<-returned
					return n + 1
				})
				done <- err
			}()
			<-running
		})
		b.get()
		close(returned)
		if err := <-done; !errors.Is(err, sessions.ErrNoSession) {
			t.Errorf("Update: %v, want ErrNoSession", err)
		}
	}
}

func TestR39_ParallelNewClientsGetSessionsOfTheirOwn(t *testing.T) {
	const n = 500
	a := newApp(t, sessions.Options{})
	mine := sessions.Key[int]("mine")
	clients := make([]*browser, n)
	var wg sync.WaitGroup
	for i := range n {
		clients[i] = a.browser(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_ = mine.Set(s, i)
			count(w, r, s)
		})
		wg.Go(func() { want(t, "reply", clients[i].get(), "200 1") })
	}
	wg.Wait()
	tokens, ids := map[string]bool{}, map[string]bool{}
	for i, c := range clients {
		tokens[c.token()], ids[a.id(c.token())] = true, true
		c.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			got, err := mine.Get(s)
			want(t, "whose session", got, i)
			want(t, "error", err, nil)
		})
	}
	want(t, "tokens", len(tokens), n)
	want(t, "ids", len(ids), n)
	want(t, "records", a.kept(), n)
}
