package main

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/httprate"
)

// limits is how often a password may be tried or made.
type limits struct {
	address int // a minute from one address
	name    int // an hour for one user name
}

// attempts counts passwords that were tried. By address it bounds what one
// machine can cost us and try. By name it bounds what many together can try on
// one user (NIST SP 800-63B-4 section 3.2.2: at most 100 in a row), whether or
// not there is such a user. The price is that they can keep the user from
// signing in; where the user is signed in, they stay so.
type attempts struct{ byAddress, byName *httprate.RateLimiter }

func newAttempts(l limits) *attempts {
	only := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}) // no count down to attackers
	return &attempts{
		byAddress: httprate.NewRateLimiter(l.address, time.Minute, only),
		byName:    httprate.NewRateLimiter(l.name, time.Hour, only),
	}
}

// tooMany counts an attempt for a name, and reports whether it was answered,
// for it was one too many. The count is kept before the password is looked at,
// so that attempts at the same time are no way around it.
func (s *site) tooMany(w http.ResponseWriter, r *http.Request, name string) bool {
	if !s.attempts.byAddress.OnLimit(w, r, s.address(r)) && !s.attempts.byName.OnLimit(w, r, spelling(name)) {
		return false
	}
	s.show(w, r, http.StatusTooManyRequests, "message", view{
		Title: "Too many attempts",
		Error: "Too many passwords were tried. Wait for some minutes, and try again.",
	})
	return true
}

// address returns whom a request counts for. With -https that is whom the proxy
// says that it serves: the last in the header, for what is before that may be
// the visitor's own words.
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
