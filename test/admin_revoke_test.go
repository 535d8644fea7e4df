package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/testing/faultstore"
)

func TestRevoke_KillsATokenAtOnceAndAgain(t *testing.T) {
	ctx := t.Context()
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	id := a.id(b.token())
	a.kinds()
	want(t, "Revoke", a.Revoke(ctx, id), nil)
	want(t, "events", a.kinds(), "destroyed")
	resp := b.visit(a, whoami)
	want(t, "the token", text(resp), `200 "" 0`)
	want(t, "records", a.kept(), 0)
	a.kinds()
	want(t, "Revoke again", a.Revoke(ctx, id), nil)
	want(t, "Revoke of an unknown id", a.Revoke(ctx, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), nil)
	want(t, "Revoke of no id", a.Revoke(ctx, "no id"), nil)
	want(t, "events", a.kinds(), "")
}

func TestRevoke_UnreadableRecord(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(count)
	b.get()
	id := a.id(b.token())
	spoil(t, a, id)
	want(t, "Revoke", a.Revoke(t.Context(), id), nil)
	want(t, "records", a.kept(), 0)
}

func TestRevoke_StoreDown(t *testing.T) {
	for _, op := range []string{"load", "save", "delete"} {
		a := newApp(t, sessions.Options{})
		b := a.browser(both(count, signIn("ann")))
		b.get()
		id := a.id(b.token())
		a.kinds()
		a.store.Fault = failing(op, faultstore.Before)
		if err := a.Revoke(t.Context(), id); !errors.Is(err, sessions.ErrUnavailable) || !errors.Is(err, faultstore.ErrDown) {
			t.Errorf("%s fails: %v, want ErrUnavailable and why", op, err)
		}
		want(t, op+" fails: events", a.kinds(), "unavailable")
		a.store.Fault = nil
		want(t, op+" works again", a.Revoke(t.Context(), id), nil)
		want(t, "the token", a.see(b.token()), `200 "" 0`)
	}
}

// TestRevoke_DuringARequest revokes at each store operation of a request.
// Once Revoke has returned nil, no token is alive, then or later.
func TestRevoke_DuringARequest(t *testing.T) {
	for name, page := range map[string]sessions.HandlerFunc{
		"renewal": renewing, "write": count, "login": signIn("bob"), "logout": signOut,
		"renewal with a write": both(count, renewing),
	} {
		for k := 1; k <= 4; k++ {
			t.Run(fmt.Sprintf("%s, operation %d", name, k), func(t *testing.T) {
				a := newApp(t, sessions.Options{})
				b := a.browser(both(count, signIn("ann")))
				b.get()
				old := b.token()
				id := a.id(old)
				n := 0
				a.store.Hook = func(string, string) {
					if n++; n == k {
						want(t, "Revoke", a.Revoke(context.Background(), id), nil)
					}
				}
				resp := b.visit(a, page)
				a.store.Hook = nil
				if n < k {
					want(t, "Revoke", a.Revoke(context.Background(), id), nil)
				}
				if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusConflict {
					t.Errorf("reply %s", text(resp))
				}
				want(t, "the old token", a.see(old), `200 "" 0`)
				// A request that began as nobody's session may have made a new one.
				if got := a.see(b.token()); got != `200 "" 0` && (k > 1 || name == "renewal") {
					t.Errorf("the browser's token shows %s", got)
				}
			})
		}
	}
}

// TestRevoke_AfterRenewals: an id stands for what it was renewed to, so that
// a list that is a moment old still serves.
func TestRevoke_AfterRenewals(t *testing.T) {
	for name, page := range map[string]sessions.HandlerFunc{"renewal": renewing, "login": signIn("bob")} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			id := a.id(b.token())
			for range 3 {
				b.visit(a, page)
			}
			want(t, "Revoke", a.Revoke(t.Context(), id), nil)
			want(t, "the newest token", a.see(b.token()), `200 "" 0`)
		})
	}
}

// TestRevoke_AfterMoreRenewalsThanItFollows: what may be alive is not said to
// be dead.
func TestRevoke_AfterMoreRenewalsThanItFollows(t *testing.T) {
	for _, renewals := range []int{8, 9} {
		a := newApp(t, sessions.Options{})
		b := a.browser(both(count, signIn("ann")))
		b.get()
		id := a.id(b.token())
		for range renewals {
			b.visit(a, renewing)
		}
		err := a.Revoke(t.Context(), id)
		if renewals == 8 {
			want(t, "Revoke", err, nil)
			want(t, "the newest token", a.see(b.token()), `200 "" 0`)
			continue
		}
		if !errors.Is(err, sessions.ErrConflict) {
			t.Errorf("Revoke after %d renewals: %v, want ErrConflict", renewals, err)
		}
		want(t, "the newest token", a.see(b.token()), `200 "ann" 1`)
	}
}

// TestRevoke_AfterRenewalAndLogout: what an id was renewed to has ended.
func TestRevoke_AfterRenewalAndLogout(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	id := a.id(b.token())
	b.visit(a, renewing)
	b.visit(a, signOut)
	want(t, "Revoke", a.Revoke(t.Context(), id), nil)
}

// TestRevoke_AfterALogoutThatFailed: the session has ended, and what it left
// ends by itself.
func TestRevoke_AfterALogoutThatFailed(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	id := a.id(b.token())
	a.store.Fault = failing("delete", faultstore.Before)
	wantDown(t, "logout", b.visit(a, signOut))
	a.store.Fault = nil
	a.store.Ops()
	want(t, "Revoke", a.Revoke(t.Context(), id), nil)
	want(t, "store calls", a.store.Ops(), "load")
}

// TestRevoke_StoreDownAfterARenewal: what an id was renewed to may be alive.
func TestRevoke_StoreDownAfterARenewal(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	id := a.id(b.token())
	b.visit(a, renewing)
	a.kinds()
	a.store.Ops()
	a.store.Fault = func(n int, _ string) faultstore.Fault {
		if n > 1 {
			return faultstore.Before
		}
		return faultstore.None
	}
	if err := a.Revoke(t.Context(), id); !errors.Is(err, sessions.ErrUnavailable) {
		t.Errorf("Revoke: %v, want ErrUnavailable", err)
	}
	want(t, "events", a.kinds(), "unavailable")
	a.store.Fault = nil
	want(t, "the session", a.see(b.token()), `200 "ann" 1`)
}

func TestRevokeAll_SparesWhatIsNamed(t *testing.T) {
	ctx := t.Context()
	a := newApp(t, sessions.Options{})
	var jars []*browser
	for _, name := range []string{"ann", "ann", "ann", "bob"} {
		b := a.browser(both(count, signIn(name)))
		b.get()
		jars = append(jars, b)
	}
	spoiled := a.browser(signIn("ann"))
	spoiled.get()
	spoil(t, a, a.id(spoiled.token()))
	want(t, "RevokeAll but one", a.RevokeAll(ctx, "ann", a.id(jars[1].token())), nil)
	for i, after := range []string{`200 "" 0`, `200 "ann" 1`, `200 "" 0`, `200 "bob" 1`} {
		want(t, fmt.Sprintf("session %d", i), a.see(jars[i].token()), after)
	}
	want(t, "records", a.kept(), 2)
	want(t, "RevokeAll", a.RevokeAll(ctx, "ann"), nil)
	want(t, "RevokeAll again", a.RevokeAll(ctx, "ann"), nil)
	want(t, "the last of them", a.see(jars[1].token()), `200 "" 0`)
	want(t, "RevokeAll of nobody", a.RevokeAll(ctx, ""), nil)
	want(t, "the other", a.see(jars[3].token()), `200 "bob" 1`)
}

func TestRevokeAll_GoesOnAfterErrors(t *testing.T) {
	a := newApp(t, sessions.Options{})
	var tokens []string
	for range 3 {
		b := a.browser(both(count, signIn("ann")))
		b.get()
		tokens = append(tokens, b.token())
	}
	failed := ""
	a.store.Hook = func(op, id string) {
		if op == "load" && failed == "" {
			failed = id
		}
	}
	a.store.Ops()
	a.store.Fault = func(n int, _ string) faultstore.Fault {
		if n == 2 { // the load after the list
			return faultstore.Before
		}
		return faultstore.None
	}
	if err := a.RevokeAll(t.Context(), "ann"); !errors.Is(err, sessions.ErrUnavailable) {
		t.Errorf("RevokeAll: %v, want ErrUnavailable", err)
	}
	a.store.Fault, a.store.Hook = nil, nil
	alive := 0
	for _, tok := range tokens {
		if id := a.id(tok); id != "" {
			alive++
			want(t, "the one that is left", id, failed)
		}
	}
	want(t, "sessions left", alive, 1)
}

// TestR65_RevokeTellsOnlyWhatItEnded: the mark of a renewal is no session.
func TestR65_RevokeTellsOnlyWhatItEnded(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	b.visit(a, renewing)
	a.kinds()
	want(t, "RevokeAll", a.RevokeAll(t.Context(), "ann"), nil)
	want(t, "events of one session and the mark before it", a.kinds(), "destroyed")
}

// TestRevokeAll_SparesWhatWasJustRenewed: the mark of the renewal leads to it.
func TestRevokeAll_SparesWhatWasJustRenewed(t *testing.T) {
	a := newApp(t, sessions.Options{})
	other := a.browser(both(count, signIn("ann")))
	other.get()
	other.visit(a, renewing)
	b := a.browser(both(count, signIn("ann")))
	b.get()
	b.visit(a, func(_ http.ResponseWriter, r *http.Request, s *sessions.Session) {
		want(t, "Renew", s.Renew(), nil)
		want(t, "Save", s.Save(r.Context()), nil)
		want(t, "RevokeAll but this", a.RevokeAll(r.Context(), "ann", s.ID()), nil)
	})
	want(t, "this session", a.see(b.token()), `200 "ann" 1`)
	want(t, "the other", a.see(other.token()), `200 "" 0`)
}
