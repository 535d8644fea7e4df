package test

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
)

// TestR82_ShorterPoliciesApplyAtOnce: sessions that an earlier configuration
// has stored obey the new one, however they are looked for.
func TestR82_ShorterPoliciesApplyAtOnce(t *testing.T) {
	for name, tc := range map[string]struct {
		before, after sessions.Options
		age           time.Duration // at which the session is used for the last time before the change
		end           time.Duration // the end by the new configuration, counted from that
	}{
		"a shorter idle timeout":                {sessions.Options{}, sessions.Options{IdleTimeout: 15 * time.Minute}, 0, 15 * time.Minute},
		"a shorter idle timeout of an old one":  {sessions.Options{}, sessions.Options{IdleTimeout: 15 * time.Minute}, 50 * time.Minute, 15 * time.Minute},
		"a longer idle timeout":                 {sessions.Options{}, sessions.Options{IdleTimeout: 2 * time.Hour}, 0, time.Hour},
		"a shorter lifetime":                    {sessions.Options{IdleTimeout: 20 * time.Hour}, sessions.Options{Lifetime: 12 * time.Hour, IdleTimeout: 12 * time.Hour}, 11 * time.Hour, time.Hour},
		"a shorter lifetime, same idle timeout": {sessions.Options{}, sessions.Options{Lifetime: 70 * time.Minute}, 40 * time.Minute, 30 * time.Minute},
		"a policy instead of the times":         {sessions.Options{}, sessions.Options{Expiry: sessions.Remember(10*time.Minute, day)}, 0, 10 * time.Minute},
		"a moment instead of the times":         {sessions.Options{}, sessions.Options{Expiry: sessions.AtTime(time.Date(2000, 1, 1, 0, 50, 0, 0, time.UTC))}, 20 * time.Minute, 30 * time.Minute},
		"a shorter policy":                      {sessions.Options{Expiry: sessions.Remember(day, year)}, sessions.Options{Expiry: sessions.Remember(time.Hour, year)}, 5 * time.Hour, time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, tc.before)
				tc.after.OnEvent = ignore
				next := a.as(tc.after)
				b.visit(a, both(count, signIn("ann")))
				id, tok := a.id(b.token()), b.token()
				if tc.age > 0 {
					<-time.After(tc.age)
					b.visit(a, count)
				}
				alive := func(what string, want_ bool) {
					t.Helper()
					want(t, what+": by token", next.id(tok) != "", want_)
					_, err := next.Find(t.Context(), id)
					want(t, what+": by id", err == nil, want_)
					ids, _ := list(next, "ann")
					want(t, what+": listed", len(ids) == 1, want_)
				}
				<-time.After(tc.end - time.Millisecond)
				alive("before the end", true)
				s, err := next.Find(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				want(t, "Expires", time.Until(s.Expires()), time.Millisecond)
				<-time.After(time.Millisecond)
				alive("at the end", false)
				want(t, "a request", next.see(tok), `200 "" 0`)
				want(t, "Revoke", next.Revoke(t.Context(), id), sessions.ErrNotFound)
			})
		})
	}
	t.Run("and goes on from there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			next := a.as(sessions.Options{IdleTimeout: 15 * time.Minute, OnEvent: ignore})
			b.visit(a, count)
			for range 10 { // used by the new configuration
				<-time.After(14 * time.Minute)
				want(t, "a read", text(b.visit(next, read)), "200 1")
			}
			<-time.After(15 * time.Minute)
			want(t, "after the idle timeout, for the new one", next.id(b.token()), "")
			want(t, "and for the one before", a.id(b.token()), "")
		})
	})
	t.Run("a session with a policy of its own keeps it", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{})
			next := a.as(sessions.Options{IdleTimeout: time.Minute, Lifetime: time.Hour, OnEvent: ignore})
			b.visit(a, expiring(sessions.Remember(day, 30*day)))
			for range 29 {
				<-time.After(day - time.Minute)
				want(t, "a read", text(b.visit(next, read)), "200 1")
			}
		})
	})
}

// TestR82_PolicyInThePastEndsTheSession: the record is deleted and the cookie
// removed once.
func TestR82_PolicyInThePastEndsTheSession(t *testing.T) {
	save := saving(t, nil, func(s *sessions.Session) error { return nil })
	for name, past := range map[string]func() time.Time{
		"the zero time": func() time.Time { return time.Time{} },
		"a second ago":  func() time.Time { return time.Now().Add(-time.Second) },
		"now":           time.Now,
	} {
		for what, tc := range map[string]struct {
			setup, before, after handler
			maxAge               string
			events               string
		}{
			"a new session":                     {nil, count, nil, "", ""},
			"a new session that is saved twice": {nil, both(count, save), nil, "0", "created destroyed"},
			"a new session with a save":         {nil, count, save, "", ""},
			"a login":                           {nil, signIn("ann"), nil, "", ""},
			"a stored session":                  {count, read, nil, "0", "destroyed"},
			"a stored session with a write":     {count, count, nil, "0", "destroyed"},
			"a stored session with a save":      {count, count, save, "0", "destroyed"},
			"a stored session with a renewal":   {count, renewing, nil, "0", "destroyed"},
			"a stored session with a login":     {count, signIn("ann"), nil, "0", "destroyed"},
			"a session of somebody":             {both(count, signIn("ann")), read, save, "0", "destroyed"},
		} {
			t.Run(what+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := fresh(t, sessions.Options{})
					if tc.setup != nil {
						b.visit(a, tc.setup)
						<-time.After(time.Minute)
					}
					old := b.token()
					a.kinds()
					resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
						tc.before(httptest.NewRecorder(), r, s)
						s.SetExpiry(sessions.AtTime(past()))
						if tc.after != nil {
							tc.after(w, r, s)
						}
					})
					if resp.StatusCode != http.StatusOK {
						t.Errorf("reply %s", text(resp))
					}
					want(t, "Set-Cookie lines", len(resp.Header.Values("Set-Cookie")), len(tc.maxAge))
					want(t, "Max-Age", maxAge(resp), tc.maxAge)
					want(t, "events", a.kinds(), tc.events)
					want(t, "records", a.kept(), 0)
					want(t, "the browser's cookie", b.token(), "")
					want(t, "the token before", a.see(old), `200 "" 0`)
					want(t, "Set-Cookie of the next response", cookieLine(b.visit(a, read)), "")
				})
			})
		}
	}
	t.Run("after the first byte", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, count)
		b.visit(a, func(w http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			flush(t, w)
			s.SetExpiry(sessions.AtTime(time.Now()))
		})
		want(t, "records", a.kept(), 0)
	})
	t.Run("of all sessions", func(t *testing.T) {
		a, b := fresh(t, sessions.Options{Expiry: sessions.AtTime(time.Unix(0, 0))})
		want(t, "Set-Cookie", cookieLine(b.visit(a, both(count, signIn("ann")))), "")
		want(t, "records", a.kept(), 0)
	})
}

// TestR82_TimesFarOffDoNotWrap: they count as the last day that every store
// can hold.
func TestR82_TimesFarOffDoNotWrap(t *testing.T) {
	far := time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		e       sessions.Expiry
		expires time.Time
	}{
		"a year of six digits":              {sessions.AtTime(time.Date(292_277, 1, 1, 0, 0, 0, 0, time.UTC)), far},
		"more than 64 bits of milliseconds": {sessions.AtTime(time.Unix(1<<61, 0)), far},
		"the last day":                      {sessions.AtTime(far), far},
		"300 years":                         {sessions.AtTime(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)), time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)},
		"the longest durations":             {sessions.Remember(math.MaxInt64, math.MaxInt64), time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := fresh(t, sessions.Options{})
				want(t, "Max-Age", maxAge(b.visit(a, expiring(tc.e))), "34560000")
				s, err := a.Find(t.Context(), a.id(b.token()))
				if err != nil {
					t.Fatal(err)
				}
				if !tc.expires.IsZero() {
					want(t, "Expires", s.Expires().UTC(), tc.expires)
				}
				<-time.After(50 * year)
				want(t, "after fifty years", a.see(b.token()), `200 "" 1`)
			})
		})
	}
	t.Run("in the options", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{IdleTimeout: math.MaxInt64, Lifetime: math.MaxInt64, Persistent: true})
			want(t, "Max-Age", maxAge(b.visit(a, count)), "34560000")
			<-time.After(50 * year)
			want(t, "after fifty years", a.see(b.token()), `200 "" 1`)
		})
	})
}

// TestR82_PersistentCookieIsSentAgain: before a browser drops it, with a new
// token, as long as the session lives.
func TestR82_PersistentCookieIsSentAgain(t *testing.T) {
	for name, opts := range map[string]sessions.Options{
		"by the options":    {IdleTimeout: 9 * year, Lifetime: 9 * year, Persistent: true},
		"until a moment":    {Expiry: sessions.AtTime(time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC))},
		"of the remembered": {Expiry: sessions.Remember(9*year, 9*year)},
		"with RenewEvery":   {Expiry: sessions.AtTime(time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC)), RenewEvery: 390 * day},
	} {
		for _, pause := range []time.Duration{day, 30 * day, 199 * day, 201 * day, 399 * day} {
			t.Run(fmt.Sprintf("%s, a visit in %v", name, pause), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := fresh(t, opts)
					began := time.Now()
					first, age := "", ""
					var dropped time.Time
					receive := func(resp *http.Response) {
						if age = maxAge(resp); age == "" {
							return
						}
						d, err := time.ParseDuration(age + "s")
						if err != nil || d > 400*day {
							t.Fatalf("Max-Age %s", age)
						}
						dropped = time.Now().Add(d)
					}
					receive(b.visit(a, both(count, signIn("ann"))))
					first = b.token()
					for time.Since(began)+pause < 8*year {
						<-time.After(pause)
						if time.Now().After(dropped) {
							t.Fatalf("the browser has dropped the cookie after %v", time.Since(began))
						}
						resp := b.visit(a, whoami)
						want(t, "the session", text(resp), `200 "ann" 1`)
						receive(resp)
					}
					want(t, "the token is new", b.token() != first, true)
				})
			})
		}
	}
}
