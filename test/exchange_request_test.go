package test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gosessions/sessions"
)

// request returns a request that brings a token, if it is not "".
func request(ctx context.Context, token string) *http.Request {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "https://example.com/app", nil)
	if token != "" {
		r.AddCookie(&http.Cookie{Name: "__Host-id", Value: token})
	}
	return r
}

// TestR85_RequestIsConvertedOnlyIfItIsNeeded: by the first Load, and once.
func TestR85_RequestIsConvertedOnlyIfItIsNeeded(t *testing.T) {
	a := newApp(t, sessions.Options{})
	token, conversions := "", 0
	visit := func(f func(context.Context)) http.Header {
		ctx, x := a.BeginRequestFunc(t.Context(), func() *http.Request {
			conversions++
			return request(context.Background(), token)
		})
		f(ctx)
		h := http.Header{}
		want(t, "Respond", x.Respond(ctx, http.StatusOK, h), nil)
		_, err := x.Discard()
		want(t, "Discard", err, nil)
		return h
	}
	h := visit(func(context.Context) {})
	want(t, "Vary", h.Get("Vary"), "Cookie")
	want(t, "conversions without a Load", conversions, 0)
	increment := func(ctx context.Context) {
		for range 2 {
			s, err := sessions.Load(ctx)
			want(t, "Load", err, nil)
			_, err = counter.Update(s, func(n int) int { return n + 1 })
			want(t, "Update", err, nil)
		}
	}
	cookies := (&http.Response{Header: visit(increment)}).Cookies()
	want(t, "cookies", len(cookies), 1)
	token = cookies[0].Value
	want(t, "conversions", conversions, 1)
	visit(increment)
	want(t, "the session", a.see(token), `200 "" 4`)
	want(t, "conversions of both requests", conversions, 2)
}

// TestR85_RequestOfAManagerThatIsThereAlready: the inner exchange saves and
// ends nothing.
func TestR85_RequestOfAManagerThatIsThereAlready(t *testing.T) {
	a := newApp(t, sessions.Options{})
	tok := a.login("ann")
	ctx, x := a.BeginRequest(request(t.Context(), tok))
	s, err := sessions.Load(ctx)
	want(t, "Load", err, nil)
	want(t, "Set", counter.Set(s, 1), nil)
	for _, begin := range []func() (context.Context, *sessions.Exchange){
		func() (context.Context, *sessions.Exchange) { return a.BeginRequest(request(ctx, tok)) },
		func() (context.Context, *sessions.Exchange) { return a.BeginRequestFunc(ctx, nil) },
	} {
		same, inner := begin()
		want(t, "the context is the outer one", same, ctx)
		h := http.Header{}
		want(t, "inner Respond", inner.Respond(same, http.StatusOK, h), nil)
		want(t, "its header", len(h), 0)
		reply, err := inner.Commit(same)
		want(t, "inner Commit", err, nil)
		want(t, "its action", reply.Action(), sessions.Keep)
		_, err = inner.Discard()
		want(t, "inner Discard", err, nil)
	}
	want(t, "before the outer Respond", a.see(tok), `200 "ann" 0`)
	want(t, "a token can still follow", s.Renew(), nil)
	want(t, "Respond", x.Respond(ctx, http.StatusOK, http.Header{}), nil)
	_, _ = x.Discard()
	want(t, "the session", a.see(tok), `200 "ann" 1`)
}

// TestR85_RequestWithinAHandler is saved or dropped for itself: a call of gRPC
// that fails is an HTTP response with status 200.
func TestR85_RequestWithinAHandler(t *testing.T) {
	a := newApp(t, sessions.Options{})
	tok := a.login("ann")
	for _, tc := range []struct {
		status int
		seen   string
	}{{http.StatusInternalServerError, `200 "ann" 0`}, {http.StatusOK, `200 "ann" 1`}} {
		a.kinds()
		w := httptest.NewRecorder()
		a.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx, x := a.BeginRequest(r)
			s, err := sessions.Load(ctx)
			want(t, "Load", err, nil)
			want(t, "Set", counter.Set(s, 1), nil)
			want(t, "Respond", x.Respond(ctx, tc.status, w.Header()), nil)
			_, err = x.Discard()
			want(t, "Discard", err, nil)
			want(t, "the session", a.see(tok), tc.seen)
		})).ServeHTTP(w, request(t.Context(), tok))
		want(t, "status", w.Code, http.StatusOK)
		want(t, "the session", a.see(tok), tc.seen)
		want(t, "events", a.kinds(), "")
	}
}

// TestR85_RequestsOfTwoManagers are told apart, also if their cookies are not.
func TestR85_RequestsOfTwoManagers(t *testing.T) {
	outer, inner := newApp(t, sessions.Options{}), newApp(t, sessions.Options{})
	ctx, x := outer.BeginRequest(request(t.Context(), ""))
	defer x.Discard()
	ctx, y := inner.BeginRequest(request(ctx, ""))
	defer y.Discard()
	first, err := outer.Load(ctx)
	want(t, "Load of the outer manager", err, nil)
	second, err := sessions.Load(ctx)
	want(t, "Load", err, nil)
	want(t, "one session", first == second, false)
	want(t, "events", strings.Contains(inner.kinds(), "misused"), true)
}

// TestR85_ErrorOfRespondIsOneEvent, also if its page is written by
// Manager.Error.
func TestR85_ErrorOfRespondIsOneEvent(t *testing.T) {
	a := newApp(t, sessions.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	r := request(ctx, a.login("ann"))
	a.kinds()
	live, x := a.BeginRequest(r.WithContext(t.Context()))
	defer x.Discard()
	s, err := sessions.Load(live)
	want(t, "Load", err, nil)
	want(t, "Set", counter.Set(s, 1), nil)
	err = x.Respond(ctx, http.StatusOK, http.Header{})
	want(t, "the error matches DeadlineExceeded", errors.Is(err, context.DeadlineExceeded), true)
	w := httptest.NewRecorder()
	a.Error(w, r.WithContext(live), err)
	want(t, "status", w.Code, http.StatusServiceUnavailable)
	want(t, "events", a.kinds(), "failed")
}
