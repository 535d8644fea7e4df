package surrealstore_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions"
)

// TestSixteenClientsCountInOneSession: each has a connection, a store and a
// manager of its own, and several requests at a time.
func TestSixteenClientsCountInOneSession(t *testing.T) {
	const clients, requests, visits = 16, 3, 8
	const counter = sessions.Key[int]("counter")
	opts := sessions.Options{
		InsecureHTTP: true, SaveTimeout: time.Minute, // for machines that are busy
		OnEvent: func(context.Context, sessions.Event) {},
	}
	s := find(t)
	var sites []http.Handler
	for range clients {
		m, err := sessions.New(open(t, connect(t, s, nil)), opts)
		ok(t, err)
		sites = append(sites, m.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			if _, err := counter.Update(s, func(n int) int { return n + 1 }); err != nil {
				t.Error(err)
			}
		})))
	}
	visit := func(site http.Handler, cookies []*http.Cookie) *http.Response {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Errorf("a visit is answered by %d", w.Code)
		}
		return w.Result()
	}
	cookies := visit(sites[0], nil).Cookies()
	var all sync.WaitGroup
	for _, site := range sites {
		for range requests {
			all.Go(func() {
				for range visits {
					visit(site, cookies)
				}
			})
		}
	}
	all.Wait()
	m, err := sessions.New(open(t, connect(t, s, nil)), opts)
	ok(t, err)
	session, err := m.Open(t.Context(), cookies[0].Value)
	ok(t, err)
	n, err := counter.Get(session)
	ok(t, err)
	if want := 1 + clients*requests*visits; n != want {
		t.Errorf("counted %d visits, want %d", n, want)
	}
}
