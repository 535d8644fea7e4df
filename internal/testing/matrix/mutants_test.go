package matrix

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gosessions/sessions"
)

// mutant is an app with a fault.
type mutant struct {
	name string
	// sessions, if set, replaces Manager.Handler.
	sessions middleware
	// change, if set, changes the setup of the app.
	change func(*Setup)
	// around, if set, is put around the app.
	around  func(http.Handler) http.Handler
	noticed []Scenario
}

func (m mutant) start(t *testing.T, s *Setup) string {
	if m.change != nil {
		m.change(s)
	}
	if m.sessions == nil {
		m.sessions = (*sessions.Manager).Handler
	}
	h := app(s, m.sessions)
	if m.around != nil {
		h = m.around(h)
	}
	return Serve(t, h)
}

// end ends a request whose response has the status.
type end func(r *http.Request, x *sessions.Exchange, status int) (sessions.Reply, error)

// exchange returns a middleware that ends requests in its own way. Responses are
// buffered, and sent whatever the end returns.
func exchange(end end) middleware {
	return func(m *sessions.Manager, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			token := ""
			if c, err := r.Cookie("id"); err == nil {
				token = c.Value
			}
			ctx, x := m.Begin(r.Context(), token)
			r = r.WithContext(ctx)
			resp := httptest.NewRecorder()
			defer func() {
				v := recover()
				if v != nil {
					resp.Code = http.StatusInternalServerError
				}
				reply, _ := end(r, x, resp.Code)
				_, _ = x.Discard()
				c := http.Cookie{Name: "id", Value: reply.Token(), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
				switch reply.Action() {
				case sessions.Clear:
					c.MaxAge = -1
					fallthrough
				case sessions.Set:
					http.SetCookie(w, &c)
				}
				if v != nil {
					panic(v)
				}
				for name, values := range resp.Header() {
					w.Header()[name] = append(w.Header()[name], values...)
				}
				w.WriteHeader(resp.Code)
				_, _ = w.Write(resp.Body.Bytes())
			}()
			next.ServeHTTP(resp, r)
		})
	}
}

// right ends a request as it should.
func right(r *http.Request, x *sessions.Exchange, status int) (sessions.Reply, error) {
	if status >= http.StatusInternalServerError {
		return x.Discard()
	}
	return x.Commit(r.Context())
}

// replaced returns a change of pages.
func replaced(do func(Page) func(context.Context) (string, error), paths ...string) func(*Setup) {
	return func(s *Setup) {
		for i, p := range s.Pages {
			if slices.Contains(paths, p.Path) {
				s.Pages[i].Do = do(p)
			}
		}
	}
}

var mutants = []mutant{
	{name: "the response is sent before the session is saved", sessions: func(m *sessions.Manager, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, x := m.Begin(r.Context(), "")
			next.ServeHTTP(w, r.WithContext(ctx))
			_, _ = x.Commit(ctx)
		})
	}, noticed: []Scenario{
		Text, Redirect, JSON, File, Head, NotModified, Stream, Events, SocketNew, SocketKnown, Rejected,
		DownAfter, CompressInside, CompressOutside, Twice, Group, TwoManagers, LoginLogout, Renewals, Everywhere,
	}},
	{name: "the response is buffered", sessions: exchange(right), noticed: []Scenario{Stream, Events, SocketNew, SocketKnown}},
	{name: "every request loads the session", sessions: func(m *sessions.Manager, next http.Handler) http.Handler {
		return m.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, _ *sessions.Session) { next.ServeHTTP(w, r) }))
	}, noticed: []Scenario{Unused}},
	{name: "a 5xx is saved", sessions: exchange(func(r *http.Request, x *sessions.Exchange, _ int) (sessions.Reply, error) {
		return x.Commit(context.WithoutCancel(r.Context()))
	}), noticed: []Scenario{Failed, PanicInside, PanicOutside, TimeoutInside}},
	{name: "a 4xx is dropped", sessions: exchange(func(r *http.Request, x *sessions.Exchange, status int) (sessions.Reply, error) {
		return right(r, x, status+100)
	}), noticed: []Scenario{Rejected}},
	{name: "a 5xx keeps the cookie of a logout", sessions: exchange(func(r *http.Request, x *sessions.Exchange, status int) (sessions.Reply, error) {
		reply, err := right(r, x, status)
		if status >= http.StatusInternalServerError {
			return sessions.Reply{}, err
		}
		return reply, err
	}), noticed: []Scenario{FailedLogout, PanicInside, PanicOutside}},
	{name: "nothing is saved for a client that has gone", sessions: exchange(func(r *http.Request, x *sessions.Exchange, status int) (sessions.Reply, error) {
		if r.URL.Path == "/wait" {
			<-r.Context().Done()
		}
		if r.Context().Err() != nil {
			return x.Discard()
		}
		return right(r, x, status)
	}), noticed: []Scenario{ClientLeaves, ContextEnds}},
	{name: "the context never ends", around: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
		})
	}, noticed: []Scenario{ContextEnds}},
	{name: "errors are ignored", change: replaced(func(p Page) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			text, _ := p.Do(ctx)
			return text, nil
		}
	}, "/count", "/save"), noticed: []Scenario{DownBefore, DownDuring, Group}},
	{name: "the framework's layers are missing", change: func(s *Setup) {
		s.Layers = slices.DeleteFunc(slices.Clone(s.Layers), func(l Layer) bool { return l == Recover || l == Compress || l == Timeout })
	}, noticed: []Scenario{PanicInside, PanicOutside, TimeoutInside, TimeoutOutside, CompressInside, CompressOutside}},
	{name: "forms of other sites are those of this site", around: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			next.ServeHTTP(w, r)
		})
	}, noticed: []Scenario{CrossSite}},
	{name: "the first visitor is everybody", around: func(next http.Handler) http.Handler {
		var once sync.Once
		var first string
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if cookie := r.Header.Get("Cookie"); cookie != "" {
				once.Do(func() { first = cookie })
				r.Header.Set("Cookie", first)
			}
			next.ServeHTTP(w, r)
		})
	}, noticed: []Scenario{Parallel}},
	{name: "there is one manager", change: func(s *Setup) { s.Second = s.Manager }, noticed: []Scenario{TwoManagers}},
	{name: "nothing signs out", change: replaced(func(Page) func(context.Context) (string, error) {
		return done(func(context.Context) error { return nil })
	}, "/logout", "/everywhere"), noticed: []Scenario{LoginLogout, Everywhere}},
	{name: "nothing is renewed", change: replaced(func(Page) func(context.Context) (string, error) {
		return func(context.Context) (string, error) { return "renewed", nil }
	}, "/renew"), noticed: []Scenario{Renewals}},
}

// TestEachScenarioFailsOnABrokenApp: each is listed with a fault that it must
// notice.
func TestEachScenarioFailsOnABrokenApp(t *testing.T) {
	var listed []Scenario
	for _, m := range mutants {
		listed = append(listed, m.noticed...)
		t.Run(m.name, func(t *testing.T) {
			t.Parallel() // some scenarios notice a fault when their time is over
			for _, p := range plays {
				if slices.Contains(m.noticed, p.scenario) && p.check(t, m.start, 200*time.Millisecond) == nil {
					t.Errorf("not noticed by %q", p.scenario)
				}
			}
		})
	}
	for _, s := range rows() {
		if !slices.Contains(listed, s) {
			t.Errorf("no app fails %q", s)
		}
	}
}
