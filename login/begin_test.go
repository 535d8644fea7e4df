package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
	"github.com/gosessions/sessions/login"
	"github.com/gosessions/sessions/store/memstore"
)

// scripts returns a manager whose sessions pages and scripts share.
func scripts(t *testing.T) *login.Manager[user, password] {
	t.Helper()
	m, err := sessions.New(new(memstore.Store), sessions.Options{Transports: []sessions.Transport{sessions.Cookie(), sessions.Bearer()}})
	wantErr(t, "sessions.New", err, nil)
	auth, err := login.New(m, &users{known: map[string]user{"ann": {Name: "ann"}}}, login.Options{HashKeys: []sessions.Secret{make([]byte, 32)}})
	wantErr(t, "login.New", err, nil)
	return auth
}

// call serves a request as a server does whose response is not an
// [http.ResponseWriter].
func call(auth *login.Manager[user, password], r *http.Request, f func(context.Context) int) (int, http.Header) {
	ctx, x := auth.BeginRequest(r)
	defer x.Discard()
	h := http.Header{}
	status := f(ctx)
	if err := x.Respond(ctx, status, h); err != nil {
		status = login.StatusCode(err)
	}
	return status, h
}

// TestR127_LoginWithoutAResponseWriter: the header has the cookie, and keeps
// pages of users out of caches.
func TestR127_LoginWithoutAResponseWriter(t *testing.T) {
	auth := scripts(t)
	r := httptest.NewRequest("POST", "https://example.com/", nil)
	status, h := call(auth, r, func(ctx context.Context) int {
		wantErr(t, "Login", auth.Login(ctx, user{Name: "ann"}, login.Details{}), nil)
		return 200
	})
	want(t, "login", status, 200)
	resp := http.Response{Header: h}
	want(t, "login: cookies", len(resp.Cookies()), 1)

	r.Header.Set("Cookie", resp.Cookies()[0].Name+"="+resp.Cookies()[0].Value)
	status, h = call(auth, r, func(ctx context.Context) int {
		u, ok, err := auth.User(ctx)
		want(t, "user", u.Name, "ann")
		want(t, "ok", ok, true)
		wantErr(t, "User", err, nil)
		return 200
	})
	want(t, "user: status", status, 200)
	want(t, "user: Cache-Control", h.Get("Cache-Control"), "no-store")
	want(t, "user: Vary", h.Values("Vary")[0], "Cookie")

	_, h = call(auth, r, func(context.Context) int { return 200 })
	want(t, "nobody asks: Cache-Control", h.Get("Cache-Control"), "")

	_, h = call(auth, r, func(ctx context.Context) int {
		wantErr(t, "Logout", auth.Logout(ctx), nil)
		return 500
	})
	resp = http.Response{Header: h}
	want(t, "a logout in a request that fails: cookies", len(resp.Cookies()), 1)
	want(t, "it is removed", resp.Cookies()[0].MaxAge < 0, true)
}

// TestR127_StatusOfErrors: what the documentation of the errors says.
func TestR127_StatusOfErrors(t *testing.T) {
	for _, c := range []struct {
		err    error
		status int
	}{
		{login.ErrAnonymous, 401}, {login.ErrNotRecent, 401}, {login.ErrCredentials, 401}, {login.ErrForbidden, 403},
		{login.ErrBackend, 503}, {login.ErrBusy, 503}, {login.ErrMaxSessions, 409}, {sessions.ErrUnavailable, 503},
		{sessions.ErrConflict, 503}, {sessions.ErrNotFound, 409}, {sessions.ErrRefused, 429}, {context.DeadlineExceeded, 503}, {errors.New("any"), 500},
	} {
		want(t, c.err.Error(), login.StatusCode(c.err), c.status)
	}
}

// framework is the context that a framework's middleware gives to handlers.
type framework struct {
	context.Context
	write func(w http.ResponseWriter, status int, message string, err error)
}

func (f framework) WriteError(w http.ResponseWriter, _ *http.Request, status int, message string, err error) {
	f.write(w, status, message, err)
}

// TestR127_FrameworkWritesErrorPages: with the status and a message, for both
// packages, and after a save that failed.
func TestR127_FrameworkWritesErrorPages(t *testing.T) { synctest.Test(t, frameworkWritesErrorPages) }

func frameworkWritesErrorPages(t *testing.T) {
	st := &faultstore.Store{Store: new(memstore.Store)}
	a := newAppOn(t, st, login.Options{})
	ask := func(h http.Handler) string {
		message := ""
		write := func(w http.ResponseWriter, status int, m string, err error) {
			if err == nil {
				t.Error("there is no cause")
			}
			message += m
			w.WriteHeader(status)
		}
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", "https://example.com/", nil)
		a.Handler(h).ServeHTTP(w, r.WithContext(sessions.WithErrorWriter(r.Context(),
			func(w http.ResponseWriter, _ *http.Request, status int, m string, err error) {
				write(w, status, m, err)
			})))
		own := httptest.NewRecorder()
		a.Handler(h).(sessions.ContextHandler).ServeContext(framework{r.Context(), write}, own, r)
		want(t, "sizes", w.Body.Len()+own.Body.Len(), 0)
		want(t, "status with a context", own.Code, w.Code)
		text := http.StatusText(w.Code)
		want(t, "messages", message, text+text)
		return text
	}
	want(t, "nobody is signed in", ask(a.RequireLogin(http.HandlerFunc(page))), "Unauthorized")
	st.Fault = func(int, string) faultstore.Fault { return faultstore.Before }
	want(t, "the store is down", ask(sessions.HandlerFunc(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		wantErr(t, "Set", s.Set("k", 1), nil)
		w.WriteHeader(200)
	})), "Service Unavailable")
}

// TestR130_OriginOfABearerNeedsNoCheck: a page of another site can make the
// browser send a cookie, but no bearer token.
func TestR130_OriginOfABearerNeedsNoCheck(t *testing.T) {
	auth := scripts(t)
	send := func(lines ...string) (int, error) {
		r := httptest.NewRequest("POST", "https://example.com/", nil)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		for i := 0; i < len(lines); i += 2 {
			r.Header.Set(lines[i], lines[i+1])
		}
		w := httptest.NewRecorder()
		auth.Handler(http.HandlerFunc(page)).ServeHTTP(w, r)
		return w.Code, auth.CheckOrigin(r)
	}
	r := httptest.NewRequest("POST", "https://example.com/", nil)
	_, h := call(auth, r, func(ctx context.Context) int {
		wantErr(t, "Login", auth.Login(ctx, user{Name: "ann"}, login.Details{}), nil)
		return 200
	})
	cookie := (&http.Response{Header: h}).Cookies()[0]
	for _, c := range []struct {
		what, name, value string
		status            int
		err               error
	}{
		{"nothing", "Accept", "*/*", 403, login.ErrForbidden},
		{"a cookie", "Cookie", cookie.Name + "=" + cookie.Value, 403, login.ErrForbidden},
		{"a bearer token", "Authorization", "Bearer " + cookie.Value, 204, nil},
		{"the form of this site", "Sec-Fetch-Site", "same-origin", 204, nil},
	} {
		status, err := send(c.name, c.value)
		want(t, c.what, status, c.status)
		wantErr(t, c.what, err, c.err)
	}
}

// TestR127_NoCacheKeepsTheAnswerToAnError: the handler has chosen its header
// for another response.
func TestR127_NoCacheKeepsTheAnswerToAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &faultstore.Store{Store: new(memstore.Store)}
		a := newAppOn(t, st, login.Options{})
		ctx, x := a.BeginRequest(httptest.NewRequest("GET", "https://example.com/", nil))
		s, err := sessions.Load(ctx)
		wantErr(t, "Load", err, nil)
		wantErr(t, "Set", s.Set("k", 1), nil)
		st.Fault = func(int, string) faultstore.Fault { return faultstore.Before }
		h := http.Header{"Cache-Control": {"public, max-age=60"}}
		wantErr(t, "Respond", x.Respond(ctx, 200, h), sessions.ErrUnavailable)
		want(t, "Cache-Control", h.Get("Cache-Control"), "no-store")
	})
}
