package test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gosessions/sessions"
)

// wantOver checks that an error says that the session is over.
func wantOver(t testing.TB, what string, err error) {
	t.Helper()
	if !errors.Is(err, sessions.ErrNotFound) {
		t.Errorf("%s: %v, want ErrNotFound", what, err)
	}
}

// lateActs are what a request may try when the privileges of its session have
// changed since it was loaded, with the status of the response.
var lateActs = map[string]struct {
	f      func(t testing.TB, w http.ResponseWriter, r *http.Request, s *sessions.Session)
	status int
}{
	"a write": {func(t testing.TB, _ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "Set", counter.Set(s, 99), nil)
	}, 200},
	"Save": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 99)
		wantOver(t, "Save", s.Save(r.Context()))
		wantOver(t, "Reload after it", s.Reload(r.Context()))
		_ = counter.Set(s, 99)
		wantOver(t, "Save after it", s.Save(r.Context()))
		_ = counter.Set(s, 99)
	}, 200},
	"Reload": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 99)
		wantOver(t, "Reload", s.Reload(r.Context()))
		wantOver(t, "Reload again", s.Reload(r.Context()))
	}, 200},
	"Claim": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		v, ok, err := claimable.Claim(r.Context(), s)
		want(t, "claimed", v, "")
		want(t, "ok", ok, false)
		want(t, "error", err, nil)
	}, 200},
	"Renew": {func(t testing.TB, _ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "Renew", s.Renew(), nil)
	}, 409},
	"Renew and Save": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		want(t, "Renew", s.Renew(), nil)
		wantOver(t, "Save", s.Save(r.Context()))
		wantOver(t, "Renew after it", s.Renew())
	}, 200},
	"a login as the same user": {func(t testing.TB, _ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "SetSubject", s.SetSubject(s.Subject()), nil)
	}, 409},
	"a login as the same user and Save": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		subject := s.Subject()
		want(t, "SetSubject", s.SetSubject(subject), nil)
		wantOver(t, "Save", s.Save(r.Context()))
		wantOver(t, "SetSubject after it", s.SetSubject(subject))
		wantOver(t, "SetSubject to nobody after it", s.SetSubject(""))
	}, 200},
	"a logout by subject": {func(t testing.TB, _ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		want(t, "SetSubject", s.SetSubject(""), nil)
	}, 409},
	"Destroy": {func(_ testing.TB, _ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.Destroy()
	}, 409},
	"Destroy and Save": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		s.Destroy()
		wantOver(t, "Save", s.Save(r.Context()))
	}, 200},
	"Destroy after Save": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		_ = counter.Set(s, 99)
		wantOver(t, "Save", s.Save(r.Context()))
		s.Destroy()
	}, 409},
	"a policy in the past": {func(_ testing.TB, _ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.SetExpiry(sessions.AtTime(time.Unix(0, 0)))
	}, 409},
	"a policy": {func(_ testing.TB, _ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		s.SetExpiry(sessions.Remember(day, year))
	}, 200},
	"a typed value": {func(t testing.TB, _ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		typed := open(t.(*testing.T), counter, s)
		typed.Data = 99
		wantOver(t, "Save", s.Save(r.Context()))
		typed.Data = 98
	}, 200},
	"a save after the first byte": {func(t testing.TB, w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		flush(t.(*testing.T), w)
		_ = counter.Set(s, 99)
		wantOver(t, "Save", s.Save(r.Context()))
		wantOver(t, "Reload after it", s.Reload(r.Context()))
	}, 200},
	"a stream": {func(t testing.TB, w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		flush(t.(*testing.T), w)
		_ = counter.Set(s, 99)
	}, 200},
	"a logout after the first byte": {func(t testing.TB, w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		flush(t.(*testing.T), w)
		s.Destroy()
	}, 200},
}

// TestR74_EarlierEpochSavesNothing: neither the record nor the lists change,
// and the request gets no token.
func TestR74_EarlierEpochSavesNothing(t *testing.T) {
	for name, act := range lateActs {
		for _, subjects := range []string{"ann ann", "ann bob", "ann ", " ann", " "} {
			before, after, _ := strings.Cut(subjects, " ")
			t.Run(name+", "+before+" to "+after, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(count, both(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
					_ = claimable.Set(s, "once")
				}, signIn(before))))
				old, id := b.token(), a.id(b.token())
				login := b.with(a, signIn(after))
				var changed any
				resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
					want(t, "the change", text(login.visit(a, signIn(after))), strings.TrimSpace("200 hello "+after))
					changed = a.row(id)
					act.f(t, w, r, s)
				})
				want(t, "status", resp.StatusCode, act.status)
				want(t, "Set-Cookie", cookieLine(resp), "")
				if d := cmp.Diff(changed, any(a.row(id))); d != "" {
					t.Errorf("the record has changed (-want +got):\n%s", d)
				}
				want(t, "records", a.kept(), 1)
				for _, subject := range []string{"ann", "bob"} {
					ids, _ := list(a, subject)
					listed := ""
					if subject == after {
						listed = id
					}
					want(t, "listed for "+subject, strings.Join(ids, " "), listed)
				}
				want(t, "what the token before opens", a.id(old), "")
				want(t, "what the new token shows", a.see(login.token()), `200 "`+after+`" 1`)
			})
		}
	}
}

// TestR74_EndedSessionIsNotBegunAgainAfterTheFirstByte: a login that no token
// can follow leaves nothing behind.
func TestR74_EndedSessionIsNotBegunAgainAfterTheFirstByte(t *testing.T) {
	for name, end := range map[string]handler{"a logout": signOut, "a login": signIn("bob")} {
		for _, subject := range []string{"", "ann"} {
			t.Run(name+" of "+subject, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(count, signIn(subject)))
				other := b.with(a, read)
				resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
					want(t, "status of the end", other.visit(a, end).StatusCode, http.StatusOK)
					flush(t, w)
					_ = counter.Set(s, 99)
					wantOver(t, "Save", s.Save(r.Context()))
					for range 2 {
						want(t, "SetSubject is an error", s.SetSubject("ann") != nil, true)
						_ = counter.Set(s, 99)
						want(t, "Save is an error", s.Save(r.Context()) != nil, true)
					}
				})
				want(t, "Set-Cookie", cookieLine(resp), "")
				ids, errs := list(a, "ann")
				want(t, "listed for ann", len(ids)+len(errs), 0)
				if name == "a login" {
					want(t, "the other login", a.see(other.token()), `200 "bob" 1`)
				} else {
					want(t, "records", a.kept(), 0)
				}
			})
		}
	}
}
