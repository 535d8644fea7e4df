package login_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// TestR114_EventsOfAConvertedRequestNameTheAddress, and a request without
// events, whose session nobody asks for, is not converted.
func TestR114_EventsOfAConvertedRequestNameTheAddress(t *testing.T) {
	a := newApp(t, login.Options{})
	conversions := 0
	visit := func(f func(context.Context)) {
		ctx, x := a.BeginRequestFunc(t.Context(), func() *http.Request {
			conversions++
			return httptest.NewRequest(http.MethodPost, "/", nil)
		})
		defer x.Discard()
		f(ctx)
	}
	visit(func(context.Context) {})
	want(t, "conversions", conversions, 0)
	visit(func(ctx context.Context) {
		_, err := a.Authenticate(ctx, password{"ann", "wrong"})
		wantErr(t, "Authenticate", err, login.ErrCredentials)
	})
	want(t, "address", a.events[0].RemoteAddr, "192.0.2.1:1234")
}

// TestR40_RequestOfALoginTwiceHasOneVisit, also inside of the login's
// sessions.Manager.
func TestR40_RequestOfALoginTwiceHasOneVisit(t *testing.T) {
	a := newApp(t, login.Options{})
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	convert := func() *http.Request { return r }
	ctx, x := a.sessions.BeginRequest(r)
	outer, y := a.BeginRequestFunc(ctx, convert)
	s, err := a.sessions.Load(ctx)
	wantErr(t, "Load", err, nil)
	for _, begin := range []func() (context.Context, *sessions.Exchange){
		func() (context.Context, *sessions.Exchange) { return a.BeginRequest(r.WithContext(outer)) },
		func() (context.Context, *sessions.Exchange) { return a.BeginRequestFunc(outer, convert) },
	} {
		inner, z := begin()
		want(t, "one visit", inner, outer)
		_, _ = z.Discard()
	}
	ann, _ := a.users.find("ann")
	wantErr(t, "Login", a.Login(outer, ann, login.Details{}), nil)
	want(t, "the session", s.Subject(), "ann")
	_, _ = y.Discard()
	h := http.Header{}
	wantErr(t, "Respond", x.Respond(outer, http.StatusOK, h), nil)
	want(t, "cookies", len(h["Set-Cookie"]), 1)
	want(t, "Cache-Control", h.Get("Cache-Control"), "no-store")
	_, _ = x.Discard()
}
