package test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// Requests on a token that was stolen or planted, while its owner signs in,
// signs out or renews it.

// TestR74_StolenTokenBuysNoToken: the user changes the password while the
// thief's request is under way.
func TestR74_StolenTokenBuysNoToken(t *testing.T) {
	settle := map[string]func(t testing.TB, ctx context.Context, s *sessions.Session){
		"":          func(testing.TB, context.Context, *sessions.Session) {},
		" and Save": func(_ testing.TB, ctx context.Context, s *sessions.Session) { _ = s.Save(ctx) },
		" and Reload": func(_ testing.TB, ctx context.Context, s *sessions.Session) {
			_ = s.Reload(ctx)
		},
		" and Claim": func(t testing.TB, ctx context.Context, s *sessions.Session) {
			_, ok, _ := counter.Claim(ctx, s)
			want(t, "claimed", ok, false)
		},
	}
	for name, f := range settle {
		for buy, page := range map[string]handler{"a renewal": renewing, "a login": signIn("ann")} {
			t.Run("a write"+name+", then "+buy, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				b.visit(a, both(count, signIn("ann")))
				thief, stolen := b.with(a, nil), b.token()
				resp := thief.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
					b.visit(a, signIn("ann")) // after a change of the password
					_ = s.Set("x", 1)
					f(t, r.Context(), s)
					page(w, r, s)
				})
				want(t, "Set-Cookie", cookieLine(resp), "")
				want(t, "the thief's token", thief.token(), stolen)
				want(t, "records", a.kept(), 1)
				want(t, "the user's session", a.see(b.token()), `200 "ann" 1`)
			})
		}
	}
}

// TestR74_RevokedSessionIsNotBegunAgain: neither by a request whose response
// has begun nor by a worker.
func TestR74_RevokedSessionIsNotBegunAgain(t *testing.T) {
	act := func(t *testing.T, a *app, ctx context.Context, s *sessions.Session) {
		want(t, "Revoke", a.Revoke(ctx, s.ID()), nil)
		_ = s.Set("x", 1)
		wantOver(t, "Save", s.Save(ctx))
		wantOver(t, "Reload", s.Reload(ctx))
		want(t, "SetSubject is an error", s.SetSubject("ann") != nil, true)
		_ = s.Set("y", 1)
		want(t, "Save after it is an error", s.Save(ctx) != nil, true)
		want(t, "Reload after it is an error", s.Reload(ctx) != nil, true)
		_, ok, _ := counter.Claim(ctx, s)
		want(t, "claimed", ok, false)
		want(t, "records", a.kept(), 0)
	}
	t.Run("after the first byte", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
			flush(t, w)
			act(t, a, r.Context(), s)
		})
		want(t, "records at the end", a.kept(), 0)
	})
	t.Run("outside of a request", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		s, err := a.Open(t.Context(), b.token())
		if err != nil {
			t.Fatal(err)
		}
		act(t, a, t.Context(), s)
	})
}

// TestR73_LogoutBySubjectThatMeetsARenewalIsAConflict: the logout did not
// happen, and the response says so.
func TestR73_LogoutBySubjectThatMeetsARenewalIsAConflict(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, signIn("ann"))
	other := b.with(a, renewing)
	resp := b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
		other.get()
		want(t, "SetSubject", s.SetSubject(""), nil)
	})
	want(t, "status", resp.StatusCode, http.StatusConflict)
	want(t, "Set-Cookie", cookieLine(resp), "")
}

// TestR78_RenewalAndWriteOnATokenThatALoginReplaced: the second try is
// refused, too.
func TestR78_RenewalAndWriteOnATokenThatALoginReplaced(t *testing.T) {
	a, b := fresh(t, sessions.Options{})
	b.visit(a, count)
	slow := b.with(a, nil)
	b.visit(a, signIn("ann"))
	for range 2 {
		resp := slow.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			_, _ = s.Renew(), s.Set("x", 1)
		})
		want(t, "status", resp.StatusCode, http.StatusConflict)
		want(t, "Set-Cookie", cookieLine(resp), "")
	}
	want(t, "records", a.kept(), 1)
}

// TestR74_PlantedTokenEndsNoSession: neither Destroy on the token that was
// planted nor its reuse ends the login that followed.
func TestR74_PlantedTokenEndsNoSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{EndOnReuse: true})
		b.visit(a, count)
		attacker := b.with(a, nil)
		b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
			_ = s.SetSubject("ann")
			want(t, "Save", s.Save(r.Context()), nil)
			want(t, "Renew", s.Renew(), nil)
		})
		for range 3 {
			attacker.visit(a, signOut)
			attacker.visit(a, read)
			want(t, "the session", a.see(b.token()), `200 "ann" 1`)
			<-time.After(8 * time.Second)
		}
		b.visit(a, renewing)
		b.visit(a, read)
		<-time.After(time.Minute)
		attacker.visit(a, signOut)
		want(t, "the session after another renewal", a.see(b.token()), `200 "ann" 1`)
	})
}
