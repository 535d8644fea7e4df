package test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

func TestFailureAfterASavedRenewalBringsTheToken(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, both(count, signIn("ann")))
	resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = s.Renew()
		want(t, "Save", s.Save(r.Context()), nil)
		a.store.Fault = failing("save", faultstore.Before)
		_ = counter.Set(s, 2)
	})
	a.store.Fault = nil
	want(t, "status", resp.StatusCode, http.StatusServiceUnavailable)
	want(t, "the browser's token", a.see(b.token()), `200 "ann" 1`)
}

func TestFailureOfTheOuterManagerBringsTheTokenOfTheInner(t *testing.T) {
	outer, inner := newApp(t, sessions.Options{Cookie: sessions.CookieOptions{Name: "__Host-outer"}}), newApp(t, sessions.Options{})
	b := &browser{cookies: map[string]string{}, h: behindBoth(outer, inner, func(_ *http.Request, so, si *sessions.Session) {
		_, _ = counter.Set(so, 1), counter.Set(si, 1)
		si.SetSubject("ann")
	})}
	b.get()
	b.h = behindBoth(outer, inner, func(_ *http.Request, so, si *sessions.Session) {
		_ = counter.Set(so, 2)
		_ = si.Renew()
		outer.store.Fault = failing("save", faultstore.Before)
	})
	want(t, "reply", b.get(), "503 Service Unavailable")
	want(t, "the inner token", inner.see(b.token()), `200 "ann" 1`)
}

func TestR39_WhatIsDoneDuringTheLastSaveCounts(t *testing.T) {
	for name, test := range map[string]struct {
		do   func(*sessions.Session)
		want string
	}{
		"set":     {func(s *sessions.Session) { _ = counter.Set(s, 99) }, "200 99"},
		"destroy": {(*sessions.Session).Destroy, "200 0"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			b.visit(a, count)
			b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				flush(t, w)
				_ = s.Set("x", 1)
				a.store.Hook = func(op, _ string) { // the handler has returned
					if op == "save" {
						a.store.Hook = nil
						test.do(s)
					}
				}
			})
			want(t, "stored", b.with(a, read).get(), test.want)
		})
	}
}

// TestR38_DeadlineThatHasPassedIsNoSilentLoss: no TimeoutHandler has answered,
// so the visitor must not read that it is saved.
func TestR38_DeadlineThatHasPassedIsNoSilentLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		a.kinds()
		within := func(page handler) http.Handler {
			inner := a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				<-r.Context().Done()
				page(w, r, s)
			}))
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithTimeout(r.Context(), time.Second)
				defer cancel()
				inner.ServeHTTP(w, r.WithContext(ctx))
			})
		}
		b.h = within(count)
		want(t, "a page that writes", b.get(), "503 Service Unavailable")
		want(t, "events", a.kinds(), "failed")
		b.h = within(read)
		want(t, "a page that reads", b.get(), "200 1")
		b.h = within(func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			flush(t, w)
			_ = counter.Set(s, 7)
		})
		b.get()
		want(t, "events of a change after the first byte", a.kinds(), "unsaved")
		strict := a.as(sessions.Options{AbortUnsaved: true})
		func() {
			defer func() { want(t, "with AbortUnsaved", recover(), any(http.ErrAbortHandler)) }()
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			h := b.with(strict, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				flush(t, w)
				<-r.Context().Done()
				_ = counter.Set(s, 7)
			})
			h.do(httptest.NewRequestWithContext(ctx, "GET", "https://example.com/", nil))
		}()
		want(t, "stored", b.with(a, read).get(), "200 1")
	})
}

func TestErrLateMatchesTheDeadline(t *testing.T) {
	var err error
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, e error) { err = e }})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		b := a.browser(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			<-r.Context().Done()
			count(w, r, s)
		})
		h := b.h
		b.h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r.WithContext(ctx)) })
		b.get()
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error page was given %v, want DeadlineExceeded", err)
	}
}
