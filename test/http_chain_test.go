package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

func TestR40_AManagerTwiceIsThereOnce(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := &browser{h: a.Handler(a.Handler(sessions.HandlerFunc(count))), cookies: map[string]string{}}
	want(t, "first", b.get(), "200 1")
	want(t, "second", b.get(), "200 2")
	want(t, "store calls", a.store.Ops(), "create load save")
}

// TestR40_AManagerTwiceHasOneSession: what a layer between sets, the handler
// sees, and both are saved together.
func TestR40_AManagerTwiceHasOneSession(t *testing.T) {
	a := newApp(t, sessions.Options{})
	inner := a.Handler(sessions.HandlerFunc(count))
	between := sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_, _ = counter.Update(s, func(n int) int { return n + 10 })
		inner.ServeHTTP(w, r)
	})
	b := &browser{h: a.Handler(between), cookies: map[string]string{}}
	want(t, "first", b.get(), "200 11")
	want(t, "second", b.get(), "200 22")
	want(t, "store calls", a.store.Ops(), "create load save")
}

// frameworkContext is the context that a framework gives to handlers. It cannot
// be compared.
type frameworkContext struct {
	context.Context
	write func(status int)
}

func (c frameworkContext) WriteError(_ http.ResponseWriter, _ *http.Request, status int, _ string, _ error) {
	c.write(status)
}

// TestR127_ContextOfAFrameworkIsHeeded, whether the handler is a manager's, the
// same manager's again, or copies the request.
func TestR127_ContextOfAFrameworkIsHeeded(t *testing.T) {
	a := newApp(t, sessions.Options{})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sessions.DefaultErrorHandler(w, r, sessions.ErrUnavailable)
	})
	outside := func(h http.Handler) http.Handler { return h }
	for name, tc := range map[string]struct {
		around func(http.Handler) http.Handler
		h      http.Handler
	}{
		"manager":       {outside, a.Handler(page)},
		"manager again": {a.Handler, a.Handler(page)},
		"another":       {outside, page},
	} {
		written := 0
		tc.around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := frameworkContext{r.Context(), func(status int) { written = status }}
			sessions.AsContextHandler(tc.h).ServeContext(ctx, w, r)
			tc.h.ServeHTTP(w, r.WithContext(ctx)) // which compares nothing
		})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "https://example.com/", nil))
		want(t, name, written, http.StatusServiceUnavailable)
	}
}

func TestR40_ManagersOfOneChainAreIndependent(t *testing.T) {
	outer, inner := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-outer"}}), newApp(t, sessions.Options{})
	page := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first, err := outer.Load(r.Context())
		if err != nil {
			t.Error(err)
		}
		second, err := inner.Load(r.Context())
		if err != nil {
			t.Error(err)
		}
		innermost, _ := sessions.Load(r.Context())
		want(t, "Load finds the innermost", innermost, second)
		m, _ := counter.Update(first, func(n int) int { return n + 1 })
		n, _ := counter.Update(second, func(n int) int { return n + 10 })
		_, _ = fmt.Fprint(w, m, n)
	})
	b := &browser{h: outer.Handler(inner.Handler(page)), cookies: map[string]string{}}
	want(t, "first", b.get(), "200 1 10")
	want(t, "second", b.get(), "200 2 20")
	want(t, "cookies", len(b.cookies), 2)

	b.h = outer.Handler(inner.Handler(sessions.HandlerFunc(signOut)))
	b.get()
	want(t, "after the inner logout", len(b.cookies), 1)
	want(t, "the outer one's store calls", outer.store.Ops(), "create load save")
	want(t, "the inner one's", inner.store.Ops(), "create load save load load delete")
	b.h = outer.Handler(inner.Handler(page))
	want(t, "third", b.get(), "200 3 10")

	resp := b.do(httptest.NewRequest("GET", "/", nil))
	want(t, "Vary", strings.Join(resp.Header["Vary"], "|"), "Cookie")
}

func TestR40_RoutersAndOtherMiddleware(t *testing.T) {
	type key struct{}
	a := newApp(t, sessions.Options{})
	nested := http.NewServeMux()
	nested.Handle("GET /count/{name}", sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		want(t, "path value", r.PathValue("name"), "ann")
		want(t, "value of another middleware", r.Context().Value(key{}), any("x"))
		count(w, r, s)
	}))
	mux := http.NewServeMux()
	mux.Handle("/app/", http.StripPrefix("/app", nested))
	middleware := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(context.WithValue(r.Context(), key{}, "x"))
		defer cancel()
		mux.ServeHTTP(w, r.WithContext(ctx))
	})
	protocols(t, a.Handler(middleware), func(t *testing.T, get func(string) *http.Response) {
		want(t, "first", text(get("/app/count/ann")), "200 1")
		want(t, "second", text(get("/app/count/ann")), "200 2")
		want(t, "another page", text(get("/nowhere")), "404 404 page not found")
	})
}

func TestLoadWithoutAManager(t *testing.T) {
	if _, err := sessions.Load(context.Background()); !errors.Is(err, sessions.ErrNoSession) {
		t.Errorf("Load: %v, want ErrNoSession", err)
	}
	a, other := newApp(t, sessions.Options{}), newApp(t, sessions.Options{})
	if _, err := a.Load(context.Background()); !errors.Is(err, sessions.ErrNoSession) {
		t.Errorf("Manager.Load: %v, want ErrNoSession", err)
	}
	other.browser(func(_ http.ResponseWriter, r *http.Request, _ *sessions.Session) {
		if _, err := a.Load(r.Context()); !errors.Is(err, sessions.ErrNoSession) {
			t.Errorf("Load of a manager that is not in the chain: %v, want ErrNoSession", err)
		}
	}).get()
	for name, h := range map[string]http.Handler{
		"HandlerFunc": sessions.HandlerFunc(read),
		"Handle":      personKey.HandlerFunc(func(http.ResponseWriter, *http.Request, *sessions.Typed[person]) {}),
	} {
		b := &browser{h: h, cookies: map[string]string{}}
		want(t, name, b.get(), "500 Internal Server Error")
	}
}

func TestErrorHandlerAnswersForExtractors(t *testing.T) {
	var seen error
	a := newApp(t, sessions.Options{Undecodable: sessions.UndecodableError, ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
		seen = err
		http.Error(w, "sorry, "+r.URL.Path, http.StatusTeapot)
	}})
	b := a.browser(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { _ = s.Set("person", 1) })
	b.get()
	b.h = a.Handler(personKey.HandlerFunc(func(http.ResponseWriter, *http.Request, *sessions.Typed[person]) {}))
	want(t, "a value of another type", b.get(), "418 sorry, /app")
	var codec *sessions.CodecError
	want(t, "its error", errors.As(seen, &codec), true)
}

func TestExtractorsOfAStoreThatIsDown(t *testing.T) {
	answer := func(name string) func(http.ResponseWriter, *http.Request, error) {
		return func(w http.ResponseWriter, _ *http.Request, err error) {
			want(t, "the error", errors.Is(err, sessions.ErrUnavailable), true)
			http.Error(w, name, http.StatusTeapot)
		}
	}
	outer := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-outer"}, ErrorHandler: answer("outer")})
	inner := newApp(t, sessions.Options{ErrorHandler: answer("inner")})
	b := inner.browser(count)
	b.get()
	inner.store.Fault = failing("load", faultstore.Before)
	for name, page := range map[string]http.Handler{
		"HandlerFunc": sessions.HandlerFunc(read),
		"Handle": counter.HandlerFunc(func(http.ResponseWriter, *http.Request, *sessions.Typed[int]) {
			t.Error("the handler ran")
		}),
	} {
		b.h = outer.Handler(inner.Handler(page))
		want(t, name+": the manager that failed answers", b.get(), "418 inner")
	}
	want(t, "the other one's store calls", outer.store.Ops(), "")
}

func TestErrorAnswersByTheManagersHandler(t *testing.T) {
	a := newApp(t, sessions.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		http.Error(w, err.Error(), http.StatusTeapot)
	}})
	answer := func(w http.ResponseWriter, r *http.Request, _ *sessions.Session) { a.Error(w, r, sessions.ErrTooLarge) }
	want(t, "inside", a.browser(answer).get(), "418 sessions: session is too large")
	want(t, "events", a.kinds(), "failed")
}

// behindBoth returns a page behind two managers that uses both sessions.
func behindBoth(outer, inner *app, f func(r *http.Request, so, si *sessions.Session)) http.Handler {
	return outer.Handler(inner.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		so, _ := outer.Load(r.Context())
		si, _ := inner.Load(r.Context())
		f(r, so, si)
	})))
}

// TestR40_ConflictOfTheOuterManagerBringsTheTokenOfTheInner: the inner manager
// has saved a login.
func TestR40_ConflictOfTheOuterManagerBringsTheTokenOfTheInner(t *testing.T) {
	outer, inner := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-outer"}}), newApp(t, sessions.Options{})
	b := &browser{cookies: map[string]string{}, h: behindBoth(outer, inner, func(_ *http.Request, so, si *sessions.Session) {
		_, _ = counter.Set(so, 1), counter.Set(si, 1)
	})}
	b.get()
	b.h = behindBoth(outer, inner, func(r *http.Request, so, si *sessions.Session) {
		_ = so.Renew()
		want(t, "Revoke", outer.Revoke(r.Context(), so.ID()), nil)
		_ = si.SetSubject("ann")
	})
	want(t, "reply", b.get(), "409 Conflict")
	want(t, "the inner token", inner.see(b.token()), `200 "ann" 1`)
}
