package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

func TestR38_SaveSurvivesTheClient(t *testing.T) {
	for _, setup := range []handler{read, count} {
		a := newApp(t, sessions.Options{})
		b := a.browser(setup)
		b.get()
		ctx, cancel := context.WithCancel(context.Background())
		b.h = a.Handler(sessions.HandlerFunc(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			cancel()
			_ = counter.Set(s, 42)
		}))
		want(t, "reply", text(b.do(httptest.NewRequestWithContext(ctx, "POST", "https://example.com/", nil))), "200 ")
		want(t, "counter", b.with(a, read).get(), "200 42")
		want(t, "events", a.kinds(), "created")
	}
}

// TestR38_TimedOutRequestSavesNothing: [http.TimeoutHandler] has answered 503.
func TestR38_TimedOutRequestSavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		old := b.token()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		b.h = a.Handler(sessions.HandlerFunc(both(func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			s.SetSubject("ann")
			<-r.Context().Done()
		}, count)))
		resp := b.do(httptest.NewRequestWithContext(ctx, "POST", "/", nil))
		want(t, "Set-Cookie", cookieLine(resp), "")
		want(t, "the session", a.see(old), `200 "" 1`)
	})
}

func TestR37_PanicSavesNothing(t *testing.T) {
	for _, thrown := range []any{"oops", http.ErrAbortHandler, errors.New("e")} {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		a.store.Ops()
		func() {
			defer func() { want(t, "panic", recover(), thrown) }()
			b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				_ = counter.Set(s, 9)
				s.SetSubject("ann")
				panic(thrown)
			})
		}()
		want(t, "store calls", a.store.Ops(), "load")
		want(t, "the session", a.see(b.token()), `200 "" 1`)
	}
}

func TestR36_ServerErrorDropsChangesAndRenewal(t *testing.T) {
	for _, save := range []bool{false, true} {
		a := newApp(t, sessions.Options{SaveOnError: save})
		b := a.browser(count)
		b.get()
		old := b.token()
		resp := b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 9)
			s.SetSubject("ann")
			http.Error(w, "oops", http.StatusBadGateway)
		})
		want(t, "reply", text(resp), "502 oops")
		if save {
			want(t, "the session", a.see(b.token()), `200 "ann" 9`)
			continue
		}
		want(t, "Set-Cookie", cookieLine(resp), "")
		want(t, "the session", a.see(old), `200 "" 1`)
	}
}

// TestR34_ErrorPageIsOnlyThat: nothing of the handler's answer is sent.
func TestR34_ErrorPageIsOnlyThat(t *testing.T) {
	a := newApp(t, sessions.Options{ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
		if !errors.Is(err, sessions.ErrUnavailable) {
			t.Errorf("ErrorHandler got %v", err)
		}
		http.Error(w, "sorry", http.StatusTeapot)
	}})
	a.store.Fault = failing("create", faultstore.Before)
	resp := a.browser(count).visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		http.SetCookie(w, &http.Cookie{Name: "theirs", Value: "1"})
		w.Header().Set("X-Secret", "yes")
		_ = counter.Set(s, 1)
		_, _ = fmt.Fprint(w, strings.Repeat("SECRET", 10_000))
	})
	want(t, "reply", text(resp), "418 sorry")
	want(t, "headers", resp.Header.Get("X-Secret")+cookieLine(resp), "")
}

// TestR34_ErrorPageIsNotAborted: what a request could not save is told by the
// error page, and is no change made too late.
func TestR34_ErrorPageIsNotAborted(t *testing.T) {
	a := newApp(t, sessions.Options{AbortUnsaved: true})
	a.store.Fault = failing("create", faultstore.Before)
	wantDown(t, "reply", a.browser(count).visit(a, count))
	want(t, "events", a.kinds(), "unavailable")
}

// TestR34_ErrorPageArrivesAlthoughTheHandlerPanics: [httputil.ReverseProxy] and
// some frameworks panic if they cannot write their response.
func TestR34_ErrorPageArrivesAlthoughTheHandlerPanics(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(hello))
	defer backend.Close()
	to, _ := url.Parse(backend.URL)
	for name, answer := range map[string]http.Handler{
		"reverse proxy": httputil.NewSingleHostReverseProxy(to),
		"framework": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := fmt.Fprint(w, "page"); err != nil {
				panic(fmt.Errorf("framework: cannot write: %w", err))
			}
		}),
	} {
		a := newApp(t, sessions.Options{})
		a.store.Fault = failing("create", faultstore.Before)
		server := httptest.NewServer(a.Handler(sessions.HandlerFunc(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 1)
			answer.ServeHTTP(w, r)
		})))
		resp, err := server.Client().Get(server.URL)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else {
			wantDown(t, name, resp)
		}
		server.Close()
	}
}

// TestR34_OtherPanicsGoOnAfterTheErrorPage: they are faults of the handler.
func TestR34_OtherPanicsGoOnAfterTheErrorPage(t *testing.T) {
	for _, value := range []any{"oops", &thrown{1}, errors.New("e"), sessions.ErrUnavailable} {
		a, b := fresh(t, sessions.Options{})
		a.store.Fault = failing("create", faultstore.Before)
		got := stop(t, func() {
			b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
				_ = counter.Set(s, 1)
				_, _ = fmt.Fprint(w, "page")
				panic(value)
			})
		})
		want(t, "panic", got, value)
	}
	var w http.ResponseWriter = httptest.NewRecorder()
	got := stop(t, func() {
		a := newApp(t, sessions.Options{ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }})
		a.store.Fault = failing("create", faultstore.Before)
		a.Handler(sessions.HandlerFunc(count)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	})
	want[any](t, "panic of the error handler", got, http.ErrAbortHandler)
}

// TestR36_WhatAServerErrorDropsIsSeenNoMore: the handler that goes on sees what
// is stored.
func TestR36_WhatAServerErrorDropsIsSeenNoMore(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 9)
		s.SetSubject("ann")
		w.WriteHeader(http.StatusInternalServerError)
		n, err := counter.Get(s)
		want(t, "counter", n, 1)
		want(t, "error", err, nil)
		want(t, "subject", s.Subject(), "")
		want(t, "Modified", s.Modified(), false)
		_ = counter.Set(s, 8)
	})
	want(t, "stored, also after a change that came later", a.see(b.token()), `200 "" 1`)
}
