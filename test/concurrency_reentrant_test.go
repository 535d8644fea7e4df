package test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/store"
	"github.com/gosessions/sessions/store/memstore"
)

// asking is a log handler that adds who is logged in.
type asking struct{ slog.Handler }

func (asking) Enabled(context.Context, slog.Level) bool { return true }

func (asking) Handle(ctx context.Context, _ slog.Record) error {
	if s, err := sessions.Load(ctx); err == nil {
		_ = s.Subject()
	}
	return nil
}

// logging is a store that logs what it does.
type logging struct {
	*memstore.Store
	log *slog.Logger
}

func (st logging) Load(ctx context.Context, id string) (store.Record, error) {
	st.log.DebugContext(ctx, "load")
	return st.Store.Load(ctx, id)
}

func (st logging) Save(ctx context.Context, r store.Record) error {
	st.log.DebugContext(ctx, "save")
	return st.Store.Save(ctx, r)
}

func TestStoreThatAsksForTheSessionDoesNotHang(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	a.store.Store = logging{a.store.Store.(*memstore.Store), slog.New(asking{})}
	want(t, "reply", text(b.visit(a, count)), "200 2")
}

func TestUpdate_ThatReadsAnotherKeyIsMadeAgainByReload(t *testing.T) {
	const total = sessions.Key[int]("total")
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_, _ = total.Update(s, func(n int) int { c, _ := counter.Get(s); return n + c })
		want(t, "Reload", s.Reload(r.Context()), nil)
		n, _ := total.Get(s)
		want(t, "total", n, 1)
	})
}

func TestUpdate_ThatChangesTheSessionIsAnError(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		_, err := counter.Update(s, func(n int) int { _ = s.Set("last", "now"); return n + 1 })
		want(t, "an error", err != nil, true)
	})
}

// TestR48_SaveAndFirstByteAtOnce is for the race detector.
func TestR48_SaveAndFirstByteAtOnce(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	for range 20 {
		b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			var wg sync.WaitGroup
			wg.Go(func() {
				_, _ = counter.Update(s, func(n int) int { return n + 1 })
				_ = s.Save(context.Background())
			})
			_, _ = fmt.Fprint(w, "first byte")
			wg.Wait()
		})
	}
	want(t, "count", b.with(a, read).get(), "200 21")
}

// TestR48_DestroyAndServerErrorAtOnce is for the race detector.
func TestR48_DestroyAndServerErrorAtOnce(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	for range 1000 {
		if b.token() == "" {
			b.visit(a, count)
		}
		b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			var wg sync.WaitGroup
			_ = s.Set("x", 7)
			start := make(chan struct{})
			wg.Go(func() { <-start; s.Destroy() })
			close(start)
			w.WriteHeader(http.StatusInternalServerError)
			wg.Wait()
		})
	}
}

// TestUpdate_ThatReadsAnotherKeyIsMadeAgainByALogin: on a token that is dead or
// earlier, a login makes its changes again on another record.
func TestUpdate_ThatReadsAnotherKeyIsMadeAgainByALogin(t *testing.T) {
	for name, other := range map[string]handler{"dead": signIn("ann"), "earlier": renewing} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			b.with(a, read).visit(a, other)
			resp := b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				_, err := counter.Update(s, func(n int) int { _ = s.Has("other"); return n + 1 })
				want(t, "Update", err, nil)
				want(t, "SetSubject", s.SetSubject("ann"), nil)
			})
			want(t, "status", resp.StatusCode, http.StatusOK)
			want(t, "the login", a.see(b.token()), `200 "ann" 2`)
		})
	}
}
