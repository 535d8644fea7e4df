package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gosessions/sessions"
	"github.com/gosessions/sessions/login"
)

// begin sends a visitor to the provider.
func (s *site) begin(w http.ResponseWriter, r *http.Request, ss *sessions.Session) {
	a, err := begin(ss, s.auth.Next(r, "/account"))
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, s.provider.signInURL(a), http.StatusSeeOther)
}

// callback is where the provider sends a visitor back to. Nothing of the
// request is believed before an attempt of this very browser is claimed by it.
func (s *site) callback(w http.ResponseWriter, r *http.Request, ss *sessions.Session) {
	q := r.URL.Query()
	a, ok, err := attemptKey(q.Get("state")).Claim(r.Context(), ss)
	switch {
	case err != nil:
		s.auth.Error(w, r, err)
	case !ok || a.late():
		s.fail(w, r, unknownAttempt)
	case s.provider.issuer != "" && q.Get("iss") != s.provider.issuer: // RFC 9207: another provider's answer
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

// enter signs in whom a grant proves.
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
	// Who is signed in stays so: nobody is to find themself in somebody else's
	// account by a callback.
	now, ok, err := s.auth.User(ctx)
	switch {
	case err != nil:
		s.auth.Error(w, r, err)
		return
	case ok && now.ID != u.ID:
		s.fail(w, r, otherUser)
		return
	}
	rest := underWay(ss) // of other tabs: a login leaves them behind
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

// failure is why somebody is not signed in, in our words: what the provider or
// the address say is not repeated to them.
type failure struct {
	status      int
	title, text string
}

var (
	unknownAttempt = failure{http.StatusBadRequest, "This sign-in is over",
		"It was completed before, has taken more than ten minutes, or was not begun in this browser at this address of the site."}
	otherIssuer = failure{http.StatusBadRequest, "This sign-in was mixed up",
		"The answer came from somebody else than who was asked."}
	denied = failure{http.StatusForbidden, "You are not signed in",
		"You did not allow that we are told who you are. Nothing was changed."}
	refused = failure{http.StatusForbidden, "You are not signed in",
		"The sign-in was not confirmed: what you came back with is no longer valid, or was meant for another browser."}
	otherUser = failure{http.StatusConflict, "Somebody else is signed in",
		"You came back as somebody else than who is signed in here. Sign out first to change."}
	providerFailed = failure{http.StatusBadGateway, "We could not find out who you are",
		"The service that would tell us does not answer as it should. Try again in a moment."}
)
