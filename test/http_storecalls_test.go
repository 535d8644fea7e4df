package test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gosessions/sessions"
)

func TestModified_SaysWhetherThereIsSomethingToSave(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "a new session", s.Modified(), false)
		want(t, "IsNew", s.IsNew(), true)
		_ = counter.Set(s, 1)
		want(t, "with a value", s.Modified(), true)
		counter.Delete(s)
		want(t, "without it again", s.Modified(), false)
		_ = counter.Set(s, 1)
	})
	b.get()
	for name, change := range map[string]func(s *sessions.Session){
		"renewal":                         func(s *sessions.Session) { _ = s.Renew() },
		"login":                           func(s *sessions.Session) { s.SetSubject("ann") },
		"two logins, back to what it was": func(s *sessions.Session) { s.SetSubject("ann"); s.SetSubject("") },
		"policy":                          func(s *sessions.Session) { s.SetExpiry(sessions.OnSessionEnd) },
		"value":                           func(s *sessions.Session) { _ = counter.Set(s, 2) },
		"logout":                          (*sessions.Session).Destroy,
	} {
		b.with(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			want(t, name+": before", s.Modified(), false)
			want(t, name+": IsNew before", s.IsNew(), false)
			change(s)
			want(t, name+": after", s.Modified(), true)
			want(t, name+": IsNew after", s.IsNew(), name == "logout")
			if name != "logout" {
				w.WriteHeader(http.StatusInternalServerError) // drops it
			}
		}).get()
		if name == "logout" {
			b.visit(a, both(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) { s.Destroy() }, count))
		}
	}
}

func TestR28_StoreCallsOfARequest(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	set := func(n int) handler {
		return func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			if err := counter.Set(s, n); err != nil {
				t.Error(err)
			}
			_, _ = fmt.Fprint(w, n)
		}
	}
	steps := []struct {
		name string
		page handler
		ops  string
	}{
		{"a read without a cookie", read, ""},
		{"the first write", count, "create"},
		{"a read", read, "load"},
		{"a later write", count, "load save"},
		{"the same value again", set(2), "load"},
		{"a value set and set back", func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_ = counter.Set(s, 9)
			set(2)(w, r, s)
		}, "load"},
	}
	for _, step := range steps {
		b.h = a.Handler(sessions.HandlerFunc(step.page))
		b.get()
		want(t, step.name, a.store.Ops(), step.ops)
	}
	b.h = a.Handler(http.HandlerFunc(hello))
	resp := b.do(httptest.NewRequest("GET", "/", nil))
	want(t, "an untouched request", a.store.Ops(), "")
	want(t, "its Set-Cookie", resp.Header.Get("Set-Cookie"), "")
	want(t, "its Cache-Control", resp.Header.Get("Cache-Control"), "")
	want(t, "its Vary", resp.Header.Get("Vary"), "Cookie")
	want(t, "events", a.kinds(), "created")
}

func TestCounterCounts(t *testing.T) {
	b := newApp(t, sessions.Options{}).browser(count)
	for n := 1; n <= 3; n++ {
		want(t, "page", b.get(), fmt.Sprintf("200 %d", n))
	}
}
