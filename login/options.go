package login

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"time"

	"github.com/gosessions/sessions"
)

// Options of a Manager. HashKeys must be set; else the zero Options are ready
// to use.
type Options struct {
	// HashKeys, of at least 32 random bytes each, make the HMAC by which a
	// session knows its user's auth hash. All processes need the same, and
	// they must outlive restarts: openssl rand -base64 32 makes one. The first
	// makes new ones, all verify. To rotate, put the new key in front, and drop
	// the old one once no session can be left of a login before that: those
	// that are end.
	HashKeys []sessions.Secret

	// LoginURL is where a visitor is sent who must sign in, with the page they
	// wanted in the query. Zero: they get 401, as those do who want no page.
	LoginURL string
	// ConfirmURL is where a user is sent who must prove again who they are.
	// Zero: LoginURL.
	ConfirmURL string
	// NextParam is the query parameter and form field that holds the page that
	// a visitor wanted. Zero: "next".
	NextParam string

	// RememberFor is how long an unused session lives whose login had
	// Details.Remember. Zero: 30 days (NIST SP 800-63B-4, AAL1).
	RememberFor time.Duration
	// Keep names the session keys that survive a login of somebody who was
	// nobody, such as a shopping cart. Zero: none do, so that nothing is carried
	// over that somebody else has put there.
	Keep []string
	// MaxSessions of one user: at a login beyond it those end that signed in
	// first. It needs a store that is a store.Lister. Zero: any number.
	MaxSessions int

	// CrossOrigin guards against forms of other sites, also those that would
	// log somebody in or out. Set it for its trusted origins. Zero:
	// http.NewCrossOriginProtection().
	CrossOrigin *http.CrossOriginProtection
	// ErrorHandler answers who cannot be served; for errors that it has no
	// answer of its own to, it calls Manager.DefaultError. Zero: that.
	ErrorHandler func(http.ResponseWriter, *http.Request, error)
	// OnEvent is told what happens to logins, in the goroutine of the request.
	// Zero: failures of the backend are logged by slog.Default.
	OnEvent func(context.Context, Event)

	// Key of the session that holds what this package keeps: who clears a
	// session and does not name it signs its user out. Zero: "login.state".
	Key string
}

// check fills in the defaults and returns all that is wrong.
func (m *Manager[U, C]) check() error {
	o := &m.opts
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if m.sessions == nil {
		fault("the session manager is nil; sessions.New makes one")
	}
	if v := reflect.ValueOf(m.backend); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		fault("the backend is nil")
	}
	o.NextParam = cmp.Or(o.NextParam, "next")
	o.Key = cmp.Or(o.Key, "login.state")
	o.ConfirmURL = cmp.Or(o.ConfirmURL, o.LoginURL)
	o.RememberFor = cmp.Or(o.RememberFor, sessions.AAL1Lifetime)
	if o.CrossOrigin == nil {
		o.CrossOrigin = http.NewCrossOriginProtection()
	}
	if len(o.HashKeys) == 0 {
		fault("HashKeys is empty; give %d random bytes that all processes share and that outlive restarts", sha256.Size)
	}
	o.Keep, o.HashKeys = slices.Clone(o.Keep), slices.Clone(o.HashKeys) // the caller's may change
	for i, k := range o.HashKeys {
		o.HashKeys[i] = slices.Clone(k)
		if len(k) < sha256.Size {
			fault("key %d of HashKeys has %d bytes; at least %d are needed", i, len(k), sha256.Size)
		}
	}
	for _, u := range []struct {
		name, value string
		parsed      **url.URL
	}{{"LoginURL", o.LoginURL, &m.loginURL}, {"ConfirmURL", o.ConfirmURL, &m.confirmURL}} {
		if u.value == "" {
			continue
		}
		parsed, err := url.Parse(u.value)
		switch {
		case err != nil:
			fault("%s: %w", u.name, err)
		case !isLocal(u.value) && (parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == ""):
			fault("%s %q is neither a path that begins with one / nor a URL of http or https", u.name, u.value)
		}
		*u.parsed = parsed
	}
	if o.RememberFor < time.Millisecond {
		fault("RememberFor %v is less than a millisecond", o.RememberFor)
	}
	if o.MaxSessions < 0 {
		fault("MaxSessions %d is negative", o.MaxSessions)
	}
	return errors.Join(faults...)
}
