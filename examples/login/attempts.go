package main

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/httprate"
)

// limits says how often a password may be tried or set.
type limits struct {
	address int // a minute from one address
	name    int // an hour for one user name
}

// attempts counts how often passwords are tried. The limit by address bounds
// the cost and the guesses of one machine. The limit by name bounds the guesses
// of many machines on one user (NIST SP 800-63B-4 section 3.2.2: at most 100 in
// a row), whether or not the user exists. The price is that attackers can keep
// a user from signing in; devices that are signed in stay so.
type attempts struct{ byAddress, byName *httprate.RateLimiter }

func newAttempts(l limits) *attempts {
	only := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}) // no count down to attackers
	return &attempts{
		byAddress: httprate.NewRateLimiter(l.address, time.Minute, only),
		byName:    httprate.NewRateLimiter(l.name, time.Hour, only),
	}
}

// tooMany counts an attempt for a name and reports whether it was one too many.
// If so, it writes the response. It counts before the password is checked, so
// that parallel attempts count as well.
func (s *site) tooMany(w http.ResponseWriter, r *http.Request, name string) bool {
	if !s.attempts.byAddress.OnLimit(w, r, s.address(r)) && !s.attempts.byName.OnLimit(w, r, spelling(name)) {
		return false
	}
	s.show(w, r, http.StatusTooManyRequests, "message", view{
		Title: "Too many attempts",
		Error: "There were too many attempts to sign in. Wait a few minutes and try again.",
	})
	return true
}

// address returns the address that a request counts for. With -https that is
// the last one in X-Forwarded-For, which the proxy has added; the visitor may
// have sent the ones before it.
func (s *site) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	if by := strings.Join(r.Header.Values("X-Forwarded-For"), ","); s.https && by != "" {
		host = strings.TrimSpace(by[strings.LastIndex(by, ",")+1:])
	}
	return httprate.CanonicalizeIP(host)
}
