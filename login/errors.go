package login

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/internal/respond"
)

// Errors that a caller may want to tell apart with [errors.Is]. A session that
// could not be loaded or saved is an error of package sessions.
var (
	// ErrCredentials means that the credentials prove nobody. It does not say
	// whether there is such a user. The default answer is 401.
	ErrCredentials = errors.New("login: wrong credentials")
	// ErrNoUser means that there is no such user, or that the user may not sign
	// in.
	ErrNoUser = errors.New("login: no such user")
	// ErrAnonymous means that the visitor is not signed in. The default answer
	// is a redirect to Options.LoginURL, or 401.
	ErrAnonymous = errors.New("login: not signed in")
	// ErrNotRecent means that the user must authenticate again. The default
	// answer is a redirect to Options.ConfirmURL, or 401.
	ErrNotRecent = errors.New("login: not authenticated recently")
	// ErrForbidden means that the user may not do this. The default answer is
	// 403.
	ErrForbidden = errors.New("login: forbidden")
	// ErrBackend means that the application's Backend or Authorizer failed. It
	// says nothing about the visitor. The default answer is 503.
	ErrBackend = errors.New("login: backend failed")

	// ErrMaxSessions means that the user has as many sessions as
	// Options.MaxSessions allows, and that Options.RefuseAtMax is set. The
	// default answer is 409, with a sentence that says what to do.
	ErrMaxSessions = errors.New("login: the user is signed in as often as Options.MaxSessions allows; sign out elsewhere first")
	// ErrBusy means that too many passwords wait to be checked or hashed. It says
	// nothing about the visitor. The default answer is 503.
	ErrBusy = errors.New("login: too many passwords wait to be hashed; limit attempts by address, or raise PasswordOptions.Waiting or Parallel")

	errOtherSite = fmt.Errorf("%w: a page of another site has sent the request", ErrForbidden)

	errOutside = fmt.Errorf("%w: the request did not pass Handler or BeginRequest of this login.Manager", sessions.ErrNoSession)
)

// Error writes the response when an error of this package or of package
// sessions keeps a request from being served. It calls Options.ErrorHandler, or
// [Manager.DefaultError] if that is nil. [ErrForbidden] and [ErrNotRecent] are
// events, too.
func (m *Manager[U, C]) Error(w http.ResponseWriter, r *http.Request, err error) {
	m.refused(r, err)
	if m.opts.ErrorHandler != nil {
		m.opts.ErrorHandler(w, r, err)
		return
	}
	m.DefaultError(w, r, err)
}

// DefaultError writes the default answer to an error, which the error's
// documentation names. An Options.ErrorHandler may call it. Errors of package
// sessions are answered by the ErrorHandler of the [sessions.Manager].
func (m *Manager[U, C]) DefaultError(w http.ResponseWriter, r *http.Request, err error) {
	status := statusCode(err)
	message := http.StatusText(status)
	switch {
	case errors.Is(err, ErrAnonymous):
		if m.invite(w, r, m.pagesOf(r).login) {
			return
		}
	case errors.Is(err, ErrNotRecent):
		if m.invite(w, r, m.pagesOf(r).confirm) {
			return
		}
	case errors.Is(err, ErrMaxSessions):
		message = "You are signed in on as many devices as allowed. Sign out on one of them, then sign in again."
	case status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	case status == 0:
		m.sessions.Error(w, r, err)
		return
	}
	respond.Error(w, r, status, message, err)
}

// StatusCode returns the HTTP status of the default answer to an error of this
// package or of package sessions, where it is not a redirect: see the errors'
// documentation and [sessions.StatusCode].
func StatusCode(err error) int {
	return cmp.Or(statusCode(err), sessions.StatusCode(err))
}

// statusCode returns 0 for an error that is not of this package.
func statusCode(err error) int {
	switch {
	case errors.Is(err, ErrMaxSessions):
		return http.StatusConflict
	case errors.Is(err, ErrAnonymous), errors.Is(err, ErrNotRecent), errors.Is(err, ErrCredentials):
		return http.StatusUnauthorized
	case errors.Is(err, ErrBackend), errors.Is(err, ErrBusy):
		return http.StatusServiceUnavailable
	case errors.Is(err, ErrForbidden):
		return http.StatusForbidden
	}
	return 0
}

// missing reports whether an error means that the session has ended or changed
// its privileges.
func missing(err error) bool { return errors.Is(err, sessions.ErrNotFound) }
