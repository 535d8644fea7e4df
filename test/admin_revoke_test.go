package test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

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
	want(t, "Revoke again", a.Revoke(ctx, id), sessions.ErrNotFound)
	want(t, "Revoke of an unknown id", a.Revoke(ctx, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), sessions.ErrNotFound)
	want(t, "Revoke of no id", a.Revoke(ctx, "no id"), sessions.ErrNotFound)
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
	for _, op := range []string{"load", "delete"} {
		a := newApp(t, sessions.Options{SaveTimeout: time.Second})
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
	for name, page := range map[string]handler{
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
						if err := a.Revoke(context.Background(), id); !errors.Is(err, sessions.ErrNotFound) && err != nil {
							t.Errorf("Revoke: %v", err)
						}
					}
				}
				resp := b.visit(a, page)
				a.store.Hook = nil
				if n < k && name != "logout" {
					want(t, "Revoke", a.Revoke(context.Background(), id), nil)
				}
				if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusConflict {
					t.Errorf("reply %s", text(resp))
				}
				want(t, "the old token", a.see(old), `200 "" 0`)
				// A request that began as nobody's session may have made a new one, and
				// a login as somebody else begins a session of its own.
				if got := a.see(b.token()); got != `200 "" 0` && (k > 1 || name == "renewal") && got != `200 "bob" 0` {
					t.Errorf("the browser's token shows %s", got)
				}
			})
		}
	}
}

// TestRevoke_AfterRenewals: an id stays, so a list that is old still serves.
func TestRevoke_AfterRenewals(t *testing.T) {
	for name, page := range map[string]handler{"renewal": renewing, "login": signIn("bob")} {
		t.Run(name, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(both(count, signIn("ann")))
			b.get()
			id := a.id(b.token())
			for range 20 {
				b.visit(a, page)
			}
			want(t, "Revoke", a.Revoke(t.Context(), id), nil)
			want(t, "the newest token", a.see(b.token()), `200 "" 0`)
		})
	}
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
	want(t, "RevokeAll but one", a.RevokeAllExcept(ctx, "ann", a.id(jars[1].token())), nil)
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
		if op == "delete" && failed == "" {
			failed = id
		}
	}
	a.store.Ops()
	a.store.Fault = func(n int, op string) faultstore.Fault {
		if n <= 4 && op == "delete" { // the first of them, and its second try
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

func TestR65_RevokeTellsOnlyWhatItEnded(t *testing.T) {
	a := newApp(t, sessions.Options{})
	b := a.browser(both(count, signIn("ann")))
	b.get()
	b.visit(a, renewing)
	a.kinds()
	want(t, "RevokeAll", a.RevokeAll(t.Context(), "ann"), nil)
	want(t, "events of one session that was renewed", a.kinds(), "destroyed")
}

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
		want(t, "RevokeAll but this", a.RevokeAllExcept(r.Context(), "ann", s.ID()), nil)
	})
	want(t, "this session", a.see(b.token()), `200 "ann" 1`)
	want(t, "the other", a.see(other.token()), `200 "" 0`)
}
