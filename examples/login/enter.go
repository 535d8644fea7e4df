package main

import (
	"errors"
	"net/http"

	"github.com/gosessions/sessions/login"
)

// form is the name and password that a form was sent with.
func form(r *http.Request) credentials {
	return credentials{r.PostFormValue("name"), r.PostFormValue("password")}
}

// enter signs a user in, and sends them where they wanted to go.
func (s *site) enter(w http.ResponseWriter, r *http.Request, u user) {
	d := login.Details{Remember: r.PostFormValue("remember") != "", Device: device(r)}
	if err := s.auth.Login(r.Context(), u, d); err != nil {
		s.auth.Error(w, r, err)
		return
	}
	http.Redirect(w, r, s.auth.Next(r, "/account"), http.StatusSeeOther)
}

func (s *site) signInPage(w http.ResponseWriter, r *http.Request) {
	s.show(w, r, http.StatusOK, "login", view{Title: "Sign in", Next: s.auth.Next(r, "")})
}

// signIn gives one answer where the password is wrong and where there is no
// such user, and takes as long for it.
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
			Error: "The name or the password is wrong. Try again, or sign up if you are new.",
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

// signUp has to say that a name is taken, so anybody can find out which names
// are: they are no secret here, and the limit by address makes it slow. Where
// users are known by their mail address it is one: answer all alike there, and
// send a mail that says the rest.
func (s *site) signUp(w http.ResponseWriter, r *http.Request) {
	c := form(r)
	if s.tooMany(w, r, c.name) {
		return
	}
	fault := c.faults()
	var u user
	var err error
	if fault == "" {
		if u, err = s.users.signUp(r.Context(), c); errors.Is(err, errTaken) {
			fault, err = "That name is taken: choose another, or sign in if it is yours.", nil
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

// signOut says so only when the session is gone from the store.
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

// forget has the browser drop the pages that it keeps for its back button.
// Chromium keeps there what is no-store, too. It drops that when the cookie
// changes, but not the page that the answer to the login has led to. The
// header would be too early in the answer to the logout, when the page that
// the button was on is not kept yet; so the next page loads this.
func (s *site) forget(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Sec-Fetch-Site") == "same-origin" { // no other site's page empties this one's cache
		w.Header().Set("Clear-Site-Data", `"cache"`)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/css")
}
