package sessions

import (
	"math"
	"time"

	"github.com/gosessions/sessions/internal/envelope"
)

// Lifetimes and idle timeouts that NIST SP 800-63B-4 sets for its assurance
// levels, for Options.Lifetime and Options.IdleTimeout. Level 1 has no idle
// timeout; level 2 is the default of Options.
const (
	AAL1Lifetime    = 30 * 24 * time.Hour
	AAL2Lifetime    = 24 * time.Hour
	AAL2IdleTimeout = time.Hour
	AAL3Lifetime    = 12 * time.Hour
	AAL3IdleTimeout = 15 * time.Minute
)

// maxAge is the longest life that browsers grant a cookie (RFC 6265bis).
const maxAge = 400 * 24 * time.Hour

// Expiry says when a session ends, and whether its cookie outlives the
// browser. The zero Expiry is what the manager's Options say. A session keeps
// the one that SetExpiry gave it until the next SetExpiry.
type Expiry struct {
	kind  byte
	param int64 // nanoseconds of inactivity, or Unix milliseconds
}

const (
	byOptions byte = iota
	onSessionEnd
	onInactivity
	atTime
)

// OnSessionEnd ends the session with the browser's: the cookie is not
// persistent. Idle timeout and lifetime are those of the Options.
var OnSessionEnd = Expiry{kind: onSessionEnd}

// OnInactivity ends the session once it has not been used for d: "remember
// me". The cookie is persistent for d and is renewed as the session is used.
// The lifetime of the Options still holds where it is longer than d; a
// longer d lifts it. A d below one millisecond counts as one.
func OnInactivity(d time.Duration) Expiry {
	return Expiry{kind: onInactivity, param: int64(max(d, time.Millisecond))}
}

// AtTime ends the session at t, used or not: neither the idle timeout nor the
// lifetime of the Options applies. The cookie is persistent until then. A time
// that has passed ends the session with this request.
func AtTime(t time.Time) Expiry {
	return Expiry{kind: atTime, param: t.UnixMilli()}
}

// String describes the policy.
func (e Expiry) String() string {
	switch e.kind {
	case onSessionEnd:
		return "on session end"
	case onInactivity:
		return "after " + time.Duration(e.param).String() + " of inactivity"
	case atTime:
		return "at " + time.UnixMilli(e.param).UTC().Format(time.RFC3339Nano)
	}
	return "by the manager's options"
}

// idle returns the timeout after which an unused session ends; 0 is none.
func (e Expiry) idle(o *Options) time.Duration {
	switch e.kind {
	case onInactivity:
		return time.Duration(e.param)
	case atTime:
		return 0
	}
	return o.IdleTimeout
}

// end returns when the session ends even if it is used, for one whose
// lifetime began at start, in Unix milliseconds.
func (e Expiry) end(o *Options, start int64) time.Time {
	switch {
	case e.kind == atTime:
		return time.UnixMilli(e.param)
	case e.kind == onInactivity && time.Duration(e.param) > o.Lifetime:
		return time.UnixMilli(math.MaxInt64 / int64(time.Millisecond))
	}
	return time.UnixMilli(start).Add(o.Lifetime)
}

// expires returns when a session that is used now ends if it is not used
// again.
func (e Expiry) expires(o *Options, end, now time.Time) time.Time {
	if idle := e.idle(o); idle > 0 && end.Sub(now) >= idle {
		return now.Add(idle)
	}
	return end
}

// cookieLife returns for how long the browser is to keep the cookie; 0 means
// until it is closed.
func (e Expiry) cookieLife(o *Options, end, expires, now time.Time) time.Duration {
	switch {
	case e.kind == onInactivity:
		end = expires
	case e.kind != atTime && (e.kind == onSessionEnd || !o.Persistent):
		return 0
	}
	return min(max(end.Sub(now), time.Second), maxAge)
}

func (e Expiry) store(r *envelope.Record) { r.Policy, r.Param = e.kind, e.param }

func expiryOf(r *envelope.Record) Expiry { return Expiry{kind: r.Policy, param: r.Param} }
