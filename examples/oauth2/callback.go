package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// begin redirects a visitor to the provider.
func (s *site) begin(w http.ResponseWriter, r *http.Request, ss *sessions.Session) {
	a, err := begin(ss, s.auth.Next(r, "/account"))
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, s.provider.signInURL(a), http.StatusSeeOther)
}

// callback is the page to which the provider redirects a visitor. It trusts
// nothing in the request before it has claimed an attempt of the same browser.
func (s *site) callback(w http.ResponseWriter, r *http.Request, ss *sessions.Session) {
	q := r.URL.Query()
	a, ok, err := attemptKey(q.Get("state")).Claim(r.Context(), ss)
	switch {
	case errors.Is(err, sessions.ErrNotFound): // another callback has signed in with the session
		s.fail(w, r, unknownAttempt)
	case err != nil:
		s.auth.Error(w, r, err)
	case !ok || a.late():
		s.fail(w, r, unknownAttempt)
	case s.provider.issuer != "" && q.Get("iss") != s.provider.issuer: // the answer of another provider (RFC 9207)
		s.fail(w, r, otherIssuer)
	case q.Get("error") == "access_denied":
		s.fail(w, r, denied)
	case q.Get("code") == "":
		s.log.ErrorContext(r.Context(), "the provider sent no code", "error", fmt.Sprintf("%.40s", q.Get("error")))
		s.fail(w, r, providerFailed)
	default:
		s.enter(w, r, ss, grant{Code: q.Get("code"), Verifier: a.Verifier}, a.Next)
	}
}

// enter signs in the user whom a grant proves.
func (s *site) enter(w http.ResponseWriter, r *http.Request, ss *sessions.Session, g grant, next string) {
	ctx := r.Context()
	u, err := s.auth.Authenticate(ctx, g)
	switch {
	case errors.Is(err, login.ErrCredentials):
		s.fail(w, r, refused)
		return
	case errors.Is(err, login.ErrBackend):
		s.fail(w, r, providerFailed)
		return
	case err != nil:
		s.auth.Error(w, r, err)
		return
	}
	// A callback never changes the user who is signed in, so that nobody ends up
	// in another person's account without noticing.
	now, ok, err := s.auth.User(ctx)
	switch {
	case err != nil:
		s.auth.Error(w, r, err)
		return
	case ok && now.ID != u.ID:
		s.fail(w, r, otherUser)
		return
	}
	rest := underWay(ss) // of other tabs; the login would drop them
	err = s.auth.Login(ctx, u, login.Details{})
	for i := 0; err == nil && i < len(rest); i++ {
		err = attemptKey(rest[i].State).Set(ss, rest[i])
	}
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

// failure says why a visitor is not signed in. The text is always this site's
// own: it repeats nothing from the provider or the address.
type failure struct {
	status      int
	title, text string
}

var (
	unknownAttempt = failure{http.StatusBadRequest, "This sign-in is over",
		"It was completed before, took more than ten minutes, or was started in another browser or at another address of this site."}
	otherIssuer = failure{http.StatusBadRequest, "This sign-in was mixed up",
		"The answer came from a different service than the one you signed in with."}
	denied = failure{http.StatusForbidden, "You're not signed in",
		"You canceled the sign-in. Nothing was changed."}
	refused = failure{http.StatusForbidden, "You're not signed in",
		"The sign-in could not be confirmed. The link you came back with has expired or belongs to another browser."}
	otherUser = failure{http.StatusConflict, "Another user is signed in",
		"To sign in with this account, sign out first."}
	providerFailed = failure{http.StatusBadGateway, "Sign-in is not available",
		"The service that you sign in with does not respond as it should. Try again in a moment."}
)
