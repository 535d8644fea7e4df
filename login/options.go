package login

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gosessions/sessions"
)

// Options of a [Manager]. HashKeys must be set. Otherwise the zero Options are
// ready to use.
type Options struct {
	// HashKeys, of at least 32 random bytes each, are the keys of the HMAC that
	// a session stores of its user's auth hash. All processes need the same
	// keys, and the keys must outlive restarts; openssl rand -base64 32 makes
	// one. The first key makes new HMACs, and all keys verify. To rotate, put
	// the new key in front, and remove the old one when no session of a login
	// before that can be left. Sessions that are left then end.
	HashKeys []sessions.Secret

	// LoginURL is the page to which visitors who must sign in are redirected,
	// with the page that they asked for in the query. If empty, they get 401, as
	// scripts do in any case.
	LoginURL string
	// ConfirmURL is the page to which users who must authenticate again are
	// redirected. The default is LoginURL.
	ConfirmURL string
	// NextParam is the query parameter and form field with the page that a
	// visitor asked for. The default is "next".
	NextParam string

	// StrippedPrefix is what a proxy in front removes from the path of requests,
	// such as "/app". It is put in front of LoginURL and ConfirmURL if these are
	// paths, and of the page that a visitor asked for. A prefix that
	// http.StripPrefix removes does not belong here.
	StrippedPrefix string

	// RememberFor is the time after a login with Details.Remember at which its
	// session ends even if it is used. The default is 30 days (NIST SP
	// 800-63B-4, AAL1).
	RememberFor time.Duration
	// RememberIdle is the time without use after which such a session ends
	// earlier. The default is RememberFor: a visitor may stay away for all of
	// it. With a shorter time, Device.LastSeen is more exact.
	RememberIdle time.Duration
	// Keep names the session keys whose values survive the login of a visitor
	// who was nobody, such as a shopping cart. If empty, none do, so that
	// nothing that another person has put there is carried over.
	Keep []string
	// MaxSessions limits the sessions of one user: a login beyond it ends those
	// that signed in first. It needs a store that is a store.Lister. If zero,
	// there is no limit.
	MaxSessions int
	// RefuseAtMax makes Login return ErrMaxSessions instead, and ends no session.
	// A user whose browser has lost its cookie is then refused until that session
	// ends. A handler may let the user end the others: RevokeAll, then Login.
	RefuseAtMax bool

	// CrossOrigin refuses forms of other sites, including those that would sign
	// a visitor in or out. Set it to trust further origins; its deny handler then
	// answers. The default is that of http.NewCrossOriginProtection, answered
	// as Manager.Error answers ErrForbidden.
	CrossOrigin *http.CrossOriginProtection
	// ErrorHandler writes the response when a request cannot be served. For
	// errors that it does not handle itself, it calls Manager.DefaultError,
	// which is the default.
	ErrorHandler func(http.ResponseWriter, *http.Request, error)
	// OnEvent is called with what happens to logins, in the goroutine of the
	// request. It cannot ask for the user. If nil, problems are logged by
	// slog.Default.
	OnEvent func(context.Context, Event)

	// Key is the session key under which this package stores its state. A
	// handler that calls Session.Clear, or ClearExcept without this key, signs
	// the user out. The default is "login.state".
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
	o.RememberFor = cmp.Or(o.RememberFor, 30*24*time.Hour)
	o.RememberIdle = cmp.Or(o.RememberIdle, o.RememberFor)
	if o.CrossOrigin == nil {
		protection := http.NewCrossOriginProtection()
		protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			m.Error(w, r, m.CheckOrigin(r))
		}))
		o.CrossOrigin = protection
	}
	if len(o.HashKeys) == 0 {
		fault("HashKeys is empty; set a key of %d random bytes that all processes share and that outlives restarts", sha256.Size)
	}
	o.Keep, o.HashKeys = slices.Clone(o.Keep), slices.Clone(o.HashKeys) // the caller's may change
	for i, k := range o.HashKeys {
		o.HashKeys[i] = slices.Clone(k)
		if len(k) < sha256.Size {
			fault("key %d of HashKeys has %d bytes; at least %d are needed", i, len(k), sha256.Size)
		}
	}
	if p := o.StrippedPrefix; p != "" && (!isLocal(p) || strings.HasSuffix(p, "/") || strings.ContainsAny(p, "?#")) {
		fault("StrippedPrefix %q is not a path such as /app", p)
	}
	checked, err := m.checkPages(Pages{LoginURL: o.LoginURL, ConfirmURL: o.ConfirmURL, NextParam: o.NextParam})
	if m.pages = checked; err != nil {
		faults = append(faults, err)
	}
	switch {
	case o.RememberFor < time.Millisecond:
		fault("RememberFor %v is less than a millisecond", o.RememberFor)
	case o.RememberIdle < time.Millisecond:
		fault("RememberIdle %v is less than a millisecond", o.RememberIdle)
	case o.RememberIdle > o.RememberFor:
		fault("RememberIdle %v is longer than RememberFor %v", o.RememberIdle, o.RememberFor)
	}
	if o.MaxSessions < 0 {
		fault("MaxSessions %d is negative", o.MaxSessions)
	}
	if o.RefuseAtMax && o.MaxSessions == 0 {
		fault("RefuseAtMax needs MaxSessions")
	}
	return errors.Join(faults...)
}
