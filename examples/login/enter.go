package main

import (
	"errors"
	"net/http"

	"github.com/gosessions/sessions/login"
)

// form returns the name and password of a form.
func form(r *http.Request) credentials {
	return credentials{r.PostFormValue("name"), r.PostFormValue("password")}
}

// enter signs a user in and redirects to the page that they asked for.
func (s *site) enter(w http.ResponseWriter, r *http.Request, u user) {
	d := login.Details{Remember: r.PostFormValue("remember") != "", Device: device(r)}
	err := s.rememberBrowser(r, u)
	if err == nil {
		err = s.auth.Login(r.Context(), u, d)
	}
	if err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, s.auth.Next(r, "/account"), http.StatusSeeOther)
}

func (s *site) signInPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "login", view{Title: "Sign in", Next: s.auth.Next(r, "")})
}

// signIn gives the same answer for a wrong password and for an unknown user,
// after the same time.
func (s *site) signIn(w http.ResponseWriter, r *http.Request) {
	c := form(r)
	if s.tooMany(w, r, c.name) {
		return
	}
	u, err := s.auth.Authenticate(r.Context(), c)
	switch {
	case errors.Is(err, login.ErrCredentials):
		s.show(w, r, http.StatusUnauthorized, "login", view{
			Title: "Sign in", Next: s.auth.Next(r, ""), Name: c.name,
			Error: "Wrong name or password. Try again, or sign up if you're new here.",
		})
	case err != nil:
		s.auth.Error(w, r, err)
	default:
		s.enter(w, r, u)
	}
}

func (s *site) signUpPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "signup", view{Title: "Sign up", Next: s.auth.Next(r, "")})
}

// signUp has to say that a name is taken, so anyone can find out which names
// are. They are not secret here, and the limit by address makes it slow. If
// your users sign up with an email address, which is private, give all of them
// the same answer and send the rest by email.
func (s *site) signUp(w http.ResponseWriter, r *http.Request) {
	c := form(r)
	if s.attempts.byAddress.OnLimit(w, r, s.address(r)) { // not by name: strangers could use it up for the user
		s.refuseAttempt(w, r)
		return
	}
	fault := c.faults()
	var u user
	var err error
	if fault == "" {
		if u, err = s.users.signUp(r.Context(), c); errors.Is(err, errTaken) {
			fault, err = "That name is taken. Choose another one, or sign in if it's yours.", nil
		}
	}
	switch {
	case err != nil:
		s.auth.Error(w, r, err)
	case fault != "":
		s.show(w, r, http.StatusUnprocessableEntity, "signup", view{
			Title: "Sign up", Next: s.auth.Next(r, ""), Name: c.name, Error: fault,
		})
	default:
		s.enter(w, r, u)
	}
}

// signOut says goodbye only when the session is gone from the store.
func (s *site) signOut(w http.ResponseWriter, r *http.Request) {
	if err := s.auth.Logout(r.Context()); err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, "/goodbye", http.StatusSeeOther)
}

func (s *site) goodbye(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "goodbye", view{Title: "Goodbye"})
}

// forget makes the browser drop the pages that it keeps for its back button.
// Chromium keeps pages there even if they are no-store. It drops them when the
// cookie changes, except for the page to which the login redirected. In the
// response to the logout the header would be too early: Chromium does not keep
// the page with the button yet. So the page after the logout loads this.
func (s *site) forget(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" { // other sites must not empty this site's cache
		w.Header().Set("Clear-Site-Data", `"cache"`)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/css")
}
