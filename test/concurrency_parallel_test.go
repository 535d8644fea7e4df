package test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/gosessions/sessions"
)

// parallel sends n requests of one session at once, with a page for each.
func parallel(a *app, b *browser, n int, page func(i int) handler) []string {
	replies := make([]string, n)
	var wg sync.WaitGroup
	for i := range n {
		c := b.with(a, page(i))
		wg.Go(func() { replies[i] = c.get() })
	}
	wg.Wait()
	return replies
}

func TestR41_ParallelRequestsKeepEachOthersKeys(t *testing.T) {
	const n = 128
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	replies := parallel(a, b, n, func(i int) handler {
		return func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			if err := s.Set(fmt.Sprintf("key-%03d", i), i); err != nil {
				t.Error(err)
			}
		}
	})
	for i, r := range replies {
		want(t, fmt.Sprintf("request %d", i), r, "200 ")
	}
	b.with(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "keys kept, and the counter", s.Len(), n+1)
		for i := range n {
			var got int
			if _, err := s.Get(fmt.Sprintf("key-%03d", i), &got); got != i || err != nil {
				t.Errorf("key %d: got %d, %v", i, got, err)
			}
		}
	}).get()
}

func TestR42_ParallelUpdatesAllCount(t *testing.T) {
	const n = 200
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	for i, r := range parallel(a, b, n, func(int) handler { return count }) {
		if !strings.HasPrefix(r, "200 ") {
			t.Errorf("request %d: %s", i, r)
		}
	}
	want(t, "counter", b.with(a, read).get(), fmt.Sprintf("200 %d", n+1))
}

func TestR48_GoroutinesOfOneRequestShareASession(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(func(w http.ResponseWriter, r *http.Request, _ *sessions.Session) {
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				s, err := sessions.Load(r.Context())
				if err != nil {
					t.Error(err)
					return
				}
				_ = s.Set(fmt.Sprint(i), i)
				_, _ = counter.Update(s, func(n int) int { return n + 1 })
				_ = s.Len()
				_ = s.Expires()
				if err := s.Save(r.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
	b.get()
	b.with(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "keys", s.Len(), 33)
		n, err := counter.Get(s)
		want(t, "counter", n, 32)
		want(t, "error", err, nil)
	}).get()
	want(t, "records made", strings.Count(a.store.Ops(), "create"), 1)
}
