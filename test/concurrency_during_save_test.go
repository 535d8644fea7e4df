package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// What one goroutine of a request does to the session while another saves it.

func TestR48_ChangesMadeDuringASaveComeAfterIt(t *testing.T) {
	for op, setup := range map[string]handler{"create": read, "save": count} {
		t.Run(op, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(setup)
			b.get()
			a.store.Ops()
			a.within(b, func(ctx context.Context, s *sessions.Session) {
				_ = s.Set("first", 1)
				a.during(op, func() { _ = s.Set("second", 2); _ = counter.Set(s, 7) })
				want(t, "Save", s.Save(ctx), nil)
				want(t, "Modified", s.Modified(), true)
				wantKeys(t, "after Save", s, "counter", "first", "second")
				want(t, "Save again", s.Save(ctx), nil)
				want(t, "Modified", s.Modified(), false)
			})
			a.within(b, func(_ context.Context, s *sessions.Session) {
				wantKeys(t, "stored", s, "counter", "first", "second")
			})
		})
	}
}

func TestR48_RenewDuringASaveComesAfterIt(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	old := b.token()
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = counter.Set(s, 2)
		a.during("save", func() { want(t, "Renew", s.Renew(), nil) })
		want(t, "Save", s.Save(ctx), nil)
		want(t, "what others see", a.see(old), `200 "" 2`)
	})
	want(t, "the old token, in its grace", a.see(old), `200 "" 2`)
	want(t, "the new token", a.see(b.token()), `200 "" 2`)
}

func TestR20_DestroyDuringASave(t *testing.T) {
	for name, tc := range map[string]struct {
		op    string
		setup handler
		page  func(s *sessions.Session)
	}{
		"of a new session":       {"create", read, func(s *sessions.Session) { _ = counter.Set(s, 2) }},
		"of a write":             {"save", count, func(s *sessions.Session) { _ = counter.Set(s, 2) }},
		"of a renewal":           {"save", count, func(s *sessions.Session) { _ = s.Renew() }},
		"of a login":             {"save", count, func(s *sessions.Session) { _ = s.SetSubject("ann") }},
		"of a session set later": {"save", both(count, signIn("ann")), func(s *sessions.Session) { s.Clear() }},
	} {
		for _, again := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, new values %t", name, again), func(t *testing.T) {
				a := newApp(t, sessions.Options{})
				b := a.browser(tc.setup)
				b.get()
				old := b.token()
				a.within(b, func(ctx context.Context, s *sessions.Session) {
					tc.page(s)
					a.during(tc.op, func() {
						if s.Destroy(); again {
							_ = counter.Set(s, 9)
						}
					})
					want(t, "Save", s.Save(ctx), nil)
					want(t, "id", s.ID(), "")
					want(t, "subject", s.Subject(), "")
				})
				want(t, "the old token", a.see(old), `200 "" 0`)
				if again {
					want(t, "the new session", a.see(b.token()), `200 "" 9`)
					want(t, "records", a.kept(), 1)
					return
				}
				want(t, "cookie", b.token(), "")
				want(t, "records", a.kept(), 0)
			})
		}
	}
}

// TestR20_DestroyDuringASaveThatFails: that the old session had ended already
// is no concern of the new one.
func TestR20_DestroyDuringASaveThatFails(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	id := a.id(b.token())
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = counter.Set(s, 2)
		a.during("save", func() {
			want(t, "Revoke", a.Revoke(ctx, id), nil)
			s.Destroy()
			_ = counter.Set(s, 7)
		})
		if err := s.Save(ctx); !errors.Is(err, sessions.ErrNotFound) {
			t.Errorf("Save: %v, want ErrNotFound", err)
		}
	})
	want(t, "the new session", a.see(b.token()), `200 "" 7`)
	want(t, "records", a.kept(), 1)
}

// TestR14_DestroyedDuringASave: the save no longer has a cookie to send, and
// the end that another request made none to remove.
func TestR14_DestroyedDuringASave(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	id := a.id(b.token())
	resp := b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		s.SetExpiry(sessions.Remember(day, year))
		a.during("save", s.Destroy)
		want(t, "Save", s.Save(r.Context()), nil)
		want(t, "Revoke", a.Revoke(r.Context(), id), nil)
	})
	want(t, "Set-Cookie", cookieLine(resp), "")
	want(t, "records", a.kept(), 0)
}

func TestReload_DestroyedMeanwhile(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		a.during("load", s.Destroy)
		want(t, "Reload", s.Reload(ctx), nil)
		want(t, "id", s.ID(), "")
		want(t, "keys", s.Len(), 0)
	})
	want(t, "cookie", b.token(), "")
	want(t, "records", a.kept(), 0)
}

// TestR28_SameChangeByAnother: who finds the record as it should be does not
// write it.
func TestR28_SameChangeByAnother(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	a.within(b, func(ctx context.Context, s *sessions.Session) {
		_ = counter.Set(s, 5)
		a.overtake(b, func(s *sessions.Session) { _ = counter.Set(s, 5) })
		a.store.Ops()
		want(t, "Save", s.Save(ctx), nil)
		want(t, "store calls", a.store.Ops(), "save load")
		want(t, "Modified", s.Modified(), false)
		_ = s.Set("more", 1)
		want(t, "Save of more", s.Save(ctx), nil)
		want(t, "its store calls", a.store.Ops(), "save")
	})
}

// TestR21_TouchOfASessionThatEnded: a read that is due to prolong a session
// finds that it has ended, and that is no failure of the read.
func TestR21_TouchOfASessionThatEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		id := a.id(b.token())
		a.kinds()
		<-time.After(30 * time.Minute)
		resp := b.visit(a, meanwhile(func() { want(t, "Revoke", a.Revoke(t.Context(), id), nil) }, read))
		want(t, "reply", text(resp), "200 1")
		want(t, "Set-Cookie", cookieLine(resp), "")
		want(t, "events", a.kinds(), "destroyed gone")
		want(t, "records", a.kept(), 0)

		b.visit(a, count)
		<-time.After(30 * time.Minute)
		b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			want(t, "Revoke", a.Revoke(r.Context(), s.ID()), nil)
			if err := s.Save(r.Context()); !errors.Is(err, sessions.ErrNotFound) {
				t.Errorf("Save: %v, want ErrNotFound", err)
			}
		})
	})
}

// TestR78_WriteOnATokenThatDiedMomentsAgoIsRefused: it is not dropped; later,
// the visitor with the old cookie can start anew.
func TestR78_WriteOnATokenThatDiedMomentsAgoIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		<-time.After(30 * time.Minute)
		login := b.with(a, signIn("ann"))
		want(t, "late read", text(b.visit(a, meanwhile(func() { login.get() }, read))), "200 1")
		<-time.After(10*time.Second - time.Millisecond)
		want(t, "a write within RenewGrace", text(b.visit(a, count)), "409 Conflict")
		want(t, "a read", text(b.visit(a, read)), "200 0")
		<-time.After(time.Millisecond)
		want(t, "a write after it", text(b.visit(a, count)), "200 1")
		want(t, "is kept", text(b.visit(a, read)), "200 1")
		want(t, "the login", a.see(login.token()), `200 "ann" 1`)
	})
}

// TestR14_ChangeOfAnEndedSession: a request with a token that died moments ago
// reads an empty session and gets no cookie.
func TestR14_ChangeOfAnEndedSession(t *testing.T) {
	a := newApp(t, sessions.Options{AbortUnsaved: true})
	b := a.browser(count)
	b.get()
	b.with(a, signIn("ann")).get()
	a.kinds()
	for name, tc := range map[string]struct {
		page   handler
		events string
		status int
	}{
		"a read": {read, "expired", 200},
		"a typed read": {func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			want(t, "data", open(t, counter, s).Data, 0)
		}, "expired", 200},
		"a write":              {count, "expired gone", 409},
		"a write and a logout": {both(count, signOut), "expired gone", 409},
		"a write after the response began": {func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			flush(t, w)
			count(w, r, s)
		}, "expired gone", 200},
		"a save after the response began": {func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			flush(t, w)
			_ = counter.Set(s, 1)
			if err := s.Save(r.Context()); !errors.Is(err, sessions.ErrNotFound) {
				t.Errorf("Save: %v, want ErrNotFound", err)
			}
		}, "expired gone", 200},
	} {
		t.Run(name, func(t *testing.T) {
			resp := b.visit(a, tc.page)
			want(t, "status", resp.StatusCode, tc.status)
			want(t, "Set-Cookie", cookieLine(resp), "")
			want(t, "events", a.kinds(), tc.events)
		})
	}
}

// TestR50_RecordThatIsDamagedMeanwhile: the write does not replace it.
func TestR50_RecordThatIsDamagedMeanwhile(t *testing.T) {
	for name, page := range map[string]handler{"write": count, "renewal": renewing} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			b.get()
			id := a.id(b.token())
			a.kinds()
			resp := b.visit(a, meanwhile(func() { spoil(t, a, id) }, page))
			want(t, "reply", text(resp), "500 Internal Server Error")
			want(t, "Set-Cookie", cookieLine(resp), "")
			want(t, "events", a.kinds(), "corrupt")
			want(t, "records", a.kept(), 1)
			r, err := a.store.Store.Load(t.Context(), id)
			want(t, "version", r.Version, 2)
			want(t, "error", err, nil)
		})
	}
}
