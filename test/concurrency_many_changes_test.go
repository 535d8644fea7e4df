package test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosessions/sessions"
)

// Goroutines that keep changing the session while others reload and save it.

// TestR48_SetWhileReloadMakesChangesAgain is for the race detector.
func TestR48_SetWhileReloadMakesChangesAgain(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		var wg sync.WaitGroup
		var stop atomic.Bool
		wg.Go(func() {
			for i := 0; !stop.Load(); i++ {
				_ = s.Set("a", i)
				if i%64 == 0 {
					runtime.Gosched()
				}
			}
		})
		for range 300 {
			want(t, "Reload", s.Reload(r.Context()), nil)
		}
		stop.Store(true)
		wg.Wait()
	})
}

// TestR48_SaveAndLateFirstByteAtOnce is for the race detector: the response
// begins after the request's deadline, while a goroutine saves.
func TestR48_SaveAndLateFirstByteAtOnce(t *testing.T) {
	type visit struct{ A, B string }
	const key = sessions.Key[visit]("visit")
	a, b := fresh(t, sessions.Options{})
	for range 50 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		b.h = a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			v, err := key.Open(s)
			if err != nil {
				return // the deadline passed before the session was loaded
			}
			v.Data.A = time.Now().String()
			<-r.Context().Done()
			var wg sync.WaitGroup
			wg.Go(func() { _ = s.Save(context.WithoutCancel(r.Context())) })
			_, _ = w.Write([]byte("first byte"))
			wg.Wait()
		}))
		b.do(httptest.NewRequestWithContext(ctx, "GET", "https://example.com/", nil))
		cancel()
	}
}

// TestR48_SaveEndsThoughAGoroutineUpdates: the store takes its time, and the
// function of the Update does, too.
func TestR48_SaveEndsThoughAGoroutineUpdates(t *testing.T) {
	a, b := fresh(t, sessions.Options{SaveTimeout: time.Second / 2})
	b.visit(a, count)
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = s.Set("x", 1)
		var wg sync.WaitGroup
		var stop atomic.Bool
		wg.Go(func() {
			for n := 0; n < 20_000 && !stop.Load(); n++ {
				_, _ = counter.Update(s, func(n int) int { <-time.After(50 * time.Microsecond); return n + 1 })
			}
		})
		a.during("save", func() { <-time.After(5 * time.Millisecond) })
		saved := make(chan error, 1)
		go func() { saved <- s.Save(r.Context()) }()
		select {
		case err := <-saved:
			want(t, "Save", err, nil)
		case <-time.After(1800 * time.Millisecond):
			t.Error("Save has not returned long after SaveTimeout")
		}
		stop.Store(true)
		wg.Wait()
	})
}
