package login

import (
	"errors"
	"net/http"

	"github.com/gosessions/sessions"
)

// Errors that a caller may want to tell apart with errors.Is. What a session
// does not save is an error of package sessions.
var (
	// ErrCredentials means that credentials prove nobody. It does not say
	// whether there is such a user. Default answer 401.
	ErrCredentials = errors.New("login: wrong credentials")
	// ErrNoUser means that there is no such user, or none who may sign in.
	ErrNoUser = errors.New("login: no such user")
	// ErrAnonymous means that the visitor is not signed in. Default answer 401,
	// or the way to the login page.
	ErrAnonymous = errors.New("login: not signed in")
	// ErrNotRecent means that the user must prove again who they are. Default
	// answer as for ErrAnonymous.
	ErrNotRecent = errors.New("login: not authenticated recently")
	// ErrForbidden means that the user may not do this. Default answer 403.
	ErrForbidden = errors.New("login: forbidden")
	// ErrBackend means that the application's Backend or Authorizer failed. It
	// says nothing about the visitor. Default answer 503.
	ErrBackend = errors.New("login: backend failed")

	errOutside = errors.New("login: the request did not pass this Manager's Handler")
)

// Error answers a request that one of the errors of this package or of package
// sessions keeps from being served, by Options.ErrorHandler.
func (m *Manager[U, C]) Error(w http.ResponseWriter, r *http.Request, err error) {
	if m.opts.ErrorHandler != nil {
		m.opts.ErrorHandler(w, r, err)
		return
	}
	m.DefaultError(w, r, err)
}

// DefaultError answers as Error does where Options.ErrorHandler is nil, which
// may call it: as the error's documentation says. Errors of package sessions
// are answered by the ErrorHandler of the sessions.Manager.
func (m *Manager[U, C]) DefaultError(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusForbidden
	switch {
	case errors.Is(err, ErrAnonymous):
		m.invite(w, r, m.loginURL)
		return
	case errors.Is(err, ErrNotRecent):
		m.invite(w, r, m.confirmURL)
		return
	case errors.Is(err, ErrCredentials):
		status = http.StatusUnauthorized
	case errors.Is(err, ErrBackend):
		status = http.StatusServiceUnavailable
		w.Header().Set("Retry-After", "5")
	case !errors.Is(err, ErrForbidden):
		m.sessions.Error(w, r, err)
		return
	}
	http.Error(w, http.StatusText(status), status)
}

// missing reports whether an error means that the session has ended.
func missing(err error) bool { return errors.Is(err, sessions.ErrNotFound) }
