package main

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"github.com/gosessions/sessions"
)

// limits says how often a password may be tried or set.
type limits struct {
	address int // a minute from one address
	name    int // an hour for one user name
	browser int // an hour in one browser where the user has signed in before; also devices that one session signs out
}

// attempts counts how often passwords are tried. The limit by address bounds
// the cost and the guesses of one machine. The limit by name bounds the guesses
// of many machines on one user, whether or not the user exists. Strangers can
// use up both, so a browser in which the user has signed in counts by itself.
//
// These are rates: 100 an hour are 876,600 a year. NIST SP 800-63B-4 section
// 3.2.2 asks for more, at most 100 failures in a row. After that a site needs
// another way in, such as a message to the user's email address.
type attempts struct{ byAddress, byName, byBrowser *httprate.RateLimiter }

func newAttempts(l limits) *attempts {
	only := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"}) // no count down to attackers
	return &attempts{
		byAddress: httprate.NewRateLimiter(l.address, time.Minute, only),
		byName:    httprate.NewRateLimiter(l.name, time.Hour, only),
		byBrowser: httprate.NewRateLimiter(l.browser, time.Hour, only),
	}
}

// knownUser is the name of the user who signed in last in a browser. It is in a
// session of its own, which stays when the user's session ends.
const knownUser = sessions.Key[string]("user")

// rememberBrowser makes the attempts of a user in this browser count by
// themselves.
func (s *site) rememberBrowser(r *http.Request, u user) error {
	browser, err := s.browsers.Load(r.Context())
	if err != nil {
		return err
	}
	return knownUser.Set(browser, u.Name)
}

// tooMany counts an attempt on a user's password and reports whether it was one
// too many. If so, it writes the response. It counts before the password is
// checked, so that parallel attempts count as well.
func (s *site) tooMany(w http.ResponseWriter, r *http.Request, name string) bool {
	browser, err := s.browsers.Load(r.Context())
	if err != nil {
		s.auth.Error(w, r, err)
		return true
	}
	name = spelling(name)
	var limited bool
	if known, _ := knownUser.Get(browser); known != "" && known == name {
		limited = s.attempts.byBrowser.OnLimit(w, r, browser.ID())
	} else {
		limited = s.attempts.byAddress.OnLimit(w, r, s.address(r)) || s.attempts.byName.OnLimit(w, r, name)
	}
	if limited {
		s.refuseAttempt(w, r)
	}
	return limited
}

func (s *site) refuseAttempt(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusTooManyRequests, "message", view{
		Title: "Too many attempts",
		Error: "There were too many attempts to sign in. Wait a few minutes and try again, or use another browser in which you have signed in here before.",
	})
}

// address returns the address that a request counts for. With -https that is
// the last one in X-Forwarded-For, which the proxy has added; the visitor may
// have sent the ones before it. Some proxies add a port, which any visitor can
// change. An IPv6 visitor can change the last 64 bits, so these do not count.
func (s *site) address(r *http.Request) string {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	ip := peer.Addr()
	if s.https {
		forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		last := strings.TrimSpace(forwarded[strings.LastIndex(forwarded, ",")+1:])
		if with, err := netip.ParseAddrPort(last); err == nil {
			ip = with.Addr()
		} else if without, err := netip.ParseAddr(strings.Trim(last, "[]")); err == nil {
			ip = without
		}
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}
