package test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

// Endings in the middle of saves, and after saves that failed.

// TestR20_DestroyAndSetWhileADoubtIsSettled: another goroutine of the request
// ends the session and begins another.
func TestR20_DestroyAndSetWhileADoubtIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_ = s.Set("x", 1)
			a.store.Fault = failing("save", faultstore.Before)
			want(t, "the save in doubt is an error", s.Save(r.Context()) != nil, true)
			a.store.Fault = nil
			a.during("save", func() {
				s.Destroy()
				_ = counter.Set(s, 7)
			})
			want(t, "Save", s.Save(r.Context()), nil)
		})
		want(t, "the browser's token", a.see(b.token()), `200 "" 7`)
	})
}

// TestR20_DestroyDuringTheSaveOfAFailedResponse: the store fails to save and
// can delete.
func TestR20_DestroyDuringTheSaveOfAFailedResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		resp := b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = s.Set("x", 1)
			a.store.Fault = failing("save", faultstore.Before)
			a.during("save", s.Destroy)
		})
		want(t, "status", resp.StatusCode, http.StatusServiceUnavailable)
		want(t, "records", a.kept(), 0)
	})
}

func TestR20_DestroyAfterAFailedResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		resp := b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = s.Set("x", 1)
			a.store.Fault = failing("save", faultstore.Before)
			_, _ = w.Write([]byte("hello"))
			a.store.Fault = nil
			s.Destroy()
		})
		want(t, "status", resp.StatusCode, http.StatusServiceUnavailable)
		want(t, "records", a.kept(), 0)
	})
}

// TestR75_EndingWinsAgainstWorkers: goroutines that opened the session outside
// of a request save it in a loop.
func TestR75_EndingWinsAgainstWorkers(t *testing.T) {
	const workers = 30
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, both(count, signIn("ann")))
			id := a.id(b.token())
			var over atomic.Bool
			var all, begun sync.WaitGroup
			begun.Add(workers)
			for range workers {
				s, err := a.Open(t.Context(), b.token())
				if err != nil {
					t.Fatal(err)
				}
				all.Go(func() {
					first := sync.OnceFunc(begun.Done)
					defer first()
					for !over.Load() {
						_, _ = counter.Update(s, func(n int) int { return n + 1 })
						if s.Save(t.Context()) != nil {
							return
						}
						first()
					}
				})
			}
			begun.Wait()
			want(t, "the end", end(a, b, id), nil)
			want(t, "records", a.kept(), 0)
			over.Store(true)
			all.Wait() // for saves that were under way
			want(t, "records, later", a.kept(), 0)
		})
	}
}
