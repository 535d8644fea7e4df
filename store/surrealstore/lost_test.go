package surrealstore_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/testserver"
	"github.com/gosessions/sessions/store"
)

// TestAnswerThatIsLost: a write has happened once and its outcome is unknown,
// a read is made again.
func TestAnswerThatIsLost(t *testing.T) {
	ctx := t.Context()
	s := find(t)
	proxy := testserver.NewProxy(t, s.host)
	direct := open(t, connect(t, s, nil))
	st := open(t, connect(t, s.through(proxy), nil))
	r := record("a")
	at := func(version uint64, expires time.Time) func() bool {
		return func() bool {
			got, err := direct.Load(ctx, "a")
			return err == nil && got.Version == version && got.Expires.Equal(expires)
		}
	}
	later := r.Expires.Add(time.Hour)
	for _, c := range []struct {
		name string
		call func() error
		done func() bool
	}{
		{"Create", func() error { return st.Create(ctx, r) }, at(1, r.Expires)},
		{"Save", func() error { return st.Save(ctx, r) }, at(2, r.Expires)},
		{"Touch", func() error { return st.Touch(ctx, "a", 2, later) }, at(2, later)},
		{"Delete", func() error { return st.Delete(ctx, "a") }, func() bool {
			_, err := direct.Load(ctx, "a")
			return errors.Is(err, store.ErrNotFound)
		}},
	} {
		proxy.Deafen()
		outcome := make(chan error, 1)
		go func() { outcome <- c.call() }()
		testserver.Until(t, 10*time.Second, c.name+" has happened", c.done)
		proxy.Cut()
		err := <-outcome
		wants(t, c.name, err, "the connection was lost")
		if errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrExists) {
			t.Errorf("%s whose answer is lost returns %v", c.name, err)
		}
		proxy.Pass()
		if !c.done() {
			t.Errorf("%s has happened more than once", c.name)
		}
		if _, err := st.Load(ctx, "a"); err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Load after %s: %v", c.name, err)
		}
	}
}

// TestVisitorWhoseAnswerIsLostIsCountedOnce: a request that finds its own
// write is answered by 200.
func TestVisitorWhoseAnswerIsLostIsCountedOnce(t *testing.T) {
	const counter = sessions.Key[int]("counter")
	s := find(t)
	proxy := testserver.NewProxy(t, s.host)
	db := connect(t, s, nil)
	open(t, db)
	manager, err := sessions.New(bare(t, connect(t, s.through(proxy), nil)), sessions.Options{Cookie: sessions.CookieOptions{InsecureHTTP: true}})
	ok(t, err)
	count := 0
	saving := func() {}
	site := manager.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		count, err = counter.Update(s, func(n int) int { return n + 1 })
		saving()
	}))
	var cookies []*http.Cookie
	visit := func() int {
		r := httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), "GET", "/", nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		w := httptest.NewRecorder()
		site.ServeHTTP(w, r)
		if c := w.Result().Cookies(); len(c) > 0 {
			cookies = c
		}
		return w.Code
	}
	total := func() uint64 { // the sum of versions
		return do[uint64](t, db, "RETURN math::sum((SELECT VALUE version FROM sessions))", nil)
	}
	for n := 1; n <= 3; n++ { // the first is a Create
		before := total()
		saving = proxy.Deafen
		code := make(chan int, 1)
		go func() { code <- visit() }()
		testserver.Until(t, 10*time.Second, "the write has happened", func() bool { return total() > before })
		proxy.Cut()
		proxy.Pass()
		if got := <-code; got != http.StatusOK || count != n || err != nil {
			t.Errorf("visit %d: status %d, count %d, error %v", n, got, count, err)
		}
	}
}
