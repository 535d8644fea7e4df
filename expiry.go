package sessions

import (
	"math"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
)

// maxCookieAge is the longest life that browsers grant a cookie (RFC 6265bis).
const maxCookieAge = 400 * 24 * time.Hour

// latest is the last moment that every store can hold, in Unix milliseconds.
var latest = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).UnixMilli()

// Expiry says when a session ends, and whether its cookie outlives the
// browser. The zero Expiry means Options.Expiry, and there the IdleTimeout,
// Lifetime and Persistent of the Options. A session keeps the Expiry that
// [Session.SetExpiry] gave it until the next SetExpiry.
type Expiry struct {
	kind byte
	a, b int64 // Remember: idle timeout and lifetime in milliseconds; AtTime: Unix milliseconds and 0
}

const (
	byOptions byte = iota
	onSessionEnd
	remember
	atTime
)

// OnSessionEnd ends the session with the browser's session: the cookie is not
// persistent. Idle timeout and lifetime are those of the Options.
var OnSessionEnd = Expiry{kind: onSessionEnd}

// Remember keeps a visitor signed in when the browser is closed ("remember
// me"). The session ends when it was not used for idle, and lifetime after the
// login in any case: NIST SP 800-63B requires an overall timeout. The cookie is
// persistent, and is sent again as the session is used. Both durations are whole
// milliseconds, at least one; an idle beyond lifetime counts as lifetime.
func Remember(idle, lifetime time.Duration) Expiry {
	b := max(lifetime.Milliseconds(), 1)
	return Expiry{kind: remember, a: min(max(idle.Milliseconds(), 1), b), b: b}
}

// AtTime ends the session at t, used or not: neither the idle timeout nor the
// lifetime of the Options applies. The cookie is persistent until then. A time
// in the past ends the session with this request, as [Session.Destroy] does.
func AtTime(t time.Time) Expiry {
	switch {
	case t.After(time.UnixMilli(latest)):
		return Expiry{kind: atTime, a: latest}
	case t.Before(time.UnixMilli(0)):
		return Expiry{kind: atTime}
	}
	return Expiry{kind: atTime, a: t.UnixMilli()}
}

// String describes the policy.
func (e Expiry) String() string {
	switch e.kind {
	case onSessionEnd:
		return "on session end"
	case remember:
		return "after " + duration(e.a).String() + " of inactivity, " + duration(e.b).String() + " in all"
	case atTime:
		return "at " + time.UnixMilli(e.a).UTC().Format(time.RFC3339Nano)
	}
	return "by the manager's options"
}

// duration returns a number of milliseconds, or the longest duration.
func duration(milliseconds int64) time.Duration {
	return time.Duration(min(milliseconds, math.MaxInt64/int64(time.Millisecond))) * time.Millisecond
}

// limits are the times that the options set for sessions without an Expiry of
// their own. Here and below an int64 is a moment in Unix milliseconds, or a
// duration in milliseconds.
type limits struct {
	expiry          Expiry
	idle, anonymous int64 // idle timeouts of sessions with and without a subject
	lifetime        int64
	persistent      bool
	validFrom       int64 // a moment
}

// terms are what decides when a session ends.
type terms struct {
	policy    Expiry
	since     int64 // start of the lifetime
	anonymous bool
}

// of returns the policy that holds for a session.
func (l *limits) of(e Expiry) Expiry {
	if e.kind == byOptions {
		return l.expiry
	}
	return e
}

// idleOf returns the timeout after which an unused session ends; 0 means none.
func (l *limits) idleOf(t terms) int64 {
	switch e := l.of(t.policy); {
	case e.kind == remember:
		return e.a
	case e.kind == atTime:
		return 0
	case t.anonymous:
		return l.anonymous
	}
	return l.idle
}

// end returns when a session ends even if it is used.
func (l *limits) end(t terms) int64 {
	lifetime := l.lifetime
	switch e := l.of(t.policy); {
	case t.since < l.validFrom:
		return t.since
	case e.kind == atTime:
		return e.a
	case e.kind == remember:
		lifetime = e.b
	}
	return later(t.since, lifetime)
}

// expires returns when a session that is used now ends if it is not used
// again.
func (l *limits) expires(t terms, now int64) int64 {
	end := l.end(t)
	if idle := l.idleOf(t); idle > 0 && end-now >= idle {
		return later(now, idle)
	}
	return end
}

// later returns a moment plus a duration, but not more than every store can
// hold.
func later(t, d int64) int64 {
	if latest-t < d {
		return latest
	}
	return t + d
}

// over returns when a record that the store still holds is over: at the end of
// its lifetime, or when it has not been used for an idle timeout that is
// shorter than the one that its expiry was computed with.
func (l *limits) over(r *envelope.Record, subject string, expires int64) int64 {
	t := terms{expiryOf(r.Policy), r.Since, subject == ""}
	end := l.end(t)
	if idle := l.idleOf(t); 0 < idle && idle < r.Idle {
		return min(end, expires+idle-r.Idle)
	}
	return end
}

// outlivesBrowser reports whether the cookie is persistent.
func (l *limits) outlivesBrowser(e Expiry) bool {
	switch e = l.of(e); e.kind {
	case remember, atTime:
		return true
	case onSessionEnd:
		return false
	}
	return l.persistent
}

// cookieAge returns for how long the browser is to keep the cookie of a
// session; 0 means until it is closed. A cookie that counts from the last use
// ends when the session expires, any other one at the end of its lifetime.
func (l *limits) cookieAge(t terms, expires, now int64) time.Duration {
	if !l.outlivesBrowser(t.policy) {
		return 0
	}
	end := l.end(t)
	if l.of(t.policy).kind == remember {
		end = expires
	}
	return min(max(duration(end-now), time.Second), maxCookieAge)
}

func (e Expiry) policy() envelope.Policy { return envelope.Policy{Kind: e.kind, A: e.a, B: e.b} }

func expiryOf(p envelope.Policy) Expiry { return Expiry{kind: p.Kind, a: p.A, b: p.B} }
