package test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/gosessions/sessions"
)

// TestR44_LogoutIsFinal races a logout with writers, renewals and touches of
// the same session, at points that a seed chooses. Whatever the order, the
// session stays gone: R21.
func TestR44_LogoutIsFinal(t *testing.T) {
	const races = 3000
	for seed := range uint64(races) {
		rnd := rand.New(rand.NewPCG(seed, 44))
		a := newApp(t, sessions.Options{})
		b := a.browser(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 1)
			if seed%2 == 0 {
				s.SetSubject("ann")
			}
		})
		b.get()
		yields := [64]int{}
		for i := range yields {
			yields[i] = rnd.IntN(6)
		}
		var mu sync.Mutex
		calls := 0
		a.store.Hook = func(string, string) {
			mu.Lock()
			n := yields[calls%len(yields)]
			calls++
			mu.Unlock()
			for range n {
				runtime.Gosched()
			}
		}
		pages := []handler{
			func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				s.Destroy()
				_, _ = fmt.Fprint(w, "out")
			},
			count,
			func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = s.Set("other", seed) },
			func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Delete("counter") },
			func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = s.Renew() },
			func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				_ = s.Set("other", 2)
				_ = s.Renew()
			},
		}
		rnd.Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })

		// All have loaded the session before the first goes on.
		var loaded, done sync.WaitGroup
		loaded.Add(len(pages))
		jars := make([]*browser, len(pages))
		replies := make([]string, len(pages))
		for i, page := range pages {
			jars[i] = b.with(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				loaded.Done()
				loaded.Wait()
				page(w, r, s)
			})
			done.Go(func() { replies[i] = jars[i].get() })
		}
		done.Wait()
		a.store.Hook = nil
		for i, jar := range jars {
			got := jar.with(a, read).get()
			if got != "200 0" {
				t.Fatalf("seed %d: cookie of request %d (%s) is alive after the logout: %s", seed, i, replies[i], got)
			}
		}
		for i, r := range replies {
			if !strings.HasPrefix(r, "200") && !strings.HasPrefix(r, "409") {
				t.Fatalf("seed %d: request %d: %s", seed, i, r)
			}
		}
	}
}
