package test

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/envelope"
)

const day = 24 * time.Hour

// maxAge returns the Max-Age attribute of the response's cookie, "none" for a
// cookie without it, "" where there is no cookie.
func maxAge(resp *http.Response) string {
	line := cookieLine(resp)
	if line == "" {
		return ""
	}
	if _, after, ok := strings.Cut(line, "Max-Age="); ok {
		age, _, _ := strings.Cut(after, ";")
		return age
	}
	return "none"
}

func TestSetExpiry_Inactivity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		want(t, "Max-Age at first", maxAge(b.visit(a, expiring(sessions.Remember(10*day, year)))), "864000")
		tok := b.token()
		<-time.After(day / 2)
		want(t, "Max-Age of a read before a touch is due", maxAge(b.visit(a, read)), "")
		for range 6 { // nearly two months in all
			<-time.After(9 * day)
			resp := b.visit(a, read)
			want(t, "read", text(resp), "200 1")
			want(t, "Max-Age after a touch", maxAge(resp), "864000")
			want(t, "token", b.token(), tok)
		}
		<-time.After(9 * day)
		resp := b.visit(a, count)
		want(t, "write", text(resp), "200 2")
		want(t, "Max-Age after a write", maxAge(resp), "864000")
		want(t, "status of a renewal", b.visit(a, renewing).StatusCode, http.StatusOK)
		<-time.After(10*day - time.Millisecond)
		want(t, "the policy after writes and a renewal", b.with(a, read).get(), "200 2")
		<-time.After(10 * day)
		want(t, "after silence", b.with(a, read).get(), "200 0")
	})
}

func TestR83_RememberEndsAfterItsLifetime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		want(t, "Max-Age at first", maxAge(b.visit(a, expiring(sessions.Remember(30*time.Minute, 2*time.Hour)))), "1800")
		for range 7 {
			<-time.After(15 * time.Minute)
			want(t, "polling", b.with(a, read).get(), "200 1")
		}
		<-time.After(5 * time.Minute)
		want(t, "Max-Age of a write near the end", maxAge(b.visit(a, count)), "600")
		<-time.After(10*time.Minute - time.Millisecond)
		want(t, "just before the end", b.with(a, read).get(), "200 2")
		<-time.After(time.Millisecond)
		want(t, "at the end", b.with(a, read).get(), "200 0")
	})
}

func TestSetExpiry_AtTime(t *testing.T) {
	for _, life := range []time.Duration{10 * time.Minute, 5 * time.Hour, 3 * day} {
		synctest.Test(t, func(t *testing.T) {
			a := newApp(t, sessions.Options{})
			b := a.browser(count)
			end := time.Now().Add(life)
			resp := b.visit(a, expiring(sessions.AtTime(end)))
			want(t, "Max-Age", maxAge(resp), fmt.Sprint(int(life.Seconds())))
			<-time.After(life / 2)
			want(t, "write", b.with(a, count).get(), "200 2")
			a.store.Ops()
			<-time.After(life/2 - time.Millisecond)
			want(t, "unused until just before the end", b.with(a, read).get(), "200 2")
			want(t, "store calls, with nothing to touch", a.store.Ops(), "load")
			<-time.After(time.Millisecond)
			want(t, "at the end", b.with(a, read).get(), "200 0")
		})
	}
}

func TestSetExpiry_TimePassed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.get()
		tok := b.token()
		want(t, "reply", text(b.visit(a, expiring(sessions.AtTime(time.Now().Add(-day))))), "200 2")
		want(t, "the token", a.see(tok), `200 "" 0`)
		want(t, "a new start", text(b.visit(a, count)), "200 1")
		want(t, "at the first time", text(b.visit(a, expiring(sessions.AtTime(time.Unix(math.MinInt64, 0))))), "200 2")
		want(t, "a new start", text(b.visit(a, count)), "200 1")
	})
}

// TestR52_RecordsCountInMilliseconds: the meaning of a stored number changes
// only together with the format.
func TestR52_RecordsCountInMilliseconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := fresh(t, sessions.Options{})
		b.visit(a, expiring(sessions.Remember(7*day, 30*day)))
		raw, err := a.store.Load(t.Context(), a.id(b.token()))
		if err != nil {
			t.Fatal(err)
		}
		var r envelope.Record
		if err := r.Decode(raw.ID, raw.Data); err != nil {
			t.Fatal(err)
		}
		now := time.Now().UnixMilli()
		want(t, "format", raw.Data[0], 3)
		want(t, "times", [4]int64{r.Created, r.Since, r.Renewed, r.Idle}, [4]int64{now, now, now, 604_800_000})
		want(t, "policy", r.Policy, envelope.Policy{Kind: 2, A: 604_800_000, B: 2_592_000_000})
	})
}

func TestSetExpiry_SessionEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{Persistent: true})
		b := a.browser(count)
		want(t, "Max-Age by the options", maxAge(b.visit(a, count)), "86400")
		want(t, "Max-Age once the policy is set", maxAge(b.visit(a, expiring(sessions.OnSessionEnd))), "none")
		want(t, "Max-Age of a later write", maxAge(b.visit(a, count)), "")
		want(t, "Max-Age after a renewal", maxAge(b.visit(a, renewing)), "none")
		<-time.After(30 * time.Minute)
		want(t, "Max-Age back at the options", maxAge(b.visit(a, expiring(sessions.Expiry{}))), "84600")
		<-time.After(time.Hour - time.Millisecond)
		want(t, "idle timeout of the options", b.with(a, read).get(), "200 4")
	})
}

func TestSetExpiry_ZeroGoesBackToTheOptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		b.visit(a, expiring(sessions.Remember(10*day, year)))
		want(t, "Max-Age", maxAge(b.visit(a, expiring(sessions.Expiry{}))), "none")
		<-time.After(time.Hour - time.Millisecond)
		want(t, "within the idle timeout", b.with(a, read).get(), "200 2")
		<-time.After(time.Hour)
		want(t, "after it", b.with(a, read).get(), "200 0")
	})
}

// TestSetExpiry_BrowsersBound: no cookie asks for more than 400 days.
func TestSetExpiry_BrowsersBound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		b := a.browser(count)
		want(t, "years of inactivity", maxAge(b.visit(a, expiring(sessions.Remember(4000*day, 4000*day)))), "34560000")
		want(t, "a time far off", maxAge(b.visit(a, expiring(sessions.AtTime(time.Now().Add(4000*day))))), "34560000")
		want(t, "a moment", maxAge(b.visit(a, expiring(sessions.AtTime(time.Now().Add(time.Millisecond))))), "1")
		want(t, "part of a second", maxAge(a.browser(count).visit(a, expiring(sessions.Remember(1500*time.Millisecond, year)))), "2")
	})
}

func TestExpires_SaysWhatSavingWouldMake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp(t, sessions.Options{})
		began := time.Now()
		b := a.browser(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			want(t, "of a new session", s.Expires(), began.Add(time.Hour))
			want(t, "Created", s.Created(), began)
			_ = counter.Set(s, 1)
		})
		b.get()
		<-time.After(3 * time.Minute)
		b.visit(a, func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) {
			want(t, "of a stored session", s.Expires().Equal(began.Add(time.Hour)), true)
			want(t, "Created of a stored session", s.Created().Equal(began), true)
			_ = counter.Set(s, 2)
			want(t, "of a changed session", s.Expires(), began.Add(time.Hour+3*time.Minute))
			s.SetExpiry(sessions.Remember(time.Minute, year))
			want(t, "with a policy", s.Expires(), began.Add(4*time.Minute))
		})
	})
}

func TestExpiry_String(t *testing.T) {
	for text, e := range map[string]sessions.Expiry{
		"by the manager's options":                      {},
		"on session end":                                sessions.OnSessionEnd,
		"after 1h30m0s of inactivity, 8760h0m0s in all": sessions.Remember(90*time.Minute, year),
		"after 1ms of inactivity, 1ms in all":           sessions.Remember(0, 0),
		"at 2026-03-01T10:00:00.5Z":                     sessions.AtTime(now.Add(500 * time.Millisecond)),
	} {
		want(t, "String", e.String(), text)
	}
}

// TestLongestDurationsDoNotOverflow: neither in the options nor in a policy.
func TestLongestDurationsDoNotOverflow(t *testing.T) {
	const longest = 1<<63 - 1
	for name, e := range map[string]sessions.Expiry{
		"Remember":     sessions.Remember(longest, longest),
		"AtTime":       sessions.AtTime(time.Unix(1<<60, 0)),
		"OnSessionEnd": sessions.OnSessionEnd,
	} {
		t.Run(name, func(t *testing.T) {
			a, b := fresh(t, sessions.Options{IdleTimeout: longest, Lifetime: longest, RenewGrace: longest, Persistent: true})
			b.visit(a, count)
			resp := b.visit(a, func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
				s.SetExpiry(e)
				_ = s.LastSeen()
				signIn("ann")(w, r, s)
			})
			want(t, "reply", text(resp), "200 hello ann")
			want(t, "the session", a.see(b.token()), `200 "ann" 1`)
			b.visit(a, renewing)
			want(t, "the session, renewed", a.see(b.token()), `200 "ann" 1`)
		})
	}
}
